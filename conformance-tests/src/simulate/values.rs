//! What an identity provider sends about a person or a group, and where each attribute stands in a
//! SCIM resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

pub(super) const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(super) const ENTERPRISE_URN: &str =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(super) const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A person as last exported, or as the directory wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    /// Attributes that have a value.
    pub(super) attributes: BTreeMap<Attribute, String>,
    /// Whether the person may be used.
    pub(super) active: bool,
    /// The manager's id at the service provider.
    pub(super) manager: Option<String>,
}

impl User {
    /// What a resource says.
    pub(super) fn read(resource: &Value) -> Self {
        let attributes = Attribute::ALL
            .into_iter()
            .filter_map(|attribute| Some((attribute, attribute.read(resource)?)));
        let manager = &resource[ENTERPRISE_URN]["manager"]["value"];
        Self {
            attributes: attributes.collect(),
            // A server that does not say has no notion of inactive users (RFC 7643 §4.1.1).
            active: resource["active"].as_bool().unwrap_or(true),
            manager: manager.as_str().map(str::to_owned),
        }
    }

    /// The value of `attribute`, empty if there is none.
    pub(super) fn text(&self, attribute: Attribute) -> &str {
        self.attributes.get(&attribute).map_or("", String::as_str)
    }

    /// What differs from `self` to `wanted`: attributes with what they become.
    pub(super) fn changes<'v>(
        &self,
        wanted: &'v Self,
    ) -> impl Iterator<Item = (Attribute, Option<&'v String>)> {
        let changed = Attribute::ALL
            .into_iter()
            .filter(|attribute| self.attributes.get(attribute) != wanted.attributes.get(attribute));
        changed.map(|attribute| (attribute, wanted.attributes.get(&attribute)))
    }
}

/// A group as last exported, or as the directory wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The group's name.
    pub(super) display_name: String,
    /// The directory's id, where the provider sends it.
    pub(super) external_id: Option<String>,
    /// Ids of Users at the service provider.
    pub(super) members: BTreeSet<String>,
}

impl Group {
    /// What a resource says.
    pub(super) fn read(resource: &Value) -> Self {
        let text = |name: &str| resource[name].as_str().map(str::to_owned);
        let members = resource["members"].as_array().into_iter().flatten();
        Self {
            display_name: text("displayName").unwrap_or_default(),
            external_id: text("externalId"),
            members: members
                .filter_map(|member| Some(member["value"].as_str()?.to_owned()))
                .collect(),
        }
    }
}

/// What the mappings of a provider export about a person, beside `active` and the manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attribute {
    /// The login name.
    UserName,
    /// The directory's own id of the person.
    ExternalId,
    /// The name that is shown.
    DisplayName,
    /// The given name.
    GivenName,
    /// The family name.
    FamilyName,
    /// The address for mail.
    Mail,
    /// The telephone on the desk.
    WorkPhone,
    /// The telephone in the pocket.
    MobilePhone,
    /// The job title.
    Title,
    /// The department.
    Department,
    /// The employee number.
    EmployeeNumber,
    /// The office, as text.
    Office,
    /// The preferred language.
    Language,
}

