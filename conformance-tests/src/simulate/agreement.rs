//! Whether the service provider tells what the directory says. The comparison starts from the
//! directory; of what was exported it uses the ids alone.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use super::cycle::Engine;
use super::directory::Directory;
use super::list::list;
use super::plan::{wanted_group, wanted_user};
use super::provider::{Leaver, Managers, Provider};
use super::send::Sender;
use super::values::{Attribute, Group, User};
use crate::client::{Answer, Call};

/// What should be there, by the service provider's ids.
pub(super) struct Expectation {
    pub(super) users: BTreeMap<String, User>,
    pub(super) groups: BTreeMap<String, Group>,
    /// What should be there and has no id, or is there and should not be.
    pub(super) problems: Vec<String>,
}

impl Expectation {
    pub(super) fn new(directory: &Directory, provider: &dyn Provider, engine: &Engine<'_>) -> Self {
        let mut problems = Vec::new();
        let mut users = BTreeMap::new();
        for (anchor, person) in directory.people() {
            let wanted = wanted_user(directory, provider, &engine.users, person);
            match engine.users.id(anchor) {
                Some(id) => drop(users.insert(id.clone(), wanted)),
                None if wanted.active => problems.push(format!("{anchor} was never created")),
                None => {}
            }
        }
        for (anchor, exported) in &engine.users.known {
            if directory.people().contains_key(anchor) {
                continue;
            }
            match provider.leaver() {
                Leaver::Deleted => problems.push(format!("{anchor} was never deleted")),
                Leaver::Kept => {
                    let active = false;
                    let left = User {
                        active,
                        ..exported.last.clone()
                    };
                    users.insert(exported.id.clone(), left);
                }
            }
        }
        let mut groups = BTreeMap::new();
        for (anchor, group) in directory.groups() {
            let wanted = wanted_group(directory, provider, &engine.users, anchor, group);
            match engine.groups.id(anchor) {
                Some(id) => drop(groups.insert(id.clone(), wanted)),
                None => problems.push(format!("group {anchor} was never created")),
            }
        }
        let gone = engine
            .groups
            .known
            .keys()
            .filter(|anchor| !directory.groups().contains_key(*anchor));
        problems.extend(gone.map(|anchor| format!("group {anchor} was never deleted")));
        Self {
            users,
            groups,
            problems,
        }
    }

    /// Everything that is different at the service provider, one line each.
    pub(super) async fn differences(
        &self,
        sender: &Sender<'_>,
        provider: &dyn Provider,
        tag: &str,
    ) -> Result<Vec<String>> {
        let mut differences = self.problems.clone();
        let found = Found::read(sender, tag).await?;
        let users = |resource: &Value| {
            let mut user = User::read(resource);
            if provider.managers() == Managers::Left {
                user.manager = None;
            }
            user
        };
        compare(
            &self.users,
            &found.users,
            users,
            user_differs,
            &mut differences,
        );
        if let Some(role) = provider.role() {
            let lacks = |(_, user): &(&String, &Value)| {
                let roles = user["roles"].as_array().into_iter().flatten();
                !roles.into_iter().any(|has| has["value"] == role)
            };
            let lacking = found.users.iter().filter(lacks);
            differences.extend(lacking.map(|(id, _)| format!("{id} has no role {role}")));
        }
        compare(
            &self.groups,
            &found.groups,
            Group::read,
            group_differs,
            &mut differences,
        );
        Ok(differences)
    }
}

/// The resources of one run, by their ids.
pub(super) struct Found {
    pub(super) users: BTreeMap<String, Value>,
    /// With their members.
    pub(super) groups: BTreeMap<String, Value>,
}

impl Found {
    /// Pages through everything and keeps what carries the tag.
    pub(super) async fn read(sender: &Sender<'_>, tag: &str) -> Result<Self> {
        let users = list(sender, &Call::new("GET", "/Users")).await?;
        let marks = [Attribute::ExternalId, Attribute::UserName];
        let ours = |user: &Value| {
            let mut texts = marks.into_iter().filter_map(|mark| mark.read(user));
            texts.any(|text| text.contains(tag))
        };
        let users = users.into_iter().filter(ours);
        let groups = list(sender, &Call::new("GET", "/Groups")).await?;
        let ours = |group: &&Value| Group::read(group).display_name.contains(tag);
        // A server need not return members in lists.
        let read = groups.iter().filter(ours).filter_map(|group| {
            let id = group["id"].as_str()?;
            Some(Call::new("GET", format!("/Groups/{id}")))
        });
        let answers = sender.send_all(read.collect()).await?;
        let groups = answers
            .iter()
            .map(Answer::json)
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            users: by_id(users),
            groups: by_id(groups.into_iter()),
        })
    }
}

