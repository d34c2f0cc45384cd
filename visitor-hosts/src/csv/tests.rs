//! Files that are refused, each with what is told; and that what was written is read as the same.

use proptest::prelude::*;
use serde_json::Map;

use super::{FileKind, cell, list, person, read, write};

/// What is said of a file.
fn told(kind: FileKind, bytes: &[u8]) -> String {
    match read(kind, bytes) {
        Ok(table) => format!("{} rows of {}", table.rows.len(), table.columns.join(" ")),
        Err(refusals) => refusals.to_string(),
    }
}

/// A file of `fixtures/csv`.
macro_rules! check {
    ($kind:ident, $name:literal, @$shown:literal) => {
        let bytes = include_bytes!(concat!("../../../fixtures/csv/", $name, ".csv"));
        insta::assert_snapshot!(told(FileKind::$kind, bytes), @$shown)
    };
}

#[test]
fn people() {
    check!(Hosts, "people", @r#"2 rows of userName givenName familyName email phone department managerUserName active groups"#);
}

#[test]
fn utf16() {
    check!(Hosts, "broken-utf16", @r#"the file looks like UTF-16: save it as CSV UTF-8 and send that"#);
}

#[test]
fn utf16_without_mark() {
    check!(Hosts, "broken-utf16-without-mark", @r#"the file looks like UTF-16: save it as CSV UTF-8 and send that"#);
}

#[test]
fn windows_1252() {
    check!(Hosts, "broken-windows-1252", @r#"line 2: the byte 0xEB is not UTF-8; the file looks like Windows-1252 or another old code page: save it as CSV UTF-8 and send that"#);
}

#[test]
fn character() {
    check!(Hosts, "broken-character", @r#"line 2: the file ends in the middle of a character: it seems cut off"#);
}

#[test]
fn nul() {
    check!(Hosts, "broken-nul", @r#"line 2: a NUL byte stands here, which is no part of a text"#);
}

#[test]
fn empty() {
    check!(Hosts, "broken-empty", @r#"the file is empty"#);
}

#[test]
fn no_rows() {
    check!(Hosts, "broken-no-rows", @r#"the file has a header and no rows"#);
}

#[test]
fn no_header() {
    check!(Hosts, "broken-no-header", @r#"line 1: the first line must name the columns; known are userName, externalId, givenName, familyName, displayName, email, phone, title, department, employeeNumber, managerUserName, officeLocation, hostCategory, hostVisible, active, preferredLanguage, groups"#);
}

#[test]
fn duplicate_column() {
    check!(Hosts, "broken-duplicate-column", @r#"line 1: the column email is there twice"#);
}

#[test]
fn unknown_column() {
    check!(Hosts, "broken-unknown-column", @r#"
    line 1: there is no column "emial"; is it email?
    line 1: there is no column "shoe size"; known are userName, externalId, givenName, familyName, displayName, email, phone, title, department, employeeNumber, managerUserName, officeLocation, hostCategory, hostVisible, active, preferredLanguage, groups
    "#);
}

#[test]
fn no_key() {
    check!(Hosts, "broken-no-key", @r#"line 1: the column userName is missing"#);
}

#[test]
fn cells() {
    check!(Hosts, "broken-cells", @r#"
    line 2: the row has 4 cells, and the header has 3
    line 3: the row has 2 cells, and the header has 3
    "#);
}

#[test]
fn open_quote() {
    check!(Hosts, "broken-open-quote", @r#"line 3: a quote is opened here and never closed: the file seems cut off"#);
}

#[test]
fn behind_quote() {
    check!(Hosts, "broken-behind-quote", @r#"line 2: a quoted cell goes on behind its closing quote: write two quotes for one inside it"#);
}

#[test]
fn last_line() {
    check!(Hosts, "broken-last-line", @r#"line 3: the row has 2 cells, and the header has 3; the file seems cut off"#);
}

#[test]
fn twice() {
    check!(Hosts, "broken-twice", @r#"line 4, column userName: "ANN" is in line 2 already"#);
}

#[test]
fn formula() {
    check!(Hosts, "broken-formula", @r#"
    line 2, column userName: a spreadsheet would run "=1+1" as a formula; put ' before it if it is meant as text
    line 2, column displayName: a spreadsheet would run "+A1" as a formula; put ' before it if it is meant as text
    line 2, column title: a spreadsheet would run "-1" as a formula; put ' before it if it is meant as text
    line 2, column department: a spreadsheet would run "@SUM(A1)" as a formula; put ' before it if it is meant as text
    line 3, column displayName: a spreadsheet would run "\tx" as a formula; put ' before it if it is meant as text
    line 3, column title: a spreadsheet would run "\rx" as a formula; put ' before it if it is meant as text
    line 3, column phone: a spreadsheet would run "+1+cmd|' /C calc'!A0" as a formula; put ' before it if it is meant as text
    "#);
}

#[test]
fn no_user_name() {
    check!(Hosts, "broken-no-user-name", @r#"line 2, column userName: a value is required"#);
}

#[test]
fn values() {
    check!(Hosts, "broken-values", @r#"
    line 2, column active: "yes" is neither true nor false
    line 3, column userName: the invisible character U+200B is not accepted
    line 4, column externalId: the value is too long: at most 512 bytes are indexed
    "#);
}

#[test]
fn groups() {
    check!(Groups, "groups", @r#"2 rows of displayName externalId members"#);
}

#[test]
fn broken_groups() {
    check!(Groups, "broken-groups", @r#"
    line 2, column displayName: a value is required
    line 4, column displayName: "sales" is in line 3 already
    "#);
}

/// Texts that are hard on a file: what separates, quotes, ends lines, is run, or marks what would be.
fn text() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        3 => prop::sample::select(vec!['=', '+', '-', '@', '\t', '\r', '\n', '\'', '"', ',', ';', '\\', ' ']),
        2 => prop::char::range('a', 'e'),
        1 => prop::sample::select(vec!['é', '€', '漢', '😀']),
    ];
    prop::collection::vec(sign, 0..8).prop_map(|signs| signs.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn a_cell_that_is_marked_is_read_as_it_was(text in text(), column in prop::sample::select(vec!["phone", "title"])) {
        let marked = cell::marked(column, &text).into_owned();
        prop_assert_eq!(cell::unmarked(column, &marked), Ok(text.as_str()));
        // Nothing that a spreadsheet runs is written, but for numbers of phones.
        let runs = marked.starts_with(['=', '+', '-', '@', '\t', '\r']);
        prop_assert!(!runs || (column == "phone" && marked.starts_with('+')), "{marked}");
    }

    #[test]
    fn names_in_a_cell_are_read_as_they_were(names in prop::collection::vec(text(), 0..4)) {
        let mut wanted: Vec<String> = Vec::new();
        for name in names {
            if !name.is_empty() && !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        prop_assert_eq!(list::split(&list::join(wanted.iter().map(String::as_str))), wanted);
    }

    #[test]
    fn what_is_written_is_read_as_the_same(texts in prop::collection::vec(text(), 1..5)) {
        let columns = FileKind::Hosts.columns();
        let rows: Vec<Vec<String>> = texts.iter().enumerate().map(|(place, text)| {
            columns.iter().map(|column| match *column {
                "userName" => format!("person{place}"),
                "active" | "hostVisible" => ["", "true", "false"][(place + text.len()) % 3].to_owned(),
                "groups" => list::join([text.as_str()]),
                _ => text.clone(),
            }).collect()
        }).collect();
        let file = write::header(FileKind::Hosts).unwrap() + &write::rows(FileKind::Hosts, &rows).unwrap();
        let table = read(FileKind::Hosts, file.as_bytes()).unwrap();
        let read: Vec<Vec<String>> = table.rows.into_iter().map(|row| row.cells).collect();
        prop_assert_eq!(read, rows);
    }

    #[test]
    fn a_person_says_what_was_said_of_them(column in 0..16_usize, text in text()) {
        let column = FileKind::Hosts.columns()[column];
        let text = match column {
            "managerUserName" => String::new(),
            "active" | "hostVisible" => (text.len() % 2 == 0).to_string(),
            _ => text,
        };
        let mut user = Map::new();
        person::set(column, &text, &mut user);
        prop_assert_eq!(person::cell(column, &user), text);
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read(FileKind::Hosts, &bytes);
        let file = [b"userName,email\n".as_slice(), &bytes].concat();
        let _ = read(FileKind::Hosts, &file);
    }
}
