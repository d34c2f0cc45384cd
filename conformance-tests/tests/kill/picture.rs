//! Everything that the server tells after a restart: Users, Groups, Hosts and host groups.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use conformance_tests::client::{Call, Client, Credential};
use serde_json::Value;

use crate::journal::{Facts, State};

/// Everything that the server tells.
pub(crate) struct Picture {
    /// By user name.
    pub(crate) users: BTreeMap<String, User>,
    /// Ids of Users by id of the Group.
    pub(crate) members: BTreeMap<String, BTreeSet<String>>,
    pub(crate) hosts: Vec<Host>,
    /// Ids of Hosts by id of the Group.
    pub(crate) host_members: BTreeMap<String, BTreeSet<String>>,
}

pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) facts: Facts,
}

pub(crate) struct Host {
    pub(crate) id: String,
    /// The id of its User, if that exists.
    pub(crate) user: Option<String>,
    pub(crate) display_name: String,
    pub(crate) status: String,
}

impl Picture {
    pub(crate) async fn take(client: &Client, groups: &[String]) -> Result<Self> {
        let users = list(client, Credential::Idp, "/Users").await?;
        let hosts = list(client, Credential::App, "/Hosts").await?;
        let host_groups = list(client, Credential::App, "/HostGroups").await?;
        let mut members = BTreeMap::new();
        for id in groups {
            let group = get(
                client,
                Credential::Idp,
                &format!("/Groups/{id}"),
                "attributes=members",
            )
            .await?;
            members.insert(id.clone(), values(&group["members"]));
        }
        let host_members = host_groups
            .iter()
            .map(|group| Ok((text(&group["group"]["value"])?, values(&group["members"]))));
        Ok(Self {
            users: users.iter().map(user).collect::<Result<_>>()?,
            members,
            hosts: hosts.iter().map(host).collect::<Result<_>>()?,
            host_members: host_members.collect::<Result<_>>()?,
        })
    }

    pub(crate) fn state(&self, user_name: &str) -> State {
        match self.users.get(user_name) {
            Some(user) => State::Present(user.facts.clone()),
            None => State::Absent,
        }
    }
}

/// The number in `W/"3"`.
pub(crate) fn version(tag: &str) -> Option<u64> {
    tag.strip_prefix("W/\"")?.strip_suffix('"')?.parse().ok()
}

async fn list(client: &Client, credential: Credential, path: &str) -> Result<Vec<Value>> {
    let mut resources = Vec::new();
    loop {
        let start = resources.len() + 1;
        let query = format!("startIndex={start}&count=1000");
        let mut page = get(client, credential, path, &query).await?;
        let total = page["totalResults"]
            .as_u64()
            .context("a list tells its total")?;
        let Value::Array(found) = page["Resources"].take() else {
            break;
        };
        if found.is_empty() {
            break;
        }
        resources.extend(found);
        if resources.len() as u64 >= total {
            break;
        }
    }
    Ok(resources)
}

async fn get(client: &Client, credential: Credential, path: &str, query: &str) -> Result<Value> {
    let call = Call::new("GET", path)
        .with_credential(credential)
        .with_query(query);
    let answer = client.send(&call).await?;
    ensure!(answer.status == 200, "{call}{answer}");
    answer.json()
}

fn user(resource: &Value) -> Result<(String, User)> {
    let tag = text(&resource["meta"]["version"])?;
    let user = User {
        id: text(&resource["id"])?,
        version: version(&tag).with_context(|| format!("{tag} is no version of ours"))?,
        facts: Facts {
            display_name: text(&resource["displayName"])?,
            active: resource["active"]
                .as_bool()
                .context("active is a boolean")?,
            groups: values(&resource["groups"]),
        },
    };
    Ok((text(&resource["userName"])?, user))
}

fn host(resource: &Value) -> Result<Host> {
    Ok(Host {
        id: text(&resource["id"])?,
        user: resource["user"]["value"].as_str().map(str::to_owned),
        display_name: text(&resource["displayName"])?,
        status: text(&resource["effectiveStatus"])?,
    })
}

/// The `value` of every element.
fn values(elements: &Value) -> BTreeSet<String> {
    let elements = elements.as_array().into_iter().flatten();
    elements
        .filter_map(|element| Some(element["value"].as_str()?.to_owned()))
        .collect()
}

fn text(value: &Value) -> Result<String> {
    Ok(value
        .as_str()
        .with_context(|| format!("{value} is no text"))?
        .to_owned())
}
