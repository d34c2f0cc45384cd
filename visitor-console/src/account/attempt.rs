//! May somebody sign in with this name and password? Whatever is wrong, the answer is the same and comes after
//! the same time.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use scim_core::{Document, ResourceId, ResourceType, TenantId};
use scim_server::Error;
use scim_server::auth::Person;
use scim_server::service::Engine;
use scim_server::store::{Lock, Stored, Transaction, Unit};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::password::{Hashed, verify};
use super::{KIND, PASSWORD, WRONG, is_active, named, person_of, text};

/// So many wrong passwords …
const WRONG_MAX: usize = 10;
/// … within this time …
const WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// … lock an account for this time.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// A refusal comes so long after the attempt: looking for a name that there is not, and counting for one that
/// there is, take less.
const REFUSED_AFTER: Duration = Duration::from_millis(400);

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The password is that of the account of this person.
    Right(Person),
    /// Something is wrong, and nobody learns what.
    Wrong,
}

/// Tries to sign in with a name and a password.
pub async fn signed_in(
    engine: &Engine,
    tenant: &TenantId,
    accounts: &ResourceType,
    (user_name, password): (&str, &str),
) -> Result<Attempt, Error> {
    let answer_at = Instant::now() + REFUSED_AFTER;
    let store = engine.store();
    let found = store.read(tenant, Look(user_name.to_owned())).await?;
    let kept = found.as_ref().and_then(|found| found.password.clone());
    let is_right = verify(password, kept).await?;
    let settled = match found {
        Some(found) => {
            let unit = Settle {
                accounts: accounts.clone(),
                id: found.id,
                tried: found.password,
                is_right,
            };
            store.write(tenant, unit).await?
        }
        None => None,
    };
    match settled {
        Some(person) => Ok(Attempt::Right(person)),
        None => {
            tokio::time::sleep_until(answer_at).await;
            Ok(Attempt::Wrong)
        }
    }
}

struct Look(String);

struct Found {
    id: ResourceId,
    password: Option<Hashed>,
}

#[async_trait]
impl Unit for Look {
    type Output = Option<Found>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<Found>, Error> {
        let Some(account) = named(tx, &self.0, Lock::None).await? else {
            return Ok(None);
        };
        Ok(Some(Found {
            id: account.id,
            password: password(tx, account.id).await?,
        }))
    }
}

async fn password(tx: &mut Transaction<'_>, id: ResourceId) -> Result<Option<Hashed>, Error> {
    let kept = tx.kept_secret(id, PASSWORD).await?;
    let text = kept.and_then(|kept| String::from_utf8(kept).ok());
    Ok(text.map(Hashed))
}

/// Counts a wrong password; lets a right one in, where the account may be used at that moment. All attempts on an
/// account pass here one after another, so those that came at once do not outrun the lock.
struct Settle {
    accounts: ResourceType,
    id: ResourceId,
    /// What was kept when it was tried.
    tried: Option<Hashed>,
    is_right: bool,
}

#[async_trait]
impl Unit for Settle {
    type Output = Option<Person>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<Person>, Error> {
        let Some(account) = tx.get_for_update(KIND, self.id).await? else {
            return Ok(None);
        };
        let document = account.parse()?;
        let now = tx.now();
        if !is_active(&document) || is_locked(&document, now) {
            return Ok(None);
        }
        if !self.is_right {
            self.count(tx, &account, document).await?;
            return Ok(None);
        }
        let kept = password(tx, self.id).await?;
        if kept.map(|it| it.0) != self.tried.as_ref().map(|it| it.0.clone()) {
            return Ok(None);
        }
        tx.keep_secret(self.id, WRONG, None);
        enter(tx, &self.accounts, &account)
    }
}

/// The person of an account, which was read to be changed, signs in now; nobody, where it is switched off.
pub(crate) fn enter(
    tx: &mut Transaction<'_>,
    accounts: &ResourceType,
    account: &Stored,
) -> Result<Option<Person>, Error> {
    let document = account.parse()?;
    if !is_active(&document) {
        return Ok(None);
    }
    let name = text(&document, "displayName").or_else(|| text(&document, "userName"));
    let person = Person {
        id: person_of(account.id, &document),
        name: name.unwrap_or_default().to_owned(),
    };
    let now = tx.now();
    set(tx, accounts, account, document, ("lastSignIn", now))?;
    Ok(Some(person))
}

fn set(
    tx: &mut Transaction<'_>,
    accounts: &ResourceType,
    account: &Stored,
    mut document: Document,
    (attribute, at): (&str, Timestamp),
) -> Result<(), Error> {
    document.set(None, attribute, json!(format!("{at:.3}")));
    tx.update(accounts, account, &document)?;
    Ok(())
}

impl Settle {
    async fn count(
        &self,
        tx: &mut Transaction<'_>,
        account: &Stored,
        document: Document,
    ) -> Result<(), Error> {
        let now = tx.now();
        let since = (now - WITHIN).as_millisecond();
        let kept = tx.kept_secret(self.id, WRONG).await?;
        let wrong: Vec<i64> = kept
            .and_then(|kept| serde_json::from_slice(&kept).ok())
            .unwrap_or_default();
        let mut wrong: Vec<i64> = wrong.into_iter().filter(|at| *at > since).collect();
        wrong.push(now.as_millisecond());
        if wrong.len() >= WRONG_MAX {
            tracing::warn!(account.id = %self.id, "an account is locked after {WRONG_MAX} wrong passwords");
            tx.keep_secret(self.id, WRONG, None);
            let until = ("lockedUntil", now + LOCKED_FOR);
            return set(tx, &self.accounts, account, document, until);
        }
        let wrong = json!(wrong).to_string().into_bytes();
        tx.keep_secret(self.id, WRONG, Some(wrong));
        Ok(())
    }
}

fn is_locked(account: &Document, now: Timestamp) -> bool {
    let until = account.get("lockedUntil").and_then(Value::as_str);
    let until: Option<Timestamp> = until.and_then(|until| until.parse().ok());
    until.is_some_and(|until| until > now)
}