fn by_id(resources: impl Iterator<Item = Value>) -> BTreeMap<String, Value> {
    let with_id = resources.filter_map(|resource| {
        let id = resource["id"].as_str()?.to_owned();
        Some((id, resource))
    });
    with_id.collect()
}

fn compare<T>(
    expected: &BTreeMap<String, T>,
    found: &BTreeMap<String, Value>,
    read: impl Fn(&Value) -> T,
    differs: impl Fn(&T, &T) -> Vec<String>,
    differences: &mut Vec<String>,
) {
    for (id, expected) in expected {
        match found.get(id) {
            None => differences.push(format!("{id} is not there")),
            Some(resource) => {
                let lines = differs(expected, &read(resource));
                differences.extend(lines.into_iter().map(|line| format!("{id}: {line}")));
            }
        }
    }
    let strangers = found.keys().filter(|id| !expected.contains_key(*id));
    differences.extend(strangers.map(|id| format!("{id} should not be there: {}", found[id])));
}

fn user_differs(expected: &User, found: &User) -> Vec<String> {
    let mut lines: Vec<_> = found
        .changes(expected)
        .map(|(attribute, wanted)| {
            let is = found.attributes.get(&attribute);
            format!("{} is {is:?}, not {wanted:?}", attribute.path())
        })
        .collect();
    if expected.active != found.active {
        lines.push(format!(
            "active is {}, not {}",
            found.active, expected.active
        ));
    }
    if expected.manager != found.manager {
        let (is, wanted) = (&found.manager, &expected.manager);
        lines.push(format!("the manager is {is:?}, not {wanted:?}"));
    }
    lines
}

fn group_differs(expected: &Group, found: &Group) -> Vec<String> {
    let mut lines = Vec::new();
    if expected.display_name != found.display_name {
        let (is, wanted) = (&found.display_name, &expected.display_name);
        lines.push(format!("displayName is {is:?}, not {wanted:?}"));
    }
    if expected.external_id.is_some() && expected.external_id != found.external_id {
        let (is, wanted) = (&found.external_id, &expected.external_id);
        lines.push(format!("externalId is {is:?}, not {wanted:?}"));
    }
    lines.extend(members_differ(&expected.members, &found.members));
    lines
}

pub(super) fn members_differ(
    expected: &BTreeSet<String>,
    found: &BTreeSet<String>,
) -> Option<String> {
    let missing: Vec<_> = expected.difference(found).collect();
    let surplus: Vec<_> = found.difference(expected).collect();
    let differ = !missing.is_empty() || !surplus.is_empty();
    differ.then(|| format!("members {missing:?} are missing, {surplus:?} should not be there"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulate::testing::{group, user};

    fn users_differ(expected: &str, found: Value) -> String {
        let expected = BTreeMap::from([("7".to_owned(), user(expected))]);
        let found = BTreeMap::from([(found["id"].as_str().unwrap().to_owned(), found)]);
        let mut lines = Vec::new();
        compare(&expected, &found, User::read, user_differs, &mut lines);
        lines.join("\n")
    }

    macro_rules! check {
        ($expected:literal, $found:tt, @$shown:literal) => {
            insta::assert_snapshot!(users_differ($expected, json!($found)), @$shown)
        };
    }

    #[test]
    fn users() {
        check!("userName=ann active", {"id": "7", "userName": "ann", "active": true}, @"");
        check!("userName=ann", {"id": "7", "userName": "Ann", "title": "Boss", "active": true}, @r#"
        7: userName is Some("Ann"), not Some("ann")
        7: title is Some("Boss"), not None
        7: active is true, not false
        "#);
        check!("userName=ann active manager=8", {"id": "7", "userName": "ann"}, @r#"7: the manager is None, not Some("8")"#);
        check!("userName=ann active", {"id": "8"}, @r#"
        7 is not there
        8 should not be there: {"id":"8"}
        "#);
    }

    #[test]
    fn groups() {
        let lines = |expected: Group, found| group_differs(&expected, &found).join("\n");
        let other_id = Group {
            external_id: None,
            ..group("A", [])
        };
        insta::assert_snapshot!(lines(group("A", ["1"]), group("A", ["1"])), @"");
        insta::assert_snapshot!(lines(group("A", ["1", "2"]), group("a", ["2", "3"])), @r#"
        displayName is "a", not "A"
        members ["1"] are missing, ["3"] should not be there
        "#);
        insta::assert_snapshot!(lines(group("A", []), other_id.clone()), @r#"externalId is None, not Some("x")"#);
        insta::assert_snapshot!(lines(other_id, group("A", [])), @"");
    }
}
