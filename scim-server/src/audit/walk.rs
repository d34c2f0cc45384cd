//! The log of a store, read in pieces: it may be longer than memory, and nobody waits for its reader.

use async_trait::async_trait;
use scim_core::TenantId;
use uuid::Uuid;

use super::{Audited, Checkpoint, Origin, PublicKey, Report, Verifier};
use crate::Error;
use crate::store::{Reads, Store, Transaction, Unit};

/// Entries read at once. Each may have a personal part of ten megabytes: the body of a request.
const PIECE: usize = 50;
/// Changes without a personal part that are looked at at once.
const LOOKED_AT: usize = 1_000;

/// Goes through the log of a tenant.
///
/// ```no_run
/// # async fn example(store: &dyn scim_server::store::Store) -> anyhow::Result<()> {
/// use scim_server::audit::Walk;
///
/// let main = "main".parse()?;
/// let mut walk = Walk::begin(&main, 0);
/// while let Some((entries, _)) = walk.next(store).await? {
///     println!("{} entries", entries.len());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Walk<'a> {
    tenant: &'a TenantId,
    after: i64,
}

/// Entries, and the checkpoints of their numbers.
type Piece = (Vec<Audited>, Vec<Checkpoint>);

impl Walk<'_> {
    /// Begins after this number.
    pub fn begin(tenant: &TenantId, after: i64) -> Walk<'_> {
        Walk { tenant, after }
    }

    /// The next entries with the checkpoints of their numbers; `None` at the end.
    pub async fn next(&mut self, store: &dyn Store) -> Result<Option<Piece>, Error> {
        let piece = store.read(self.tenant, Next(self.after)).await?;
        let Some(last) = piece.0.last() else {
            return Ok(None);
        };
        self.after = last.sealed.sequence;
        Ok(Some(piece))
    }
}

struct Next(i64);

#[async_trait]
impl Unit for Next {
    type Output = Piece;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Piece, Error> {
        let entries = tx.audited_after(self.0, PIECE).await?;
        let Some(last) = entries.last().map(|last| last.sealed.sequence) else {
            return Ok((entries, Vec::new()));
        };
        // There is one checkpoint of a number at most.
        let mut checkpoints = tx.checkpoints_after(self.0, PIECE).await?;
        checkpoints.retain(|checkpoint| checkpoint.sequence <= last);
        Ok((entries, checkpoints))
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}

/// Checkpoints of numbers that are not there; `None` when there are more entries after all.
struct Ahead(i64);

#[async_trait]
impl Unit for Ahead {
    type Output = Option<Vec<Checkpoint>>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        // In this order: a checkpoint is never seen before its number.
        let ahead = tx.checkpoints_after(self.0, PIECE).await?;
        let more = !ahead.is_empty() && !tx.audited_after(self.0, 1).await?.is_empty();
        Ok((!more).then_some(ahead))
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}

/// Changes that are marked as sealed and have no number.
struct WithoutNumber(Option<Uuid>);

#[async_trait]
impl Unit for WithoutNumber {
    type Output = (Vec<Uuid>, Option<Uuid>);

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Self::Output, Error> {
        tx.sealed_without_number(self.0, LOOKED_AT).await
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}

/// Reads the whole log of a tenant and compares it with itself, with its checkpoints, and with those
/// that were kept elsewhere. `progress` is told how many changes were looked at.
///
/// ```no_run
/// # async fn example(store: &dyn scim_server::store::Store) -> anyhow::Result<()> {
/// let report = scim_server::audit::verify(store, &"main".parse()?, &[], &[], &mut |_| {}).await?;
/// println!("{report}");
/// # Ok(())
/// # }
/// ```
pub async fn verify(
    store: &dyn Store,
    tenant: &TenantId,
    keys: &[PublicKey],
    elsewhere: &[Checkpoint],
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Report, Error> {
    let mut verifier = Verifier::new(tenant.clone(), keys.to_vec());
    for checkpoint in elsewhere {
        verifier.checkpoint(checkpoint.clone(), Origin::Elsewhere);
    }
    let mut seen = 0;
    // Also what somebody put before the first number.
    let mut walk = Walk::begin(tenant, i64::MIN);
    let ahead = loop {
        while let Some((entries, checkpoints)) = walk.next(store).await? {
            for checkpoint in checkpoints {
                verifier.checkpoint(checkpoint, Origin::Log);
            }
            for entry in &entries {
                verifier.entry(entry);
            }
            seen += entries.len() as u64;
            progress(seen);
        }
        // Whoever writes meanwhile is read too.
        if let Some(ahead) = store.read(tenant, Ahead(verifier.last())).await? {
            break ahead;
        }
    };
    for checkpoint in ahead {
        verifier.checkpoint(checkpoint, Origin::Log);
    }
    let (mut without_number, mut after) = (Vec::new(), None);
    loop {
        let (found, last) = store.read(tenant, WithoutNumber(after)).await?;
        without_number.extend(found);
        // What is beyond would only be counted.
        if last.is_none() || without_number.len() > Report::FINDINGS_MAX {
            break;
        }
        after = last;
    }
    Ok(verifier.finish(without_number))
}
