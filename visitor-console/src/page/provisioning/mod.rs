//! Preferences → SCIM host provisioning: how a directory is connected.
//!
//! | file | question |
//! |---|---|
//! | `overview.rs` | where does a directory send, and who is connected? |
//! | `connection.rs`, `condition.rs` | what is one connection, and how is it? |
//! | `create.rs`, `fields.rs` | how is one made, and what can be said of it? |
//! | `secret.rs` | how is a secret shown, once? |
//! | `rotate.rs`, `revoke.rs` | how is a secret exchanged, how does a connection end? |
//! | `test.rs`, `report.rs` | would it work, and how does it? |
//! | `settings.rs` | what holds for all of them? |
//! | `guide.rs` | what is set up on the other side? |

mod condition;
mod connection;
mod create;
mod fields;
mod guide;
mod overview;
mod report;
mod revoke;
mod rotate;
mod secret;
mod settings;
mod test;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) use condition::{Condition, condition};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/provisioning", get(overview::show))
        .route("/console/{tenant}/provisioning.csv", get(overview::file))
        .route(
            "/console/{tenant}/provisioning/new",
            get(create::ask).post(create::create),
        )
        .route(
            "/console/{tenant}/provisioning/settings",
            get(settings::show).post(settings::save),
        )
        .route(
            "/console/{tenant}/provisioning/mapping",
            get(guide::mapping),
        )
        .route("/console/{tenant}/provisioning/entra", get(guide::entra))
        .route("/console/{tenant}/provisioning/okta", get(guide::okta))
        .route(CONNECTION, get(connection::show).post(connection::save))
        .route(&below("test"), get(test::ask).post(test::test))
        .route(&below("rotate"), get(rotate::ask).post(rotate::rotate))
        .route(&below("revoke"), get(revoke::ask).post(revoke::revoke))
        .route(&below("report"), get(report::show))
}

/// Where a connection is.
const CONNECTION: &str = "/console/{tenant}/provisioning/connections/{id}";

/// A page of it.
fn below(page: &str) -> String {
    format!("{CONNECTION}/{page}")
}
