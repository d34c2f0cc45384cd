//! What is to be done in a cycle: the directory on one side, what was exported on the other, jobs
//! between them. Pure; how a job is done is `work.rs`.

use std::collections::BTreeSet;

use super::directory::{self, Directory, Person};
use super::export::{Export, Exported, Exports};
use super::provider::{Change, Leaver, Managers, Mapped, Provider};
use super::values::{Attribute, Group, User};

/// Something to be done about one object.
#[derive(Debug)]
pub(super) struct Job<T> {
    /// The directory's id.
    pub(super) anchor: String,
    pub(super) work: Work<T>,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Work<T> {
    /// It is looked for; if it is not there, what then?
    Export { wanted: T, absent: Absent },
    /// It was exported and differs now.
    Update {
        exported: Exported<T>,
        changes: Vec<Change<T>>,
    },
    /// It was exported and has gone.
    Delete { exported: Exported<T> },
}

/// What happens when an object is not found at the service provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// It is created.
    Create,
    /// Nothing: nobody is created inactive. It was looked for because an earlier try to create it
    /// ended without an answer.
    Leave,
}

/// What happens to those who have gone from the directory. Before everything else, since their
/// names may be in use again.
pub(super) fn leavers(
    directory: &Directory,
    provider: &dyn Provider,
    users: &Exports<User>,
    cycle: u32,
) -> Vec<Job<User>> {
    let gone = gone(
        users,
        |anchor| directory.people().contains_key(anchor),
        cycle,
    );
    let job = |(anchor, exported): (&String, &Exported<User>)| {
        let work = match provider.leaver() {
            Leaver::Deleted => Work::Delete {
                exported: exported.clone(),
            },
            Leaver::Kept => {
                let inactive = User {
                    active: false,
                    ..exported.last.clone()
                };
                update(provider, exported, &inactive)?
            }
        };
        Some(job(anchor, work))
    };
    gone.filter_map(job).collect()
}

/// What differs about people who are in the directory.
pub(super) fn people(
    directory: &Directory,
    provider: &dyn Provider,
    users: &Exports<User>,
    cycle: u32,
) -> Vec<Job<User>> {
    let due = directory
        .people()
        .iter()
        .filter(|(anchor, _)| users.is_due(anchor, cycle));
    let job = |(anchor, person): (&String, &Person)| {
        let wanted = wanted_user(directory, provider, users, person);
        let work = match users.known.get(anchor) {
            Some(exported) => update(provider, exported, &wanted)?,
            None => Work::Export {
                absent: match (wanted.active, users.escrow.contains_key(anchor)) {
                    (true, _) => Absent::Create,
                    (false, true) => Absent::Leave,
                    (false, false) => return None,
                },
                wanted,
            },
        };
        Some(job(anchor, work))
    };
    due.filter_map(job).collect()
}

/// Groups that have gone.
pub(super) fn dissolved(
    directory: &Directory,
    groups: &Exports<Group>,
    cycle: u32,
) -> Vec<Job<Group>> {
    let gone = gone(
        groups,
        |anchor| directory.groups().contains_key(anchor),
        cycle,
    );
    let deleted = gone.map(|(anchor, exported)| {
        let exported = exported.clone();
        job(anchor, Work::Delete { exported })
    });
    deleted.collect()
}

/// What differs about groups that are in the directory.
pub(super) fn groups(
    directory: &Directory,
    provider: &dyn Provider,
    users: &Exports<User>,
    groups: &Exports<Group>,
    cycle: u32,
) -> Vec<Job<Group>> {
    let due = directory
        .groups()
        .iter()
        .filter(|(anchor, _)| groups.is_due(anchor, cycle));
    let job = |(anchor, group): (&String, &directory::Group)| {
        let wanted = wanted_group(directory, provider, users, anchor, group);
        let work = match groups.known.get(anchor) {
            Some(exported) => update(provider, exported, &wanted)?,
            None => Work::Export {
                wanted,
                absent: Absent::Create,
            },
        };
        Some(job(anchor, work))
    };
    due.filter_map(job).collect()
}

