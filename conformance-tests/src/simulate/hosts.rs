//! Whether the product's hosts and host groups agree with the directory.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use super::agreement::{Expectation, members_differ};
use super::list::list;
use super::send::Sender;
use super::values::{Attribute, Group, User};
use crate::client::{Call, Credential};

/// What an inactive or deleted user's host is: hidden, or held by a guard against too many at once.
const GONE: [&str; 2] = ["hidden", HELD];
const HELD: &str = "heldVisible";

/// Everything that is different, one line each: who is active is a visible host, who is not is a
/// hidden or a held one, and host groups have the hosts of the members. A held host of a deleted user may
/// still be in its groups.
pub(super) async fn differences(
    sender: &Sender<'_>,
    expected: &Expectation,
    tag: &str,
) -> Result<Vec<String>> {
    let read = |path| Call::new("GET", path).with_credential(Credential::App);
    let hosts = list(sender, &read("/Hosts")).await?;
    let mut differences = Vec::new();
    let mut by_user: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut held: BTreeSet<&str> = BTreeSet::new();
    for host in &hosts {
        if let Some(user) = host["user"]["value"].as_str() {
            if by_user.insert(user, host).is_some() {
                differences.push(format!("user {user} has two hosts"));
            }
        } else if host["effectiveStatus"] == HELD {
            held.extend(host["id"].as_str());
        } else if ours(host, tag) && host["effectiveStatus"] != "hidden" {
            differences.push(format!("a host without a user is not hidden: {host}"));
        }
    }
    for (id, user) in &expected.users {
        match by_user.get(id.as_str()) {
            Some(host) => differences.extend(host_differs(user, host)),
            None => differences.push(format!("user {id} has no host")),
        }
    }
    let mut host_groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let found = list(sender, &read("/HostGroups")).await?;
    let one = |host_group: &Value| {
        let id = host_group["id"].as_str()?;
        Some(Call::new("GET", format!("/HostGroups/{id}")).with_credential(Credential::App))
    };
    for answer in sender
        .send_all(found.iter().filter_map(one).collect())
        .await?
    {
        let host_group = answer.json()?;
        if let Some(group) = host_group["group"]["value"].as_str() {
            let mut members = Group::read(&host_group).members;
            members.retain(|host| !held.contains(host.as_str()));
            host_groups.insert(group.to_owned(), members);
        }
    }
    for (id, group) in &expected.groups {
        let hosts = group
            .members
            .iter()
            .filter_map(|user| by_user.get(user.as_str()));
        let hosts = hosts.filter_map(|host| Some(host["id"].as_str()?.to_owned()));
        let line = match host_groups.get(id) {
            Some(found) => members_differ(&hosts.collect(), found),
            None => Some("there is none".to_owned()),
        };
        differences.extend(line.map(|line| format!("the host group of {id}: {line}")));
    }
    Ok(differences)
}

fn ours(host: &Value, tag: &str) -> bool {
    host["userName"]
        .as_str()
        .is_some_and(|name| name.contains(tag))
}

fn host_differs(user: &User, host: &Value) -> Vec<String> {
    let name = user.text(Attribute::DisplayName);
    let statuses: &[&str] = if user.active { &["visible"] } else { &GONE };
    let mut lines = Vec::new();
    for (attribute, wanted) in [("effectiveStatus", statuses), ("displayName", &[name])] {
        if !wanted.iter().any(|wanted| host[attribute] == *wanted) {
            lines.push(format!("{attribute} is not {:?}: {host}", wanted[0]));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulate::scripted::{Line, Scripted};
    use crate::simulate::testing::{group, user};

    /// Ann, who is active, and Bob, who is not, are users 1 and 2 and members of group 3.
    async fn told(hosts: Value, members: Value) -> String {
        let expected = Expectation {
            users: BTreeMap::from([
                ("1".to_owned(), user("displayName=Ann active")),
                ("2".to_owned(), user("displayName=Bob")),
            ]),
            groups: BTreeMap::from([("3".to_owned(), group("A", ["1", "2"]))]),
            problems: Vec::new(),
        };
        let host_group = json!({"id": "h3", "group": {"value": "3"}, "members": members});
        let list = |resources: Value| {
            let total = resources.as_array().map(Vec::len);
            Line::Answer(200, json!({"totalResults": total, "Resources": resources}))
        };
        let script = [
            list(hosts),
            list(json!([host_group])),
            Line::Answer(200, host_group),
        ];
        let (server, client) = Scripted::start(script).await;
        let sender = Sender::new(&client, 0);
        let lines = differences(&sender, &expected, "tag").await.unwrap();
        server.asked();
        lines.join("\n")
    }

    fn host(id: &str, user: &str, name: &str, status: &str) -> Value {
        let user = json!({"value": user});
        json!({"id": id, "user": user, "displayName": name, "effectiveStatus": status})
    }

    macro_rules! check {
        ([$($host:expr),*], $members:tt, @$shown:literal) => {
            insta::assert_snapshot!(told(json!([$($host),*]), json!($members)).await, @$shown)
        };
    }

    #[tokio::test]
    async fn hosts_and_host_groups() {
        let ann = || host("h1", "1", "Ann", "visible");
        let bob = || host("h2", "2", "Bob", "hidden");
        let left = |status| json!({"id": "h4", "userName": "x@tag", "effectiveStatus": status});
        let both = json!([{"value": "h1"}, {"value": "h2"}]);
        check!([ann(), bob(), left("hidden")], both, @"");
        check!([ann(), host("h2", "2", "Bob", "heldVisible"), left("heldVisible")], both, @"");
        check!([ann(), bob(), left("visible")], both, @r#"a host without a user is not hidden: {"id":"h4","userName":"x@tag","effectiveStatus":"visible"}"#);
        check!([host("h1", "1", "Anna", "hidden"), bob()], both, @r#"
        effectiveStatus is not "visible": {"id":"h1","user":{"value":"1"},"displayName":"Anna","effectiveStatus":"hidden"}
        displayName is not "Ann": {"id":"h1","user":{"value":"1"},"displayName":"Anna","effectiveStatus":"hidden"}
        "#);
        check!([ann()], both, @r#"
        user 2 has no host
        the host group of 3: members [] are missing, ["h2"] should not be there
        "#);
        check!([ann(), bob(), host("h5", "2", "Bob", "hidden")], both, @r#"
        user 2 has two hosts
        the host group of 3: members ["h5"] are missing, ["h2"] should not be there
        "#);
        check!([ann(), bob()], [{"value": "h1"}, {"value": "h6"}], @r#"the host group of 3: members ["h2"] are missing, ["h6"] should not be there"#);
    }
}
