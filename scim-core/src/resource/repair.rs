//! What was put right in a request, for the record.

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

/// One kind of departure from the RFCs that was accepted under a
/// [`Policy`](super::Policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Repair {
    /// `op` was not written in lower case.
    OpCase,
    /// A boolean was sent as text.
    BoolString,
    /// A `remove` named the values to take away in its `value`.
    RemoveByValue,
    /// A `remove` of members named them in its `value`.
    MemberRemoveByValue,
    /// A key of a `value` without `path` was itself a path.
    DottedKey,
    /// A key was an extension's URN and an attribute in one, joined by a colon
    /// or a dot.
    UrnFlattening,
    /// An extension's attribute was named without the extension's URN.
    ShortExtensionPath,
    /// An extension was used that `schemas` does not declare.
    ExtensionUndeclared,
    /// `schemas` lacked the resource type's own URN, or was absent.
    SchemasIncomplete,
    /// `schemas` named a URN that the resource type does not know.
    SchemaUnknown,
    /// A URN was misspelled by a colon.
    SchemaMisspelled,
    /// A complex value came as JSON inside a string.
    RolesAsJsonString,
    /// A complex attribute came as the text of its `value`.
    ManagerAsText,
    /// An empty text stood for "no value".
    EmptyClears,
    /// A change of a `readOnly` attribute was passed over.
    ReadOnlyIgnored,
    /// An attribute that no schema defines was passed over.
    UnknownAttributeIgnored,
    /// A password was accepted and thrown away.
    PasswordDiscarded,
    /// A value path selected nothing, and the value it describes was made.
    CreatedOnNoMatch,
    /// A path led into a list without saying to which value, so all were meant:
    /// `emails.value`.
    ValuePathWithoutType,
    /// One value stood for an array, or an array for its only value.
    SingleOrArray,
    /// The PATCH did not carry the `PatchOp` URN in `schemas`.
    PatchOpUndeclared,
    /// The PATCH held no operation.
    EmptyOperations,
    /// The values of a filter lacked their quotes.
    FilterUnquoted,
}

/// The repairs made to one request, each once, in the order they were made.
///
/// ```
/// use scim_core::{Policy, ResourceType, resource::{Repair, validate}, schema};
/// use serde_json::json;
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let body = json!({"schemas": [schema::USER_URN], "userName": "kim", "active": "True"});
/// let repairs = validate::parse_new(&users, body, &Policy::compatible())?.repairs;
/// assert!(repairs.contains(Repair::BoolString));
/// assert_eq!(serde_json::to_string(&repairs)?, r#"["boolString"]"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Repairs(IndexSet<Repair>);

impl Repairs {
    /// No repair.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the request was in order as it came.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `repair` was made.
    pub fn contains(&self, repair: Repair) -> bool {
        self.0.contains(&repair)
    }

    /// The repairs in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = Repair> + '_ {
        self.0.iter().copied()
    }

    /// Adds a repair.
    pub fn note(&mut self, repair: Repair) {
        self.0.insert(repair);
    }
}

#[cfg(test)]
mod tests {
    use super::{Repair, Repairs};

    #[test]
    fn each_repair_is_listed_once_under_its_name() {
        let mut repairs = Repairs::new();
        assert!(repairs.is_empty());
        repairs.note(Repair::BoolString);
        assert!(!repairs.is_empty());
        repairs.note(Repair::OpCase);
        repairs.note(Repair::BoolString);
        insta::assert_snapshot!(
            serde_json::to_string(&repairs).unwrap(),
            @r#"["boolString","opCase"]"#
        );
    }
}
