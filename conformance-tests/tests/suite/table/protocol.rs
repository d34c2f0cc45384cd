//! Faults in versions, errors, media types and log-in.

use std::sync::Mutex;

use serde_json::json;

use super::Fault;
use crate::front::Told;

/// The last that was let in.
static SECRET: Mutex<String> = Mutex::new(String::new());

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "ignores If-Match",
        within: &["RFC7644-3.14"],
        breaks: &["RFC7644-3.14-f", "RFC7644-3.14-g", "RFC7644-3.14-h"],
        asked: |a| {
            a.headers.retain(|(name, _)| name != "if-match");
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "ignores If-None-Match",
        within: &["RFC7644-3.14"],
        breaks: &["RFC7644-3.14-d"],
        asked: |a| {
            a.headers.retain(|(name, _)| name != "if-none-match");
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "sends no ETag",
        within: &["RFC7644-3.14"],
        breaks: &[
            "RFC7644-3.14-a",
            "RFC7644-3.14-b",
            "RFC7644-3.14-c",
            "RFC7644-3.14-d",
            "RFC7644-3.14-i",
            "RFC7644-3.14-k",
        ],
        asked: |_| None,
        told: |_, t| {
            t.drop_header("etag");
        },
    },
    Fault {
        name: "answers errors of its own",
        within: &[
            "RFC7644-3.12",
            "RFC7644-2-",
            "OKTA-errors",
            "RFC7644-3.3-g",
            "RFC7644-3.3-h",
        ],
        breaks: &[
            "OKTA-errors-are-json",
            "RFC7644-2-g",
            "RFC7644-3.12-b",
            "RFC7644-3.12-c",
            "RFC7644-3.12-d",
            "RFC7644-3.12-e",
            "RFC7644-3.12-f",
            "RFC7644-3.12-g",
            "RFC7644-3.12-i",
            "RFC7644-3.12-j",
            "RFC7644-3.3-h",
        ],
        asked: |_| None,
        told: |_, t| {
            if t.status >= 400 {
                t.body = r#"{"error":"no"}"#.to_owned();
            }
        },
    },
    Fault {
        name: "tells status in errors as a number",
        within: &["RFC7644-3.12"],
        breaks: &["RFC7644-3.12-g"],
        asked: |_| None,
        told: |_, t| {
            if t.status >= 400 {
                let status = t.status;
                t.json(|body| body["status"] = json!(status));
            }
        },
    },
    Fault {
        name: "answers errors as text/html",
        within: &["RFC7644-3.8", "RFC7644-3.12"],
        breaks: &["RFC7644-3.8-c"],
        asked: |_| None,
        told: |_, t| {
            if t.status >= 400 {
                t.drop_header("content-type");
                t.headers
                    .push(("content-type".to_owned(), "text/html".to_owned()));
            }
        },
    },
    Fault {
        name: "makes scimTypes up",
        within: &["RFC7644-3.12"],
        breaks: &["RFC7644-3.12-h"],
        asked: |_| None,
        told: |_, t| {
            if t.status >= 400 {
                t.json(|body| body["scimType"] = json!("badThing"));
            }
        },
    },
    Fault {
        name: "adds members to errors",
        within: &["RFC7644-3.12"],
        breaks: &["RFC7644-3.12-j"],
        asked: |_| None,
        told: |_, t| {
            if t.status >= 400 {
                t.json(|body| body["trace"] = json!("line 1"));
            }
        },
    },
    Fault {
        name: "answers 500 to what is no JSON",
        within: &["RFC7644-3.12", "RFC7644-3.3-k"],
        breaks: &[
            "RFC7644-3.12-d",
            "RFC7644-3.12-h",
            "RFC7644-3.12-k",
            "RFC7644-3.3-k",
        ],
        asked: |_| None,
        told: |a, t| {
            if t.status == 400 && a.json().is_null() && a.method == "POST" {
                t.status = 500;
            }
        },
    },
    Fault {
        name: "speaks application/json only",
        within: &["RFC7644-3.8", "RFC7644-3.1"],
        breaks: &["RFC7644-3.8-a", "RFC7644-3.8-b", "RFC7644-3.8-c"],
        asked: |_| None,
        told: |_, t| {
            t.drop_header("content-type");
            t.headers
                .push(("content-type".to_owned(), "application/json".to_owned()));
        },
    },
    Fault {
        name: "refuses a charset",
        within: &["RFC7644-3.1", "OKTA-create-user"],
        breaks: &["OKTA-create-user", "RFC7644-3.1-b"],
        asked: |a| {
            a.header("content-type")
                .contains("charset")
                .then(|| Told::error(415, ""))
        },
        told: |_, _| {},
    },
    Fault {
        name: "refuses application/json",
        within: &["RFC7644-3.8", "RFC7644-3.1", "ENTRA-undeclared"],
        breaks: &["ENTRA-undeclared-patch", "RFC7644-3.8-d"],
        asked: |a| (a.header("content-type") == "application/json").then(|| Told::error(415, "")),
        told: |_, _| {},
    },
    Fault {
        name: "asks nobody who they are",
        within: &["RFC7644-2-"],
        breaks: &[
            "RFC7644-2-a",
            "RFC7644-2-b",
            "RFC7644-2-c",
            "RFC7644-2-d",
            "RFC7644-2-e",
            "RFC7644-2-f",
            "RFC7644-2-g",
            "RFC7644-2-h",
        ],
        asked: |a| {
            if !a.header("authorization").contains("scim_") {
                let secret = SECRET.lock().expect("nobody panics").clone();
                a.headers.retain(|(name, _)| name != "authorization");
                a.headers.push(("authorization".to_owned(), secret));
            } else {
                a.header("authorization")
                    .clone_into(&mut SECRET.lock().expect("nobody panics"));
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "sends no WWW-Authenticate",
        within: &["RFC7644-2-"],
        breaks: &["RFC7644-2-c"],
        asked: |_| None,
        told: |_, t| {
            t.drop_header("www-authenticate");
        },
    },
    Fault {
        name: "answers 403 where nobody has logged in",
        within: &["RFC7644-2-"],
        breaks: &[
            "RFC7644-2-a",
            "RFC7644-2-b",
            "RFC7644-2-c",
            "RFC7644-2-d",
            "RFC7644-2-e",
            "RFC7644-2-f",
            "RFC7644-2-g",
            "RFC7644-2-h",
        ],
        asked: |_| None,
        told: |_, t| {
            if t.status == 401 {
                t.status = 403;
            }
        },
    },
    Fault {
        name: "sends no Allow",
        within: &["RFC9110", "RFC7644-4"],
        breaks: &["RFC9110-15.5.6-a"],
        asked: |_| None,
        told: |_, t| {
            t.drop_header("allow");
        },
    },
];
