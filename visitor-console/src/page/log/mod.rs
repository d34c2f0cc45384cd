//! The log of requests that directories sent.
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | what was sent, the latest first? |
//! | `event.rs` | what was one request, and what followed from it? |
//! | `replay.rs` | what would it do today? |

mod event;
mod list;
mod replay;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) use event::changes;
pub(crate) use list::live;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/log", get(list::show))
        .route("/console/{tenant}/log.csv", get(list::file))
        .route("/console/{tenant}/log/{id}", get(event::show))
        .route("/console/{tenant}/log/{id}/replay", get(replay::show))
}
