//! Which departures from the RFCs a client is allowed.
//!
//! Most switches of a [`Policy`] accept a shape that some identity provider
//! sends; four others accept what the RFCs allow and the interoperability
//! profile (draft-zollner-scim-interop-profile) does not. [`SWITCHES`] lists
//! them all, [`PRESETS`] the policies that have a name.
//!
//! # Where a switch stands against a MUST
//!
//! With the switch on, a request passes that breaks a MUST of this section,
//! or is answered otherwise than the section asks. [`Policy::strict`] keeps
//! every MUST; [`Policy::compatible`] keeps all but these.
//!
//! | switch | section | what it says |
//! |---|---|---|
//! | `ignoreReadOnly` | RFC 7644 §3.5.2 | a PATCH of a `readOnly` attribute fails with `mutability` |
//! | `ignoreUnknownAttributes` | RFC 7644 §3.12 | an undefined attribute is `invalidPath` or `invalidSyntax` |
//! | `createOnNoMatch` | RFC 7644 §3.5.2.3 | a value path that selects nothing fails with `noTarget` |
//! | `removeWithValue` | RFC 7644 §3.5.2.2 | a `remove` whose path has no filter takes all values away |
//! | `nestedRemoveValue` | RFC 7644 §3.5.2.2 | the same |
//! | `dottedKeys` | RFC 7643 §2.1 | the name of an attribute has neither dots nor colons |
//! | `shortExtensionPaths` | RFC 7644 §3.10 | an extension's attribute is named with its URN |
//! | `unknownSchemaUrns` | RFC 7643 §3 | `schemas` names the schema of the resource, and only schemas it has |
//! | `misspelledUrns` | RFC 7643 §3 | a schema is named by its URN |
//! | `undeclaredExtensions` | RFC 7643 §3 | `schemas` names every extension in use |
//! | `undeclaredPatchOp` | RFC 7644 §3.5.2 | `schemas` of a PATCH body names `PatchOp` |
//! | `opAnyCase` | RFC 7644 §3.5.2 | `op` is `add`, `remove` or `replace` |
//! | `emptyOperations` | RFC 7644 §3.5.2 | a PATCH holds one operation or more |
//! | `unquotedFilterValues` | RFC 7644 §3.4.2.2 | a filter follows the grammar, in which text stands in quotes |

use serde::{Deserialize, Serialize};

