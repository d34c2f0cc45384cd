//! Which resources a client wants to see (RFC 7644 §3.4.2.2).
//!
//! [`Filter`] is what the client wrote. [`TypedFilter`] is the same with
//! every name found in the schemas and every value read by its type; it can
//! be evaluated by [`matches()`] or turned into a query.

mod ast;
mod error;
mod lex;
mod links;
mod matches;
mod narrow;
mod parse;
mod print;
mod read;
mod resolve;
mod typed;

pub use self::{
    ast::{Filter, Literal, Operator},
    error::FilterError,
    lex::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_TERMS_MAX},
    matches::{matches, matches_value},
    narrow::Narrowing,
    read::read,
    typed::{Comparison, Operand, TypedFilter, TypedPath},
};
pub(crate) use self::{parse::parse_path, resolve::resolve_within};
