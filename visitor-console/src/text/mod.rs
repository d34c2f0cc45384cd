//! Every sentence that a page shows, in one place. Another language is a folder beside `en` with the same names.

mod en;

pub(crate) use en::*;
