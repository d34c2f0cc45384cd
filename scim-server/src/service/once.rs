//! A write that a client sends again under the same `Idempotency-Key` is done once.
//!
//! The key is remembered in the unit that does the write. Whoever sends it again gets what the
//! write led to, as it is now: no answer is stored, so no secret and nothing personal is either.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use scim_core::ResourceId;
use sha2::{Digest, Sha256};

use super::asked::Asked;
use crate::store::{DoneOnce, Transaction, Unit};
use crate::{Error, StoreError};

const BYTES_MAX: usize = 255;

/// A client's name for one write: 1 to 255 visible ASCII characters, in quotes or without.
///
/// ```
/// use scim_server::service::IdempotencyKey;
///
/// let key: IdempotencyKey = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"".parse()?;
/// assert_eq!(key.to_string(), "8e03978e-40d5-43dd-bc93-6894a57f9324");
/// assert!("two words".parse::<IdempotencyKey>().is_err());
/// # Ok::<(), scim_server::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl FromStr for IdempotencyKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<IdempotencyKey, Error> {
        let quoted = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let key = quoted.unwrap_or(text);
        let well_formed = (1..=BYTES_MAX).contains(&key.len())
            && key
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        if !well_formed {
            let reason = format!("send one key of 1 to {BYTES_MAX} visible ASCII characters");
            return Err(scim_core::Error::invalid_value("Idempotency-Key", reason).into());
        }
        Ok(IdempotencyKey(key.to_owned()))
    }
}

impl IdempotencyKey {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of one operation of a request that has several.
    pub(super) fn of_operation(&self, place: usize) -> IdempotencyKey {
        // A space stands in no key that a client sends.
        IdempotencyKey(format!("{} {place}", self.0))
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A unit of work that a client may ask for again.
#[async_trait]
pub(super) trait Write: Unit {
    fn asked(&self) -> &Asked;

    /// All that tells this write from another one, without passwords.
    fn fingerprint(&self) -> String;

    /// The resource that was written.
    fn written(&self, output: &Self::Output) -> ResourceId;

    /// What the client gets who asks again.
    async fn answer_again(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
    ) -> Result<Self::Output, Error>;
}

/// A write that looks first whether it was done.
pub(super) struct Once<U> {
    key: IdempotencyKey,
    fingerprint: [u8; 32],
    unit: U,
}

impl<U: Write> Once<U> {
    pub(super) fn new(key: IdempotencyKey, unit: U) -> Once<U> {
        let kind = unit.asked().kind();
        let fingerprint = Sha256::digest(format!("{kind} {}", unit.fingerprint())).into();
        Once {
            key,
            fingerprint,
            unit,
        }
    }
}

#[async_trait]
impl<U: Write> Unit for Once<U> {
    type Output = U::Output;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<U::Output, Error> {
        let connection = self.unit.asked().caller.connection;
        if let Some(done) = tx.done_once(connection, &self.key.0).await? {
            if done.fingerprint != self.fingerprint {
                return Err(Error::IdempotencyKeyReused);
            }
            return self.unit.answer_again(tx, done.resource).await;
        }
        match self.first(tx).await {
            Ok(output) => Ok(output),
            // What refuses this one may be the work of the same request, sent twice at once.
            Err(refusal) => match tx.done_once(connection, &self.key.0).await? {
                None => Err(refusal),
                Some(_) => Err(StoreError::Conflict("the key was used meanwhile".into()).into()),
            },
        }
    }
}

impl<U: Write> Once<U> {
    async fn first(&self, tx: &mut Transaction<'_>) -> Result<U::Output, Error> {
        let output = self.unit.run(tx).await?;
        tx.remember(DoneOnce {
            connection: self.unit.asked().caller.connection,
            key: self.key.0.clone(),
            fingerprint: self.fingerprint,
            created: tx.now(),
            resource: self.unit.written(&output),
        });
        tx.flush().await?;
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_is_one_word() {
        let check = |text: &str, expected: Option<&str>| {
            let key = text.parse::<IdempotencyKey>().ok();
            assert_eq!(key.map(|key| key.0).as_deref(), expected, "{text:?}");
        };
        check("a", Some("a"));
        check(r#""a-b""#, Some("a-b"));
        check(&"k".repeat(255), Some(&"k".repeat(255)));
        check(&"k".repeat(256), None);
        check("", None);
        check(r#""""#, None);
        check(r#""a"#, None);
        check("a b", None);
        check("ä", None);
        check("a\n", None);
    }
}
