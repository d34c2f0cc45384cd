//! CSV files of people and of groups. Pure: bytes and documents in, rows and texts out.
//!
//! | file | question |
//! |---|---|
//! | `encoding.rs` | is it text? |
//! | `separator.rs` | what stands between the cells, and is every quote closed? |
//! | `columns.rs` | which columns does the header name? |
//! | `table.rs` | what are the rows? |
//! | `cell.rs`, `list.rs` | what does a cell say that a spreadsheet would run, or that lists names? |
//! | `person.rs`, `group.rs` | what does a row say of a person or group, and what is the row of one? |
//! | `order.rs` | who comes before whom, so that managers are there first? |
//! | `refusal.rs` | how is it told what is wrong? |
//! | `write.rs` | how is a file written? |

mod cell;
mod columns;
mod encoding;
pub(crate) mod group;
pub(crate) mod list;
pub(crate) mod order;
pub(crate) mod person;
mod refusal;
mod separator;
mod table;
#[cfg(test)]
mod tests;
pub(crate) mod write;

pub(crate) use columns::FileKind;
pub(crate) use refusal::{Refusal, Refusals};
pub(crate) use table::{Row, Table, read};
