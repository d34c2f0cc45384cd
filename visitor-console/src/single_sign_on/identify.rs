//! Which person of ours somebody is whom a provider knows. Nobody is made: whoever is not here stays out.

use async_trait::async_trait;
use scim_core::text::fold;
use scim_core::{ResourceType, TenantId};
use scim_server::Error;
use scim_server::auth::Person;
use scim_server::service::Engine;
use scim_server::store::{Lock, Transaction, Unit};
use serde_json::Value;

use crate::account;

/// The person with this user name: of an account, otherwise of the one User that a directory has under it.
pub(crate) async fn identify(
    engine: &Engine,
    tenant: &TenantId,
    accounts: &ResourceType,
    user_name: String,
) -> Result<Option<Person>, Error> {
    let unit = Identify {
        accounts: accounts.clone(),
        user_name,
    };
    engine.store().write(tenant, unit).await
}

struct Identify {
    accounts: ResourceType,
    user_name: String,
}

#[async_trait]
impl Unit for Identify {
    type Output = Option<Person>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Option<Person>, Error> {
        if let Some(found) = account::named(tx, &self.user_name, Lock::ForUpdate).await? {
            return account::enter(tx, &self.accounts, &found);
        }
        let key = ("userName".to_owned(), fold(&self.user_name));
        let mut people = Vec::new();
        for user in tx.find("User", &[key], Lock::None).await? {
            let document = user.parse()?;
            if document.get("active") == Some(&Value::Bool(false)) {
                continue;
            }
            let text = |name: &str| document.get(name).and_then(Value::as_str);
            let name = text("displayName").or_else(|| text("userName"));
            people.push(Person {
                id: user.id,
                name: name.unwrap_or_default().to_owned(),
            });
        }
        // Several directories may know the name, and not mean the same person.
        Ok(people.pop().filter(|_| people.is_empty()))
    }
}
