//! Faults in bulk operations.

use serde_json::{Value, json};

use super::{Fault, drop_member};
use crate::front::{Asked, Told};

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "tells no bulkId",
        within: &["RFC7644-3.7"],
        breaks: &[
            "RFC7644-3.7-b",
            "RFC7644-3.7-c",
            "RFC7644-3.7.1-a",
            "RFC7644-3.7.2-a",
            "RFC7644-3.7.2-b",
            "RFC7644-3.7.3-a",
            "RFC7644-3.7.3-b",
        ],
        asked: |_| None,
        told: |_, t| t.results(|result| drop_member(result, "bulkId")),
    },
    Fault {
        name: "tells status of results as a number",
        within: &["RFC7644-3.7"],
        breaks: &[
            "RFC7644-3.7-b",
            "RFC7644-3.7-d",
            "RFC7644-3.7.2-c",
            "RFC7644-3.7.3-a",
            "RFC7644-3.7.3-b",
        ],
        asked: |_| None,
        told: |_, t| {
            t.results(|result| {
                let status: Option<u16> = result["status"].as_str().and_then(|it| it.parse().ok());
                result["status"] = json!(status);
            });
        },
    },
    Fault {
        name: "tells no location of results",
        within: &["RFC7644-3.7"],
        breaks: &[
            "RFC7644-3.7-b",
            "RFC7644-3.7-c",
            "RFC7644-3.7-g",
            "RFC7644-3.7.1-a",
            "RFC7644-3.7.2-a",
            "RFC7644-3.7.2-b",
        ],
        asked: |_| None,
        told: |_, t| t.results(|result| drop_member(result, "location")),
    },
    Fault {
        name: "tells no error of a failed operation",
        within: &["RFC7644-3.7"],
        breaks: &["RFC7644-3.7.3-a"],
        asked: |_| None,
        told: |_, t| t.results(|result| drop_member(result, "response")),
    },
    Fault {
        name: "goes on after failOnErrors",
        within: &["RFC7644-3.7"],
        breaks: &["RFC7644-3.7.3-c"],
        asked: |a| {
            a.bulk(|body| drop_member(body, "failOnErrors"));
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "stops at the first failure",
        within: &["RFC7644-3.7"],
        breaks: &["RFC7644-3.7.3-b"],
        asked: |a| {
            a.bulk(|body| body["failOnErrors"] = json!(1));
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "does not know bulkId in data",
        within: &["RFC7644-3.7"],
        breaks: &["RFC7644-3.7.2-a", "RFC7644-3.7.2-b"],
        asked: |a| {
            if a.path == "/Bulk" {
                a.body = a.body.replace("bulkId:", "");
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "carries operations out in their order only",
        within: &["RFC7644-3.7"],
        breaks: &["RFC7644-3.7.2-b"],
        asked: |a| {
            let first = &a.json()["Operations"][0];
            first["data"]
                .to_string()
                .contains("bulkId:")
                .then(|| Told::error(409, ""))
        },
        told: |_, _| {},
    },
    Fault {
        name: "takes any number of operations",
        within: &["RFC7644-3.7"],
        breaks: &["RFC7644-3.7.4-a", "RFC7644-3.7.4-b"],
        asked: |_| None,
        told: |a, t| {
            if a.path == "/Bulk" && t.status == 413 {
                t.status = 200;
            }
        },
    },
    Fault {
        name: "needs no bulkId",
        within: &["RFC7644-3.7"],
        breaks: &["RFC7644-3.7-f"],
        asked: |a| {
            a.bulk(|body| {
                for operation in body["Operations"].as_array_mut().into_iter().flatten() {
                    if operation["method"] == "POST" && operation.get("bulkId").is_none() {
                        operation["bulkId"] = json!("made up");
                    }
                }
            });
            None
        },
        told: |_, _| {},
    },
];

impl Asked {
    /// Changes the body of a bulk request.
    fn bulk(&mut self, change: impl Fn(&mut Value)) {
        let mut body = self.json();
        if self.path == "/Bulk" && body.is_object() {
            change(&mut body);
            self.body = body.to_string();
        }
    }
}

impl Told {
    /// Changes each result of a bulk request.
    fn results(&mut self, change: impl Fn(&mut Value)) {
        self.json(|body| {
            let results = body.get_mut("Operations").and_then(Value::as_array_mut);
            results.into_iter().flatten().for_each(change);
        });
    }
}
