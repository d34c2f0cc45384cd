//! The console: pages in which people look after what identity providers provision.
//!
//! It is a client of the server's own SCIM API, in the same process. A page turns the request of a browser into
//! SCIM requests, as the person who signed in; it has no right, no query and no data that the API has not.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

pub mod account;
mod api;
mod asset;
mod frame;
mod guard;
mod page;
mod part;
mod plain;
mod read;
mod reader;
mod session;
mod sign_in;
pub mod single_sign_on;
mod site;
mod state;
mod text;
mod url;

use std::sync::Arc;

use axum::Router;
use scim_core::SchemaError;
use scim_server::Server;
use scim_server::service::{Hook, Served};

use guard::Guard;
use site::Site;

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
    let pages = guard.signed_in(page::routes(Site::new(server)));
    let open = sign_in::routes(server)?.merge(asset::routes());
    Ok(guard.around(pages.merge(open)))
}
