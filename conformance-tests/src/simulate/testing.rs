//! Short spellings for the tables in which the planners are tested.

use super::provider::{Change, Request, Rewrite};
use super::values::{Attribute, Group, Place, User};

/// A user from `name=value` words, `active` and `manager=ID`; attributes by their last name.
pub(super) fn user(words: &str) -> User {
    let mut user = User::default();
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("manager", id)) => user.manager = Some(id.to_owned()),
            Some((name, value)) => {
                let attribute = Attribute::ALL
                    .into_iter()
                    .find(|attribute| short(*attribute) == name)
                    .unwrap_or_else(|| panic!("no attribute is called {name}"));
                user.attributes.insert(attribute, value.to_owned());
            }
            None => user.active = word == "active",
        }
    }
    user
}

fn short(attribute: Attribute) -> &'static str {
    match (attribute, attribute.place()) {
        (Attribute::Mail, _) => "mail",
        (Attribute::WorkPhone, _) => "workPhone",
        (Attribute::MobilePhone, _) => "mobilePhone",
        (Attribute::Office, _) => "office",
        (
            _,
            Place::Simple(name)
            | Place::Sub(_, name)
            | Place::Enterprise(name)
            | Place::Typed(name, ..),
        ) => name,
    }
}

/// A group with members, whose `externalId` is `x`.
pub(super) fn group<const N: usize>(display_name: &str, members: [&str; N]) -> Group {
    Group {
        display_name: display_name.to_owned(),
        external_id: Some("x".to_owned()),
        members: members.into_iter().map(str::to_owned).collect(),
    }
}

/// A line for each request: operations of a PATCH, otherwise what is sent or written over.
pub(super) fn shown<T>(changes: &[Change<T>]) -> String {
    let line = |change: &Change<T>| match &change.request {
        Request::Send(call) => {
            let body = call.body.as_ref();
            let operations = body.map_or_else(String::new, |body| {
                body["Operations"].as_array().map_or_else(
                    || body.to_string(),
                    |operations| {
                        let lines = operations
                            .iter()
                            .map(|operation| format!("  {operation}\n"));
                        lines.collect()
                    },
                )
            });
            let query = call.query.as_deref().map(|query| format!("?{query}"));
            let query = query.unwrap_or_default();
            format!("{} {}{query}\n{operations}", call.method, call.path)
        }
        Request::Rewrite(rewrite) => {
            let Rewrite { read, over, write } = &**rewrite;
            let over = over.apply(serde_json::Map::new());
            format!("{} {}\n  {} {over}\n", read.method, read.path, write.method)
        }
    };
    changes.iter().map(line).collect()
}
