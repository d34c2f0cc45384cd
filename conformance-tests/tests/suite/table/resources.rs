//! Faults in what is created and shown.

use serde_json::{Value, json};

use super::{Fault, drop_member};
use crate::front::Told;

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "answers 200 to POST",
        within: &["RFC7644-3.3", "RFC7644-3.1-", "OKTA-create"],
        breaks: &[
            "OKTA-create-group",
            "OKTA-create-user",
            "RFC7644-3.1-a",
            "RFC7644-3.1-b",
            "RFC7644-3.3-a",
            "RFC7644-3.3-b",
            "RFC7644-3.3-c",
            "RFC7644-3.3-d",
            "RFC7644-3.3-e",
            "RFC7644-3.3-f",
            "RFC7644-3.3-g",
        ],
        asked: |_| None,
        told: |_, t| {
            if t.status == 201 {
                t.status = 200;
            }
        },
    },
    Fault {
        name: "sends no Location",
        within: &["RFC7644-3.3"],
        breaks: &["RFC7644-3.3-c", "RFC7644-3.3-d"],
        asked: |_| None,
        told: |_, t| {
            t.drop_header("location");
        },
    },
    Fault {
        name: "answers POST with an empty body",
        within: &["RFC7644-3.3-a", "RFC7644-3.3-b", "OKTA-create-user"],
        breaks: &["OKTA-create-user", "RFC7644-3.3-b"],
        asked: |_| None,
        told: |a, t| {
            if a.method == "POST" && t.status == 201 {
                t.body.clear();
            }
        },
    },
    Fault {
        name: "lets clients choose ids in its answer",
        within: &["RFC7644-3.3-"],
        breaks: &["RFC7644-3.3-e"],
        asked: |_| None,
        told: |a, t| {
            if t.status == 201 && a.json()["id"].is_string() {
                t.json(|body| body["id"] = a.json()["id"].clone());
            }
        },
    },
    Fault {
        name: "returns passwords",
        within: &["RFC7643-4.1.1", "OKTA-create-user", "OKTA-any"],
        breaks: &["OKTA-any-password", "OKTA-create-user", "RFC7643-4.1.1-c"],
        asked: |_| None,
        told: |a, t| {
            if t.status == 201 {
                t.json(|body| body["password"] = a.json()["password"].clone());
            }
        },
    },
    Fault {
        name: "answers 400 to duplicates",
        within: &[
            "RFC7644-3.3",
            "RFC7643-4.1.1",
            "RFC7644-3.5",
            "RFC7644-3.12",
            "OKTA-dup",
            "RIPPLING",
        ],
        breaks: &[
            "OKTA-duplicate",
            "RFC7643-4.1.1-b",
            "RFC7644-3.12-e",
            "RFC7644-3.3-h",
            "RFC7644-3.5.1-h",
            "RFC7644-3.5.2-q",
            "RIPPLING-retry",
        ],
        asked: |_| None,
        told: |_, t| {
            if t.status == 409 {
                *t = Told::error(400, "uniqueness");
            }
        },
    },
    Fault {
        name: "answers nulls",
        within: &["RFC7643-2.5", "RFC7644-3.3-a", "ENTRA-create"],
        breaks: &["RFC7643-2.5-b"],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                if found["id"].is_string() {
                    found["nickName"] = Value::Null;
                }
            });
        },
    },
    Fault {
        name: "answers active as text",
        within: &[
            "RFC7643-2.3",
            "ENTRA-disable",
            "ENTRA-enable",
            "OKTA-deactivate",
            "KEYCLOAK",
        ],
        breaks: &[
            "ENTRA-disable-as-text",
            "ENTRA-disable-flagged",
            "ENTRA-disabled-is-found",
            "ENTRA-enable-as-text",
            "KEYCLOAK-active-as-text",
            "OKTA-deactivate-by-patch",
            "OKTA-deactivate-by-put",
            "RFC7643-2.3-b",
        ],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                if let Some(active) = found.get("active").and_then(Value::as_bool) {
                    found["active"] = json!(active.to_string());
                }
            });
        },
    },
    Fault {
        name: "stores texts in small letters",
        within: &[
            "RFC7643-2.3",
            "RFC7643-3.1",
            "ENTRA-values",
            "RFC7644-3.3-b",
        ],
        breaks: &[
            "ENTRA-values-unmodified",
            "RFC7643-2.3-a",
            "RFC7643-2.3-c",
            "RFC7643-3.1-b",
        ],
        asked: |a| {
            if a.method == "POST" {
                let mut body = a.json();
                for name in ["userName", "displayName", "externalId"] {
                    if let Some(text) = body[name].as_str().map(str::to_lowercase) {
                        body[name] = json!(text);
                    }
                }
                if body.is_object() {
                    a.body = body.to_string();
                }
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "keeps one e-mail address",
        within: &[
            "RFC7643-2.4",
            "RFC7644-3.5.2.1",
            "ENTRA-patch-creates",
            "SCIMGATEWAY",
        ],
        breaks: &[
            "ENTRA-patch-creates-beside",
            "RFC7643-2.4-a",
            "RFC7644-3.5.2.1-d",
            "RFC7644-3.5.2.1-m",
            "SCIMGATEWAY-add-many-values",
        ],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                if let Some(emails) = found.get_mut("emails").and_then(Value::as_array_mut) {
                    emails.truncate(1);
                }
            });
        },
    },
    Fault {
        name: "leaves schemas out",
        within: &["RFC7643-3-", "RFC7643-3.3", "RFC7644-3.9"],
        breaks: &["RFC7643-3-b", "RFC7643-3.3-a", "RFC7644-3.9-d"],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                if found["userName"].is_string() {
                    drop_member(found, "schemas");
                }
            });
        },
    },
    Fault {
        name: "loses extensions",
        within: &[
            "RFC7643-3.3",
            "RFC7644-3.10",
            "RFC7644-3.5.2.1-n",
            "RFC7644-3.5.2.3-l",
            "ENTRA-patch-ext",
            "ENTRA-manager-as",
        ],
        breaks: &[
            "ENTRA-manager-as-list",
            "ENTRA-manager-as-text",
            "ENTRA-patch-extension",
            "RFC7643-3.3-a",
            "RFC7644-3.10-b",
            "RFC7644-3.10-e",
            "RFC7644-3.5.2.1-n",
            "RFC7644-3.5.2.3-l",
        ],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                drop_member(
                    found,
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                );
            });
        },
    },
    Fault {
        name: "tells no meta.location",
        within: &["RFC7644-3.3", "RFC7644-3.4.1"],
        breaks: &["RFC7644-3.3-c", "RFC7644-3.3.1-a", "RFC7644-3.4.1-d"],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                if let Some(meta) = found.get_mut("meta") {
                    drop_member(meta, "location");
                }
            });
        },
    },
    Fault {
        name: "derives no groups of users",
        within: &["RFC7643-4.1.2", "RFC7644-3.5.2.1-p", "RFC7644-3.4.1"],
        breaks: &["RFC7643-4.1.2-a", "RFC7644-3.5.2.1-p"],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| drop_member(found, "groups"));
        },
    },
    Fault {
        name: "tells members without type",
        within: &["RFC7643-4.2"],
        breaks: &["RFC7643-4.2-c"],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                for member in found
                    .get_mut("members")
                    .and_then(Value::as_array_mut)
                    .into_iter()
                    .flatten()
                {
                    drop_member(member, "type");
                }
            });
        },
    },
];
