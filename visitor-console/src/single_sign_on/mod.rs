//! Single sign-on: an OpenID Connect provider through which people sign in.
//!
//! | file | question |
//! |---|---|
//! | `hook.rs` | what may be said of a provider, and where is its secret kept? |
//! | `provider.rs` | what does a provider say of itself? |
//! | `flow.rs` | how is a sign-in begun, and what must come back? |
//! | `token.rs` | who is it, by the ID token that the provider gives for a code? |
//! | `identify.rs` | which person of ours is that? |

mod flow;
mod hook;
mod identify;
mod provider;
mod token;

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType, Schema, SchemaError, TenantId};
use scim_server::Error;
use scim_server::seal::{Seal, TenantKeys};
use scim_server::service::{Audience, Engine, Served};
use scim_server::store::{Lock, Transaction, Unit};
use serde_json::Value;

pub(crate) use flow::{Returned, TIME_S, UnderWay};
pub use hook::SingleSignOnHook;
pub(crate) use identify::identify;
pub(crate) use provider::Providers;
pub(crate) use token::claimed;

/// The resource type of providers.
pub const KIND: &str = "SingleSignOn";

/// The secret of a provider in which the client secret is kept, sealed.
const CLIENT_SECRET: &str = "client_secret";
/// The key of the tenant that seals it, and what a sign-in must remember.
pub(crate) const KEY: &str = "console";
const SCOPES: &str = "openid profile email";
const EMAIL: &str = "email";

/// Providers, as applications and people see them who may do everything.
pub fn served() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: resource_type()?,
        audience: Audience::Kept,
    })
}

fn resource_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../../schemas/SingleSignOn.json"))?;
    ResourceType::new(KIND, "/SingleSignOns", schema)
        .description("An OpenID Connect provider through which people sign in to the console")
        .indexed(["active"])
        .withheld(["clientSecret"])
        .strict()
        .build()
}

/// A provider as a tenant has set it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SingleSignOn {
    pub(crate) id: ResourceId,
    pub(crate) name: String,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) scopes: String,
    pub(crate) match_claim: String,
    /// Sealed.
    pub(crate) client_secret: Option<Vec<u8>>,
}

impl SingleSignOn {
    fn new(id: ResourceId, document: &Document, client_secret: Option<Vec<u8>>) -> SingleSignOn {
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let owned = |name: &str| text(name).unwrap_or_default().to_owned();
        let scopes = text("scopes").unwrap_or(SCOPES);
        let asks = scopes.split_ascii_whitespace().any(|it| it == "openid");
        SingleSignOn {
            id,
            name: owned("name"),
            issuer: owned("issuer"),
            client_id: owned("clientId"),
            scopes: if asks {
                scopes.to_owned()
            } else {
                format!("openid {scopes}")
            },
            match_claim: text("matchClaim").unwrap_or(EMAIL).to_owned(),
            client_secret,
        }
    }

    /// The client secret, if there is one.
    pub(crate) fn opened_secret(&self, key: [u8; 32]) -> Option<String> {
        let opened = secret_seal(key, self.id).open(self.client_secret.as_deref()?)?;
        String::from_utf8(opened).ok()
    }
}

fn secret_seal(key: [u8; 32], id: ResourceId) -> Seal {
    Seal::new(key, &["client secret", &id.to_string()])
}

async fn sealed(tx: &mut Transaction<'_>, id: ResourceId, secret: &str) -> Result<Vec<u8>, Error> {
    let key = TenantKeys::within(tx, KEY).await?;
    secret_seal(key, id).seal(secret.as_bytes())
}

/// The provider that the sign-in page of a tenant offers, if any.
pub(crate) async fn active(
    engine: &Engine,
    tenant: &TenantId,
) -> Result<Option<SingleSignOn>, Error> {
    engine.store().read(tenant, Active).await
}

struct Active;

#[async_trait]
impl Unit for Active {
    type Output = Option<SingleSignOn>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<SingleSignOn>, Error> {
        let Some(stored) = tx
            .find(KIND, &[key_of_active()], Lock::None)
            .await?
            .into_iter()
            .next()
        else {
            return Ok(None);
        };
        let secret = tx.kept_secret(stored.id, CLIENT_SECRET).await?;
        Ok(Some(SingleSignOn::new(stored.id, &stored.parse()?, secret)))
    }
}

fn key_of_active() -> (String, String) {
    ("active".to_owned(), "true".to_owned())
}
