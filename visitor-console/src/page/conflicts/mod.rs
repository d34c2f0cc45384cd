//! Conflicts: is who was brought somebody who is here already?
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | which wait for an answer? |
//! | `conflict.rs` | who are the two, side by side? |
//! | `decide.rs` | how is one decided? |
//! | `many.rs` | how are several? |

mod conflict;
mod decide;
mod list;
mod many;

use axum::Router;
use axum::routing::{get, post};

use crate::site::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/conflicts", get(list::show))
        .route("/console/{tenant}/conflicts.csv", get(list::file))
        .route("/console/{tenant}/conflicts/decide", post(many::ask))
        .route("/console/{tenant}/conflicts/decided", post(many::decide))
        .route("/console/{tenant}/conflicts/{id}", get(conflict::show))
        .route(
            "/console/{tenant}/conflicts/{id}/{verb}",
            get(decide::ask).post(decide::decide),
        )
}
