//! How people and groups come into being.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::names::{DEPARTMENTS, FAMILY, GIVEN, GROUPS, LANGUAGES, OFFICES, TITLES};
use super::{Account, Directory, Group, Person, Scope};
use crate::simulate::values::Attribute;

impl Directory {
    /// A directory with so many people and groups; `tag` is part of all their names.
    pub(crate) fn new(tag: &str, people: u32, groups: u32, seed: u64) -> Self {
        let mut directory = Self {
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            tag: tag.to_owned(),
            made: 0,
            rng: Rng::with_seed(seed),
        };
        for _ in 0..people {
            directory.hire();
        }
        let everybody: Vec<_> = directory.people.keys().cloned().collect();
        for id in everybody {
            directory.choose_manager(&id);
        }
        for number in 0..groups {
            // A few hold most of the people, most hold a few; the last is empty.
            let last = number + 1 == groups && groups > 1;
            let size = if last { 0 } else { people / (number + 1) };
            directory.found_group(size as usize);
        }
        directory
    }

    /// A new person, without a manager.
    pub(super) fn hire(&mut self) -> String {
        let number = self.number();
        let rng = &mut self.rng;
        let (given, family) = (one(rng, &GIVEN), one(rng, &FAMILY));
        let account = if rng.u8(..100) < 4 {
            Account::Disabled
        } else {
            Account::Enabled
        };
        let scope = if rng.u8(..100) < 6 {
            Scope::Unassigned
        } else {
            Scope::Assigned
        };
        let mut person = Person {
            attributes: BTreeMap::new(),
            manager: None,
            account,
            scope,
            rank: rng.u32(..),
        };
        let id = format!("{}-u{number}", self.tag);
        person.set(Attribute::ExternalId, id.clone());
        person.set(Attribute::GivenName, given.to_owned());
        person.set(Attribute::FamilyName, family.to_owned());
        person.set(Attribute::DisplayName, format!("{given} {family}"));
        person.set(
            Attribute::EmployeeNumber,
            format!("{}-{number:05}", self.tag),
        );
        person.set(Attribute::UserName, self.user_name(family, number));
        for attribute in OPTIONAL {
            if self.rng.u8(..100) < 70 {
                person.set(attribute, self.value(attribute));
            }
        }
        self.people.insert(id.clone(), person);
        id
    }

    /// Somebody of a higher rank, or nobody.
    pub(super) fn choose_manager(&mut self, id: &str) {
        let everybody: Vec<_> = self.people.iter().collect();
        let Some(rank) = self.people.get(id).map(|person| person.rank) else {
            return;
        };
        // Ten tries find somebody for most people and leave the highest alone.
        let manager = (0..10)
            .filter_map(|_| self.rng.choice(&everybody))
            .find(|(_, other)| other.rank > rank)
            .map(|(other, _)| (*other).clone());
        if let Some(person) = self.people.get_mut(id) {
            person.manager = manager;
        }
    }

    /// A new group with so many members, chosen at random.
    pub(super) fn found_group(&mut self, size: usize) {
        let number = self.number();
        let members = self.some_people(size);
        let display_name = self.group_name(number);
        let id = format!("{}-g{number}", self.tag);
        self.groups.insert(
            id,
            Group {
                display_name,
                members,
            },
        );
    }

    pub(super) fn some_people(&mut self, count: usize) -> BTreeSet<String> {
        let chosen = self.rng.choose_multiple(self.people.keys(), count);
        chosen.into_iter().cloned().collect()
    }

    /// A login name: ASCII, as directories insist, and some with an apostrophe, a plus or capitals.
    pub(super) fn user_name(&mut self, family: &str, number: u32) -> String {
        let ascii = |c: &char| c.is_ascii_alphabetic() || *c == '\'';
        let name: String = family.chars().filter(ascii).collect();
        let name = if name.is_empty() {
            "person".to_owned()
        } else {
            name
        };
        let sign = one(&mut self.rng, &[".", "+", "-", "_"]);
        let name = if self.rng.bool() {
            name.to_lowercase()
        } else {
            name
        };
        format!("{name}{sign}{number}@{}.example", self.tag)
    }

    pub(super) fn group_name(&mut self, number: u32) -> String {
        let name = one(&mut self.rng, &GROUPS);
        format!("{} {name} {number}", self.tag)
    }

    /// A number that nothing else has.
    pub(super) fn number(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    /// A value for an attribute that need not have one.
    pub(super) fn value(&mut self, attribute: Attribute) -> String {
        let number = self.rng.u32(..1_000_000);
        let rng = &mut self.rng;
        match attribute {
            Attribute::Mail => format!("Mail.{number}@{}.example", self.tag),
            Attribute::WorkPhone => format!("+41 44 {number:06}"),
            Attribute::MobilePhone => format!("+420 601 {number:06}"),
            Attribute::Title => one(rng, &TITLES).to_owned(),
            Attribute::Department => one(rng, &DEPARTMENTS).to_owned(),
            Attribute::Office => one(rng, &OFFICES).to_owned(),
            Attribute::Language => one(rng, &LANGUAGES).to_owned(),
            Attribute::GivenName => one(rng, &GIVEN).to_owned(),
            Attribute::FamilyName => one(rng, &FAMILY).to_owned(),
            Attribute::DisplayName => {
                format!("{} {} {number}", one(rng, &GIVEN), one(rng, &FAMILY))
            }
            Attribute::UserName | Attribute::ExternalId | Attribute::EmployeeNumber => {
                unreachable!("{attribute:?} is made with the person")
            }
        }
    }
}

impl Person {
    pub(super) fn set(&mut self, attribute: Attribute, value: String) {
        self.attributes.insert(attribute, value);
    }
}

/// What a person may lack.
pub(super) const OPTIONAL: [Attribute; 7] = [
    Attribute::Mail,
    Attribute::WorkPhone,
    Attribute::MobilePhone,
    Attribute::Title,
    Attribute::Department,
    Attribute::Office,
    Attribute::Language,
];

fn one(rng: &mut Rng, choices: &[&'static str]) -> &'static str {
    rng.choice(choices).copied().unwrap_or_default()
}
