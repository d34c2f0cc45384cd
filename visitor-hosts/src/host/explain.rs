//! Why is a Host visible, hidden or suspended? Every rule answers, whether it decides or not.

use std::collections::{BTreeSet, HashMap};

use scim_core::ResourceId;
use scim_server::Error;
use scim_server::store::Transaction;
use serde_json::{Map, Value, json};

use super::status::{self, Reason};
use crate::ownership::Conflict;

/// URN of the answer to `explain`.
const EXPLANATION_URN: &str = "urn:visitor-hosts:scim:api:messages:1.0:Explanation";

/// The names of the connections that caused what holds, by their ids.
pub(super) async fn sources(
    tx: &mut Transaction<'_>,
    host: &Map<String, Value>,
) -> Result<HashMap<String, String>, Error> {
    let ids: BTreeSet<&str> = status::reasons(host)
        .filter_map(|(_, reason)| reason.get("source")?.as_str())
        .collect();
    let mut names = HashMap::new();
    for id in ids {
        let Ok(connection) = id.parse() else {
            continue;
        };
        if let Some(token) = tx.token(connection).await? {
            names.insert(id.to_owned(), token.name);
        }
    }
    Ok(names)
}

/// What every rule says, in the order in which they decide.
pub(super) fn explanation(
    id: ResourceId,
    host: &Map<String, Value>,
    names: &HashMap<String, String>,
) -> Value {
    let status = host.get("effectiveStatus").and_then(Value::as_str);
    let mut decided = false;
    let rules: Vec<Value> = Reason::ALL
        .into_iter()
        .map(|rule| {
            let mut reasons = status::reasons(host);
            let found = reasons.find(|(reason, _)| *reason == Some(rule));
            let decides = found.is_some() && rule.status().is_some() && !decided;
            decided |= decides;
            said(rule, found.map(|(_, reason)| reason), decides, names)
        })
        .collect();
    json!({
        "schemas": [EXPLANATION_URN],
        "host": { "value": id.to_string(), "display": host.get("displayName") },
        "effectiveStatus": status,
        "summary": summary(status),
        "rules": rules,
    })
}

/// The same with the further Users of the Host, and whom it is compared with until somebody decides.
pub(super) fn with_conflicts(
    mut told: Value,
    host: &Map<String, Value>,
    conflicts: &[Conflict],
) -> Value {
    let Some(map) = told.as_object_mut() else {
        return told;
    };
    if let Some(further) = host.get("furtherSources") {
        map.insert("furtherSources".to_owned(), further.clone());
    }
    if !conflicts.is_empty() {
        let open = conflicts.iter().map(|conflict| {
            let part = |name: &str| conflict.map.get(name);
            json!({
                "value": conflict.id().to_string(),
                "kind": part("kind"),
                "evidence": part("evidence"),
                "connection": part("connection"),
            })
        });
        map.insert("openConflicts".to_owned(), open.collect());
    }
    told
}

/// What may be told to everybody.
fn summary(status: Option<&str>) -> &'static str {
    match status {
        Some("visible" | "heldVisible") => "This person can be picked as a host.",
        _ => "This person cannot be picked as a host now.",
    }
}

fn said(
    rule: Reason,
    reason: Option<&Value>,
    decides: bool,
    names: &HashMap<String, String>,
) -> Value {
    let mut said = Map::new();
    said.insert("code".to_owned(), json!(rule.code()));
    said.insert("holds".to_owned(), json!(reason.is_some()));
    said.insert("decides".to_owned(), json!(decides));
    said.insert("meaning".to_owned(), json!(meaning(rule)));
    if let Some(since) = reason.and_then(|reason| reason.get("since")) {
        said.insert("since".to_owned(), since.clone());
    }
    if let Some(source) = reason.and_then(|reason| reason.get("source")?.as_str()) {
        let source = crate::reference::to(&source, names.get(source).map(String::as_str));
        said.insert("source".to_owned(), source);
    }
    Value::Object(said)
}

