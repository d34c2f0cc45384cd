//! The HTTP interface, in process, on SQLite: what each request is answered with.

mod auth;
mod bodies;
mod discovery;
mod errors;
mod limits;
mod pages;
mod policies;
mod search;
mod support;
mod targets;
mod versions;
