//! How a connection is, in one word: what is worst comes first.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::part::{Chip, Tone};
use crate::read::Read;
use crate::text as t;

/// A connection that ends within this time is told about.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Hours without a request after which a directory is silent, where nobody said otherwise.
const SILENT_AFTER_HOURS: f64 = 24.0;

/// How a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Revoked,
    Expired,
    Off,
    BadTest,
    ExpiresSoon,
    Silent,
    Unused,
    Live,
}

impl Condition {
    pub(crate) fn chip(self) -> Chip {
        let (tone, text) = match self {
            Condition::Revoked => (Tone::Quiet, t::provisioning::REVOKED),
            Condition::Expired => (Tone::Bad, t::provisioning::EXPIRED),
            Condition::Off => (Tone::Quiet, t::provisioning::OFF),
            Condition::BadTest => (Tone::Bad, t::provisioning::BAD_TEST),
            Condition::ExpiresSoon => (Tone::Waiting, t::provisioning::EXPIRES_SOON),
            Condition::Silent => (Tone::Waiting, t::provisioning::QUIET),
            Condition::Unused => (Tone::Plain, t::provisioning::UNUSED),
            Condition::Live => (Tone::Good, t::provisioning::LIVE),
        };
        Chip::new(tone, text)
    }

    /// Does somebody have to look after it?
    pub(crate) fn needs_somebody(self) -> bool {
        matches!(
            self,
            Condition::Expired | Condition::BadTest | Condition::ExpiresSoon | Condition::Silent
        )
    }
}

/// How the connection is now; the tenant may say after how many hours a directory is silent.
pub(crate) fn condition(token: &Value, tenant_hours: Option<f64>, now: Timestamp) -> Condition {
    let at = |path: &str| token.maybe(path)?.parse::<Timestamp>().ok();
    let ends = at("expiresAt");
    if token.maybe("revokedAt").is_some() {
        return Condition::Revoked;
    }
    if ends.is_some_and(|end| end <= now) {
        return Condition::Expired;
    }
    if token.at("active") == Some(&Value::Bool(false)) {
        return Condition::Off;
    }
    if token.text("lastTest.result") == "failed" {
        return Condition::BadTest;
    }
    let former = at("previousValidUntil").filter(|end| *end > now);
    if ends.is_some_and(|end| end.duration_since(now) < SOON) || former.is_some() {
        return Condition::ExpiresSoon;
    }
    let Some(used) = at("lastUsedAt") else {
        return Condition::Unused;
    };
    let own = token.at("silentAfterHours").and_then(Value::as_f64);
    let hours = own.or(tenant_hours).unwrap_or(SILENT_AFTER_HOURS);
    let quiet_hours = now.duration_since(used).as_secs_f64() / 3600.0;
    if token.text("kind") == "idp" && hours > 0.0 && quiet_hours > hours {
        return Condition::Silent;
    }
    Condition::Live
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(different: &Value) -> Condition {
        let mut token = json!({
            "kind": "idp",
            "active": true,
            "expiresAt": "2027-11-26T08:00:00Z",
            "lastUsedAt": "2026-11-26T07:59:00Z",
        });
        for (name, value) in different.as_object().unwrap() {
            token[name] = value.clone();
        }
        condition(&token, None, "2026-11-26T08:00:00Z".parse().unwrap())
    }

    #[test]
    fn what_is_worst_comes_first() {
        let early = "2026-11-20T08:00:00Z";
        assert_eq!(of(&json!({})), Condition::Live);
        assert_eq!(of(&json!({ "lastUsedAt": null })), Condition::Unused);
        assert_eq!(of(&json!({ "lastUsedAt": early })), Condition::Silent);
        assert_eq!(
            of(&json!({ "lastUsedAt": early, "silentAfterHours": 0 })),
            Condition::Live
        );
        assert_eq!(
            of(&json!({ "lastUsedAt": early, "kind": "app" })),
            Condition::Live
        );
        assert_eq!(
            of(&json!({ "expiresAt": "2026-12-01T08:00:00Z" })),
            Condition::ExpiresSoon
        );
        assert_eq!(
            of(&json!({ "previousValidUntil": "2026-11-26T09:00:00Z" })),
            Condition::ExpiresSoon
        );
        assert_eq!(
            of(&json!({ "lastTest": { "result": "failed" } })),
            Condition::BadTest
        );
        assert_eq!(
            of(&json!({ "active": false, "lastUsedAt": early })),
            Condition::Off
        );
        assert_eq!(
            of(&json!({ "expiresAt": early, "active": false })),
            Condition::Expired
        );
        assert_eq!(
            of(&json!({ "expiresAt": early, "revokedAt": early })),
            Condition::Revoked
        );
    }
}
