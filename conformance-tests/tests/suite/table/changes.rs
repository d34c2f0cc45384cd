//! Faults in how resources change and go.

use serde_json::json;

use super::{Fault, drop_member};
use crate::front::Told;

pub(super) static FAULTS: &[Fault] = &[
    Fault {
        name: "answers 204 to PATCH",
        within: &[
            "RFC7644-3.5.2-",
            "RFC7644-3.5.2.3",
            "ENTRA-patch-",
            "OKTA-deactivate",
        ],
        breaks: &["ENTRA-patch-user-answer", "RFC7644-3.5.2-b"],
        asked: |_| None,
        told: |a, t| {
            if a.method == "PATCH" && t.status == 200 {
                t.status = 204;
                t.body.clear();
            }
        },
    },
    Fault {
        name: "answers PATCH without doing anything",
        within: &[
            "RFC7644-3.5.2.3-a",
            "RFC7644-3.5.2.1-a",
            "RFC7644-3.5.2.2-f",
            "ENTRA-disable-fl",
            "OKTA-deactivate",
            "ENTRA-patch-capital",
        ],
        breaks: &[
            "ENTRA-disable-flagged",
            "ENTRA-patch-capital-ops",
            "OKTA-deactivate-by-patch",
            "RFC7644-3.5.2.1-a",
            "RFC7644-3.5.2.2-f",
            "RFC7644-3.5.2.3-a",
        ],
        asked: |a| {
            if a.method == "PATCH" {
                "GET".clone_into(&mut a.method);
                a.body.clear();
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "answers PUT without doing anything",
        within: &[
            "RFC7644-3.5.1",
            "OKTA-group-by",
            "OKTA-deactivate-by-put",
            "RAUTHY-put",
            "PING-put",
        ],
        breaks: &[
            "OKTA-deactivate-by-put",
            "OKTA-group-by-put",
            "PING-put-group",
            "RAUTHY-put-user",
            "RFC7644-3.5.1-a",
            "RFC7644-3.5.1-b",
            "RFC7644-3.5.1-c",
            "RFC7644-3.5.1-g",
            "RFC7644-3.5.1-h",
            "RFC7644-3.5.1-j",
            "RFC7644-3.5.1-k",
            "RFC7644-3.5.1-l",
            "RFC7644-3.5.1-m",
            "RFC7644-3.5.1-n",
            "RFC7644-3.5.1-o",
        ],
        asked: |a| {
            if a.method == "PUT" {
                "GET".clone_into(&mut a.method);
                a.body.clear();
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "replaces members where it should add",
        within: &[
            "RFC7644-3.5.2.1",
            "ENTRA-add",
            "OKTA-add",
            "OKTA-rename-and",
            "OTHERS-member",
            "IPSIE-fifty",
        ],
        breaks: &[
            "ENTRA-add-member",
            "ENTRA-add-several-members",
            "IPSIE-fifty-member-operations",
            "OKTA-add-member",
            "OKTA-rename-and-add",
            "OTHERS-member-is-not-lost",
            "RFC7644-3.5.2.1-i",
        ],
        asked: |a| {
            a.operations(|it| {
                if it["path"] == "members"
                    && it["op"]
                        .as_str()
                        .is_some_and(|op| op.eq_ignore_ascii_case("add"))
                {
                    it["op"] = json!("replace");
                }
            });
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "wipes members on rename",
        within: &["OKTA-rename", "RFC7644-3.5.2-x", "ENTRA-rename", "OKTA-add"],
        breaks: &["OKTA-rename-and-add", "OKTA-rename-keeps-members"],
        asked: |a| {
            a.operations(|it| {
                if it["value"]["displayName"].is_string() && it.get("path").is_none() {
                    it["value"]["members"] = json!([]);
                }
            });
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "removes everybody where a value names whom",
        within: &[
            "ENTRA-remove",
            "JUMPCLOUD-rem",
            "PING-rem",
            "RFC7644-3.5.2.2-",
        ],
        breaks: &[
            "ENTRA-remove-member-by-value",
            "ENTRA-remove-missing-member",
            "JUMPCLOUD-remove-member",
            "PING-remove-member",
        ],
        asked: |a| {
            a.operations(|it| {
                if it["path"] == "members"
                    && it["op"]
                        .as_str()
                        .is_some_and(|op| op.eq_ignore_ascii_case("remove"))
                {
                    drop_member(it, "value");
                }
            });
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "passes over a remove with a filter",
        within: &["RFC7644-3.5.2.2", "ENTRA-remove", "OKTA-remove"],
        breaks: &[
            "ENTRA-remove-member-by-path",
            "OKTA-remove-member",
            "RFC7644-3.5.2.2-f",
            "RFC7644-3.5.2.2-l",
            "RFC7644-3.5.2.2-m",
        ],
        asked: |a| {
            if a.method == "PATCH"
                && a.body.contains("\"op\":\"remove\"")
                && a.body.contains("members[")
            {
                "GET".clone_into(&mut a.method);
                a.body.clear();
            }
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "refuses operations in capitals",
        within: &["ENTRA-", "RFC7644-3.5.2-g"],
        breaks: &[
            "ENTRA-add-member",
            "ENTRA-add-member-again",
            "ENTRA-add-several-members",
            "ENTRA-clear-with-empty-text",
            "ENTRA-clear-with-null",
            "ENTRA-disable-as-text",
            "ENTRA-disabled-is-found",
            "ENTRA-enable-as-text",
            "ENTRA-group-external-id",
            "ENTRA-manager-again",
            "ENTRA-manager-as-list",
            "ENTRA-manager-as-text",
            "ENTRA-manager-cleared",
            "ENTRA-manager-removed",
            "ENTRA-patch-capital-ops",
            "ENTRA-patch-creates-beside",
            "ENTRA-patch-creates-one-address",
            "ENTRA-patch-creates-value",
            "ENTRA-patch-existing-value",
            "ENTRA-patch-extension",
            "ENTRA-patch-group-answer",
            "ENTRA-patch-one-miss",
            "ENTRA-patch-user-answer",
            "ENTRA-remove-email",
            "ENTRA-remove-member-by-value",
            "ENTRA-remove-missing-member",
            "ENTRA-rename-group",
            "ENTRA-reprovision",
            "ENTRA-roles-as-json-text",
            "ENTRA-roles-path",
            "ENTRA-roles-replaced",
            "ENTRA-undeclared-patch",
            "ENTRA-unknown-attribute",
        ],
        asked: |a| {
            let capital = ["\"Add\"", "\"Replace\"", "\"Remove\""]
                .iter()
                .any(|op| a.body.contains(op));
            (a.method == "PATCH" && capital).then(|| Told::error(400, "invalidSyntax"))
        },
        told: |_, _| {},
    },
    Fault {
        name: "refuses booleans as text",
        within: &["ENTRA-", "ONELOGIN-", "KEYCLOAK"],
        breaks: &[
            "ENTRA-create-roles-as-text",
            "ENTRA-disable-as-text",
            "ENTRA-enable-as-text",
            "KEYCLOAK-active-as-text",
            "ONELOGIN-create",
            "ONELOGIN-update",
        ],
        asked: |a| {
            let body = a.body.to_lowercase();
            let text = body.contains(":\"true\"") || body.contains(":\"false\"");
            (a.method != "GET" && text).then(|| Told::error(400, "invalidValue"))
        },
        told: |_, _| {},
    },
    Fault {
        name: "refuses an empty list of members",
        within: &["RFC7644-3.5.2.3-k", "OKTA-", "OTHERS-remove"],
        breaks: &[
            "OKTA-empty-group",
            "OTHERS-remove-members-null",
            "RFC7644-3.5.2.3-k",
        ],
        asked: |a| {
            a.body
                .contains("\"members\",\"value\":[]")
                .then(|| Told::error(400, "invalidValue"))
        },
        told: |_, _| {},
    },
    Fault {
        name: "keeps the first word of a text",
        within: &["RFC7644-3.5.2-u", "RFC7644-3.5.2.3", "RFC7644-3.5.2-v"],
        breaks: &["RFC7644-3.5.2-u"],
        asked: |a| {
            a.operations(|it| {
                if let Some(text) = it["value"].as_str().filter(|_| it["path"] == "displayName") {
                    it["value"] = json!(text.split(' ').next().unwrap_or_default());
                }
            });
            None
        },
        told: |_, _| {},
    },
    Fault {
        name: "creates with PUT",
        within: &["RFC7644-3.5.1-f", "RFC7644-3.6-c"],
        breaks: &["RFC7644-3.5.1-f", "RFC7644-3.6-c"],
        asked: |_| None,
        told: |a, t| {
            if a.method == "PUT" && t.status == 404 {
                t.status = 200;
                t.body = a.body.clone();
            }
        },
    },
    Fault {
        name: "never changes lastModified",
        within: &[
            "RFC7644-3.5.1-m",
            "RFC7644-3.5.2-t",
            "RFC7644-3.5.2.1-f",
            "RFC7644-3.3.1",
        ],
        breaks: &["RFC7644-3.5.1-m", "RFC7644-3.5.2-t"],
        asked: |_| None,
        told: |_, t| {
            t.resources(|found| {
                if found["meta"]["created"].is_string() {
                    found["meta"]["lastModified"] = found["meta"]["created"].clone();
                }
            });
        },
    },
    Fault {
        name: "answers 200 to DELETE",
        within: &[
            "RFC7644-3.6",
            "ENTRA-hard",
            "ENTRA-delete",
            "OKTA-delete",
            "JUMPCLOUD-act",
        ],
        breaks: &[
            "ENTRA-delete-twice",
            "ENTRA-hard-delete",
            "JUMPCLOUD-activation",
            "OKTA-delete-group",
            "RFC7644-3.6-a",
        ],
        asked: |_| None,
        told: |a, t| {
            if a.method == "DELETE" && t.status == 204 {
                t.status = 200;
            }
        },
    },
    Fault {
        name: "says that it deletes and does not",
        within: &[
            "RFC7644-3.6",
            "RFC7644-3.4.2.2-ah",
            "ENTRA-hard",
            "INTEROP-delete",
        ],
        breaks: &[
            "ENTRA-hard-delete",
            "INTEROP-delete-frees-name",
            "RFC7644-3.4.2.2-ah",
            "RFC7644-3.6-b",
            "RFC7644-3.6-c",
            "RFC7644-3.6-d",
            "RFC7644-3.6-e",
            "RFC7644-3.6-f",
            "RFC7644-3.6-g",
        ],
        asked: |a| {
            (a.method == "DELETE").then(|| Told {
                status: 204,
                headers: Vec::new(),
                body: String::new(),
            })
        },
        told: |_, _| {},
    },
    Fault {
        name: "refuses DELETE",
        within: &["RFC7644-3.6-a", "OKTA-delete"],
        breaks: &["OKTA-delete-group", "RFC7644-3.6-a"],
        asked: |a| (a.method == "DELETE").then(|| Told::error(405, "")),
        told: |_, _| {},
    },
];
