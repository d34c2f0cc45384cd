//! Locations → Preferences: sites, what holds at them, and the names by which directories know them.
//!
//! | file | question |
//! |---|---|
//! | `list.rs` | which sites are there, and which offices are none? |
//! | `fields.rs` | what can be said of a site? |
//! | `location.rs`, `remove.rs` | how is one made, changed and deleted? |
//! | `office.rs` | how does an unknown office become an alias? |

mod fields;
mod list;
mod location;
mod office;
mod remove;

use axum::Router;
use axum::routing::get;

use crate::site::Site;

pub(crate) use list::choices;

pub(crate) fn routes() -> Router<Site> {
    Router::new()
        .route("/console/{tenant}/locations", get(list::show))
        .route("/console/{tenant}/locations.csv", get(list::file))
        .route(
            "/console/{tenant}/locations/new",
            get(location::ask).post(location::create),
        )
        .route(
            "/console/{tenant}/locations/{id}",
            get(location::show).post(location::save),
        )
        .route(
            "/console/{tenant}/locations/{id}/delete",
            get(remove::ask).post(remove::remove),
        )
        .route(
            "/console/{tenant}/offices/{id}",
            get(office::ask).post(office::alias),
        )
}