/// What it means that the rule holds.
fn meaning(rule: Reason) -> &'static str {
    match rule {
        Reason::ManualSuspension => "somebody suspended the host; the action resume ends that",
        Reason::MassDeactivationHold => {
            "the directory hides many at once; the effect waits until somebody decides on the change set"
        }
        Reason::Undo => {
            "somebody undid the change set that hid the host; that lasts until the connection says anything else of the person"
        }
        Reason::UndoHides => {
            "somebody undid the change set that showed the host; that lasts until the connection says anything else of the person"
        }
        Reason::IdpDeleted => "the connection that brought the person deleted their User",
        Reason::IdpInactive => "the connection says active=false",
        Reason::HostVisibleFalse => "the connection says hostVisible=false",
        Reason::NoContactRoute => {
            "a warning: there is neither a work e-mail address nor another channel for notices"
        }
        Reason::OfficeUnresolved => "a warning: the office name leads to no location",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::status::{Facts, decide_for_directory, suspend};

    const WELL: Facts = Facts {
        user_exists: true,
        active: true,
        host_visible: true,
    };

    /// The rules that hold, one after the other; what decides stands in capitals.
    fn told(mut host: Value, facts: &[Facts], suspended: bool) -> String {
        let host = host.as_object_mut().unwrap();
        for (day, facts) in facts.iter().enumerate() {
            decide_for_directory(host, *facts, &format!("day {day}"), Some("e"));
        }
        if suspended {
            suspend(host, true, "later", "r");
        }
        let names = [("e", "Entra"), ("r", "Reception")];
        let names = names
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .into();
        let id = ResourceId::new(uuid::Uuid::nil());
        let explained = explanation(id, host, &names);
        let mut lines = vec![explained["effectiveStatus"].as_str().unwrap().to_owned()];
        for rule in explained["rules"].as_array().unwrap() {
            if rule["holds"] == true {
                let code = rule["code"].as_str().unwrap();
                let code = match rule["decides"] == true {
                    true => code.to_uppercase(),
                    false => code.to_owned(),
                };
                let since = rule["since"].as_str().unwrap();
                let by = rule["source"]["display"].as_str().unwrap();
                lines.push(format!("{code} since {since} by {by}"));
            }
        }
        lines.join("; ")
    }

    macro_rules! check {
        ($host:tt, $facts:expr, $suspended:literal, @$told:literal) => {
            insta::assert_snapshot!(told(json!($host), &$facts, $suspended), @$told)
        };
    }

    #[test]
    fn each_rule_alone() {
        check!({ "email": "a" }, [WELL], false, @"visible");
        check!({ "email": "a" }, [WELL], true, @"suspended; MANUALSUSPENSION since later by Reception");
        check!({ "email": "a" }, [WELL, Facts::GONE], false, @"hidden; IDPDELETED since day 1 by Entra");
        check!({ "email": "a" }, [WELL, Facts { active: false, ..WELL }], false, @"hidden; IDPINACTIVE since day 1 by Entra");
        check!({ "email": "a" }, [Facts { host_visible: false, ..WELL }], false, @"hidden; HOSTVISIBLEFALSE since day 0 by Entra");
        check!({}, [WELL], false, @"visible; noContactRoute since day 0 by Entra");
        check!({ "email": "a", "officeLocation": "Quay" }, [WELL], false, @"visible; officeUnresolved since day 0 by Entra");
    }

    #[test]
    fn several_rules_together() {
        let inactive = Facts {
            active: false,
            ..WELL
        };
        let neither = Facts {
            host_visible: false,
            ..inactive
        };
        check!({ "email": "a" }, [WELL, inactive, neither], false, @"hidden; IDPINACTIVE since day 1 by Entra; hostVisibleFalse since day 2 by Entra");
        check!({ "email": "a" }, [neither, inactive], true, @"suspended; MANUALSUSPENSION since later by Reception; idpInactive since day 0 by Entra");
        check!({ "email": "a" }, [inactive, Facts::GONE], true, @"suspended; MANUALSUSPENSION since later by Reception; idpDeleted since day 1 by Entra");
        check!({ "email": "a" }, [inactive, WELL], false, @"visible");
        check!({ "officeLocation": "Quay" }, [WELL], false, @"visible; noContactRoute since day 0 by Entra; officeUnresolved since day 0 by Entra");
    }

    #[test]
    fn what_is_held_or_undone() {
        let inactive = Facts {
            active: false,
            ..WELL
        };
        check!({ "email": "a", "hold": { "changeSet": "s" } }, [WELL, inactive], false, @"heldVisible; MASSDEACTIVATIONHOLD since day 0 by Entra; idpInactive since day 1 by Entra");
        check!({ "email": "a", "hold": { "changeSet": "s", "reason": "undo" } }, [WELL, inactive], false, @"heldVisible; UNDO since day 0 by Entra; idpInactive since day 1 by Entra");
        check!({ "email": "a", "hold": { "changeSet": "s", "reason": "undo" } }, [WELL, inactive], true, @"suspended; MANUALSUSPENSION since later by Reception; undo since day 0 by Entra; idpInactive since day 1 by Entra");
        check!({ "email": "a", "hold": { "changeSet": "s", "reason": "undoHides" } }, [WELL], false, @"hidden; UNDOHIDES since day 0 by Entra");
    }

    #[test]
    fn the_answer() {
        let mut host = json!({ "displayName": "Kim", "email": "a" });
        let host = host.as_object_mut().unwrap();
        suspend(host, true, "2026-11-26T00:00:00.000Z", "r");
        let explained = explanation(ResourceId::new(uuid::Uuid::nil()), host, &HashMap::new());
        insta::assert_snapshot!(serde_json::to_string_pretty(&explained["rules"][0]).unwrap(), @r#"
        {
          "code": "manualSuspension",
          "holds": true,
          "decides": true,
          "meaning": "somebody suspended the host; the action resume ends that",
          "since": "2026-11-26T00:00:00.000Z",
          "source": {
            "value": "r"
          }
        }
        "#);
        assert_eq!(
            explained["rules"].as_array().unwrap().len(),
            Reason::ALL.len()
        );
        assert_eq!(explained["rules"][1]["holds"], false);
    }
}
