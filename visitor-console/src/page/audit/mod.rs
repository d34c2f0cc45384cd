//! The audit log.
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | who did what, the latest first? |
//! | `line.rs` | what is one line, and where does it stand in the chain? |

mod line;
mod list;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/audit", get(list::show))
        .route("/console/{tenant}/audit.csv", get(list::file))
        .route("/console/{tenant}/audit/{id}", get(line::show))
}
