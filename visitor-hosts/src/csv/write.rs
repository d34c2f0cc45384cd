//! How a file is written (RFC 4180).

use std::borrow::Cow;

use scim_server::{Error, StoreError};

use super::{FileKind, cell};

/// The first line.
pub(crate) fn header(kind: FileKind) -> Result<String, Error> {
    lines([kind.columns().iter().map(|column| Cow::Borrowed(*column))])
}

/// Lines with these cells, of all columns and in their order.
pub(crate) fn rows(kind: FileKind, rows: &[Vec<String>]) -> Result<String, Error> {
    lines(rows.iter().map(|row| {
        let columns = kind.columns().iter();
        columns
            .zip(row)
            .map(|(column, value)| cell::marked(column, value))
    }))
}

/// Lines of a report, whose cells are marked as those of every file are.
pub(crate) fn report(rows: &[Vec<String>]) -> Result<String, Error> {
    lines(
        rows.iter()
            .map(|row| row.iter().map(|value| cell::marked("", value))),
    )
}

fn lines<'v>(
    rows: impl IntoIterator<Item = impl Iterator<Item = Cow<'v, str>>>,
) -> Result<String, Error> {
    let failed = |error: scim_server::Cause| Error::from(StoreError::Failed(error));
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let cells: Vec<Cow<'v, str>> = row.collect();
        let cells = cells.iter().map(|cell| cell.as_bytes());
        writer
            .write_record(cells)
            .map_err(|error| failed(error.into()))?;
    }
    let bytes = writer.into_inner();
    let bytes = bytes.map_err(|error| failed(error.to_string().into()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.into()))
}
