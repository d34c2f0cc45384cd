//! The pages. Each folder is a part of the console.
//!
//! | folder | what people do there |
//! |---|---|
//! | `start/` | see what needs them, and how things go |
//! | `hosts/` | find a person, read why they are (not) a host, suspend and resume them |
//! | `host_groups/` | see who is in a group, say what it is for |
//! | `changes/` | decide on what a directory did in one go; watch it live |
//! | `log/` | read each request of a directory, and replay it |
//! | `conflicts/` | decide whether two records are one person |
//! | `provisioning/` | connect a directory: address, secrets, test, policies |
//! | `locations/` | keep sites, their preferences and their names |
//! | `roles/` | give and take roles |
//! | `audit/` | read who did what |
//!
//! `shell.rs` is what a page is sent in, `who.rs` finds who is meant.

pub(crate) mod audit;
pub(crate) mod changes;
pub(crate) mod conflicts;
pub(crate) mod host_groups;
pub(crate) mod hosts;
pub(crate) mod locations;
pub(crate) mod log;
pub(crate) mod provisioning;
pub(crate) mod roles;
mod shell;
pub(crate) mod start;
pub(crate) mod who;

use axum::Router;

pub(crate) use shell::{Done, Page};

use crate::reader::Reader;
use crate::site::Site;

/// All pages. Whoever calls them must be among the extensions of a request.
pub(crate) fn routes(site: Site) -> Router {
    Router::new()
        .merge(start::routes())
        .merge(hosts::routes())
        .merge(host_groups::routes())
        .merge(changes::routes())
        .merge(log::routes())
        .merge(conflicts::routes())
        .merge(provisioning::routes())
        .merge(locations::routes())
        .merge(roles::routes())
        .merge(audit::routes())
        .route(
            "/console/{tenant}/{*rest}",
            axum::routing::any(|reader: Reader| async move { reader.nowhere() }),
        )
        .with_state(site)
}
