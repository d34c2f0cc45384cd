//! The console: pages in which people look after what identity providers provision.
//!
//! It is a client of the server's own SCIM API, in the same process. A page turns the request of a browser into
//! SCIM requests, as the person who signed in; it has no right, no query and no data that the API has not.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

pub mod account;
mod guard;
mod session;
mod sign_in;
pub mod single_sign_on;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{any, get};
use scim_core::SchemaError;
use scim_server::Server;
use scim_server::service::{Hook, Served};

use guard::Guard;

/// The resource types of the console, for a product to serve after its own.
pub fn served() -> Result<Vec<Served>, SchemaError> {
    Ok(vec![account::served()?, single_sign_on::served()?])
}

/// The behaviour of its types.
pub fn hooks() -> Result<Vec<Arc<dyn Hook>>, SchemaError> {
    Ok(vec![
        Arc::new(account::AccountHook::new()?),
        Arc::new(single_sign_on::SingleSignOnHook),
    ])
}

/// The pages, for a server whose clients reach it under its public URL.
///
/// ```no_run
/// # fn example(server: scim_server::Server) -> Result<(), scim_core::SchemaError> {
/// let service = server.service_beside(Some(visitor_console::pages(&server)?));
/// # Ok(())
/// # }
/// ```
pub fn pages(server: &Server) -> Result<Router, SchemaError> {
    let guard = Guard::new(server);
    let pages = guard.signed_in(console(server));
    Ok(guard.around(pages.merge(sign_in::routes(server)?)))
}

/// The pages for whoever has signed in, below `/console/{tenant}`.
fn console(server: &Server) -> Router {
    let welcome = Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Console</title>\
         <h1>Console</h1><p>The console of {}.</p>",
        server.public_url()
    ));
    let nowhere = || async { (StatusCode::NOT_FOUND, Html("<p>There is no such page.</p>")) };
    Router::new()
        .route("/console/{tenant}", get(|| async { welcome }))
        .route("/console/{tenant}/{*page}", any(nowhere))
}
