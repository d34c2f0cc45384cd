//! A SCIM 2.0 server to embed (RFC 7643, RFC 7644).
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

pub mod audit;
pub mod auth;
pub mod clock;
pub mod command;
pub mod custom;
pub mod edge;
mod error;
#[doc = include_str!("../../docs/embed.md")]
pub mod guide {}
mod http;
pub mod outbound;
mod resource;
pub mod seal;
mod sealer;
mod server;
pub mod service;
pub mod store;
mod telemetry;
mod worker;

pub use error::{Cause, Error, Exists, Presented, StoreError};
pub use http::{Limits, RoutePattern};
pub use resource::{Link, Resource};
pub use sealer::Sealer;
pub use server::{Builder, Readiness, Server, Tried};
pub use worker::{Taken, Work, Worker};
