//! What the product keeps with a connection: attributes of its `ApiToken` that the library does not know.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the product keeps with a connection. What is not said follows the tenant.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) guard: Option<Guard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_existing: Option<OnExisting>,
    /// Hours after which nothing that came is a silence; 0: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) silent_after_hours: Option<f64>,
    /// Who answers for an agent, and what it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agent: Option<Value>,
    /// The first characters of the newest secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// What the last "Test Connection" found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_test: Option<Value>,
}

/// How much a connection may hide at once.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Guard {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_deactivations: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_deactivation_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hold_hours: Option<f64>,
}

/// What the guard does when a limit is passed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mode {
    /// Nothing.
    Off,
    /// It tells, and lets everything take effect.
    Observe,
    /// The hosts stay in effect until somebody decides.
    #[default]
    Hold,
    /// The request is refused.
    Refuse,
}

/// What happens when a connection brings somebody who is here already.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OnExisting {
    /// Their Host follows the new User.
    AutoLink,
    /// Somebody is asked.
    #[default]
    Ask,
    /// The request is refused.
    Reject,
}

impl OnExisting {
    const ALL: [OnExisting; 3] = [OnExisting::AutoLink, OnExisting::Ask, OnExisting::Reject];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            OnExisting::AutoLink => "autoLink",
            OnExisting::Ask => "ask",
            OnExisting::Reject => "reject",
        }
    }

    pub(crate) fn named(name: &str) -> Option<OnExisting> {
        let mut all = OnExisting::ALL.into_iter();
        all.find(|one| one.as_str().eq_ignore_ascii_case(name))
    }
}

impl Settings {
    /// What is stored with a connection; what cannot be read counts as nothing said.
    pub(crate) fn of(stored: Option<&str>) -> Settings {
        let read = stored.map(serde_json::from_str).and_then(Result::ok);
        read.unwrap_or_default()
    }

    /// As it is stored.
    pub(super) fn to_text(&self) -> Option<String> {
        let text = serde_json::to_string(self).ok()?;
        (text != "{}").then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_not_stored() {
        assert_eq!(Settings::default().to_text(), None);
        let said = r#"{"guard":{"mode":"observe","maxDeactivations":3},"onExisting":"autoLink"}"#;
        let settings = Settings::of(Some(said));
        assert_eq!(settings.to_text().as_deref(), Some(said));
        assert_eq!(settings.on_existing, Some(OnExisting::AutoLink));
        assert_eq!(Settings::of(Some("no JSON")), Settings::default());
    }
}
