//! The console: pages in which people look after what identity providers provision.
//!
//! It is a client of the server's own SCIM API, in the same process. A page turns the request of a browser into
//! SCIM requests, as the person who signed in; it has no right, no query and no data that the API has not.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod api;
mod asset;
mod frame;
mod page;
mod part;
mod plain;
mod read;
mod reader;
mod site;
mod state;
mod text;
mod url;

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use scim_server::Server;

/// The pages, for a server whose clients reach it under its public URL.
///
/// ```no_run
/// # fn example(server: scim_server::Server) {
/// let service = server.service_beside(Some(visitor_console::pages(&server)));
/// # }
/// ```
pub fn pages(server: &Server) -> Router {
    let welcome = Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Console</title>\
         <h1>Console</h1><p>The console of {}.</p>",
        server.public_url()
    ));
    page::routes(site::Site::new(server))
        .route("/", get(|| async { Redirect::to("/console") }))
        .route("/console", get(|| async { welcome }))
}
