//! What ARCHITECTURE.md says must stay true and no type or lint can hold: read from the sources.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap().to_owned()
}

/// Files below a folder of the workspace: path from the root, and text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds no .{ending}");
    found
}

/// The part of a file that is compiled into the product.
fn product_part(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default()
}

/// Lines of the libraries and binaries that hold one of these words, outside the named places.
fn lines_with(words: &[&str], places: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for folder in [
        "scim-core/src",
        "scim-server/src",
        "visitor-console/src",
        "visitor-hosts/src",
    ] {
        for (name, text) in files(folder, "rs") {
            if places.iter().any(|place| name.starts_with(place)) {
                continue;
            }
            let lines = product_part(&text).lines().enumerate();
            let hits = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word)));
            found.extend(hits.map(|(number, line)| format!("{name}:{}: {line}", number + 1)));
        }
    }
    found
}

/// `docs/interoperability.md` names each switch of a policy beside those who need it.
#[test]
fn every_switch_is_explained() {
    let page = std::fs::read_to_string(root().join("docs/interoperability.md")).unwrap();
    for switch in scim_core::resource::policy::SWITCHES {
        let name = format!("| `{}` |", switch.name);
        let row = page.lines().find(|line| line.ends_with(&name));
        let row = row.unwrap_or_else(|| panic!("{} is not explained", switch.name));
        let senders = format!("| {} |", switch.senders.join(", "));
        assert!(
            switch.senders.is_empty() || row.starts_with(&senders),
            "{row}"
        );
    }
}

#[test]
fn the_search_finds_what_is_there() {
    assert!(!lines_with(&["SELECT "], &[]).is_empty());
    assert!(!lines_with(&["StatusCode::NOT_FOUND"], &[]).is_empty());
}

#[test]
fn sql_stands_below_store_sql() {
    let words = [
        "SELECT ",
        "INSERT INTO ",
        "UPDATE ",
        "DELETE FROM ",
        "sqlx::",
        "rusqlite::",
    ];
    assert_eq!(lines_with(&words, &["scim-server/src/store/sql/"]), [""; 0]);
}

#[test]
fn refusals_get_their_status_in_one_file() {
    let refusals = [
        "BAD_REQUEST",
        "UNAUTHORIZED",
        "FORBIDDEN",
        "NOT_FOUND",
        "METHOD_NOT_ALLOWED",
        "CONFLICT",
        "PRECONDITION_FAILED",
        "PAYLOAD_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "TOO_MANY_REQUESTS",
        "INTERNAL_SERVER_ERROR",
        "NOT_IMPLEMENTED",
        "SERVICE_UNAVAILABLE",
        "INSUFFICIENT_STORAGE",
        "from_u16",
    ];
    let words: Vec<String> = refusals
        .iter()
        .map(|name| format!("StatusCode::{name}"))
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let places = [
        "scim-server/src/http/error.rs",
        // RFC 6749 §5.2 has error codes and statuses of its own.
        "scim-server/src/http/oauth/error.rs",
        // Pages are answered to browsers.
        "visitor-console/src/",
    ];
    assert_eq!(lines_with(&words, &places), [""; 0]);
}

#[test]
fn nothing_inside_a_transaction_names_a_tenant() {
    for file in ["transaction/mod.rs", "backend.rs", "write_set.rs"] {
        let path = format!("scim-server/src/store/{file}");
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        assert!(!text.contains("TenantId"), "{path}");
    }
}

#[test]
fn libraries_read_no_environment_and_no_file() {
    let words = [
        "env::var",
        "std::fs",
        "fs::read",
        "File::open",
        "current_dir",
    ];
    let places = [
        // The command line is what reads them.
        "scim-server/src/command/",
        "visitor-hosts/src/command/",
        // The database file and its lock.
        "scim-server/src/store/sql/sqlite/",
        // Databases for tests, behind a feature.
        "scim-server/src/store/fresh.rs",
    ];
    assert_eq!(lines_with(&words, &places), [""; 0]);
}

