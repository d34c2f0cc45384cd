//! What a tenant wants, and what holds where it says nothing.

use scim_core::ResourceId;
use scim_server::Error;
use scim_server::store::{PolicyName, Transaction};
use serde::Deserialize;
use uuid::Uuid;

use crate::ownership::MatchKey;

/// The type of the one resource.
pub(super) const KIND: &str = "TenantSettings";

/// The id of the one resource, the same in every tenant.
pub(super) fn id() -> ResourceId {
    // "settings", as a UUIDv8 (RFC 9562 §5.8).
    ResourceId::new(Uuid::from_u128(0x7365_7474_696e_8767_8000_7300_0000_0001))
}

/// What a tenant wants.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TenantSettings {
    pub(crate) guard_defaults: GuardDefaults,
    pub(super) silent_after_hours: Option<f64>,
    host_match_order: Option<Vec<MatchKey>>,
    policy: Option<String>,
}

/// The guard of connections that say nothing of their own.
#[derive(Debug, Default, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct GuardDefaults {
    pub(crate) max_deactivations: Option<u64>,
    pub(crate) max_deactivation_percent: Option<f64>,
    pub(crate) hold_hours: Option<f64>,
}

impl TenantSettings {
    /// The tolerance of new connections.
    pub(crate) fn policy(&self) -> PolicyName {
        let named = self.policy.as_deref().map(str::parse).and_then(Result::ok);
        named.unwrap_or_default()
    }

    /// After how many hours without a request a directory is silent; 0: never.
    pub(crate) fn silent_after_hours(&self) -> f64 {
        self.silent_after_hours.unwrap_or(SILENT_AFTER_HOURS)
    }

    /// By what people are recognised, the surest first.
    pub(crate) fn match_order(&self) -> Vec<MatchKey> {
        let all = [
            MatchKey::EmployeeNumber,
            MatchKey::Email,
            MatchKey::UserName,
        ];
        self.host_match_order
            .clone()
            .unwrap_or_else(|| all.to_vec())
    }
}

/// What the tenant wants now.
pub(crate) async fn settings(tx: &mut Transaction<'_>) -> Result<TenantSettings, Error> {
    let Some(stored) = tx.get(KIND, id()).await? else {
        return Ok(TenantSettings::default());
    };
    let document = serde_json::Value::Object(stored.parse()?.into_map());
    Ok(serde_json::from_value(document).unwrap_or_default())
}

/// Refuses numbers of a guard that mean nothing; `attribute` is the one they stand in.
pub(crate) fn in_bounds(
    attribute: &str,
    percent: Option<f64>,
    hold_hours: Option<f64>,
) -> Result<(), scim_core::Error> {
    let refuse = |name: &str, reason: &str| {
        Err(scim_core::Error::invalid_value(
            &format!("{attribute}.{name}"),
            reason,
        ))
    };
    if percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
        return refuse("maxDeactivationPercent", "send a share from 0 to 100");
    }
    if hold_hours.is_some_and(|hours| !(hours > 0.0 && hours <= HOLD_HOURS_MAX)) {
        return refuse("holdHours", "send a time above 0 and up to 720 hours");
    }
    Ok(())
}

/// Refuses hours that are no silence.
pub(crate) fn is_a_silence(hours: Option<f64>) -> Result<(), scim_core::Error> {
    if hours.is_some_and(|hours| !(0.0..=SILENT_HOURS_MAX).contains(&hours)) {
        let reason = "send 0, which means never, or up to 8,760 hours";
        return Err(scim_core::Error::invalid_value("silentAfterHours", reason));
    }
    Ok(())
}

/// Entra asks every 40 minutes, also where nothing has changed; Okta only when something has.
const SILENT_AFTER_HOURS: f64 = 24.0;
/// A silence of a year is none that anybody waits for.
const SILENT_HOURS_MAX: f64 = 8_760.0;
/// A hold that lasts longer than a month is a decision that nobody took.
const HOLD_HOURS_MAX: f64 = 720.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_where_nothing_is_said() {
        let nothing = TenantSettings::default();
        assert_eq!(nothing.policy().as_str(), "compatible");
        assert_eq!(nothing.match_order().len(), 3);
        let said = r#"{"hostMatchOrder":["userName"],"policy":"entra"}"#;
        let said: TenantSettings = serde_json::from_str(said).unwrap();
        assert_eq!(said.policy().as_str(), "entra");
        assert_eq!(said.match_order(), [MatchKey::UserName]);
    }
}
