//! The product itself, for tests that speak to it over HTTP.

mod database;
mod server;

pub(crate) use database::Database;
pub(crate) use server::Server;
