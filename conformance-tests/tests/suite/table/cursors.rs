//! Faults in paging by cursor.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::json;

use super::{Fault, drop_member};

/// The filters that cursors were made for.
static CURSORS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "ignores cursor",
        within: &["RFC9865"],
        breaks: &[
            "RFC9865-2-a",
            "RFC9865-2-b",
            "RFC9865-2-f",
            "RFC9865-2.1-a",
            "RFC9865-2.1-b",
            "RFC9865-2.1-c",
            "RFC9865-2.1-d",
            "RFC9865-2.2-a",
        ],
        asked: |a| {
            a.forget(&["cursor"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "tells no nextCursor",
        within: &["RFC9865"],
        breaks: &[
            "RFC9865-2-a",
            "RFC9865-2-b",
            "RFC9865-2-f",
            "RFC9865-2.1-c",
            "RFC9865-2.1-d",
            "RFC9865-2.2-a",
            "RFC9865-3-a",
        ],
        asked: |_| None,
        told: |_, t| {
            t.json(|body| drop_member(body, "nextCursor"));
        },
    },
    Fault {
        name: "tells nextCursor on the last page, too",
        within: &["RFC9865"],
        breaks: &["RFC9865-2-b", "RFC9865-2-c", "RFC9865-2.3-b"],
        asked: |_| None,
        told: |_, t| {
            t.json(|body| {
                if body["Resources"].is_array() && body.get("nextCursor").is_none() {
                    body["nextCursor"] = json!("more");
                }
            });
        },
    },
    Fault {
        name: "tells previousCursor on the first page",
        within: &["RFC9865"],
        breaks: &["RFC9865-2-d"],
        asked: |_| None,
        told: |_, t| {
            t.json(|body| {
                if body["Resources"].is_array() && body.get("previousCursor").is_none() {
                    body["previousCursor"] = json!("before");
                }
            });
        },
    },
    Fault {
        name: "takes a cursor with any filter",
        within: &["RFC9865"],
        breaks: &["RFC9865-2.1-c", "RFC9865-2.1-d"],
        asked: |a| {
            let issued = CURSORS.lock().expect("nobody panics");
            if let Some(filter) = issued.get(a.parameter("cursor")) {
                a.forget(&["filter"]);
                a.query.push(("filter".to_owned(), filter.clone()));
            }
            None
        },
        told: |a, t| {
            t.json(|body| {
                if let Some(next) = body["nextCursor"].as_str() {
                    let mut issued = CURSORS.lock().expect("nobody panics");
                    issued.insert(next.to_owned(), a.parameter("filter").to_owned());
                }
            });
        },
    },
    Fault {
        name: "starts again at a cursor that it does not know",
        within: &["RFC9865"],
        breaks: &["RFC9865-2.1-a", "RFC9865-2.1-b"],
        asked: |a| {
            let issued = CURSORS.lock().expect("nobody panics");
            if !issued.contains_key(a.parameter("cursor")) && !a.parameter("cursor").is_empty() {
                for (name, value) in &mut a.query {
                    if name == "cursor" {
                        value.clear();
                    }
                }
            }
            None
        },
        told: |a, t| {
            t.json(|body| {
                if let Some(next) = body["nextCursor"].as_str() {
                    let mut issued = CURSORS.lock().expect("nobody panics");
                    issued.insert(next.to_owned(), a.parameter("filter").to_owned());
                }
            });
        },
    },
    Fault {
        name: "spells cursors with signs that a query needs",
        within: &["RFC9865"],
        breaks: &["RFC9865-2-f", "RFC9865-3-a"],
        asked: |a| {
            for (name, value) in &mut a.query {
                if name == "cursor" {
                    *value = value.trim_end_matches('=').to_owned();
                }
            }
            None
        },
        told: |_, t| {
            t.json(|body| {
                if let Some(next) = body["nextCursor"].as_str().map(|it| format!("{it}==")) {
                    body["nextCursor"] = json!(next);
                }
            });
        },
    },
    Fault {
        name: "answers the first page to every cursor",
        within: &["RFC9865"],
        breaks: &[
            "RFC9865-2-b",
            "RFC9865-2.1-a",
            "RFC9865-2.1-b",
            "RFC9865-2.1-c",
            "RFC9865-2.1-d",
            "RFC9865-2.2-a",
        ],
        asked: |a| {
            if !a.parameter("cursor").is_empty() {
                a.forget(&["cursor"]);
                a.query.push(("startIndex".to_owned(), "1".to_owned()));
            }
            None
        },
        told: |_, _| {},
    },
];
