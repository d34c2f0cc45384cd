//! How a request departs from the usual: as the feed recorded it, or as its body shows.

use serde::Serialize;
use serde_json::Value;

use super::event::Event;
use super::said;
use scim_core::schema::ENTERPRISE_USER_URN;

/// A departure that is counted.
///
/// ```
/// use visitor_hosts::compatibility::Quirk;
///
/// assert_eq!(Quirk::OpCase.name(), "opCase");
/// assert_eq!(Quirk::ALL.len(), 11);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Quirk {
    /// `op` was not written in lower case.
    OpCase,
    /// A boolean was sent as text.
    BoolString,
    /// A path led into a list without saying to which value: `emails.value`.
    ValuePathWithoutType,
    /// Members to be removed stood in the value of the operation.
    MemberRemoveByValue,
    /// Members to be removed stood in the path: `members[value eq "…"]`.
    MemberRemoveByFilter,
    /// An extension and its attribute were one key.
    UrnFlattening,
    /// An extension was used that `schemas` does not name.
    ExtensionUndeclared,
    /// A role came as JSON within a text.
    RolesAsJsonString,
    /// A manager came as text and not as an object.
    ManagerAsText,
    /// Attributes came that no schema has.
    UnknownAttributeIgnored,
    /// People were looked for, or named, by a text with special characters.
    SpecialCharacterFilter,
}

impl Quirk {
    /// All of them.
    pub const ALL: [Quirk; 11] = [
        Quirk::OpCase,
        Quirk::BoolString,
        Quirk::ValuePathWithoutType,
        Quirk::MemberRemoveByValue,
        Quirk::MemberRemoveByFilter,
        Quirk::UrnFlattening,
        Quirk::ExtensionUndeclared,
        Quirk::RolesAsJsonString,
        Quirk::ManagerAsText,
        Quirk::UnknownAttributeIgnored,
        Quirk::SpecialCharacterFilter,
    ];

    /// The word for it in reports and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Quirk::OpCase => "opCase",
            Quirk::BoolString => "boolString",
            Quirk::ValuePathWithoutType => "valuePathWithoutType",
            Quirk::MemberRemoveByValue => "memberRemoveByValue",
            Quirk::MemberRemoveByFilter => "memberRemoveByFilter",
            Quirk::UrnFlattening => "urnFlattening",
            Quirk::ExtensionUndeclared => "extensionUndeclared",
            Quirk::RolesAsJsonString => "rolesAsJsonString",
            Quirk::ManagerAsText => "managerAsText",
            Quirk::UnknownAttributeIgnored => "unknownAttributeIgnored",
            Quirk::SpecialCharacterFilter => "specialCharacterFilter",
        }
    }

    /// Those of a request. What was refused has no repairs on record, so the body is looked at too.
    pub(super) fn of(event: &Event) -> Vec<Quirk> {
        let recorded = |quirk: &Quirk| event.repairs.iter().any(|repair| repair == quirk.name());
        let shown = |quirk: &Quirk| match &event.body {
            Some(body) => quirk.shows_in(body),
            None => false,
        };
        let in_filter = |quirk: &Quirk| {
            *quirk == Quirk::SpecialCharacterFilter
                && event
                    .path
                    .as_deref()
                    .and_then(filter_value)
                    .is_some_and(|value| is_special(&value))
        };
        let all = Quirk::ALL.into_iter();
        all.filter(|quirk| recorded(quirk) || shown(quirk) || in_filter(quirk))
            .collect()
    }

    fn shows_in(self, body: &Value) -> bool {
        let mut shows = false;
        let is = |word: &str, text: &str| text.eq_ignore_ascii_case(word);
        match self {
            Quirk::OpCase => {
                said::for_operations(body, &mut |op, _, _| {
                    shows |= op.chars().any(char::is_uppercase);
                });
            }
            Quirk::BoolString => said::each(body, &mut |path, value| {
                let boolean = path == "active" || path.ends_with(".primary");
                shows |= boolean && value.is_string();
            }),
            Quirk::ValuePathWithoutType => {
                said::for_operations(body, &mut |op, path, _| {
                    let without = path.is_some_and(|path| LISTS.iter().any(|list| is(list, path)));
                    shows |= without && !is("remove", op);
                });
            }
            Quirk::MemberRemoveByValue => {
                said::for_operations(body, &mut |op, path, value| {
                    let members = path.is_some_and(|path| is("members", path));
                    shows |= members && is("remove", op) && !value.is_null();
                });
            }
            Quirk::MemberRemoveByFilter => {
                said::for_operations(body, &mut |op, path, _| {
                    let selects = path.is_some_and(|path| path.starts_with("members["));
                    shows |= selects && is("remove", op);
                });
            }
            Quirk::UrnFlattening => {
                let flat = |object: &Value| {
                    let keys = object.as_object().into_iter().flatten();
                    keys.into_iter().any(|(key, _)| is_flat(key))
                };
                said::for_operations(body, &mut |_, path, value| {
                    shows |= path.is_none() && flat(value);
                });
                shows |= flat(body);
            }
            Quirk::ExtensionUndeclared => {
                let schemas = body["schemas"].as_array();
                let declared = schemas.into_iter().flatten();
                let is_declared = declared.into_iter().any(|urn| urn == ENTERPRISE_USER_URN);
                let uses = body.get(ENTERPRISE_USER_URN).is_some_and(Value::is_object);
                shows = uses && schemas.is_some() && !is_declared;
            }
            Quirk::RolesAsJsonString => said::each(body, &mut |path, value| {
                let role = path.starts_with("roles");
                shows |= role && value.as_str().is_some_and(|text| text.starts_with('{'));
            }),
            Quirk::ManagerAsText => {
                said::each(body, &mut |path, _| {
                    shows |= matches!(path, "enterprise:manager" | "manager");
                });
            }
            Quirk::UnknownAttributeIgnored => {}
            Quirk::SpecialCharacterFilter => said::each(body, &mut |path, value| {
                shows |= path == "userName" && value.as_str().is_some_and(is_special);
            }),
        }
        shows
    }
}

