//! What Okta sends.
//!
//! The shapes are those of its documentation and of recorded traffic; `docs/simulate.md` lists them
//! with the rules.

mod group;
mod user;

use serde_json::Value;

use super::provider::{
    Change, Expected, Leaver, Managers, OnRefusal, Overwrite, Provider, Request, Rewrite, Test,
    filter, patch_body,
};
use super::values::{Group, User};
use crate::client::Call;

/// Okta, with one of the two ways in which its applications write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Okta {
    /// Applications made in the wizard: whole resources with PUT.
    Put,
    /// Applications of the integration network: PATCH.
    Patch,
}

impl Provider for Okta {
    fn connection_test(&self, _nonce: &str) -> Test {
        Test {
            call: call("GET", "/Users").with_query("startIndex=1&count=2"),
            expected: Expected::List,
        }
    }

    fn imports(&self) -> Vec<Call> {
        vec![call("GET", "/Users"), call("GET", "/Groups")]
    }

    fn leaver(&self) -> Leaver {
        Leaver::Kept
    }

    fn managers(&self) -> Managers {
        Managers::Left
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

    fn group_external_id(&self, _anchor: &str) -> Option<String> {
        None
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

/// With the headers that Okta sends.
fn call(method: &str, path: impl Into<String>) -> Call {
    let mut call = Call::new(method, path);
    let mut header =
        |name: &str, value: &str| call.headers.push((name.to_owned(), value.to_owned()));
    header("User-Agent", "Okta SCIM Client 1.0.0");
    header("Accept", "application/scim+json");
    if method != "GET" {
        header("Content-Type", "application/scim+json; charset=utf-8");
    }
    call
}

/// By one attribute, as a page of a list.
fn look_up(path: &str, attribute: &str, value: &str) -> Vec<Call> {
    let filter = filter(attribute, value);
    vec![call("GET", path).with_query(format!("{filter}&startIndex=1&count=100"))]
}

fn patch(path: &str, operations: Vec<Value>) -> Call {
    call("PATCH", path).with_body(patch_body(operations))
}

fn rewrite<T>(path: &str, over: Overwrite, then: T) -> Change<T> {
    let rewrite = Rewrite {
        read: call("GET", path),
        over,
        write: call("PUT", path),
    };
    Change {
        request: Request::Rewrite(Box::new(rewrite)),
        then,
        on_refusal: OnRefusal::Fail,
    }
}
