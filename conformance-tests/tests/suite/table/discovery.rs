//! Faults in what a server says about itself.

use serde_json::json;

use super::{Fault, drop_member};
use crate::front::Told;

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "lists schemas without a ListResponse",
        within: &["RFC7644-4", "RFC7643-7", "ENTRA-schemas"],
        breaks: &["ENTRA-schemas-without-nulls", "RFC7644-4-c", "RFC7644-4-f"],
        asked: |_| None,
        told: |a, t| {
            if a.path == "/Schemas" {
                t.json(|body| *body = body["Resources"].clone());
            }
        },
    },
    Fault {
        name: "does not serve single resource types",
        within: &["RFC7644-4", "SAILPOINT-res"],
        breaks: &["RFC7644-4-e", "SAILPOINT-resource-types"],
        asked: |a| {
            a.path
                .starts_with("/ResourceTypes/")
                .then(|| Told::error(404, ""))
        },
        told: |_, _| {},
    },
    Fault {
        name: "filters discovery",
        within: &["RFC7644-4"],
        breaks: &["RFC7644-4-g"],
        asked: |a| {
            if a.path == "/Schemas" {
                a.query.clear();
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "says nothing of sort",
        within: &["RFC7643-5", "RFC7644-4-a"],
        breaks: &["RFC7643-5-a"],
        asked: |_| None,
        told: |a, t| {
            if a.path == "/ServiceProviderConfig" {
                t.json(|body| drop_member(body, "sort"));
            }
        },
    },
    Fault {
        name: "lists a resource type that it does not serve",
        within: &["RFC7644-4", "RFC7643-6"],
        breaks: &["RFC7643-6-b", "RFC7644-4-e", "RFC7644-4-j"],
        asked: |_| None,
        told: |a, t| {
            if a.path == "/ResourceTypes" {
                t.json(|body| {
                    let robot = json!({"id": "Robot", "name": "Robot", "endpoint": "/Robots", "schema": "urn:example:Robot"});
                    if let Some(listed) = body["Resources"].as_array_mut() {
                        listed.push(robot);
                    }
                });
            }
        },
    },
    Fault {
        name: "declares userName caseExact",
        within: &["RFC7643-4.1.1", "INTEROP-user"],
        breaks: &["INTEROP-user-name-case", "RFC7643-4.1.1-a"],
        asked: |_| None,
        told: |a, t| {
            if a.path == "/Schemas" {
                *t = Told {
                    body: t
                        .body
                        .replacen(r#""caseExact":false"#, r#""caseExact":true"#, 1),
                    ..t.clone()
                };
            }
        },
    },
];
