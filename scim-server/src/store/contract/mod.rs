//! What every store must do, as tests: `store_contract!(name, open)` runs all of them.
//!
//! `open` is an async function that gives something with a `store()` that lives as long as it:
//! see [`Fresh`](super::Fresh).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "these functions are tests"
)]

mod audit;
mod feed;
mod keys;
mod lists;
mod members;
mod resources;
mod sessions;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::SignedDuration;
use scim_core::{Document, Filter, ResourceId, ResourceType, SortBy, SortOrder, TenantId, schema};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Actor, By, ConnectionId, DoneOnce, Job, ListPart, ListQuery, Lock, LookUp, Secret,
    SecretPurpose, Seek, Session, Side, Start, Store, Stored, Token, TokenKind, Transaction, Trust,
    TrustedKeys, Way, What, unit,
};
use crate::Error;

pub use audit::*;
pub use feed::*;
pub use keys::*;
pub use lists::*;
pub use members::*;
pub use resources::*;
pub use sessions::*;
pub use work::*;

/// Runs the contract on the store that `$open` gives: each rule as a test of its own in the module
/// `$name`, or, without a name, one after another with `$after` on each store.
#[macro_export]
macro_rules! store_contract {
    ($name:ident, $open:path) => {
        mod $name {
            $crate::store_contract!(@rules tests $open);
        }
    };
    ($open:path, $after:expr) => {
        $crate::store_contract!(@rules each $open, $after)
    };
    (@rules $how:ident $($with:tt)*) => {
        $crate::store_contract! { @$how $($with)*;
            resources_come_change_and_go
            tenants_are_apart
            unique_values_are_unique_within_their_scope
            a_unique_value_moves_on
            reads_see_pending_writes
            one_look_finds_a_resource_and_its_links
            a_refused_unit_leaves_nothing
            a_refused_unit_harms_no_other
            one_of_64_equal_creates_wins
            members_survive_parallel_writers
            lists_page_and_filter
            lists_continue_beside_a_place
            lists_are_sorted
            lists_cover_several_types
            every_change_is_recorded
            sealed_sequence_skips_nothing
            the_log_is_signed_and_erased
            jobs_are_done_once
            a_digest_waits_once
            leases_have_one_holder
            a_key_is_used_once
            a_tenant_key_is_made_once
            tokens_and_secrets
            sessions_begin_and_end
            kept_secrets_go_with_their_resource
            trusts_are_found_by_issuer
            ids_and_time_stay_in_every_attempt
        }
    };
    (@each $open:path, $after:expr; $($test:ident)*) => {
        $(
            let fresh = $open().await;
            $crate::store::contract::$test(&fresh.store).await;
            $after(&fresh);
        )*
    };
    (@tests $open:path; $($test:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                let fresh = $open().await;
                $crate::store::contract::$test(&fresh.store).await;
            }
        )*
    };
}

type Shared<S> = Arc<S>;

pub(crate) fn main_tenant() -> TenantId {
    "main".parse().unwrap()
}

pub(crate) fn user_type() -> ResourceType {
    ResourceType::new("User", "/Users", schema::user())
        .unique(["userName", "externalId"])
        .indexed(["emails.value", "displayName"])
        .reverse("groups", "members")
        .build()
        .unwrap()
}

pub(crate) fn group_type() -> ResourceType {
    ResourceType::new("Group", "/Groups", schema::group())
        .indexed(["displayName"])
        .rows("members", ["User", "Group"])
        .build()
        .unwrap()
}

fn document(value: Value) -> Document {
    match value {
        Value::Object(map) => Document::from_stored(map),
        _ => Document::from_stored(serde_json::Map::new()),
    }
}

fn user(name: &str) -> Document {
    document(json!({ "schemas": [schema::USER_URN], "userName": name, "displayName": "Ann" }))
}

fn group(name: &str) -> Document {
    document(json!({ "schemas": [schema::GROUP_URN], "displayName": name }))
}

fn owner(number: u128) -> Option<ConnectionId> {
    Some(ConnectionId(Uuid::from_u128(number)))
}

pub(crate) fn add_user(tx: &mut Transaction<'_>, name: &str) -> Result<Stored, Error> {
    let id = ResourceId::new(tx.new_id());
    tx.insert(&user_type(), owner(1), id, &user(name))
}

async fn created(store: &dyn Store, name: &str) -> Stored {
    let name = name.to_owned();
    let add = unit(move |tx| {
        let name = name.clone();
        Box::pin(async move { add_user(tx, &name) })
    });
    store.write(&main_tenant(), add).await.unwrap()
}

async fn read(store: &dyn Store, id: ResourceId) -> Option<Stored> {
    let get = unit(move |tx| Box::pin(async move { tx.get("User", id).await }));
    store.read(&main_tenant(), get).await.unwrap()
}

async fn rename(store: &dyn Store, stored: &Stored, name: &str) -> Result<Stored, Error> {
    let (id, name) = (stored.id, name.to_owned());
    let change = unit(move |tx| {
        let name = name.clone();
        Box::pin(async move {
            let before = tx.get_for_update("User", id).await?.expect("it is there");
            tx.update(&user_type(), &before, &user(&name))
        })
    });
    store.write(&main_tenant(), change).await
}

async fn deleted(store: &dyn Store, stored: &Stored) {
    let id = stored.id;
    let delete = unit(move |tx| {
        Box::pin(async move {
            let before = tx.get_for_update("User", id).await?.expect("it is there");
            tx.delete(&user_type(), &before)
        })
    });
    store.write(&main_tenant(), delete).await.unwrap();
}

async fn contradictions(store: &dyn Store) -> Vec<String> {
    let check =
        unit(|tx| Box::pin(async move { tx.contradictions(&[user_type(), group_type()]).await }));
    store.read(&main_tenant(), check).await.unwrap()
}
