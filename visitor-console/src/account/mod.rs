//! Accounts: who signs in to the console, and with which password.
//!
//! | file | question |
//! |---|---|
//! | `password.rs` | which passwords are good, and what is kept of one? |
//! | `attempt.rs` | may somebody sign in with this name and password? |
//! | `hook.rs` | what follows when an account is made, changed or deleted? |
//! | `add.rs` | how are the first ones made? |

mod add;
mod attempt;
mod hook;
mod password;

use scim_core::{Document, ResourceId, ResourceType, Schema, SchemaError};
use scim_server::service::{Audience, Served};
use serde_json::Value;

pub use add::{NewAccount, add, give_password, named};
pub(crate) use attempt::enter;
pub use attempt::{Attempt, signed_in};
pub use hook::AccountHook;
pub(crate) use hook::may_keep;
pub use password::{CHARS_MAX, CHARS_MIN, Hashed, Password, hash};

/// The resource type of accounts.
pub const KIND: &str = "ConsoleAccount";
/// URN of its schema.
pub const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ConsoleAccount";

/// The secret of an account in which its password is kept, as argon2 writes it.
const PASSWORD: &str = "password";
/// The secret of an account in which is kept when wrong passwords came.
const WRONG: &str = "wrong_passwords";

/// Accounts, as applications and people see them who may do everything.
pub fn served() -> Result<Served, SchemaError> {
    Ok(Served {
        resource_type: resource_type()?,
        audience: Audience::Kept,
    })
}

/// Their resource type.
pub fn resource_type() -> Result<ResourceType, SchemaError> {
    let schema = Schema::from_json(include_str!("../../schemas/ConsoleAccount.json"))?;
    ResourceType::new(KIND, "/ConsoleAccounts", schema)
        .description("Somebody who signs in to the console")
        .unique(["userName"])
        .indexed(["user.value"])
        .withheld(["password"])
        .strict()
        .build()
}

/// May people sign in with this account?
pub fn is_active(account: &Document) -> bool {
    account.get("active") != Some(&Value::Bool(false))
}

/// The User that an account stands for, if any.
pub fn user_of(account: &Document) -> Option<ResourceId> {
    account.get("user")?.get("value")?.as_str()?.parse().ok()
}

/// The person behind an account: its User, or the account itself.
fn person_of(id: ResourceId, account: &Document) -> ResourceId {
    user_of(account).unwrap_or(id)
}

fn text<'d>(document: &'d Document, name: &str) -> Option<&'d str> {
    document.get(name)?.as_str()
}
