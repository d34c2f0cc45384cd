//! By what a person is looked for among the Hosts, in which order.

use scim_core::text::fold;
use scim_server::Error;
use scim_server::store::Transaction;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::tenant;

/// An attribute that tells who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum MatchKey {
    /// Exactly.
    EmployeeNumber,
    /// In any case; alone, it is a hint and no more.
    Email,
    /// In any case.
    UserName,
}

/// Texts longer than this are nobody's number or name, and too long for a key with its attribute.
const BYTES_MAX: usize = 300;

impl MatchKey {
    pub(crate) const ALL: [MatchKey; 3] = [
        MatchKey::EmployeeNumber,
        MatchKey::Email,
        MatchKey::UserName,
    ];

    /// The attribute of a Host.
    pub(super) fn attribute(self) -> &'static str {
        match self {
            MatchKey::EmployeeNumber => "employeeNumber",
            MatchKey::Email => "email",
            MatchKey::UserName => "userName",
        }
    }

    /// How a conflict says that it is the same: `=` exactly or by name, `~` in any case.
    pub(super) fn evidence(self) -> &'static str {
        match self {
            MatchKey::EmployeeNumber => "employeeNumber=",
            MatchKey::Email => "email~",
            MatchKey::UserName => "userName=",
        }
    }

    /// The value by which Hosts are found.
    pub(super) fn value(self, of: &Map<String, Value>) -> Option<String> {
        let text = of.get(self.attribute())?.as_str()?;
        let text = match self {
            MatchKey::EmployeeNumber => text.to_owned(),
            MatchKey::Email | MatchKey::UserName => fold(text),
        };
        (!text.is_empty() && text.len() <= BYTES_MAX).then_some(text)
    }

    /// What only one Host at a time is made with.
    pub(super) fn claim(self, value: &str) -> String {
        format!("{}={}", self.attribute(), fold(value))
    }
}

/// The keys that the tenant goes by, the one that says most first. Asked only where somebody was found by any of
/// them: what the tenant wants costs a statement.
pub(super) async fn match_order(tx: &mut Transaction<'_>) -> Result<Vec<MatchKey>, Error> {
    Ok(tenant::settings(tx).await?.match_order())
}

/// Is the person looked for by something else since?
pub(crate) fn identity_differs(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    let differs = |key: MatchKey| key.value(before) != key.value(after);
    MatchKey::ALL.into_iter().any(differs)
}
