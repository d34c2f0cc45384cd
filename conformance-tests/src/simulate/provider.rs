//! What an identity provider would send for a difference: pure functions, without a network.

use serde_json::{Map, Value, json};

use super::values::{Attribute, ENTERPRISE_URN, Group, PATCH_URN, User};
use crate::client::Call;

/// How one identity provider speaks.
pub(super) trait Provider: Sync {
    /// What it asks before each cycle.
    fn connection_test(&self, nonce: &str) -> Test;

    /// The lists that it pages through before each cycle, if it does.
    fn imports(&self) -> Vec<Call>;

    /// What becomes of a User whose person has gone from the directory for good.
    fn leaver(&self) -> Leaver;

    /// Whether it exports managers.
    fn managers(&self) -> Managers;

    /// What its mappings make of a person.
    fn mapped(&self, user: User, _about: &Mapped<'_>) -> User {
        user
    }

    /// A request as it goes out.
    fn shaped(&self, call: Call) -> Call {
        call
    }

    /// The role that everybody has at the service provider, if people have roles.
    fn role(&self) -> Option<&str> {
        None
    }

    /// How it looks for a person whom it has not exported, one after the other.
    fn look_up_user(&self, user: &User) -> Vec<Call>;
    /// How it creates one whom it has not found; without the manager.
    fn create_user(&self, user: &User) -> Call;
    /// What it sends for one who was `from` and is to be `to`.
    fn update_user(&self, id: &str, from: &User, to: &User) -> Vec<Change<User>>;

    /// What it sends as the `externalId` of a group, if anything.
    fn group_external_id(&self, anchor: &str) -> Option<String>;
    /// How it looks for a group that it has not exported, one after the other.
    fn look_up_group(&self, group: &Group) -> Vec<Call>;
    /// How it creates one that it has not found; always without members.
    fn create_group(&self, group: &Group) -> Call;
    /// What it sends for a group that was `from` and is to be `to`.
    fn update_group(&self, id: &str, from: &Group, to: &Group) -> Vec<Change<Group>>;
}

/// What mappings may look at beside the person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapped<'m> {
    /// The directory's id of the manager.
    pub(super) manager: Option<&'m str>,
    /// What was exported last.
    pub(super) last: Option<&'m User>,
    /// Whether nobody has been exported yet.
    pub(super) first: bool,
}

/// A question whose answer decides whether a cycle begins.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) call: Call,
    pub(super) expected: Expected,
}

/// What must come back besides status 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// A list.
    List,
    /// A list without resources.
    EmptyList,
}

/// What becomes of those who have gone for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaver {
    /// They are deleted.
    Deleted,
    /// They stay, inactive, and may be taken over by somebody with the same `userName`.
    Kept,
}

/// Whether managers are part of what is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Managers {
    Exported,
    Left,
}

/// One change, and what is exported once it has been answered.
#[derive(Clone, Debug)]
pub(super) struct Change<T> {
    pub(super) request: Request,
    pub(super) then: T,
    pub(super) on_refusal: OnRefusal,
}

/// What follows if a change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnRefusal {
    /// The export has failed.
    Fail,
    /// Nothing: the next change is sent.
    GoOn,
}

impl<T: Clone> Change<T> {
    /// A request as it stands.
    pub(super) fn new(call: Call, then: &T) -> Self {
        Self {
            request: Request::Send(call),
            then: then.clone(),
            on_refusal: OnRefusal::Fail,
        }
    }
}

/// A request that may be repeated, since it says what shall be and not what to do.
#[derive(Clone, Debug)]
pub(super) enum Request {
    /// As it stands.
    Send(Call),
    /// The resource is read, written over and sent back whole.
    Rewrite(Box<Rewrite>),
}

/// Which requests read and write, and what comes between.
#[derive(Clone, Debug)]
pub(super) struct Rewrite {
    pub(super) read: Call,
    pub(super) over: Overwrite,
    /// Without its body.
    pub(super) write: Call,
}

/// What is written over a resource.
#[derive(Clone, Debug)]
pub(super) enum Overwrite {
    User(User),
    Group(Group),
}

impl Overwrite {
    /// The resource as it is sent back.
    pub(super) fn apply(&self, mut resource: Map<String, Value>) -> Value {
        match self {
            Self::User(user) => {
                for attribute in Attribute::ALL {
                    let value = user.attributes.get(&attribute);
                    attribute.write(&mut resource, value.map(String::as_str));
                }
                resource.insert("active".to_owned(), json!(user.active));
                if let Some(manager) = &user.manager {
                    write_manager(&mut resource, manager);
                }
                declare_extension(&mut resource);
            }
            Self::Group(group) => {
                let members = group.members.iter().map(|id| json!({"value": id}));
                resource.insert("members".to_owned(), members.collect());
                resource.insert("displayName".to_owned(), json!(group.display_name));
            }
        }
        Value::Object(resource)
    }
}

fn write_manager(resource: &mut Map<String, Value>, manager: &str) {
    let extension = resource.entry(ENTERPRISE_URN).or_insert_with(|| json!({}));
    if let Some(extension) = extension.as_object_mut() {
        extension.insert("manager".to_owned(), json!({"value": manager}));
    }
}

/// An extension with attributes stands in `schemas` (RFC 7643 §3).
pub(super) fn declare_extension(resource: &mut Map<String, Value>) {
    if resource.contains_key(ENTERPRISE_URN)
        && let Some(schemas) = resource.get_mut("schemas").and_then(Value::as_array_mut)
        && !schemas.contains(&json!(ENTERPRISE_URN))
    {
        schemas.push(json!(ENTERPRISE_URN));
    }
}

/// The body of a PATCH.
pub(super) fn patch_body(operations: Vec<Value>) -> Value {
    let operations = Value::Array(operations);
    json!({"schemas": [PATCH_URN], "Operations": operations})
}

/// `attribute eq "value"` as the value of `filter`, encoded for a query.
pub(super) fn filter(attribute: &str, value: &str) -> String {
    // A text in a filter is a JSON string (RFC 7644 §3.4.2.2).
    let clause = format!("{attribute} eq {}", json!(value));
    let mut query = String::from("filter=");
    for byte in clause.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                query.push(char::from(byte));
            }
            _ => query.push_str(&format!("%{byte:02X}")),
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn filters_are_encoded() {
        for (value, expected) in [
            ("a.b@c", "filter=userName%20eq%20%22a.b%40c%22"),
            ("o'b+1", "filter=userName%20eq%20%22o%27b%2B1%22"),
            (r#"a"b"#, "filter=userName%20eq%20%22a%5C%22b%22"),
            ("ł", "filter=userName%20eq%20%22%C5%82%22"),
        ] {
            assert_eq!(filter("userName", value), expected);
        }
    }
}
