//! Which attributes a body names, however it is written: nested, flattened, or as the operations of a
//! PATCH. Each is told as one path: `userName`, `name.givenName`, `emails[work].value`,
//! `enterprise:department`, `host:officeLocation`.

use scim_core::schema::{ENTERPRISE_USER_URN, USER_URN};
use serde_json::Value;

use crate::schemas::HOST_USER_URN;

/// Levels that are looked into; a SCIM resource has three.
const DEPTH_MAX: usize = 5;

/// Tells every attribute with a value; `null`, empty texts and empty lists take one away.
pub(super) fn each(body: &Value, tell: &mut dyn FnMut(&str, &Value)) {
    for_operations(body, &mut |op, path, value| {
        if !op.eq_ignore_ascii_case("remove") {
            let at = path.map(plain).unwrap_or_default();
            flatten(&at, value, DEPTH_MAX, tell);
        }
    });
    if body.get("Operations").is_none() {
        flatten("", body, DEPTH_MAX, tell);
    }
}

/// The operations of a PATCH: `op`, `path` and `value`.
pub(super) fn for_operations<'b>(
    body: &'b Value,
    tell: &mut dyn FnMut(&'b str, Option<&'b str>, &'b Value),
) {
    let operations = body["Operations"].as_array().into_iter().flatten();
    for operation in operations {
        let text = |name: &str| operation[name].as_str();
        tell(
            text("op").unwrap_or_default(),
            text("path"),
            &operation["value"],
        );
    }
}

fn flatten(at: &str, value: &Value, depth: usize, tell: &mut dyn FnMut(&str, &Value)) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let key = plain(key);
                let path = match at {
                    "" => key,
                    "enterprise" | "host" => format!("{at}:{key}"),
                    _ => format!("{at}.{key}"),
                };
                flatten(&path, value, depth - 1, tell);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                let kind = element["type"].as_str().unwrap_or_default();
                flatten(&format!("{at}[{kind}]"), element, depth - 1, tell);
            }
        }
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        value if !at.is_empty() => tell(at, value),
        _ => {}
    }
}

/// A path without URNs and with the type alone in its brackets.
fn plain(path: &str) -> String {
    let path = without_urn(path);
    match path.split_once('[') {
        Some((name, rest)) => {
            let (condition, rest) = rest.split_once(']').unwrap_or((rest, ""));
            let kind = match condition.split_once(" eq ") {
                Some((attribute, kind)) if attribute.trim() == "type" => {
                    kind.trim().trim_matches('"')
                }
                _ => "",
            };
            format!("{name}[{kind}]{rest}")
        }
        None => path,
    }
}

fn without_urn(path: &str) -> String {
    for (urn, short) in [
        (ENTERPRISE_USER_URN, "enterprise"),
        (HOST_USER_URN, "host"),
        (USER_URN, ""),
    ] {
        let beginning = path.get(..urn.len());
        if beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(urn)) {
            let rest = path.get(urn.len()..).unwrap_or_default();
            let rest = rest.trim_start_matches([':', '.']);
            return match (short, rest) {
                ("", rest) => rest.to_owned(),
                (short, "") => short.to_owned(),
                (short, rest) => format!("{short}:{rest}"),
            };
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(body: &Value) -> String {
        let mut told = Vec::new();
        each(body, &mut |path, _| told.push(path.to_owned()));
        told.join(" ")
    }

    macro_rules! check {
        ($body:tt, @$shown:literal) => { insta::assert_snapshot!(told(&json!($body)), @$shown) };
    }

    #[test]
    fn resources() {
        check!({"userName": "a", "title": "", "roles": [], "active": false}, @"userName active");
        check!({"name": {"givenName": "A"}, "emails": [{"type": "work", "value": "a"}, {"value": "b"}]}, @"name.givenName emails[work].type emails[work].value emails[].value");
        check!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "X", "manager": {"value": "7"}}}, @"enterprise:department enterprise:manager.value");
        check!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department": "X"}, @"enterprise:department");
    }

    #[test]
    fn operations() {
        check!({"Operations": [{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a"}]}, @"emails[work].value");
        check!({"Operations": [{"op": "Replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "7"}]}, @"enterprise:manager");
        check!({"Operations": [{"op": "replace", "value": {"name.givenName": "A", "title": null}}, {"op": "remove", "path": "title"}]}, @"name.givenName");
        check!({"Operations": [{"op": "replace", "path": "urn:ietf:params:scim:schemas:extension:visitorhost:2.0:User", "value": {"officeLocation": "Q"}}]}, @"host:officeLocation");
    }
}
