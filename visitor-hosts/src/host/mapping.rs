//! What a Host takes over from its User. Pure: documents in, document out.

use scim_core::ResourceId;
use scim_core::schema::ENTERPRISE_USER_URN;
use serde_json::{Map, Value, json};

use crate::reference;
use crate::schemas::{HOST_URN, HOST_USER_URN};

use super::status::Facts;

/// Everything that a directory says about a host.
#[derive(Debug)]
pub struct Directory<'a> {
    /// The User's id.
    pub user_id: String,
    /// The User's document.
    pub user: &'a Map<String, Value>,
    /// `source`: which channel the User came through.
    pub source: &'static str,
    /// The connection that owns the User: id and name.
    pub connection: (String, &'a str),
    /// The manager's Host, where it is known.
    pub manager: Option<ResourceId>,
}

impl Directory<'_> {
    /// The Host: the directory's attributes from here, the product's own from `before`.
    pub(super) fn host(&self, before: Option<&Map<String, Value>>) -> Map<String, Value> {
        let mut host = Map::new();
        host.insert("schemas".to_owned(), json!([HOST_URN]));
        let display = self.display_name();
        let attributes = [
            (
                "user",
                Some(reference::to(&self.user_id, display.as_deref())),
            ),
            ("source", Some(json!(self.source))),
            ("managedBy", Some(self.managed_by())),
            ("userName", self.core("userName")),
            ("displayName", display.map(Value::String)),
            ("name", self.name()),
            ("email", self.email()),
            ("phoneNumbers", self.phone_numbers()),
            ("title", self.core("title")),
            ("department", self.enterprise("department")),
            ("employeeNumber", self.enterprise("employeeNumber")),
            (
                "manager",
                self.manager.map(|manager| reference::to(&manager, None)),
            ),
            ("preferredLanguage", self.core("preferredLanguage")),
            ("officeLocation", self.office()),
            ("hostCategory", self.extension("hostCategory")),
        ];
        for (name, value) in attributes {
            if let Some(value) = value {
                host.insert(name.to_owned(), value);
            }
        }
        for name in KEPT {
            if let Some(value) = before.and_then(|before| before.get(name)) {
                host.insert(name.to_owned(), value.clone());
            }
        }
        host
    }

    /// Of a User alone, whoever brings it.
    fn of(user: &Map<String, Value>) -> Directory<'_> {
        Directory {
            user_id: String::new(),
            user,
            source: "",
            connection: (String::new(), ""),
            manager: None,
        }
    }

    fn core(&self, name: &str) -> Option<Value> {
        self.user.get(name).cloned()
    }

    fn enterprise(&self, name: &str) -> Option<Value> {
        self.user.get(ENTERPRISE_USER_URN)?.get(name).cloned()
    }

    fn extension(&self, name: &str) -> Option<Value> {
        self.user.get(HOST_USER_URN)?.get(name).cloned()
    }

    fn managed_by(&self) -> Value {
        let (id, name) = &self.connection;
        reference::typed("ApiToken", id, Some(name))
    }

    /// A name to show, in the order in which directories fill them.
    fn display_name(&self) -> Option<String> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let name = self.user.get("name");
        let part = |part: &str| text(name.and_then(|name| name.get(part)));
        text(self.user.get("displayName"))
            .or_else(|| part("formatted"))
            .or_else(|| match (part("givenName"), part("familyName")) {
                (Some(given), Some(family)) => Some(format!("{given} {family}")),
                (given, family) => given.or(family),
            })
            .or_else(|| text(self.user.get("userName")))
    }

    fn name(&self) -> Option<Value> {
        let name = self.user.get("name")?.as_object()?;
        let mut kept = Map::new();
        for part in ["givenName", "familyName", "formatted"] {
            if let Some(value) = name.get(part) {
                kept.insert(part.to_owned(), value.clone());
            }
        }
        (!kept.is_empty()).then_some(Value::Object(kept))
    }

    /// The work address; else the primary one; else the first.
    fn email(&self) -> Option<Value> {
        let emails = self.user.get("emails")?.as_array()?;
        let is = |name: &'static str, wanted: Value| {
            move |email: &&Value| email.get(name) == Some(&wanted)
        };
        let chosen = emails
            .iter()
            .find(is("type", json!("work")))
            .or_else(|| emails.iter().find(is("primary", json!(true))))
            .or_else(|| emails.first())?;
        chosen.get("value").cloned()
    }

    /// Values as they were sent; types other than the common ones are shown as `other`.
    fn phone_numbers(&self) -> Option<Value> {
        let numbers = self.user.get("phoneNumbers")?.as_array()?;
        let kept: Vec<Value> = numbers.iter().filter_map(phone_number).collect();
        (!kept.is_empty()).then_some(Value::Array(kept))
    }

    /// From our extension, or from where Entra's default mapping puts it.
    fn office(&self) -> Option<Value> {
        let office = self.extension("officeLocation").or_else(|| {
            let addresses = self.user.get("addresses")?.as_array()?;
            let other = |address: &&Value| address.get("type") == Some(&json!("other"));
            addresses.iter().find(other)?.get("formatted").cloned()
        })?;
        let name = office.as_str()?.trim();
        (!name.is_empty()).then(|| json!(name))
    }
}

