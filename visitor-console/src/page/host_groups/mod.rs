//! Host groups.
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | which are there? |
//! | `group.rs` | who is in one, and what is it for? |

mod group;
mod list;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/host-groups", get(list::show))
        .route("/console/{tenant}/host-groups.csv", get(list::file))
        .route(
            "/console/{tenant}/host-groups/{id}",
            get(group::show).post(group::save),
        )
}