#[test]
fn tables_are_keyed_by_tenant() {
    let databases = ["sqlite", "postgres"].map(|name| format!("scim-server/migrations/{name}"));
    for (name, text) in databases.iter().flat_map(|folder| files(folder, "sql")) {
        let upper = text.to_uppercase();
        for forbidden in [
            "CREATE TRIGGER",
            "CREATE SEQUENCE",
            "SERIAL",
            "AUTOINCREMENT",
            "GEN_RANDOM",
        ] {
            assert!(!upper.contains(forbidden), "{name}: {forbidden}");
        }
        let uncommented: Vec<_> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"))
            .collect();
        for statement in uncommented
            .join("\n")
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            if statement.starts_with("CREATE TABLE tenant ") {
                continue;
            }
            for key in ["PRIMARY KEY (", "UNIQUE (", "FOREIGN KEY (", " ON "] {
                for (place, _) in statement.match_indices(key) {
                    let after = &statement[place + key.len()..];
                    // `ON table (columns)` of an index; `ON DELETE` and that of a join are none.
                    let columns = match key {
                        " ON " if after.starts_with("DELETE") => continue,
                        " ON " if !statement.starts_with("CREATE ") => continue,
                        " ON " => after.split_once('(').unwrap().1,
                        _ => after,
                    };
                    assert!(columns.starts_with("tenant_id"), "{name}: {statement}");
                }
            }
            // What is done to a table that has its key: a new column may be filled in every row.
            let of_a_table = ["ALTER TABLE ", "UPDATE ", "DROP INDEX ", "DROP TABLE "];
            let has_its_key = of_a_table.iter().any(|deed| statement.starts_with(deed));
            assert!(
                has_its_key || statement.contains("tenant_id"),
                "{name}: {statement}"
            );
        }
    }
}

/// A type with methods, and every trait: the documentation of the type, or of a method, has an
/// example or names the program that is one.
#[test]
fn public_types_with_behaviour_have_an_example() {
    let (mut checked, mut lacking) = (0, Vec::new());
    for folder in ["scim-core/src", "scim-server/src"] {
        let files = files(folder, "rs");
        let texts: Vec<&str> = files.iter().map(|(_, text)| product_part(text)).collect();
        for lines in texts.iter().map(|text| text.lines().collect::<Vec<_>>()) {
            for (at, line) in lines.iter().enumerate() {
                let Some((is_trait, name)) = public_type(line) else {
                    continue;
                };
                let methods: String = texts.iter().map(|text| inherent(text, name)).collect();
                let is_doc = |line: &&&str| !line.is_empty() && !line.starts_with('}');
                let doc = lines[..at].iter().rev().take_while(is_doc);
                let shown = |line: &str| line.contains("/// ```") || line.contains("/examples/");
                if is_trait || methods.contains("    pub ") {
                    checked += 1;
                    if !doc.copied().chain(methods.lines()).any(shown) {
                        lacking.push(format!("{folder}: {name}"));
                    }
                }
            }
        }
    }
    assert!(lacking.is_empty(), "without an example: {lacking:?}");
    assert!(checked >= 60, "{checked} types");
}

/// What a line declares: whether a trait, and the name.
fn public_type(line: &str) -> Option<(bool, &str)> {
    let words = ["pub struct ", "pub enum ", "pub trait "];
    let (word, rest) = words
        .iter()
        .find_map(|word| Some((word, line.strip_prefix(word)?)))?;
    let end = rest
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(rest.len());
    Some((word.contains("trait"), &rest[..end]))
}

/// The blocks of a file that add methods to a type.
fn inherent<'t>(text: &'t str, name: &str) -> String {
    let mut lines = text.lines();
    let mut found = String::new();
    while let Some(line) = lines.next() {
        let head = line
            .strip_prefix("impl")
            .filter(|head| !head.contains(" for "));
        let Some(head) = head.filter(|head| head.starts_with([' ', '<'])) else {
            continue;
        };
        let mut words = head.split(|c: char| !c.is_alphanumeric());
        if words.any(|word| word == name) {
            let block: Vec<&'t str> = lines.by_ref().take_while(|line| *line != "}").collect();
            found.push_str(&block.join("\n"));
        }
    }
    found
}

#[test]
fn the_architecture_names_files_that_exist() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let part = text.split("## What must stay true").nth(1).unwrap();
    let table = part.split("\n## ").next().unwrap();
    let mut checked = 0;
    for quoted in table.split('`').skip(1).step_by(2) {
        let is_path =
            quoted.contains('/') && !quoted.contains([' ', ':']) && !quoted.starts_with('/');
        if is_path {
            let below = ["", "scim-server/src/"].map(|prefix| root().join(prefix).join(quoted));
            assert!(below.iter().any(|path| path.exists()), "{quoted}");
            checked += 1;
        }
    }
    assert!(checked >= 10, "{checked} paths");
}

/// Tests that start servers run one at a time, and `cargo xtask soak` finds those with rounds: by
/// their names.
#[test]
fn tests_with_servers_are_named_so() {
    let mut checked = 0;
    for (name, text) in files("conformance-tests/tests", "rs") {
        if !text.contains("\nmod support;") {
            continue;
        }
        for part in text.split("#[tokio::test").skip(1) {
            let (_, test) = part.split_once("async fn ").unwrap();
            let named = test.starts_with("process_") || test.starts_with("soak_");
            assert!(
                named,
                "{name}: {}",
                test.split('(').next().unwrap_or_default()
            );
            checked += 1;
        }
    }
    assert!(checked >= 10, "{checked} tests");
}