/// How a person should be at the service provider. A manager who is not there yet is left out, so
/// the reference is a difference again as soon as both exist.
pub(super) fn wanted_user(
    directory: &Directory,
    provider: &dyn Provider,
    users: &Exports<User>,
    person: &Person,
) -> User {
    let manager = match provider.managers() {
        Managers::Exported => directory
            .manager(person)
            .and_then(|manager| users.id(manager)),
        Managers::Left => None,
    };
    let user = User {
        attributes: person.attributes.clone(),
        active: person.active(),
        manager: manager.cloned(),
    };
    // The directory's own id goes with the person, whatever is renamed.
    let anchor = user.text(Attribute::ExternalId);
    let about = Mapped {
        manager: person.manager.as_deref(),
        last: users.known.get(anchor).map(|exported| &exported.last),
        first: users.known.is_empty(),
    };
    provider.mapped(user.clone(), &about)
}

/// How a group should be at the service provider, with the members who are there.
pub(super) fn wanted_group(
    directory: &Directory,
    provider: &dyn Provider,
    users: &Exports<User>,
    anchor: &str,
    group: &directory::Group,
) -> Group {
    let members = directory
        .members(group)
        .filter_map(|member| users.id(member));
    Group {
        display_name: group.display_name.clone(),
        external_id: provider.group_external_id(anchor),
        members: members.cloned().collect(),
    }
}

/// Ids that no other object may be matched with.
pub(super) fn taken<T>(
    exports: &Exports<T>,
    leaver: Leaver,
    is_there: impl Fn(&str) -> bool,
) -> BTreeSet<String> {
    let known = exports.known.iter();
    let held = known.filter(|(anchor, _)| leaver == Leaver::Deleted || is_there(anchor));
    held.map(|(_, exported)| exported.id.clone()).collect()
}

fn gone<T>(
    exports: &Exports<T>,
    is_there: impl Fn(&str) -> bool,
    cycle: u32,
) -> impl Iterator<Item = (&String, &Exported<T>)> {
    let known = exports.known.iter();
    known.filter(move |(anchor, _)| !is_there(anchor) && exports.is_due(anchor, cycle))
}

fn update<T: Export>(
    provider: &dyn Provider,
    exported: &Exported<T>,
    wanted: &T,
) -> Option<Work<T>> {
    let changes = wanted.update(provider, &exported.id, &exported.last);
    (!changes.is_empty()).then(|| Work::Update {
        exported: exported.clone(),
        changes,
    })
}

