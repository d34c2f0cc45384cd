//! Which departures from the RFCs a client is allowed.

use serde::{Deserialize, Serialize};

/// Named switches, one for each departure.
///
/// [`Policy::compatible`], the default, accepts every documented request of the
/// identity providers. [`Policy::strict`] accepts what RFC 7643 and RFC 7644
/// ask for and nothing else. A resource type that declares itself strict is
/// always treated strictly, whatever the policy says.
///
/// In JSON, a switch that is left out is on.
///
/// ```
/// use scim_core::resource::Policy;
///
/// let policy = Policy { string_booleans: false, ..Policy::compatible() };
/// assert!(policy.remove_with_value);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Policy {
    /// `"True"` and `"false"` stand for booleans.
    pub string_booleans: bool,
    /// A PATCH of a `readOnly` attribute is passed over, not refused with
    /// `mutability` (RFC 7644 §3.5.2).
    pub ignore_read_only: bool,
    /// Attributes that no schema defines are passed over, not refused.
    pub ignore_unknown_attributes: bool,
    /// A value path that selects nothing creates the value its filter
    /// describes, where RFC 7644 §3.5.2.3 asks for `noTarget`.
    pub create_on_no_match: bool,
    /// The `value` of a `remove` names the values to take away.
    pub remove_with_value: bool,
    /// The keys of a `value` without `path` may be paths: `name.givenName`.
    pub dotted_keys: bool,
    /// An extension's attribute may be named without the extension's URN.
    pub short_extension_paths: bool,
    /// A complex attribute such as `manager` may be given as the text of its
    /// `value`.
    pub manager_as_text: bool,
    /// An empty text clears the attribute. (`null` and `[]` always do, by
    /// RFC 7643 §2.5.)
    pub empty_clears: bool,
    /// A complex value may be JSON inside a string.
    pub json_string_values: bool,
    /// `schemas` may be absent or incomplete, may name unknown URNs, and a URN
    /// may lack a colon.
    pub unknown_schema_urns: bool,
    /// One value may stand where an array is expected, and an array of one
    /// value where a single value is.
    pub single_or_array: bool,
    /// `op` may be written `Add`, `REPLACE` and so on.
    pub op_any_case: bool,
    /// A PATCH may hold no operation; nothing is then changed.
    pub empty_operations: bool,
    /// The values of a filter may lack their quotes: `externalId eq jyoung`.
    pub unquoted_filter_values: bool,
}

impl Policy {
    /// Accepts every documented shape that has one meaning.
    pub const fn compatible() -> Self {
        Self::all(true)
    }

    /// Accepts what the RFCs say, and nothing else.
    pub const fn strict() -> Self {
        Self::all(false)
    }

    const fn all(on: bool) -> Self {
        Self {
            string_booleans: on,
            ignore_read_only: on,
            ignore_unknown_attributes: on,
            create_on_no_match: on,
            remove_with_value: on,
            dotted_keys: on,
            short_extension_paths: on,
            manager_as_text: on,
            empty_clears: on,
            json_string_values: on,
            unknown_schema_urns: on,
            single_or_array: on,
            op_any_case: on,
            empty_operations: on,
            unquoted_filter_values: on,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::compatible()
    }
}
