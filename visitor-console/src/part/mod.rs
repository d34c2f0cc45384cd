//! What pages are made of. A part knows how it looks; what it says comes from the page.
//!
//! | file | question |
//! |---|---|
//! | `html.rs` | what may stand in a page as it is? |
//! | `cell.rs`, `chip.rs`, `time.rs` | how is a value shown? |
//! | `table.rs`, `rows.rs`, `csv.rs` | how is a list shown, paged and exported? |
//! | `facts.rs`, `block.rs`, `link.rs` | how is what is known of one thing laid out? |
//! | `form.rs`, `ask.rs` | how is something typed, and how is something confirmed? |
//! | `chart.rs` | how is what happened over time drawn? |

pub(crate) mod ask;
pub(crate) mod block;
pub(crate) mod cell;
pub(crate) mod chart;
pub(crate) mod chip;
pub(crate) mod csv;
pub(crate) mod facts;
pub(crate) mod form;
pub(crate) mod html;
pub(crate) mod link;
pub(crate) mod rows;
pub(crate) mod table;
pub(crate) mod time;

pub(crate) use ask::Ask;
pub(crate) use block::{Block, Copyable, Empty, Notice, Numbers, Paragraph, Pre, Steps};
pub(crate) use cell::Cell;
pub(crate) use chip::{Chip, Tone};
pub(crate) use facts::Facts;
pub(crate) use form::{Choice, Field, Form};
pub(crate) use html::Html;
pub(crate) use link::{Link, Links};
pub(crate) use table::{Row, Table};