/// Defines the policy and its list of switches by one table, so that neither
/// can lack what the other has.
macro_rules! switches {
    ($($(#[doc = $doc:literal])+ $field:ident = $name:literal, by $senders:expr, against $section:expr;)+) => {
        /// Named switches, one for each departure.
        ///
        /// [`Policy::compatible`], the default, accepts every documented
        /// request of the identity providers. [`Policy::strict`] accepts what
        /// RFC 7643 and RFC 7644 ask for and nothing else. A resource type
        /// that declares itself strict is always treated strictly, whatever
        /// the policy says.
        ///
        /// In JSON, a switch that is left out is on.
        ///
        /// ```
        /// use scim_core::resource::Policy;
        ///
        /// let policy = Policy { string_booleans: false, ..Policy::compatible() };
        /// assert!(policy.remove_with_value);
        /// assert_eq!(Policy::named("compatible"), Some(Policy::default()));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", default, deny_unknown_fields)]
        pub struct Policy {
            $($(#[doc = $doc])+ pub $field: bool,)+
        }

        /// All switches, in the order of the fields of [`Policy`].
        pub static SWITCHES: &[Switch] = &[$(Switch {
            name: $name,
            senders: $senders,
            against: $section,
            doc: &[$($doc),+],
            read: |policy| policy.$field,
            write: |policy, on| policy.$field = on,
        }),+];

        impl Policy {
            const fn all(on: bool) -> Self {
                Self { $($field: on,)+ }
            }
        }
    };
}

switches! {
    /// `"True"` and `"false"` stand for booleans, in values and in filters.
    string_booleans = "stringBooleans",
        by &["Entra", "OneLogin", "Keycloak"], against None;
    /// A PATCH of a `readOnly` attribute is passed over: `{"op":"replace",
    /// "value":{"id":"…","displayName":"…"}}`.
    ignore_read_only = "ignoreReadOnly",
        by &["Okta"], against Some("RFC 7644 §3.5.2");
    /// Attributes that no schema defines are passed over:
    /// `manager.managerId`, the `id` inside an app role.
    ignore_unknown_attributes = "ignoreUnknownAttributes",
        by &["Entra", "OneLogin"], against Some("RFC 7644 §3.12");
    /// A value path that selects nothing creates the value its filter
    /// describes: `replace emails[type eq "work"].value`.
    create_on_no_match = "createOnNoMatch",
        by &["Entra"], against Some("RFC 7644 §3.5.2.3");
    /// The `value` of a `remove` names the values to take away:
    /// `{"op":"Remove","path":"members","value":[{"value":"…"}]}`.
    remove_with_value = "removeWithValue",
        by &["Entra", "JumpCloud", "PingFederate"], against Some("RFC 7644 §3.5.2.2");
    /// Such a `value` may repeat the name of the attribute:
    /// `"value":{"members":[{"value":"…"}]}`.
    nested_remove_value = "nestedRemoveValue",
        by &["PingFederate"], against Some("RFC 7644 §3.5.2.2");
    /// The keys of a `value` without `path` may be paths: `name.givenName`,
    /// `urn:…:User:employeeNumber`. So may an extension's attributes in a whole
    /// resource, also joined by a dot: `urn:…:User.department`.
    dotted_keys = "dottedKeys",
        by &["Entra"], against Some("RFC 7643 §2.1");
    /// An extension's attribute may be named without the extension's URN:
    /// `manager`.
    short_extension_paths = "shortExtensionPaths",
        by &["Entra"], against Some("RFC 7644 §3.10");
    /// A complex attribute such as `manager` may be given as the text of its
    /// `value`.
    manager_as_text = "managerAsText",
        by &["Entra"], against None;
    /// An empty text clears the attribute. (`null` and `[]` always do, by
    /// RFC 7643 §2.5.)
    empty_clears = "emptyClears",
        by &["Entra"], against None;
    /// A complex value may be JSON inside a string: the app roles
    /// `"{\"id\":…,\"value\":…}"`.
    json_string_values = "jsonStringValues",
        by &["Entra"], against None;
    /// `schemas` may be absent, may lack the URN of the resource type and may
    /// name unknown ones: `http://schemas.microsoft.com/…/2.0/Group`.
    unknown_schema_urns = "unknownSchemaUrns",
        by &["Entra"], against Some("RFC 7643 §3");
    /// A URN may lack a colon: `…:enterprise:2.0User`.
    misspelled_urns = "misspelledUrns",
        by &["Entra"], against Some("RFC 7643 §3");
    /// An extension may be used that `schemas` does not name.
    undeclared_extensions = "undeclaredExtensions",
        by &["Entra", "OneLogin"], against Some("RFC 7643 §3");
    /// A PATCH body need not name `PatchOp` in `schemas`.
    undeclared_patch_op = "undeclaredPatchOp",
        by &[], against Some("RFC 7644 §3.5.2");
    /// One value may stand where an array is expected, and an array of one
    /// value where a single value is: `manager` as `[{"value":"…"}]`.
    single_or_array = "singleOrArray",
        by &["Entra"], against None;
    /// `op` may be written `Add`, `REPLACE` and so on.
    op_any_case = "opAnyCase",
        by &["Entra"], against Some("RFC 7644 §3.5.2");
    /// A PATCH may hold no operation; nothing is then changed.
    empty_operations = "emptyOperations",
        by &[], against Some("RFC 7644 §3.5.2");
    /// The values of a filter may lack their quotes: `externalId eq jyoung`.
    unquoted_filter_values = "unquotedFilterValues",
        by &["Entra"], against Some("RFC 7644 §3.4.2.2");
    /// An operation may lack its path, and the keys of its `value` say what
    /// changes. The RFC allows it; the interoperability profile does not.
    patch_without_path = "patchWithoutPath",
        by &["Entra", "Okta", "Keycloak"], against None;
    /// A `replace` of a complex value leaves the sub-attributes that it does
    /// not name, which is one way to read RFC 7644 §3.5.2.3. Without the
    /// switch the value is replaced as a whole, as the interoperability
    /// profile has it.
    merge_on_replace = "mergeOnReplace",
        by &["SailPoint"], against None;
    /// `add` and `replace` may have a path that ends at its brackets:
    /// `emails[type eq "work"]`. The RFC allows it; the interoperability
    /// profile asks for a sub-attribute.
    whole_value_paths = "wholeValuePaths",
        by &[], against None;
    /// `add` and `replace` change every value that the brackets select. The
    /// RFC asks for it; the interoperability profile refuses more than one
    /// with `invalidFilter`.
    several_matches = "severalMatches",
        by &[], against None;
}

/// One switch of a [`Policy`], for documentation and command lines.
///
/// ```
/// use scim_core::resource::{Policy, policy::SWITCHES};
///
/// let switch = SWITCHES.iter().find(|it| it.name == "createOnNoMatch").unwrap();
/// assert_eq!(switch.against, Some("RFC 7644 §3.5.2.3"));
/// assert!(switch.is_on(&Policy::compatible()) && !switch.is_on(&Policy::strict()));
/// ```
#[derive(Debug)]
pub struct Switch {
    /// The name in JSON and on command lines.
    pub name: &'static str,
    /// The identity providers that need it, by their documentation or by what
    /// was seen of them.
    pub senders: &'static [&'static str],
    /// The section with the MUST that the switch stands against.
    pub against: Option<&'static str>,
    doc: &'static [&'static str],
    read: fn(&Policy) -> bool,
    write: fn(&mut Policy, bool),
}

impl Switch {
    /// What it accepts, in a sentence or two.
    pub fn about(&self) -> String {
        let lines: Vec<&str> = self.doc.iter().map(|line| line.trim()).collect();
        lines.join(" ")
    }

    /// Whether the policy has it on.
    pub fn is_on(&self, policy: &Policy) -> bool {
        (self.read)(policy)
    }
}

/// A policy that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name.
    pub name: &'static str,
    /// The policy.
    pub policy: Policy,
    /// Whom it is for, in one sentence.
    pub about: &'static str,
}

/// The named policies; the first is the default.
pub static PRESETS: &[Preset] = &[
    Preset {
        name: "compatible",
        policy: Policy::compatible(),
        about: "Accepts every documented request of the identity providers that has one meaning.",
    },
    Preset {
        name: "strict",
        policy: Policy::strict(),
        about: "Accepts what RFC 7643 and RFC 7644 say, and nothing else.",
    },
    Preset {
        name: "interop",
        policy: Policy::interop(),
        about: "Accepts what the interoperability profile says: strict, and every change has a path.",
    },
    Preset {
        name: "entra",
        policy: Policy::entra(),
        about: "Accepts what the documentation of Microsoft Entra ID shows, and is else strict.",
    },
    Preset {
        name: "okta",
        policy: Policy::okta(),
        about: "Accepts what the documentation of Okta shows, and is else strict.",
    },
];

impl Policy {
    /// Accepts every documented shape that has one meaning.
    pub const fn compatible() -> Self {
        Self::all(true)
    }

    /// Accepts what the RFCs say, and nothing else.
    pub const fn strict() -> Self {
        Self {
            patch_without_path: true,
            merge_on_replace: true,
            whole_value_paths: true,
            several_matches: true,
            ..Self::all(false)
        }
    }

    /// Accepts what draft-zollner-scim-interop-profile says: as strict, and
    /// every operation has a path that leads to one value.
    pub const fn interop() -> Self {
        Self::all(false)
    }

    /// Accepts the requests that Microsoft Entra ID is documented to send.
    pub const fn entra() -> Self {
        Self {
            ignore_read_only: false,
            nested_remove_value: false,
            undeclared_patch_op: false,
            empty_operations: false,
            ..Self::all(true)
        }
    }

    /// Accepts the requests that Okta is documented to send, which keep to
    /// the RFCs but for the `id` in a change of a group.
    pub const fn okta() -> Self {
        Self {
            ignore_read_only: true,
            ..Self::strict()
        }
    }

    /// The policy with this name; see [`PRESETS`].
    ///
    /// ```
    /// use scim_core::Policy;
    ///
    /// assert!(Policy::named("okta").is_some_and(|okta| !okta.string_booleans));
    /// assert_eq!(Policy::named("lenient"), None);
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        let preset = PRESETS.iter().find(|preset| preset.name == name)?;
        Some(preset.policy)
    }

    /// The name of the policy, if it has one.
    pub fn name(&self) -> Option<&'static str> {
        let preset = PRESETS.iter().find(|preset| preset.policy == *self)?;
        Some(preset.name)
    }

    /// The policy with one switch set; none if no switch has the name.
    ///
    /// ```
    /// use scim_core::Policy;
    ///
    /// let policy = Policy::strict().with("opAnyCase", true);
    /// assert!(policy.is_some_and(|policy| policy.op_any_case));
    /// assert_eq!(Policy::strict().with("anyOp", true), None);
    /// ```
    pub fn with(mut self, switch: &str, on: bool) -> Option<Self> {
        let switch = SWITCHES.iter().find(|known| known.name == switch)?;
        (switch.write)(&mut self, on);
        Some(self)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::compatible()
    }
}

