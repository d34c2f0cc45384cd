//! Who has signed in to pages: sessions, which begin, are known by a secret, and end.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use moka::sync::Cache;
use scim_core::{Policy, ResourceId, TenantId};

use super::{Secret, secret};
use crate::Error;
use crate::clock::Clock;
use crate::service::{Caller, Grants, Scopes};
use crate::store::{ConnectionId, Session, Store, TokenKind, Transaction, Unit};

/// A session that was ended is refused after this time, by every process.
const REMEMBERED_FOR: Duration = Duration::from_secs(1);
const REMEMBERED_MAX: u64 = 10_000;
/// Of one person. Whoever signs in once more loses the oldest.
const LIVE_MAX: usize = 20;

/// The sessions of all tenants. What opens one is no credential at a SCIM URL, and whose it is may do what the
/// hooks say of that person at that moment.
///
/// ```no_run
/// # async fn example(server: scim_server::Server, kim: scim_core::ResourceId) -> Result<(), scim_server::Error> {
/// use jiff::SignedDuration;
/// use scim_server::auth::Person;
///
/// let (sessions, main) = (server.sessions(), "main".parse().unwrap());
/// let person = Person { id: kim, name: "Kim".to_owned() };
/// let until = server.clock().now() + SignedDuration::from_hours(12);
/// let secret = sessions.begin(&main, person, "password", until).await?.to_string();
/// let caller = sessions.caller(&main, &secret).await?;
/// assert_eq!(caller.and_then(|caller| caller.person), Some(kim));
/// sessions.end(&main, &secret).await?;
/// # Ok(())
/// # }
/// ```
pub struct Sessions {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Those that were found within the last second. What is not found is looked for every time.
    known: Cache<(TenantId, [u8; 32]), Session>,
}

/// Whose a session is.
///
/// ```
/// use scim_server::auth::Person;
///
/// let kim = Person { id: scim_core::ResourceId::new(uuid::Uuid::nil()), name: "Kim".to_owned() };
/// assert_eq!(kim.name, "Kim");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// A User, or another resource that stands for a person.
    pub id: ResourceId,
    /// What people call them.
    pub name: String,
}

impl Sessions {
    /// Sessions as this store has them.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Sessions {
        Sessions {
            store,
            clock,
            known: Cache::builder()
                .max_capacity(REMEMBERED_MAX)
                .time_to_live(REMEMBERED_FOR)
                .build(),
        }
    }

    /// Begins a session of somebody who has proved in this way who they are; what opens it.
    pub async fn begin(
        &self,
        tenant: &TenantId,
        person: Person,
        how: &str,
        until: Timestamp,
    ) -> Result<Secret, Error> {
        let secret = Secret::new();
        let unit = Begin {
            hash: secret.hash(),
            person,
            how: how.to_owned(),
            until,
        };
        self.store.write(tenant, unit).await?;
        Ok(secret)
    }

    /// Whose session this secret opens; `None` when there is none, or it has ended.
    pub async fn caller(&self, tenant: &TenantId, secret: &str) -> Result<Option<Caller>, Error> {
        let now = self.clock.now();
        let key = (tenant.clone(), secret::hash(secret));
        let session = match self.known.get(&key) {
            Some(session) => Some(session),
            None => {
                let found = self.store.read(tenant, Find(key.1)).await?;
                if let Some(session) = &found {
                    self.known.insert(key, session.clone());
                }
                found
            }
        };
        let live = session.filter(|session| !session.is_over(now));
        Ok(live.map(|session| caller(tenant, session)))
    }

    /// Ends the session that this secret opens, if there is one.
    pub async fn end(&self, tenant: &TenantId, secret: &str) -> Result<(), Error> {
        let hash = secret::hash(secret);
        self.store.write(tenant, End(hash)).await?;
        self.known.invalidate(&(tenant.clone(), hash));
        Ok(())
    }

    /// Ends all sessions of a person. Within a unit of work, [`Transaction::end_sessions`] does it.
    pub async fn end_all(&self, tenant: &TenantId, person: ResourceId) -> Result<(), Error> {
        self.store.write(tenant, EndAll(person)).await
    }
}

fn caller(tenant: &TenantId, session: Session) -> Caller {
    let person = Person {
        id: session.person,
        name: session.name,
    };
    as_person(tenant, &person)
}

/// A person asks for themselves: what they may do is asked from the hooks with each request.
pub fn as_person(tenant: &TenantId, person: &Person) -> Caller {
    Caller {
        tenant: tenant.clone(),
        connection: ConnectionId(person.id.uuid()),
        name: person.name.as_str().into(),
        kind: TokenKind::App,
        policy: Policy::strict(),
        person: Some(person.id),
        grants: Arc::new(Grants {
            scopes: Scopes::none(),
            ..Grants::default()
        }),
        origin: None,
    }
}

struct Begin {
    hash: [u8; 32],
    person: Person,
    how: String,
    until: Timestamp,
}

#[async_trait]
impl Unit for Begin {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        let now = tx.now();
        let mut live = tx.sessions(self.person.id).await?;
        live.retain(|other| other.hash != self.hash && !other.is_over(now));
        // Oldest first, so what is too much comes first.
        let too_many = (live.len() + 1).saturating_sub(LIVE_MAX);
        for oldest in live.iter().take(too_many) {
            tx.remove_session(oldest.hash);
        }
        tx.put_session(Session {
            hash: self.hash,
            person: self.person.id,
            name: self.person.name.clone(),
            how: self.how.clone(),
            created: now,
            expires: self.until,
        });
        Ok(())
    }
}

struct Find([u8; 32]);

#[async_trait]
impl Unit for Find {
    type Output = Option<Session>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<Session>, Error> {
        tx.session(&self.0).await
    }
}

struct End([u8; 32]);

#[async_trait]
impl Unit for End {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        tx.remove_session(self.0);
        Ok(())
    }
}

struct EndAll(ResourceId);

#[async_trait]
impl Unit for EndAll {
    type Output = ();

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<(), Error> {
        tx.end_sessions(self.0);
        Ok(())
    }
}