/// Where an attribute stands in a User.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A simple attribute of the core schema.
    Simple(&'static str),
    /// A sub-attribute of a complex attribute.
    Sub(&'static str, &'static str),
    /// A sub-attribute of the element with this `type`.
    Typed(&'static str, &'static str, &'static str),
    /// An attribute of the enterprise extension.
    Enterprise(&'static str),
}

impl Attribute {
    /// All of them, in the order in which they are sent.
    pub(super) const ALL: [Self; 13] = [
        Self::UserName,
        Self::ExternalId,
        Self::DisplayName,
        Self::GivenName,
        Self::FamilyName,
        Self::Mail,
        Self::WorkPhone,
        Self::MobilePhone,
        Self::Title,
        Self::Department,
        Self::EmployeeNumber,
        Self::Office,
        Self::Language,
    ];

    pub(super) fn place(self) -> Place {
        match self {
            Self::UserName => Place::Simple("userName"),
            Self::ExternalId => Place::Simple("externalId"),
            Self::DisplayName => Place::Simple("displayName"),
            Self::GivenName => Place::Sub("name", "givenName"),
            Self::FamilyName => Place::Sub("name", "familyName"),
            Self::Mail => Place::Typed("emails", "work", "value"),
            Self::WorkPhone => Place::Typed("phoneNumbers", "work", "value"),
            Self::MobilePhone => Place::Typed("phoneNumbers", "mobile", "value"),
            Self::Title => Place::Simple("title"),
            Self::Department => Place::Enterprise("department"),
            Self::EmployeeNumber => Place::Enterprise("employeeNumber"),
            Self::Office => Place::Typed("addresses", "other", "formatted"),
            Self::Language => Place::Simple("preferredLanguage"),
        }
    }

    /// The key of the resource that holds it.
    pub(super) fn top(self) -> &'static str {
        match self.place() {
            Place::Simple(name) | Place::Sub(name, _) | Place::Typed(name, ..) => name,
            Place::Enterprise(_) => ENTERPRISE_URN,
        }
    }

    /// The attribute path (RFC 7644 §3.5.2), with the filter of the element where it has one.
    pub(super) fn path(self) -> String {
        match self.place() {
            Place::Simple(name) => name.to_owned(),
            Place::Sub(name, sub) => format!("{name}.{sub}"),
            Place::Typed(name, kind, sub) => format!("{name}[type eq \"{kind}\"].{sub}"),
            Place::Enterprise(name) => format!("{ENTERPRISE_URN}:{name}"),
        }
    }

    /// The value in a User resource; an empty text is none.
    pub(super) fn read(self, resource: &Value) -> Option<String> {
        let value = match self.place() {
            Place::Simple(name) => &resource[name],
            Place::Sub(name, sub) => &resource[name][sub],
            Place::Typed(name, kind, sub) => {
                let elements = resource[name].as_array()?;
                &elements.iter().find(|element| element["type"] == kind)?[sub]
            }
            Place::Enterprise(name) => &resource[ENTERPRISE_URN][name],
        };
        let text = value.as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned)
    }

    /// Writes the value into a User resource, or takes it out.
    pub(super) fn write(self, resource: &mut Map<String, Value>, value: Option<&str>) {
        if value.is_none() && !resource.contains_key(self.top()) {
            return;
        }
        match self.place() {
            Place::Simple(name) => set(resource, name, value),
            Place::Sub(name, sub) => set_in(resource, name, sub, value),
            Place::Enterprise(name) => set_in(resource, ENTERPRISE_URN, name, value),
            Place::Typed(name, kind, sub) => {
                let elements = resource.entry(name).or_insert_with(|| json!([]));
                let Some(elements) = elements.as_array_mut() else {
                    return;
                };
                elements.retain(|element| element["type"] != kind);
                if let Some(value) = value {
                    let mut element = json!({"type": kind, sub: value});
                    if self == Self::Mail {
                        element["primary"] = json!(true);
                    }
                    elements.push(element);
                }
            }
        }
    }
}

fn set(object: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    match value {
        Some(value) => {
            object.insert(name.to_owned(), json!(value));
        }
        None => {
            object.shift_remove(name);
        }
    }
}

fn set_in(resource: &mut Map<String, Value>, complex: &str, name: &str, value: Option<&str>) {
    let complex = resource.entry(complex).or_insert_with(|| json!({}));
    if let Some(complex) = complex.as_object_mut() {
        set(complex, name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_taken_out_is_gone() {
        for attribute in Attribute::ALL {
            let mut resource = Map::new();
            attribute.write(&mut resource, Some("x"));
            let shown = Value::Object(resource.clone());
            assert_eq!(attribute.read(&shown).as_deref(), Some("x"), "{shown}");
            attribute.write(&mut resource, None);
            assert_eq!(attribute.read(&Value::Object(resource)), None);
        }
    }

    #[test]
    fn elements_of_other_types_are_kept() {
        let mut resource = Map::new();
        Attribute::WorkPhone.write(&mut resource, Some("1"));
        Attribute::MobilePhone.write(&mut resource, Some("2"));
        Attribute::WorkPhone.write(&mut resource, None);
        let shown = Value::Object(resource);
        assert_eq!(
            shown,
            json!({"phoneNumbers": [{"type": "mobile", "value": "2"}]})
        );
    }

    #[test]
    fn a_user_who_does_not_say_is_active() {
        assert!(User::read(&json!({"userName": "ann"})).active);
        assert!(!User::read(&json!({"active": false})).active);
    }
}