#[cfg(test)]
mod tests {
    use super::{PRESETS, Policy, SWITCHES};

    #[test]
    fn the_switches_are_the_members_of_the_json() {
        let json = serde_json::to_value(Policy::entra()).unwrap();
        let members: Vec<&String> = json.as_object().unwrap().keys().collect();
        let names: Vec<&str> = SWITCHES.iter().map(|switch| switch.name).collect();
        assert_eq!(members, names);
        for switch in SWITCHES {
            assert_eq!(json[switch.name], switch.is_on(&Policy::entra()));
            assert!(switch.about().ends_with(['.', ')']), "{}", switch.name);
        }
    }

    #[test]
    fn the_table_lists_the_conflicts() {
        let rows = include_str!("policy.rs").lines().filter_map(|line| {
            let row = line.strip_prefix("//! | `")?;
            let (name, rest) = row.split_once("` | ")?;
            Some((name, rest.split_once(" | ")?.0))
        });
        let conflicts = SWITCHES
            .iter()
            .filter_map(|switch| Some((switch.name, switch.against?)));
        assert_eq!(
            rows.collect::<Vec<_>>(),
            conflicts.collect::<Vec<_>>(),
            "the table in the module's documentation, and the switches"
        );
    }

    #[test]
    fn strict_keeps_every_must() {
        for switch in SWITCHES.iter().filter(|switch| switch.against.is_some()) {
            assert!(!switch.is_on(&Policy::strict()), "{}", switch.name);
        }
    }

    #[test]
    fn presets_have_what_their_directories_need() {
        for (preset, sender) in [("entra", "Entra"), ("okta", "Okta")] {
            let policy = Policy::named(preset).unwrap();
            for switch in SWITCHES {
                let needed = switch.senders.contains(&sender);
                let expected = needed || switch.is_on(&Policy::strict());
                assert_eq!(switch.is_on(&policy), expected, "{preset}: {}", switch.name);
            }
        }
    }

    #[test]
    fn presets_differ_and_are_found_by_name() {
        for preset in PRESETS {
            assert_eq!(Policy::named(preset.name), Some(preset.policy));
            assert_eq!(preset.policy.name(), Some(preset.name));
        }
        assert_eq!(PRESETS[0].policy, Policy::default());
    }

    #[test]
    fn a_switch_that_json_leaves_out_is_on() {
        let read = |json: &str| serde_json::from_str::<Policy>(json).map_err(|_| ());
        assert_eq!(read("{}"), Ok(Policy::compatible()));
        assert_eq!(
            read(r#"{"opAnyCase": false}"#),
            Ok(Policy::compatible().with("opAnyCase", false).unwrap())
        );
        assert_eq!(read(r#"{"anyOp": false}"#), Err(()));
    }
}
