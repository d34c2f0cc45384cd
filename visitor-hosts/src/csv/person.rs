//! What a row says of a person, and what the row of a person is. One table says both, so that what was
//! exported says the same when it is imported.

use scim_core::resource::{Policy, keys, validate};
use scim_core::schema::{ENTERPRISE_USER_URN, USER_URN};
use scim_core::{ResourceType, SchemaError};
use serde_json::{Map, Value, json};

use super::list;
use crate::schemas::{self, HOST_USER_URN};

/// Groups that a file may put one person into.
const GROUPS_MAX: usize = 100;

/// Where the value of a column is in a User.
#[derive(Clone, Copy)]
enum Place {
    Core(&'static str),
    Sub(&'static str, &'static str),
    /// The value of a list whose work one counts.
    Work(&'static str),
    Enterprise(&'static str),
    Host(&'static str),
    HostFlag(&'static str),
    Flag(&'static str),
    /// In no document: the manager's userName and the names of groups.
    Elsewhere,
}

fn place(column: &str) -> Place {
    match column {
        "userName" => Place::Core("userName"),
        "externalId" => Place::Core("externalId"),
        "givenName" => Place::Sub("name", "givenName"),
        "familyName" => Place::Sub("name", "familyName"),
        "displayName" => Place::Core("displayName"),
        "email" => Place::Work("emails"),
        "phone" => Place::Work("phoneNumbers"),
        "title" => Place::Core("title"),
        "department" => Place::Enterprise("department"),
        "employeeNumber" => Place::Enterprise("employeeNumber"),
        "officeLocation" => Place::Host("officeLocation"),
        "hostCategory" => Place::Host("hostCategory"),
        "hostVisible" => Place::HostFlag("hostVisible"),
        "active" => Place::Flag("active"),
        "preferredLanguage" => Place::Core("preferredLanguage"),
        _ => Place::Elsewhere,
    }
}

/// What a User says in a column; empty where it says nothing.
pub(crate) fn cell(column: &str, user: &Map<String, Value>) -> String {
    let value = match place(column) {
        Place::Core(name) | Place::Flag(name) => user.get(name),
        Place::Sub(name, sub) => user.get(name).and_then(|value| value.get(sub)),
        Place::Work(name) => user.get(name).and_then(work).and_then(|it| it.get("value")),
        Place::Enterprise(name) => user.get(ENTERPRISE_USER_URN).and_then(|it| it.get(name)),
        Place::Host(name) | Place::HostFlag(name) => {
            user.get(HOST_USER_URN).and_then(|it| it.get(name))
        }
        Place::Elsewhere => None,
    };
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

/// The work value; else the primary one; else the first.
fn work(values: &Value) -> Option<&Value> {
    let values = values.as_array()?;
    let is = |name: &'static str, wanted: Value| move |it: &&Value| it.get(name) == Some(&wanted);
    values
        .iter()
        .find(is("type", json!("work")))
        .or_else(|| values.iter().find(is("primary", json!(true))))
        .or_else(|| values.first())
}

/// Lets a User say this in a column; an empty text clears it.
pub(crate) fn set(column: &str, text: &str, user: &mut Map<String, Value>) {
    let flag = || match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::Null,
    };
    let value = match text {
        "" => Value::Null,
        text => json!(text),
    };
    match place(column) {
        Place::Core(name) => {
            user.insert(name.to_owned(), value);
        }
        Place::Flag(name) => {
            user.insert(name.to_owned(), flag());
        }
        Place::Work(name) => {
            let value = match text {
                "" => Value::Null,
                text => json!([{ "type": "work", "value": text, "primary": true }]),
            };
            user.insert(name.to_owned(), value);
        }
        Place::Sub(name, sub) => inside(user, name, sub, value),
        Place::Enterprise(name) => inside(user, ENTERPRISE_USER_URN, name, value),
        Place::Host(name) => inside(user, HOST_USER_URN, name, value),
        Place::HostFlag(name) => inside(user, HOST_USER_URN, name, flag()),
        Place::Elsewhere => {}
    }
}

/// Lets a User have this manager, or none.
pub(crate) fn set_manager(id: Option<&str>, user: &mut Map<String, Value>) {
    let manager = id.map_or(Value::Null, |id| json!({ "value": id }));
    inside(user, ENTERPRISE_USER_URN, "manager", manager);
}

/// An extension that is named with `null` loses its values; one that is not named keeps them.
fn inside(user: &mut Map<String, Value>, outer: &str, inner: &str, value: Value) {
    let outer = user.entry(outer).or_insert_with(|| json!({}));
    if let Some(outer) = outer.as_object_mut() {
        outer.insert(inner.to_owned(), value);
    }
}

/// Says which schemas a User has that is to be sent.
pub(crate) fn declare_schemas(user: &mut Map<String, Value>) {
    let urns = json!([USER_URN, ENTERPRISE_USER_URN, HOST_USER_URN]);
    user.insert("schemas".to_owned(), urns);
}

/// Checks rows of people.
pub(super) struct People(ResourceType);

impl People {
    pub(super) fn new() -> Result<People, SchemaError> {
        Ok(People(schemas::user()?.resource_type))
    }

    /// Does the schema take it? Otherwise the column that it does not take, and why.
    pub(super) fn check<'c>(
        &self,
        columns: &[&'c str],
        cells: &[String],
    ) -> Result<(), (&'c str, String)> {
        let row = columns
            .iter()
            .copied()
            .zip(cells.iter().map(String::as_str));
        for (column, cell) in row.clone() {
            if column == "groups" && list::split(cell).len() > GROUPS_MAX {
                let reason = format!("a person is in {GROUPS_MAX} groups at most");
                return Err((column, reason));
            }
        }
        let Err(error) = self.refusal(row.clone()) else {
            return Ok(());
        };
        // One value alone shows whose fault it is.
        let key = row.clone().filter(|(column, _)| *column == "userName");
        for guilty in row.clone() {
            if let Err(error) = self.refusal(key.clone().chain([guilty])) {
                return Err((guilty.0, reason(&error)));
            }
        }
        Err(("userName", reason(&error)))
    }

    fn refusal<'r>(
        &self,
        row: impl Iterator<Item = (&'r str, &'r str)>,
    ) -> Result<(), scim_core::Error> {
        let mut user = Map::new();
        declare_schemas(&mut user);
        for (column, cell) in row {
            set(column, cell, &mut user);
        }
        let new = validate::parse_new(&self.0, Value::Object(user), &Policy::strict())?;
        keys::keys(&self.0, &new.document).map(|_| ())
    }
}

/// Why, without the attribute, which the column names.
pub(super) fn reason(error: &scim_core::Error) -> String {
    match error {
        scim_core::Error::InvalidValue { reason, .. } => reason.clone(),
        other => other.to_string(),
    }
}
