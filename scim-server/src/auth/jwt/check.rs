//! Whether a JWT says what a connection trusts, at this time.

use jiff::Timestamp;
use serde_json::Value;

use super::{Refusal, UnverifiedJwt};
use crate::store::Trust;

/// By how many seconds clocks may differ.
pub const LEEWAY_S: i64 = 60;
/// Longer than any identity provider makes the tokens of programs valid.
pub const LIFE_S_MAX: i64 = 48 * 60 * 60;

impl UnverifiedJwt<'_> {
    /// Compares every claim exactly (RFC 8725 §3.8 and §3.9). Whether the issuer said all this
    /// is for [`KeySet::verify`](super::KeySet::verify) to find out.
    pub fn check(&self, trust: &Trust, now: Timestamp) -> Result<(), Refusal> {
        let now = now.as_second();
        if self.issuer != trust.issuer {
            return Err(Refusal::Issuer);
        }
        if !self.audience.contains(&trust.audience) {
            return Err(Refusal::Audience);
        }
        if self.subject != trust.subject {
            return Err(Refusal::Subject);
        }
        for (name, expected) in &trust.claims {
            if self.claims.get(name).and_then(Value::as_str) != Some(expected) {
                return Err(Refusal::Untrusted(name.clone()));
            }
        }
        self.in_time(now)
    }

    /// Is it an ID token of this issuer, for this client, and about the sign-in that this nonce began (OpenID
    /// Connect Core 1.0 §3.1.3.7)? Whether the issuer signed it is another question.
    pub fn check_id_token(
        &self,
        issuer: &str,
        client_id: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.issuer != issuer {
            return Err(Refusal::Issuer);
        }
        let is_client = |audience: &String| audience == client_id;
        // Of several audiences, the authorized party is the one that asked.
        let party = self.claims.get("azp").and_then(Value::as_str);
        let is_party = match party {
            Some(party) => party == client_id,
            None => self.audience.len() == 1,
        };
        if !self.audience.iter().any(is_client) || !is_party {
            return Err(Refusal::Audience);
        }
        if self.claims.get("nonce").and_then(Value::as_str) != Some(nonce) {
            return Err(Refusal::Untrusted("nonce".to_owned()));
        }
        self.in_time(now.as_second())
    }

    fn in_time(&self, now: i64) -> Result<(), Refusal> {
        if self.expires + LEEWAY_S <= now {
            return Err(Refusal::Expired);
        }
        if self.expires > now + LIFE_S_MAX {
            return Err(Refusal::ExpiresTooLate);
        }
        let begins = self.not_before.into_iter().chain(self.issued).max();
        if begins.is_some_and(|begins| begins > now + LEEWAY_S) {
            return Err(Refusal::NotYetValid);
        }
        Ok(())
    }

    /// Is this the client it speaks of, by one of the names for that (RFC 7523 §3, RFC 9068 §2.2,
    /// OpenID Connect's `azp`, Entra's `appid`)?
    pub(in crate::auth) fn speaks_of(&self, client_id: &str) -> bool {
        let claimed = |name| self.claims.get(name).and_then(Value::as_str);
        let names = ["sub", "client_id", "azp", "appid"];
        names
            .into_iter()
            .any(|name| claimed(name) == Some(client_id))
    }

    /// When it ends, leeway included.
    pub(in crate::auth) fn until(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.expires + LEEWAY_S).ok()
    }
}
