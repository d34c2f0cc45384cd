//! The JSON bodies that are not resources: lists, queries, bulk requests and
//! errors. The body of a PATCH is in [`patch`](crate::patch).

pub mod bulk;
pub mod error;
mod fields;
pub mod list;
mod references;
pub mod search;
pub mod urn;

pub use bulk::{BulkMethod, BulkOperation, BulkRequest, BulkResponse, BulkResult};
pub use error::ErrorBody;
pub use list::ListResponse;
pub use search::SearchRequest;
