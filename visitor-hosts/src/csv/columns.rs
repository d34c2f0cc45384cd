//! Which columns the header names.

use super::{Refusal, Refusals};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Hosts,
    Groups,
}

const HOSTS: [&str; 17] = [
    "userName",
    "externalId",
    "givenName",
    "familyName",
    "displayName",
    "email",
    "phone",
    "title",
    "department",
    "employeeNumber",
    "managerUserName",
    "officeLocation",
    "hostCategory",
    "hostVisible",
    "active",
    "preferredLanguage",
    "groups",
];
const GROUPS: [&str; 3] = ["displayName", "externalId", "members"];

impl FileKind {
    /// The word in a request.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            FileKind::Hosts => "hosts",
            FileKind::Groups => "groups",
        }
    }

    /// The kind that a request names; hosts unless it says otherwise.
    pub(crate) fn named(word: Option<&str>) -> FileKind {
        match word {
            Some("groups") => FileKind::Groups,
            _ => FileKind::Hosts,
        }
    }

    /// All columns, in the order in which they are exported.
    pub(crate) fn columns(self) -> &'static [&'static str] {
        match self {
            FileKind::Hosts => &HOSTS,
            FileKind::Groups => &GROUPS,
        }
    }

    /// The column that tells rows apart.
    pub(crate) fn key(self) -> &'static str {
        match self {
            FileKind::Hosts => "userName",
            FileKind::Groups => "displayName",
        }
    }

    /// The column with this name in any case.
    pub(crate) fn column(self, name: &str) -> Option<&'static str> {
        let mut columns = self.columns().iter().copied();
        columns.find(|column| column.eq_ignore_ascii_case(name.trim()))
    }

    fn nearest(self, name: &str) -> Option<&'static str> {
        let name = name.trim().to_lowercase();
        let columns = self.columns().iter().copied();
        let distances = columns.map(|column| {
            let distance = strsim::damerau_levenshtein(&name, &column.to_lowercase());
            (distance, column)
        });
        let (distance, column) = distances.min_by_key(|(distance, _)| *distance)?;
        (distance <= 4.min(name.chars().count() / 2)).then_some(column)
    }
}

/// The columns of a header, in its order.
pub(super) fn header(
    kind: FileKind,
    line: u64,
    cells: &csv::StringRecord,
) -> Result<Vec<&'static str>, Refusals> {
    let known = FileKind::columns(kind).join(", ");
    if !cells.iter().any(|cell| kind.column(cell).is_some()) {
        let reason = format!("the first line must name the columns; known are {known}");
        return Err(Refusal::at(line, reason).into());
    }
    let mut refusals = Refusals::default();
    let mut columns = Vec::new();
    for cell in cells {
        let Some(column) = kind.column(cell) else {
            let shown = scim_core::error::echo(cell);
            let reason = match kind.nearest(cell) {
                Some(nearest) => format!("there is no column {shown}; is it {nearest}?"),
                None => format!("there is no column {shown}; known are {known}"),
            };
            refusals.add(Refusal::at(line, reason));
            continue;
        };
        if columns.contains(&column) {
            let reason = format!("the column {column} is there twice");
            refusals.add(Refusal::at(line, reason));
        }
        columns.push(column);
    }
    if !columns.contains(&kind.key()) {
        let reason = format!("the column {} is missing", kind.key());
        refusals.add(Refusal::at(line, reason));
    }
    refusals.unless(columns)
}
