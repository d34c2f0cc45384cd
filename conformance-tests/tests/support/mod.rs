//! The binaries themselves, for tests that speak to them over HTTP.

mod database;
mod server;

pub(crate) use database::Database;
pub(crate) use server::Server;
