//! Roles and access: who may do what.
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | who has which role? |
//! | `give.rs`, `take.rs` | how is one given, and taken away? |
//! | `accounts.rs`, `account.rs` | who signs in here, with which password? |
//! | `sign_on.rs` | which provider do people sign in with? |
//! | `tabs.rs` | how are these pages found? |

mod account;
mod accounts;
mod give;
mod list;
mod sign_on;
mod tabs;
mod take;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/roles", get(list::show))
        .route("/console/{tenant}/roles.csv", get(list::file))
        .route(
            "/console/{tenant}/roles/new",
            get(give::ask).post(give::give),
        )
        .route(
            "/console/{tenant}/roles/{id}/take",
            get(take::ask).post(take::take),
        )
        .route("/console/{tenant}/accounts", get(accounts::show))
        .route("/console/{tenant}/accounts.csv", get(accounts::file))
        .route(
            "/console/{tenant}/accounts/new",
            get(account::ask).post(account::create),
        )
        .route(
            "/console/{tenant}/accounts/{id}",
            get(account::show).post(account::save),
        )
        .route(
            "/console/{tenant}/accounts/{id}/delete",
            get(account::ask_delete).post(account::delete),
        )
        .route(
            "/console/{tenant}/sign-on",
            get(sign_on::show).post(sign_on::save),
        )
}
