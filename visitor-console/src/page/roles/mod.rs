//! Roles and access: who may do what.
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | who has which role? |
//! | `give.rs`, `take.rs` | how is one given, and taken away? |

mod give;
mod list;
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
}
