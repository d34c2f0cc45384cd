//! Faults in what queries find.

use serde_json::{Value, json};

use super::{Fault, drop_member};
use crate::front::Told;

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "ignores filter",
        within: &[
            "RFC7644-3.4.2-",
            "RFC7644-3.4.2.2-",
            "RFC7644-3.10-",
            "ENTRA-match",
            "IPSIE-filter",
        ],
        breaks: &[
            "ENTRA-match-any-case",
            "ENTRA-match-apostrophe",
            "ENTRA-match-external-id",
            "ENTRA-match-unknown-group",
            "ENTRA-match-unquoted",
            "ENTRA-match-work-email",
            "IPSIE-filter-email",
            "IPSIE-filter-external-id",
            "IPSIE-filter-group-external-id",
            "IPSIE-filter-user-name",
            "IPSIE-filter-work-email",
            "RFC7644-3.10-c",
            "RFC7644-3.10-d",
            "RFC7644-3.4.2-b",
            "RFC7644-3.4.2-d",
            "RFC7644-3.4.2.2-a",
            "RFC7644-3.4.2.2-aa",
            "RFC7644-3.4.2.2-ab",
            "RFC7644-3.4.2.2-ad",
            "RFC7644-3.4.2.2-ah",
            "RFC7644-3.4.2.2-b",
            "RFC7644-3.4.2.2-c",
            "RFC7644-3.4.2.2-d",
            "RFC7644-3.4.2.2-e",
            "RFC7644-3.4.2.2-f",
            "RFC7644-3.4.2.2-g",
            "RFC7644-3.4.2.2-h",
            "RFC7644-3.4.2.2-i",
            "RFC7644-3.4.2.2-j",
            "RFC7644-3.4.2.2-k",
            "RFC7644-3.4.2.2-l",
            "RFC7644-3.4.2.2-m",
            "RFC7644-3.4.2.2-n",
            "RFC7644-3.4.2.2-o",
            "RFC7644-3.4.2.2-p",
            "RFC7644-3.4.2.2-q",
            "RFC7644-3.4.2.2-r",
            "RFC7644-3.4.2.2-s",
            "RFC7644-3.4.2.2-t",
            "RFC7644-3.4.2.2-u",
            "RFC7644-3.4.2.2-v",
            "RFC7644-3.4.2.2-w",
            "RFC7644-3.4.2.2-x",
            "RFC7644-3.4.2.2-y",
            "RFC7644-3.4.2.2-z",
        ],
        asked: |a| {
            a.forget(&["filter"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "ignores count",
        within: &[
            "RFC7644-3.4.2",
            "OKTA-connector",
            "OKTA-import-p",
            "ENTRA-account",
        ],
        breaks: &[
            "ENTRA-account-discovery",
            "OKTA-connector-test",
            "OKTA-import-pages",
            "RFC7644-3.4.2.3-h",
            "RFC7644-3.4.2.4-a",
            "RFC7644-3.4.2.4-c",
            "RFC7644-3.4.2.4-d",
            "RFC7644-3.4.2.4-e",
            "RFC7644-3.4.2.4-f",
            "RFC7644-3.4.2.4-g",
            "RFC7644-3.4.2.4-j",
            "RFC7644-3.4.2.4-l",
        ],
        asked: |a| {
            a.forget(&["count"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "ignores startIndex",
        within: &[
            "RFC7644-3.4.2",
            "OKTA-connector",
            "OKTA-import-p",
            "OKTA-default",
            "ENTRA-account",
        ],
        breaks: &[
            "ENTRA-account-discovery",
            "OKTA-default-page",
            "OKTA-import-pages",
            "RFC7644-3.4.2.3-h",
            "RFC7644-3.4.2.4-c",
            "RFC7644-3.4.2.4-d",
            "RFC7644-3.4.2.4-h",
            "RFC7644-3.4.2.4-j",
        ],
        asked: |a| {
            a.forget(&["startIndex"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "ignores attributes",
        within: &[
            "RFC7644-3.9",
            "RFC7644-3.10",
            "RFC7644-3.5.2-b",
            "RFC7644-3.4.2.2",
        ],
        breaks: &[
            "RFC7644-3.10-a",
            "RFC7644-3.10-b",
            "RFC7644-3.5.2-b",
            "RFC7644-3.9-a",
            "RFC7644-3.9-b",
            "RFC7644-3.9-e",
            "RFC7644-3.9-h",
        ],
        asked: |a| {
            a.forget(&["attributes"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "ignores excludedAttributes",
        within: &["RFC7644-3.9", "ENTRA-read", "ENTRA-match", "RFC7644-3.14"],
        breaks: &[
            "ENTRA-match-group",
            "ENTRA-read-group-without-members",
            "RFC7644-3.14-d",
            "RFC7644-3.9-c",
            "RFC7644-3.9-f",
            "RFC7644-3.9-g",
            "RFC7644-3.9-h",
        ],
        asked: |a| {
            a.forget(&["excludedAttributes"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "ignores sortBy",
        within: &["RFC7644-3.4.2.3", "RFC7644-3.4.2.4"],
        breaks: &[
            "RFC7644-3.4.2.3-a",
            "RFC7644-3.4.2.3-b",
            "RFC7644-3.4.2.3-c",
            "RFC7644-3.4.2.3-d",
            "RFC7644-3.4.2.3-e",
            "RFC7644-3.4.2.3-f",
            "RFC7644-3.4.2.3-g",
            "RFC7644-3.4.2.3-h",
        ],
        asked: |a| {
            a.forget(&["sortBy"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "ignores sortOrder",
        within: &["RFC7644-3.4.2.3"],
        breaks: &[
            "RFC7644-3.4.2.3-b",
            "RFC7644-3.4.2.3-e",
            "RFC7644-3.4.2.3-g",
        ],
        asked: |a| {
            a.forget(&["sortOrder"]);
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "sorts by code points",
        within: &["RFC7644-3.4.2.3"],
        breaks: &["RFC7644-3.4.2.3-d"],
        asked: |_| None,
        told: |a, t| {
            if a.parameter("sortBy") == "displayName" {
                t.json(|body| {
                    if let Some(listed) = body["Resources"].as_array_mut() {
                        listed.sort_by_key(|it| it["displayName"].to_string());
                    }
                });
            }
        },
    },
    Fault {
        name: "reads a plus sign as a space",
        within: &["RFC7644-3.4.2.2"],
        breaks: &["RFC7644-3.4.2.2-w", "RFC7644-3.4.2.2-y"],
        asked: |a| {
            for (_, value) in &mut a.query {
                *value = value.replace('+', " ");
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "answers 404 where nothing matches",
        within: &[
            "RFC7644-3.4.2-",
            "RFC7644-3.4.2.2-",
            "ENTRA-connection",
            "ENTRA-match",
            "OKTA-look",
            "ONELOGIN-conn",
            "RIPPLING",
            "ENTRA-flag",
        ],
        breaks: &[
            "ENTRA-connection-test",
            "ENTRA-flag-in-the-query",
            "ENTRA-match-unknown-group",
            "RFC7644-3.4.2-b",
            "RFC7644-3.4.2.2-ah",
            "RFC7644-3.4.2.2-c",
            "RFC7644-3.4.2.2-s",
            "RFC7644-3.4.2.2-w",
            "RFC7644-3.4.2.2-z",
            "RIPPLING-external-id",
        ],
        asked: |_| None,
        told: |_, t| {
            if t.status == 200 && t.body.contains("\"totalResults\":0") {
                *t = Told::error(404, "");
            }
        },
    },
    Fault {
        name: "takes a filter that it cannot read for none",
        within: &[
            "RFC7644-3.4.2.2",
            "RFC7644-3.4.3",
            "RFC7644-3.12",
            "SNOWFLAKE",
            "INTEROP-unknown",
        ],
        breaks: &[
            "INTEROP-unknown-filter-attribute",
            "RFC7644-3.12-f",
            "RFC7644-3.4.2.2-ab",
            "RFC7644-3.4.2.2-v",
            "SNOWFLAKE-unsupported-filter",
        ],
        asked: |_| None,
        told: |a, t| {
            if t.status == 400 && !a.parameter("filter").is_empty() {
                t.status = 200;
                t.body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}"#.to_owned();
            }
        },
    },
    Fault {
        name: "matches attribute names in filters by case",
        within: &["RFC7644-3.4.2.2"],
        breaks: &["RFC7644-3.4.2.2-p"],
        asked: |a| {
            a.parameter("filter")
                .starts_with("USERNAME")
                .then(|| Told::error(400, "invalidFilter"))
        },
        told: |_, _| {},
    },
    Fault {
        name: "compares filters by case",
        within: &["RFC7644-3.4.2.2", "ENTRA-match"],
        breaks: &["ENTRA-match-any-case", "RFC7644-3.4.2.2-b"],
        asked: |a| {
            if a.parameter("filter").contains("EXAMPLE.COM") {
                return Some(Told {
                    status: 200,
                    headers: vec![("content-type".to_owned(), "application/scim+json".to_owned())],
                    body: r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}"#.to_owned(),
                });
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "tells the count that was asked for as itemsPerPage",
        within: &["RFC7644-3.4.2", "OKTA-"],
        breaks: &["OKTA-default-page", "RFC7644-3.4.2.4-c"],
        asked: |_| None,
        told: |a, t| {
            let count: Option<u64> = a.parameter("count").parse().ok();
            if let Some(count) = count {
                t.json(|body| {
                    if body["itemsPerPage"].is_u64() {
                        body["itemsPerPage"] = json!(count);
                    }
                });
            }
        },
    },
    Fault {
        name: "tells the page as totalResults",
        within: &["RFC7644-3.4.2.4", "RFC7644-3.4.3", "OKTA-default"],
        breaks: &[
            "OKTA-default-page",
            "RFC7644-3.4.2.4-b",
            "RFC7644-3.4.2.4-e",
            "RFC7644-3.4.2.4-h",
            "RFC7644-3.4.3-b",
        ],
        asked: |_| None,
        told: |_, t| {
            t.json(|body| {
                if let Some(here) = body["Resources"].as_array().map(Vec::len) {
                    body["totalResults"] = json!(here);
                }
            });
        },
    },
    Fault {
        name: "tells totalResults as text",
        within: &["RFC7644-3.4.2.4"],
        breaks: &[
            "RFC7644-3.4.2.4-a",
            "RFC7644-3.4.2.4-b",
            "RFC7644-3.4.2.4-c",
            "RFC7644-3.4.2.4-d",
            "RFC7644-3.4.2.4-e",
            "RFC7644-3.4.2.4-f",
            "RFC7644-3.4.2.4-g",
            "RFC7644-3.4.2.4-h",
            "RFC7644-3.4.2.4-i",
            "RFC7644-3.4.2.4-j",
            "RFC7644-3.4.2.4-k",
            "RFC7644-3.4.2.4-m",
        ],
        asked: |_| None,
        told: |_, t| {
            t.json(|body| {
                if body["totalResults"].is_u64() {
                    body["totalResults"] = json!(body["totalResults"].to_string());
                }
            });
        },
    },
    Fault {
        name: "shows other resources in lists than alone",
        within: &["RFC7644-3.4.2-", "RFC7644-3.4.2.2"],
        breaks: &["RFC7644-3.4.2-d"],
        asked: |_| None,
        told: |_, t| {
            t.json(|body| {
                if let Some(listed) = body.get_mut("Resources").and_then(Value::as_array_mut) {
                    for found in listed {
                        drop_member(found, "name");
                    }
                }
            });
        },
    },
    Fault {
        name: "turns the order round at every other page",
        within: &["RFC7644-3.4.2.4", "OKTA-import-p", "ENTRA-account"],
        breaks: &[
            "ENTRA-account-discovery",
            "OKTA-import-pages",
            "RFC7644-3.4.2.4-d",
            "RFC7644-3.4.2.4-j",
        ],
        asked: |a| {
            if a.parameter("startIndex") == "3" || a.parameter("startIndex") == "4" {
                a.query.push(("sortBy".to_owned(), "id".to_owned()));
                a.query
                    .push(("sortOrder".to_owned(), "descending".to_owned()));
            }
            None
        },
        told: |_, _| {},
    },
];
