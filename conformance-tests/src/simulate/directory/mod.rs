//! The directory: who is there, and what is true about them. It knows nothing of servers.
//!
//! Everything follows from a seed: the same seed makes the same people and the same changes.

mod account;
mod change;
mod make;
mod names;

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::values::Attribute;
use account::{Account, Event};

/// People and groups, and the random numbers that they come from.
pub(super) struct Directory {
    /// By the directory's own id.
    people: BTreeMap<String, Person>,
    /// By the directory's own id.
    groups: BTreeMap<String, Group>,
    /// Part of every id and name, so that one run can be told from others.
    tag: String,
    made: u32,
    rng: Rng,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// What is known of the person.
    pub(super) attributes: BTreeMap<Attribute, String>,
    /// The directory's id of the manager, who may have gone.
    pub(super) manager: Option<String>,
    /// Whether the account can be used.
    pub(super) account: Account,
    /// Whether the person is assigned to the application.
    pub(super) scope: Scope,
    /// Managers have a higher one than those they manage, so nobody manages themselves.
    rank: u32,
}

/// Whether somebody is assigned to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Provisioned.
    Assigned,
    /// Not, or no longer.
    Unassigned,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// What it is called; unique.
    pub(super) display_name: String,
    /// The directory's ids of people.
    pub(super) members: BTreeSet<String>,
}

impl Person {
    /// Whether the person is to be active at the service provider.
    pub(super) fn active(&self) -> bool {
        self.account == Account::Enabled && self.scope == Scope::Assigned
    }

    /// Whether others may refer to the person, as a manager or a member: those whose account is
    /// in the bin are referred to by nobody until they are restored.
    pub(super) fn referable(&self) -> bool {
        self.account != Account::SoftDeleted && self.scope == Scope::Assigned
    }
}

impl Directory {
    /// Everybody who has not been deleted for good, by the directory's ids.
    pub(super) fn people(&self) -> &BTreeMap<String, Person> {
        &self.people
    }

    /// All groups, by the directory's ids.
    pub(super) fn groups(&self) -> &BTreeMap<String, Group> {
        &self.groups
    }

    /// What every `externalId`, `userName` and group name of this run holds.
    pub(super) fn tag(&self) -> &str {
        &self.tag
    }

    /// The manager, if somebody may refer to them.
    pub(super) fn manager<'p>(&self, person: &'p Person) -> Option<&'p str> {
        let manager = person.manager.as_deref()?;
        self.people.get(manager)?.referable().then_some(manager)
    }

    /// The members that may be referred to.
    pub(super) fn members<'d>(&'d self, group: &'d Group) -> impl Iterator<Item = &'d String> {
        let referable = |id: &&String| self.people.get(*id).is_some_and(Person::referable);
        group.members.iter().filter(referable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(seed: u64) -> Directory {
        Directory::new("tag", 200, 12, seed)
    }

    fn told(directory: &Directory) -> String {
        format!("{:?}{:?}", directory.people, directory.groups)
    }

    #[test]
    fn a_seed_makes_one_directory() {
        let (mut one, mut same, other) = (directory(7), directory(7), directory(8));
        one.change();
        same.change();
        assert_eq!(told(&one), told(&same));
        assert_ne!(told(&one), told(&other));
    }

    #[test]
    fn managers_form_a_forest_and_some_come_after_those_they_manage() {
        let mut directory = directory(7);
        for _ in 0..10 {
            directory.change();
        }
        let managed = directory.people.iter().filter_map(|(id, person)| {
            let manager = person.manager.as_ref()?;
            Some((id, person, manager, directory.people.get(manager)?))
        });
        let (mut pairs, mut out_of_order) = (0, 0);
        for (id, person, manager, by) in managed {
            assert!(by.rank > person.rank, "{manager} manages {id}");
            pairs += 1;
            out_of_order += usize::from(manager > id);
        }
        assert!(pairs > 100 && out_of_order > 20, "{pairs} {out_of_order}");
    }

    #[test]
    fn names_in_use_are_unique() {
        let mut directory = directory(7);
        for _ in 0..10 {
            directory.change();
            let logins = directory.people.values();
            let logins: BTreeSet<_> = logins
                .map(|person| person.attributes[&Attribute::UserName].to_lowercase())
                .collect();
            assert_eq!(logins.len(), directory.people.len());
            let names = directory.groups.values();
            let names: BTreeSet<_> = names
                .map(|group| group.display_name.to_lowercase())
                .collect();
            assert_eq!(names.len(), directory.groups.len());
        }
    }

    #[test]
    fn every_kind_of_change_happens() {
        let mut directory = directory(7);
        let (mut accounts, mut gone, mut again) = (BTreeSet::new(), 0, 0);
        for _ in 0..10 {
            let before = directory.people.clone();
            directory.change();
            accounts.extend(
                directory
                    .people
                    .values()
                    .map(|person| format!("{:?} {:?}", person.account, person.scope)),
            );
            for (id, person) in before {
                if directory.people.contains_key(&id) {
                    continue;
                }
                gone += 1;
                let login = &person.attributes[&Attribute::UserName];
                again += directory
                    .people
                    .values()
                    .filter(|other| other.attributes.get(&Attribute::UserName) == Some(login))
                    .count();
            }
        }
        assert_eq!(accounts.len(), 6, "{accounts:?}");
        assert!(gone >= 5 && again >= 2, "{gone} gone, {again} again");
    }

    #[test]
    fn few_groups_are_large() {
        let sizes = directory(7);
        let mut sizes: Vec<_> = sizes
            .groups
            .values()
            .map(|group| group.members.len())
            .collect();
        sizes.sort_unstable();
        assert!(sizes[11] >= 100 && sizes[5] <= 50, "{sizes:?}");
    }
}
