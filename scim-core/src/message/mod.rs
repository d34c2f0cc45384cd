//! The JSON bodies that are not resources: list responses and errors.

pub mod error;
pub mod list;
pub mod urn;

pub use error::ErrorBody;
pub use list::ListResponse;
