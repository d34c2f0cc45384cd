//! The HTTP interface, in process, on SQLite: what each request is answered with.

mod auth;
mod bodies;
mod discovery;
mod errors;
mod pages;
mod support;
mod versions;
