//! Checks a SCIM server from the outside: the rules of the RFCs, and what identity providers send.
//!
//! | module | answers |
//! |---|---|
//! | [`suite`] | whether a server keeps the rules, and what a check is written with |
//! | [`checks`] | what the rules are |
//! | [`fixture`] | what is in a folder of `name.request.json` and `name.expected.json` pairs |
//! | [`client`] | how one request is sent, and what a reader needs to see of it afterwards |
//! | [`replay`] | whether an answer is the expected one, without a difference |
//! | [`hostile`] | whether a server stays in order when it is sent what no honest client sends |
//! | [`simulate`] | whether a server keeps up with an identity provider, cycle after cycle |
//! | [`faults`] | what goes wrong between a client and a server |
//!
//! Nothing here knows a server's inside: everything goes over HTTP. The suite is
//! described in `docs/conformance.md`, the format of the fixtures in `fixtures/README.md`.
//!
//! ```no_run
//! use conformance_tests::{client::{Client, Credentials}, fixture, replay};
//!
//! # async fn example() -> anyhow::Result<()> {
//! let credentials = Credentials { idp: "secret".into(), ..Credentials::default() };
//! let client = Client::new("http://127.0.0.1:8080/t/main/scim/v2", credentials)?;
//! for conversation in fixture::load("fixtures/entra".as_ref())? {
//!     let played = replay::play(&conversation, &client).await;
//!     assert!(played.failures.is_empty(), "{played}");
//! }
//! # Ok(())
//! # }
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

pub mod checks;
pub mod client;
pub mod faults;
pub mod fixture;
pub mod hostile;
pub mod replay;
pub mod simulate;
pub mod suite;
