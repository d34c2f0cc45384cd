//! The HTTP interface, in process, on SQLite: what each request is answered with.

mod auth;
mod bodies;
mod bulk;
mod cursors;
mod discovery;
mod errors;
mod export;
mod hooks;
mod idempotency;
mod jwt;
mod limits;
mod long;
mod oauth;
mod pages;
mod person;
mod policies;
mod search;
mod sessions;
mod support;
mod targets;
mod versions;
