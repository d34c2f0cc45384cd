//! Whether the server tells what the journals say, and whether Users, Groups, Hosts and
//! `HostGroups` agree with each other.

use std::collections::{BTreeMap, BTreeSet};

use conformance_tests::client::{Call, Client};

use crate::journal::{Journal, State};
use crate::picture::{Host, Picture, User};

/// What the host of an inactive or deleted user is: hidden, or held, because so many go. A held one of a
/// deleted user is still in its groups.
const GONE: [&str; 2] = ["hidden", HELD];
const HELD: &str = "heldVisible";

/// Everything that is wrong after a restart, one line each. Settles the journals.
pub(crate) async fn problems(
    client: &Client,
    groups: &[String],
    journals: &mut [Journal],
) -> Vec<String> {
    let picture = match Picture::take(client, groups).await {
        Ok(picture) => picture,
        Err(error) => return vec![format!("{error:#}")],
    };
    let mut problems = picture.contradictions();
    for journal in journals.iter_mut() {
        problems.extend(journal.settle(|person| picture.state(&person.user_name)));
        problems.extend(picture.older_versions(journal));
    }
    let known = journals.iter().flat_map(|journal| &journal.people);
    let known: BTreeSet<_> = known.map(|person| person.user_name.as_str()).collect();
    let strangers = picture
        .users
        .keys()
        .filter(|name| !known.contains(name.as_str()));
    problems.extend(strangers.map(|name| format!("{name} was never created")));
    problems.extend(single_reads(client, journals).await);
    problems
}

impl Picture {
    /// What must hold whatever was written: every User has one Host that agrees, and both ends of
    /// a membership tell the same.
    fn contradictions(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut by_user: BTreeMap<&str, Vec<&Host>> = BTreeMap::new();
        for host in &self.hosts {
            match &host.user {
                Some(user) => by_user.entry(user).or_default().push(host),
                None if GONE.contains(&host.status.as_str()) => {}
                None => problems.push(format!(
                    "host {} has no user and is {}",
                    host.id, host.status
                )),
            }
        }
        for user in self.users.values() {
            match by_user.remove(user.id.as_str()).as_deref() {
                Some([host]) if host.agrees(user) => {}
                Some([host]) => problems.push(format!(
                    "user {} is {:?}, its host {:?} is {}",
                    user.id, user.facts, host.display_name, host.status
                )),
                hosts => {
                    let count = hosts.map_or(0, <[_]>::len);
                    problems.push(format!("user {} has {count} hosts", user.id));
                }
            }
        }
        let lost = by_user
            .keys()
            .map(|user| format!("a host mirrors {user}, who does not exist"));
        problems.extend(lost);
        for (group, members) in &self.members {
            problems.extend(self.membership_problems(group, members));
        }
        problems
    }

    fn membership_problems(&self, group: &str, members: &BTreeSet<String>) -> Vec<String> {
        let users = self
            .users
            .values()
            .filter(|user| user.facts.groups.contains(group));
        let users: BTreeSet<_> = users.map(|user| user.id.clone()).collect();
        let is_member = |host: &&Host| {
            host.user
                .as_ref()
                .is_some_and(|user| members.contains(user))
        };
        let hosts: BTreeSet<_> = self
            .hosts
            .iter()
            .filter(is_member)
            .map(|host| host.id.clone())
            .collect();
        let mut problems = Vec::new();
        if users != *members {
            problems.push(format!(
                "group {group} has {members:?}, its users say {users:?}"
            ));
        }
        let held = self.hosts.iter();
        let held = held.filter(|host| host.user.is_none() && host.status == HELD);
        let held: BTreeSet<&str> = held.map(|host| host.id.as_str()).collect();
        let found = self.host_members.get(group).map(|found| {
            let found = found.iter().filter(|id| !held.contains(id.as_str()));
            found.cloned().collect::<BTreeSet<_>>()
        });
        if found.as_ref() != Some(&hosts) {
            problems.push(format!(
                "the host group of {group} has {found:?}, not {hosts:?}"
            ));
        }
        problems
    }

    /// Takes over ids and versions; a version below the acknowledged one is a lost write.
    fn older_versions(&self, journal: &mut Journal) -> Vec<String> {
        let mut problems = Vec::new();
        for person in &mut journal.people {
            let Some(user) = self.users.get(&person.user_name) else {
                continue;
            };
            if user.version < person.version {
                let (found, acknowledged) = (user.version, person.version);
                let name = &person.user_name;
                problems.push(format!(
                    "{name}: version {found}, {acknowledged} was acknowledged"
                ));
            }
            match &person.id {
                Some(id) if *id != user.id => {
                    problems.push(format!("{}: id {}, not {id}", person.user_name, user.id));
                }
                _ => person.id = Some(user.id.clone()),
            }
            person.version = user.version;
        }
        problems
    }
}

impl Host {
    fn agrees(&self, user: &User) -> bool {
        let statuses: &[&str] = if user.facts.active {
            &["visible"]
        } else {
            &GONE
        };
        self.display_name == user.facts.display_name && statuses.contains(&self.status.as_str())
    }
}

/// Lists and single reads take different ways through a server: the last one of every journal
/// who exists is read, and of the last one who does not, nothing is found.
async fn single_reads(client: &Client, journals: &[Journal]) -> Vec<String> {
    let mut problems = Vec::new();
    for journal in journals {
        let newest = |absent: bool| {
            journal
                .people
                .iter()
                .rev()
                .find(|person| person.id.is_some() && (person.state == State::Absent) == absent)
        };
        for (person, status) in [(newest(false), 200), (newest(true), 404)] {
            let Some((person, id)) = person.and_then(|p| Some((p, p.id.as_ref()?))) else {
                continue;
            };
            match client.send(&Call::new("GET", format!("/Users/{id}"))).await {
                Ok(answer) if answer.status == status => {}
                Ok(answer) => problems.push(format!("{}: {answer}", person.user_name)),
                Err(error) => problems.push(format!("{}: {error:#}", person.user_name)),
            }
        }
    }
    problems
}