fn job<T>(anchor: &str, work: Work<T>) -> Job<T> {
    Job {
        anchor: anchor.to_owned(),
        work,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::entra::Entra;
    use crate::simulate::escrow::Escrow;
    use crate::simulate::okta::Okta;

    /// Exports of everybody who is active, as the directory wants them, without references.
    fn exported(directory: &Directory) -> Exports<User> {
        let mut users = Exports::new();
        for (anchor, person) in directory.people() {
            if person.active() {
                let id = format!("id of {anchor}");
                let last = wanted_user(directory, &Okta::Put, &users, person);
                users.known.insert(anchor.clone(), Exported { id, last });
            }
        }
        users
    }

    fn anchors<T>(jobs: &[Job<T>]) -> BTreeSet<String> {
        jobs.iter().map(|job| job.anchor.clone()).collect()
    }

    fn ids<'d>(people: impl Iterator<Item = (&'d String, &'d Person)>) -> BTreeSet<String> {
        people.map(|(anchor, _)| anchor.clone()).collect()
    }

    #[test]
    fn at_first_the_active_are_exported() {
        let directory = Directory::new("t", 100, 4, 1);
        let jobs = people(&directory, &Entra::Usual, &Exports::new(), 1);
        let active = directory
            .people()
            .iter()
            .filter(|(_, person)| person.active());
        let active = ids(active);
        assert!(active.len() < 100);
        assert_eq!(anchors(&jobs), active);
    }

    #[test]
    fn once_both_exist_only_managers_differ() {
        let directory = Directory::new("t", 100, 4, 1);
        let users = exported(&directory);
        assert_eq!(people(&directory, &Okta::Put, &users, 2).len(), 0);
        let jobs = people(&directory, &Entra::Usual, &users, 2);
        let managed = directory.people().iter().filter(|(_, person)| {
            let manager = directory.manager(person);
            person.active() && manager.is_some_and(|manager| users.known.contains_key(manager))
        });
        assert_eq!(anchors(&jobs), ids(managed));
    }

    #[test]
    fn whoever_has_gone_is_deleted_or_left_inactive() {
        let directory = Directory::new("t", 20, 2, 1);
        let mut users = exported(&directory);
        let (_, somebody) = users.known.first_key_value().unwrap();
        let gone = somebody.clone();
        users.known.insert("gone".to_owned(), gone);
        let [deleted] = &leavers(&directory, &Entra::Usual, &users, 2)[..] else {
            panic!("one has gone");
        };
        assert!(matches!(deleted.work, Work::Delete { .. }));
        let [left] = &leavers(&directory, &Okta::Patch, &users, 2)[..] else {
            panic!("one has gone");
        };
        let Work::Update { changes, .. } = &left.work else {
            panic!("Okta deletes nobody");
        };
        assert!(changes.iter().all(|change| !change.then.active));
    }

    #[test]
    fn what_has_failed_waits_until_it_is_due() {
        let directory = Directory::new("t", 20, 2, 1);
        let mut users = Exports::new();
        for anchor in directory.people().keys() {
            let once = Some(Escrow::after(None, 1));
            users.escrow.insert(anchor.clone(), Escrow::after(once, 2));
        }
        assert_eq!(people(&directory, &Entra::Usual, &users, 3).len(), 0);
        let jobs = people(&directory, &Entra::Usual, &users, 4);
        // Those who are not active are looked for, since they may have been created.
        assert_eq!(jobs.len(), 20);
        for job in jobs {
            let active = directory.people()[&job.anchor].active();
            let Work::Export { absent, .. } = job.work else {
                panic!("nobody was exported");
            };
            assert_eq!(absent == Absent::Create, active);
        }
    }

    /// Whatever changes: what is sent ends at what is wanted, and then nothing is sent.
    #[test]
    fn requests_end_at_what_is_wanted() {
        let providers: [&dyn Provider; 4] = [&Entra::Usual, &Entra::Flag, &Okta::Put, &Okta::Patch];
        let mut directory = Directory::new("t", 80, 10, 1);
        let mut changed = 0;
        for _ in 0..10 {
            let before = exported(&directory);
            let members = |directory: &Directory, users: &Exports<User>| {
                let groups = directory.groups().iter();
                let wanted = groups.map(|(anchor, group)| {
                    let wanted = wanted_group(directory, &Entra::Usual, users, anchor, group);
                    (anchor.clone(), wanted)
                });
                wanted.collect::<Vec<_>>()
            };
            let groups_before = members(&directory, &before);
            directory.change();
            let groups_after = members(&directory, &before);
            for provider in providers {
                for (anchor, Exported { id, last }) in &before.known {
                    let Some(person) = directory.people().get(anchor) else {
                        continue;
                    };
                    let wanted = wanted_user(&directory, provider, &before, person);
                    changed += reaches(provider, id, last, &wanted);
                }
                for (anchor, from) in &groups_before {
                    let after = groups_after.iter().find(|(other, _)| other == anchor);
                    if let Some((_, to)) = after {
                        changed += reaches(provider, "7", from, to);
                    }
                }
            }
        }
        assert!(changed > 500, "{changed} changes");
    }

    /// 1 if anything had to be sent.
    fn reaches<T: Export + PartialEq + std::fmt::Debug>(
        provider: &dyn Provider,
        id: &str,
        from: &T,
        to: &T,
    ) -> usize {
        let changes = to.update(provider, id, from);
        assert_eq!(changes.last().map_or(from, |change| &change.then), to);
        assert!(to.update(provider, id, to).is_empty());
        usize::from(!changes.is_empty())
    }

    #[test]
    fn members_are_those_who_exist() {
        let directory = Directory::new("t", 50, 3, 1);
        let users = exported(&directory);
        let jobs = groups(&directory, &Entra::Usual, &users, &Exports::new(), 1);
        assert_eq!(jobs.len(), 3);
        for job in jobs {
            let Work::Export { wanted, .. } = job.work else {
                panic!("no group was exported");
            };
            let known: BTreeSet<_> = users.known.values().map(|user| user.id.clone()).collect();
            assert!(wanted.members.is_subset(&known));
            assert!(wanted.members.len() <= directory.groups()[&job.anchor].members.len());
        }
    }

    #[test]
    fn only_what_was_left_behind_may_be_taken_over() {
        let directory = Directory::new("t", 20, 2, 1);
        let mut users = exported(&directory);
        let gone = Exported {
            id: "left".to_owned(),
            last: User::default(),
        };
        users.known.insert("gone".to_owned(), gone);
        let is_there = |anchor: &str| directory.people().contains_key(anchor);
        assert!(taken(&users, Leaver::Deleted, is_there).contains("left"));
        assert!(!taken(&users, Leaver::Kept, is_there).contains("left"));
    }
}
