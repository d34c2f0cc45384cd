//! A list as a file (RFC 4180), written while it is read. A spreadsheet runs nothing of it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;

use super::rows::List;
use crate::api::{Query, Refused};
use crate::reader::Reader;

/// What a spreadsheet takes for the beginning of a formula.
const BEGINS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Rows that are read at once.
const ROWS: usize = 500;

/// All rows of a list as a file with this name. What is refused is refused before anything is written; a list that
/// breaks off later breaks off the answer, so that nobody takes a part for the whole.
pub(crate) async fn file(
    reader: Reader,
    list: &'static List,
    query: Query,
) -> Result<Response, Refused> {
    let reader = Arc::new(reader);
    let first = page(&reader, list, &query, None).await?;
    let head = line(list.heads.iter().map(|head| (*head).to_owned()));
    let first = (head + &first.0, first.1);
    let rest = futures::stream::unfold(Some(Next::Read(first)), move |next| {
        let (reader, query) = (Arc::clone(&reader), query.clone());
        async move {
            let (text, cursor) = match next? {
                Next::Read(page) => page,
                Next::At(cursor) => match page(&reader, list, &query, Some(&cursor)).await {
                    Ok(page) => page,
                    Err(refused) => return Some((Err(refused.into_error()), None)),
                },
            };
            Some((Ok(Bytes::from(text)), cursor.map(Next::At)))
        }
    });
    let mut response = Response::new(Body::from_stream(rest));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let disposition = format!("attachment; filename=\"{}\"", list.file);
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

enum Next {
    Read((String, Option<String>)),
    At(String),
}

async fn page(
    reader: &Reader,
    list: &List,
    query: &Query,
    cursor: Option<&str>,
) -> Result<(String, Option<String>), Refused> {
    let query = query.clone().count(ROWS).cursor(cursor);
    let listed = reader.api().list(list.endpoint, &query).await?;
    let rows = listed.resources.iter();
    let lines = rows.map(|resource| {
        let cells = (list.row)(reader, resource);
        line(cells.iter().map(super::Cell::plain))
    });
    Ok((lines.collect(), listed.next))
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| quoted(&cell)).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    // So that a value which begins with the mark does not lose it.
    let formula = cell.trim_start_matches('\'').starts_with(BEGINS);
    let mark = if formula { "'" } else { "" };
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{mark}{}\"", cell.replace('"', "\"\""))
    } else {
        format!("{mark}{cell}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_formula() {
        let cells = [
            "plain",
            "=1+1",
            "+41",
            "-1",
            "@SUM",
            "\tx",
            "a,b",
            "say \"hi\"",
            "'=1",
            "=\"a\",b",
            "",
        ];
        let cells = cells.map(quoted);
        insta::assert_snapshot!(cells.join("|"), @r#"plain|'=1+1|'+41|'-1|'@SUM|'	x|"a,b"|"say ""hi"""|''=1|"'=""a"",b"|"#);
    }
}
