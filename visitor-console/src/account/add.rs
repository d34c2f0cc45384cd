//! How accounts are made by whoever has the database: the first ones, before anybody can sign in.

use scim_core::text::fold;
use scim_core::{Document, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, json};

use super::{Hashed, KIND, PASSWORD, URN, WRONG, person_of};

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// What its person signs in as.
    pub user_name: String,
    /// What people call them.
    pub display_name: Option<String>,
    /// With what they sign in.
    pub password: Hashed,
}

/// Adds an account, within a unit of work.
pub fn add(
    tx: &mut Transaction<'_>,
    accounts: &ResourceType,
    new: &NewAccount,
) -> Result<Stored, Error> {
    let id = ResourceId::new(tx.new_id());
    let mut account = Map::new();
    account.insert("schemas".to_owned(), json!([URN]));
    account.insert("userName".to_owned(), json!(new.user_name));
    if let Some(name) = &new.display_name {
        account.insert("displayName".to_owned(), json!(name));
    }
    account.insert("active".to_owned(), json!(true));
    let account = with_password(tx, id, Document::from_stored(account), &new.password);
    tx.insert(accounts, None, id, &account)
}

/// Gives an account, which was read to be changed, a new password: it is not locked any longer, and all sessions
/// of its person end.
pub fn give_password(
    tx: &mut Transaction<'_>,
    accounts: &ResourceType,
    account: &Stored,
    password: &Hashed,
) -> Result<Stored, Error> {
    let document = with_password(tx, account.id, account.parse()?, password);
    tx.update(accounts, account, &document)
}

/// The account that people sign in to with this name, in any case.
pub async fn named(
    tx: &mut Transaction<'_>,
    user_name: &str,
    lock: Lock,
) -> Result<Option<Stored>, Error> {
    let key = ("userName".to_owned(), fold(user_name));
    Ok(tx.find(KIND, &[key], lock).await?.pop())
}

/// Keeps the password, and gives back what the account becomes with it.
pub(super) fn with_password(
    tx: &mut Transaction<'_>,
    id: ResourceId,
    mut account: Document,
    Hashed(password): &Hashed,
) -> Document {
    tx.keep_secret(id, PASSWORD, Some(password.clone().into_bytes()));
    tx.keep_secret(id, WRONG, None);
    tx.end_sessions(id);
    tx.end_sessions(person_of(id, &account));
    let now = json!(format!("{:.3}", tx.now()));
    account.set(None, "passwordChangedAt", now);
    let mut account = account.into_map();
    account.shift_remove("lockedUntil");
    Document::from_stored(account)
}
