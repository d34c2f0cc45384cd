//! The SCIM 2.0 model of RFC 7643 and RFC 7644: schemas, attribute paths,
//! filters, PATCH, documents and messages. No I/O, no async, no clock and no
//! randomness, so that a server of any kind can be built on it.
//!
//! | module | what it answers |
//! |---|---|
//! | [`schema`] | what resources consist of, and how a server describes that |
//! | [`path`] | which attribute a text such as `name.givenName` means |
//! | [`filter`] | which resources a client wants to see |
//! | [`sort`] | in which order they are listed |
//! | [`resource`] | what a resource holds, and what of it is shown |
//! | [`patch`] | what a PATCH request does to a resource |
//! | [`message`] | the bodies that are not resources: lists, queries, bulk requests and errors |
//! | [`json`] | whether a body is small enough to be parsed |
//! | [`typed`] | users and groups as Rust structs |
//! | [`text`] | how text is compared, and which text is refused |
//! | [`id`], [`error`] | identifiers, and why a request is refused |
//!
//! # Example
//!
//! A server keeps one [`Document`] for each resource. What a request does to
//! it, and what of it is answered, is decided here; where it is kept, and who
//! may ask, is not.
//!
//! ```
//! use scim_core::patch::{PatchRequest, apply};
//! use scim_core::resource::{keys, project::{Projection, project}, validate};
//! use scim_core::{Policy, ResourceType, filter, schema};
//! use serde_json::json;
//!
//! // A resource type is built of schemas.
//! let users = ResourceType::new("User", "/Users", schema::user())
//!     .extension(schema::enterprise_user())
//!     .unique(["userName"])
//!     .build()?;
//! let policy = Policy::entra();
//!
//! // POST: the body becomes a document, and the store learns its keys.
//! let kim = validate::parse_new(&users, json!({
//!     "schemas": [schema::USER_URN],
//!     "userName": "Kim@example.com",
//!     "active": "True",
//!     "emails": [{"type": "work", "value": "kim@example.com"}],
//! }), &policy)?;
//! assert_eq!(keys::keys(&users, &kim.document)?.unique[0].value, "kim@example.com");
//!
//! // PATCH: all operations or none, and whether anything changed.
//! let request = PatchRequest::parse(json!({"Operations": [
//!     {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "k@example.com"},
//! ]}))?;
//! let kim = apply(&users, kim.document, &request, &Policy::compatible())?;
//! assert!(kim.changed);
//!
//! // GET with a filter: it is resolved once, and then needs no schema.
//! let text = r#"emails[type eq "work"].value sw "K@""#;
//! let (wanted, _) = filter::read(text, &users, &policy)?;
//! let mut resource = kim.document.into_map();
//! resource.insert("id".into(), "1".into());
//! assert!(filter::matches(&wanted, &resource));
//! let chosen = Projection::parse(Some("active"), None, &users)?;
//! assert_eq!(project(&resource, &users, &chosen)["active"], true);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Tolerance
//!
//! Identity providers depart from the RFCs in ways that are known. A
//! [`Policy`] says which of them a client is allowed, [`Repairs`] which of
//! them a request made use of; [`resource::policy`] lists the switches, and
//! which MUST each stands against.
//!
//! # Limits
//!
//! Each is checked before the work is done.
//!
//! | what | at most |
//! |---|---|
//! | nesting and values of a JSON body | as the caller says: [`json::check_limits`] |
//! | bytes of a filter | [`FILTER_BYTES_MAX`](filter::FILTER_BYTES_MAX), 8 KiB |
//! | nested parentheses and brackets | [`FILTER_DEPTH_MAX`](filter::FILTER_DEPTH_MAX), 32 |
//! | conditions of a filter | [`FILTER_TERMS_MAX`](filter::FILTER_TERMS_MAX), 128 |
//! | bytes of a path | [`PATH_BYTES_MAX`](path::PATH_BYTES_MAX), 1 KiB |
//! | operations of a PATCH | [`OPERATIONS_MAX`](patch::OPERATIONS_MAX), 1,000 |
//! | members that a request names | [`MEMBER_CHANGES_MAX`](patch::MEMBER_CHANGES_MAX), 10,000 |
//! | values of one attribute | [`VALUES_MAX`](resource::VALUES_MAX), 1,000 |
//! | comparisons of values in a request | [`COMPARISONS_MAX`](resource::COMPARISONS_MAX), 250,000 |
//! | bytes of an indexed value | [`KEY_BYTES_MAX`](text::KEY_BYTES_MAX), 512 |
//! | characters of the input in an error | [`ECHO_CHARS_MAX`](error::ECHO_CHARS_MAX), 100 |
//!
//! What an attribute and a text without an index may hold is limited by the
//! size of the body alone, which is for the server to limit.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]
// A test may index and panic; nothing that a request reaches may.
#![cfg_attr(not(test), warn(clippy::panic, clippy::indexing_slicing))]

pub mod error;
pub mod filter;
pub mod id;
pub mod json;
pub mod message;
pub mod patch;
pub mod path;
pub mod resource;
pub mod schema;
pub mod sort;
pub mod text;
pub mod typed;

pub use crate::{
    error::{Error, ScimType},
    filter::{Filter, FilterError, TypedFilter},
    id::{IdError, ResourceId, TenantId, Version},
    message::{BulkRequest, BulkResponse, ErrorBody, ListResponse, SearchRequest},
    patch::{MemberChanges, PatchRequest},
    path::{AttributePath, CompositePath, KeyPath, ResolvedPath},
    resource::{Document, Policy, Repair, Repairs},
    schema::{Attribute, Registry, ResourceType, Schema, SchemaError},
    sort::{SortBy, SortOrder},
};
