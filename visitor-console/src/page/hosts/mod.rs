//! Hosts: the people who can receive visitors.
//!
//! | file | question |
//! |---|---|
//! | `list.rs`, `search.rs` | who are they, and where is the one who is looked for? |
//! | `person.rs` | what surrounds the pages of one person? |
//! | `directory.rs`, `product.rs` | what does the directory say of them, and what do we? |
//! | `explain.rs`, `history.rs` | why are they (not) a host, and since when? |
//! | `suspend.rs` | how are they kept out, and let in again? |

mod directory;
mod explain;
mod history;
mod list;
mod notices;
mod person;
mod product;
mod search;
mod suspend;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) use list::{HOSTS, SHOWN};

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/hosts", get(list::show))
        .route("/console/{tenant}/hosts.csv", get(list::file))
        .route("/console/{tenant}/hosts/{id}", get(directory::show))
        .route(
            "/console/{tenant}/hosts/{id}/product",
            get(product::show).post(product::save),
        )
        .route("/console/{tenant}/hosts/{id}/explain", get(explain::show))
        .route("/console/{tenant}/hosts/{id}/history", get(history::show))
        .route(
            "/console/{tenant}/hosts/{id}/suspend",
            get(suspend::ask_suspend).post(suspend::suspend),
        )
        .route(
            "/console/{tenant}/hosts/{id}/resume",
            get(suspend::ask_resume).post(suspend::resume),
        )
}