/// Lists of which a path without brackets means all values.
const LISTS: [&str; 4] = [
    "emails.value",
    "phoneNumbers.value",
    "addresses.formatted",
    "roles.value",
];

fn is_flat(key: &str) -> bool {
    let rest = key.get(ENTERPRISE_USER_URN.len()..);
    key.starts_with(ENTERPRISE_USER_URN) && rest.is_some_and(|rest| rest.len() > 1)
}

/// Letters, digits and what login names are usually separated with raise no question of encoding.
pub(super) fn is_special(text: &str) -> bool {
    !text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"@._-".contains(&byte))
}

/// The attribute of a filter with one comparison, as a path and query have it.
pub(super) fn filter_attribute(path: &str) -> Option<String> {
    let filter = filter(path)?;
    let (attribute, _) = filter.split_once(" eq ")?;
    Some(attribute.trim().to_owned())
}

fn filter_value(path: &str) -> Option<String> {
    let filter = filter(path)?;
    let (_, value) = filter.split_once(" eq ")?;
    Some(value.trim().trim_matches('"').to_owned())
}

fn filter(path: &str) -> Option<String> {
    let (_, query) = path.split_once('?')?;
    let encoded = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("filter="))?;
    let spaced = encoded.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy();
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::compatibility::Outcome;

    fn quirks(body: Value) -> String {
        let event =
            Event::new(Timestamp::UNIX_EPOCH, "PATCH", "User", Outcome::Updated).with_body(body);
        let names: Vec<_> = Quirk::of(&event).into_iter().map(Quirk::name).collect();
        names.join(" ")
    }

    macro_rules! check {
        ($body:tt, @$shown:literal) => { insta::assert_snapshot!(quirks(json!($body)), @$shown) };
        (op $operation:tt, @$shown:literal) => { insta::assert_snapshot!(quirks(json!({"Operations": [$operation]})), @$shown) };
    }

    #[test]
    fn in_order() {
        check!({"userName": "ann.b@contoso.example", "active": true}, @"");
        check!(op {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a"}, @"");
        check!(op {"op": "remove", "path": "emails.value"}, @"");
    }

    #[test]
    fn shapes() {
        check!(op {"op": "Replace", "path": "title", "value": "x"}, @"opCase");
        check!(op {"op": "replace", "path": "active", "value": "False"}, @"boolString");
        check!({"emails": [{"type": "work", "value": "a", "primary": "True"}]}, @"boolString");
        check!(op {"op": "replace", "path": "emails.value", "value": "a"}, @"valuePathWithoutType");
        check!(op {"op": "remove", "path": "members", "value": [{"value": "7"}]}, @"memberRemoveByValue");
        check!(op {"op": "remove", "path": "members[value eq \"7\"]"}, @"memberRemoveByFilter");
        check!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department": "X"}, @"urnFlattening");
        check!(op {"op": "add", "value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "X"}}, @"urnFlattening");
        check!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "X"}}, @"extensionUndeclared");
        check!(op {"op": "add", "path": "roles", "value": [{"value": "{\"value\":\"x\"}"}]}, @"rolesAsJsonString");
        check!(op {"op": "add", "path": "roles", "value": "{\"value\":\"x\"}"}, @"rolesAsJsonString");
        check!(op {"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "7"}, @"managerAsText");
        check!({"userName": "o'neil@contoso.example"}, @"specialCharacterFilter");
    }

    #[test]
    fn filters() {
        let mut event = Event::new(Timestamp::UNIX_EPOCH, "GET", "User", Outcome::Read);
        event.path = Some("/Users?startIndex=1&filter=userName%20eq%20%22o%27neil%22".to_owned());
        assert_eq!(Quirk::of(&event), [Quirk::SpecialCharacterFilter]);
        assert_eq!(
            filter_attribute(event.path.as_deref().unwrap()).as_deref(),
            Some("userName")
        );
    }
}
