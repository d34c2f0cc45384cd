//! Change sets: what a directory did in one go, and whether it is held.
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | which are there, the latest first? |
//! | `set.rs` | what is one, and what would people notice? |
//! | `decide.rs` | how is one released, discarded, undone or closed? |
//! | `live.rs` | how do open pages learn that something happened? |

mod decide;
mod list;
mod live;
mod set;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) use live::Live;

pub(crate) fn routes() -> Router<Site> {
    let router = Router::new()
        .route("/console/{tenant}/changes", get(list::show))
        .route("/console/{tenant}/changes.csv", get(list::file))
        .route("/console/{tenant}/changes/{id}", get(set::show))
        .route("/console/{tenant}/news", get(live::news));
    router.route(
        "/console/{tenant}/changes/{id}/{verb}",
        get(decide::ask).post(decide::decide),
    )
}
