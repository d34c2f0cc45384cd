//! What a provider may be told to do that the RFCs, or its administrator, did not mean.

use std::collections::BTreeSet;

use clap::ValueEnum;

/// One habit. Which of them a provider has anyway, `docs/simulate.md` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[value(rename_all = "camelCase")]
pub enum Quirk {
    /// op is written Add, Replace and Remove
    OpCase,
    /// active and primary are the texts "True" and "False", in POST and PUT too
    BoolString,
    /// A changed address goes to emails.value, not to emails[type eq "work"].value
    ValuePathWithoutType,
    /// Members are taken out one by one, by members[value eq "…"]
    MemberRemoveByFilter,
    /// An extension and its attribute are one key or path: urn:…:User.department
    UrnFlattening,
    /// schemas does not name the enterprise extension
    ExtensionUndeclared,
    /// People have a role, as JSON within a text
    RolesAsJsonString,
    /// Managers are named by the directory's own id, which the server never hears of otherwise
    ManagerUnresolved,
    /// Each change of a group is preceded by one that adds a member who was never provisioned
    MemberOutOfScope,
    /// Titles and mobile numbers are sent in the first cycle and never again
    StaleAttribute,
    /// E-mail addresses and employee numbers are never sent
    NeverSent,
    /// Login names, by which people are looked for, hold an apostrophe, a plus, an ampersand and an accent
    SpecialCharacterFilter,
    /// All of these
    All,
}

/// The habits of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quirks(BTreeSet<Quirk>);

impl Quirks {
    /// Every habit by itself, without [`Quirk::All`].
    pub fn each() -> impl Iterator<Item = Quirk> {
        let all = Quirk::value_variants().iter().copied();
        all.filter(|quirk| *quirk != Quirk::All)
    }

    /// Whether the provider has it.
    pub fn has(&self, quirk: Quirk) -> bool {
        self.0.contains(&quirk)
    }

    /// Those that it has.
    pub fn iter(&self) -> impl Iterator<Item = Quirk> {
        self.0.iter().copied()
    }
}

impl FromIterator<Quirk> for Quirks {
    fn from_iter<I: IntoIterator<Item = Quirk>>(asked: I) -> Self {
        let asked: BTreeSet<Quirk> = asked.into_iter().collect();
        if asked.contains(&Quirk::All) {
            return Self(Self::each().collect());
        }
        Self(asked)
    }
}

impl Quirk {
    /// The word on the command line and in reports.
    pub fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_each_of_them() {
        let all: Quirks = [Quirk::All].into_iter().collect();
        assert_eq!(all.iter().count(), 12);
        assert!(all.has(Quirk::NeverSent) && !all.has(Quirk::All));
        assert!(!Quirks::default().has(Quirk::OpCase));
    }
}