/// What a Host takes over from its User, and what follows from that.
pub(crate) const MIRRORED: [&str; 14] = [
    "userName",
    "displayName",
    "name",
    "email",
    "phoneNumbers",
    "title",
    "department",
    "employeeNumber",
    "manager",
    "preferredLanguage",
    "officeLocation",
    "location",
    "hostCategory",
    "source",
];

/// What decides whether the host may be picked.
pub(super) fn facts(user: &Map<String, Value>) -> Facts {
    let directory = Directory::of(user);
    let says_no = |value: Option<Value>| value == Some(Value::Bool(false));
    Facts {
        user_exists: true,
        active: !says_no(directory.core("active")),
        host_visible: !says_no(directory.extension("hostVisible")),
    }
}

/// What the mapping makes of a User, without what others tell.
pub(crate) fn mapped(user: &Map<String, Value>) -> Map<String, Value> {
    let mut host = Directory::of(user).host(None);
    for name in ["schemas", "user", "managedBy", "source"] {
        host.shift_remove(name);
    }
    host.insert("shown".to_owned(), json!(facts(user).is_shown()));
    host
}

/// By what a person is known, as their Host has it.
pub(crate) fn identity(user: &Map<String, Value>) -> Map<String, Value> {
    let directory = Directory::of(user);
    let attributes = [
        ("employeeNumber", directory.enterprise("employeeNumber")),
        ("email", directory.email()),
        ("userName", directory.core("userName")),
    ];
    let known = attributes.into_iter();
    let known = known.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    known.collect()
}

/// What belongs to the product, whose a Host is besides, and the reasons, which keep their beginnings.
const KEPT: [&str; 14] = [
    "arrivedAs",
    "furtherSources",
    "externalId",
    "location",
    "hold",
    "effectiveReasons",
    "deskOrFloor",
    "extension",
    "delegates",
    "notify",
    "absentUntil",
    "kioskVisible",
    "visitorTypes",
    "notes",
];

fn phone_number(number: &Value) -> Option<Value> {
    let value = number.get("value")?;
    let mut kept = Map::new();
    kept.insert("value".to_owned(), value.clone());
    if let Some(kind) = number.get("type").and_then(Value::as_str) {
        let known = ["work", "mobile", "other"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(kind));
        kept.insert("type".to_owned(), json!(known.unwrap_or("other")));
    }
    Some(Value::Object(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(user: &Value, before: Option<&Value>) -> String {
        let directory = Directory {
            user_id: "u1".to_owned(),
            user: user.as_object().unwrap(),
            source: "idp",
            connection: ("c1".to_owned(), "Entra"),
            manager: None,
        };
        let host = directory.host(before.and_then(Value::as_object));
        let shown = host
            .iter()
            .filter(|(name, _)| {
                !["schemas", "user", "source", "managedBy"].contains(&name.as_str())
            })
            .map(|(name, value)| format!("{name}={value}"));
        shown.collect::<Vec<_>>().join(" ")
    }

    macro_rules! check {
        ($user:tt, @$shown:literal) => {
            insta::assert_snapshot!(mapped(&json!($user), None), @$shown)
        };
    }

    #[test]
    fn the_name_to_show() {
        check!({ "displayName": "Ann B", "name": { "formatted": "x" } }, @r#"displayName="Ann B" name={"formatted":"x"}"#);
        check!({ "name": { "givenName": "Ann", "familyName": "B" } }, @r#"displayName="Ann B" name={"givenName":"Ann","familyName":"B"}"#);
        check!({ "userName": "ann" }, @r#"userName="ann" displayName="ann""#);
    }

    #[test]
    fn the_work_address_comes_first() {
        check!({ "emails": [{ "value": "h", "type": "home" }, { "value": "w", "type": "work" }] }, @r#"email="w""#);
        check!({ "emails": [{ "value": "h" }, { "value": "p", "primary": true }] }, @r#"email="p""#);
        check!({ "emails": [{ "value": "h" }] }, @r#"email="h""#);
    }

    #[test]
    fn phone_numbers_as_sent() {
        check!({ "phoneNumbers": [{ "value": "+41 1", "type": "Mobile" }, { "value": "2", "type": "fax" }] },
            @r#"phoneNumbers=[{"value":"+41 1","type":"mobile"},{"value":"2","type":"other"}]"#);
    }

    #[test]
    fn the_office_from_either_place() {
        check!({ "addresses": [{ "type": "other", "formatted": "Quay" }] }, @r#"officeLocation="Quay""#);
        check!({ "addresses": [{ "type": "other", "formatted": "  Quay " }] }, @r#"officeLocation="Quay""#);
        check!({ "addresses": [{ "type": "other", "formatted": " " }] }, @"");
        check!({ "addresses": [{ "type": "work", "formatted": "Home" }] }, @"");
    }

    #[test]
    fn everything_that_can_be_written_is_kept() {
        let host = crate::schemas::host_type().unwrap();
        let writable = host
            .attributes()
            .filter(|attribute| !attribute.is_read_only());
        for attribute in writable.filter(|attribute| attribute.name != "schemas") {
            assert!(
                KEPT.contains(&attribute.name.as_str()),
                "{}",
                attribute.name
            );
        }
    }

    #[test]
    fn own_attributes_stay() {
        let before = json!({ "deskOrFloor": "3", "title": "old", "notes": "n" });
        insta::assert_snapshot!(mapped(&json!({ "title": "new" }), Some(&before)), @r#"title="new" deskOrFloor="3" notes="n""#);
    }
}
