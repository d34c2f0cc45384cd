//! The SCIM 2.0 model of RFC 7643 and RFC 7644: schemas, attribute paths,
//! filters, PATCH, documents and messages. No I/O, no async, no clock and no
//! randomness, so that a server of any kind can be built on it.
//!
//! | module | what it answers |
//! |---|---|
//! | [`schema`] | what resources consist of, and how a server describes that |
//! | [`path`] | which attribute a text such as `name.givenName` means |
//! | [`filter`] | which resources a client wants to see |
//! | [`resource`] | what a resource holds, and what of it is shown |
//! | [`patch`] | what a PATCH request does to a resource |
//! | [`message`] | the bodies that are not resources: lists and errors |
//! | [`text`] | how text is compared, and which text is refused |
//! | [`id`], [`error`] | identifiers, and why a request is refused |
//!
//! # Example
//!
//! A resource type is built of schemas; a filter is read, resolved against
//! it and evaluated.
//!
//! ```
//! use scim_core::{Filter, ResourceType, filter, schema};
//! use serde_json::json;
//!
//! let users = ResourceType::new("User", "/Users", schema::user())
//!     .extension(schema::enterprise_user())
//!     .unique(["userName"])
//!     .build()?;
//!
//! let wanted = Filter::parse(r#"emails[type eq "work"].value ew "@EXAMPLE.com""#)?;
//! let wanted = wanted.resolve(&users)?;
//!
//! let kim = json!({
//!     "userName": "kim",
//!     "emails": [{"type": "work", "value": "kim@example.com"}],
//! });
//! assert!(filter::matches(&wanted, kim.as_object().unwrap()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Limits
//!
//! Each is checked before the work is done: filters
//! ([`FILTER_BYTES_MAX`](filter::FILTER_BYTES_MAX),
//! [`FILTER_DEPTH_MAX`](filter::FILTER_DEPTH_MAX),
//! [`FILTER_TERMS_MAX`](filter::FILTER_TERMS_MAX)), paths
//! ([`PATH_BYTES_MAX`](path::PATH_BYTES_MAX)), indexed text
//! ([`KEY_BYTES_MAX`](text::KEY_BYTES_MAX)), PATCH
//! ([`OPERATIONS_MAX`](patch::OPERATIONS_MAX),
//! [`MEMBER_CHANGES_MAX`](patch::MEMBER_CHANGES_MAX)). Error texts repeat at
//! most [`ECHO_CHARS_MAX`](error::ECHO_CHARS_MAX) characters of the input.
//! The size and depth of JSON bodies are for the server to limit.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
// A test may index and panic; nothing that a request reaches may.
#![cfg_attr(not(test), warn(clippy::panic, clippy::indexing_slicing))]

pub mod error;
pub mod filter;
pub mod id;
pub mod message;
pub mod patch;
pub mod path;
pub mod resource;
pub mod schema;
pub mod text;

pub use crate::{
    error::{Error, ScimType},
    filter::{Filter, FilterError, TypedFilter},
    id::{IdError, ResourceId, TenantId, Version},
    message::{ErrorBody, ListResponse},
    patch::{MemberChanges, PatchRequest},
    path::{AttributePath, KeyPath, ResolvedPath},
    resource::{Document, Policy, Repair, Repairs},
    schema::{Attribute, Registry, ResourceType, Schema, SchemaError},
};
