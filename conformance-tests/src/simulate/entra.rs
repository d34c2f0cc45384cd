//! What Microsoft Entra ID sends.
//!
//! The shapes are those of its documentation; `docs/simulate.md` lists them with the rules.

mod group;
mod user;

use serde_json::Value;

use super::provider::{Change, Expected, Leaver, Managers, Provider, Test, filter, patch_body};
use super::values::{Group, User};
use crate::client::Call;

/// Entra, with or without the `aadOptscim062020` flag in its Tenant URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entra {
    /// Without: capital operations, booleans as text, members removed by value.
    Usual,
    /// With: as the RFCs have it.
    Flag,
}

impl Provider for Entra {
    fn connection_test(&self, nonce: &str) -> Test {
        Test {
            call: Call::new("GET", "/Users").with_query(filter("userName", nonce)),
            expected: Expected::EmptyList,
        }
    }

    fn imports(&self) -> Vec<Call> {
        Vec::new()
    }

    fn leaver(&self) -> Leaver {
        Leaver::Deleted
    }

    fn managers(&self) -> Managers {
        Managers::Exported
    }

    fn look_up_user(&self, wanted: &User) -> Vec<Call> {
        user::look_up(wanted)
    }

    fn create_user(&self, wanted: &User) -> Call {
        user::create(wanted)
    }

    fn update_user(&self, id: &str, from: &User, to: &User) -> Vec<Change<User>> {
        user::update(*self, id, from, to)
    }

    fn group_external_id(&self, anchor: &str) -> Option<String> {
        Some(anchor.to_owned())
    }

    fn look_up_group(&self, wanted: &Group) -> Vec<Call> {
        group::look_up(wanted)
    }

    fn create_group(&self, wanted: &Group) -> Call {
        group::create(wanted)
    }

    fn update_group(&self, id: &str, from: &Group, to: &Group) -> Vec<Change<Group>> {
        group::update(*self, id, from, to)
    }
}

fn patch(path: &str, operations: Vec<Value>) -> Call {
    Call::new("PATCH", path).with_body(patch_body(operations))
}
