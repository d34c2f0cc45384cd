//! What happens in a directory between two cycles.

use super::account::Next;
use super::make::OPTIONAL;
use super::{Account, Directory, Event, Group, Scope};
use crate::simulate::values::Attribute;

impl Directory {
    /// A working day: most people stay as they are.
    pub(crate) fn change(&mut self) {
        let everybody: Vec<_> = self.people.keys().cloned().collect();
        for id in &everybody {
            self.account_events(id);
            self.edits(id);
        }
        for _ in 0..(everybody.len() / 40).max(1) {
            let id = self.hire();
            self.choose_manager(&id);
        }
        let groups: Vec<_> = self.groups.keys().cloned().collect();
        for id in &groups {
            self.group_events(id);
        }
        for _ in 0..(groups.len() / 10).max(1) {
            let size = self.rng.usize(..12);
            self.found_group(size);
        }
    }

    fn account_events(&mut self, id: &str) {
        let rng = &mut self.rng;
        let (scope, event) = (rng.u8(..100), rng.u8(..100));
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        person.scope = match person.scope {
            Scope::Assigned if scope < 3 => Scope::Unassigned,
            Scope::Unassigned if scope < 40 => Scope::Assigned,
            same => same,
        };
        let event = match (person.account, event) {
            (Account::Enabled, 0..3) => Event::Disable,
            (Account::Enabled | Account::Disabled, 3..7) => Event::SoftDelete,
            (Account::Disabled, 7..50) => Event::Enable,
            (Account::SoftDeleted, 0..30) => Event::Restore,
            (Account::SoftDeleted, 30..70) => Event::HardDelete,
            _ => return,
        };
        match person.account.next(event) {
            Next::Is(account) => person.account = account,
            Next::Gone => self.leave(id),
            Next::Impossible => unreachable!("{event:?} was chosen for the state"),
        }
    }

    /// Goes for good. Half of them are made anew, as another object with the same login name.
    fn leave(&mut self, id: &str) {
        for group in self.groups.values_mut() {
            group.members.remove(id);
        }
        let Some(mut person) = self.people.remove(id) else {
            return;
        };
        if self.rng.bool() {
            let number = self.number();
            let new = format!("{}-u{number}", self.tag);
            person.set(Attribute::ExternalId, new.clone());
            person.account = Account::Enabled;
            self.people.insert(new, person);
        }
    }

    fn edits(&mut self, id: &str) {
        let dice = self.rng.u8(..100);
        let number = self.number();
        let Some(person) = self.people.get(id) else {
            return;
        };
        let family = person.attributes.get(&Attribute::FamilyName).cloned();
        let edit = match dice {
            0..12 => {
                let attribute = OPTIONAL[self.rng.usize(..OPTIONAL.len())];
                let value = self.value(attribute);
                let clear = self.rng.u8(..3) == 0;
                vec![(attribute, (!clear).then_some(value))]
            }
            12..15 => {
                // A new name brings a new login and a new address.
                let family = self.value(Attribute::FamilyName);
                let login = self.user_name(&family, number);
                vec![
                    (
                        Attribute::DisplayName,
                        Some(self.value(Attribute::DisplayName)),
                    ),
                    (Attribute::FamilyName, Some(family)),
                    (Attribute::UserName, Some(login)),
                    (Attribute::Mail, Some(self.value(Attribute::Mail))),
                ]
            }
            15..17 => {
                let login = self.user_name(&family.unwrap_or_default(), number);
                vec![(Attribute::UserName, Some(login))]
            }
            17..21 => return self.choose_manager(id),
            21 => return self.without_manager(id),
            _ => return,
        };
        if let Some(person) = self.people.get_mut(id) {
            for (attribute, value) in edit {
                match value {
                    Some(value) => person.set(attribute, value),
                    None => drop(person.attributes.remove(&attribute)),
                }
            }
        }
    }

    fn without_manager(&mut self, id: &str) {
        if let Some(person) = self.people.get_mut(id) {
            person.manager = None;
        }
    }

    fn group_events(&mut self, id: &str) {
        let dice = self.rng.u8(..100);
        let number = self.number();
        let Some(mut group) = self.groups.remove(id) else {
            return;
        };
        let id = match dice {
            // Gone; half of them come again, as another object with the same name.
            0..3 => return,
            3..6 => format!("{}-g{number}", self.tag),
            6..14 => {
                group.display_name = self.group_name(number);
                id.to_owned()
            }
            _ => id.to_owned(),
        };
        self.members_come_and_go(&mut group);
        self.groups.insert(id, group);
    }

    /// About one in fifteen goes, as many come, and sometimes a group is emptied.
    fn members_come_and_go(&mut self, group: &mut Group) {
        if self.rng.u8(..100) < 3 {
            group.members.clear();
            return;
        }
        let few = group.members.len() / 15 + 2;
        let (going, coming) = (self.rng.usize(..few), self.rng.usize(..few));
        let going = self.rng.choose_multiple(group.members.iter(), going);
        let going: Vec<_> = going.into_iter().cloned().collect();
        for id in &going {
            group.members.remove(id);
        }
        group.members.extend(self.some_people(coming));
    }
}
