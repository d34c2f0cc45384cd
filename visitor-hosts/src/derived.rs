//! What the product makes while somebody else's request is under way, and when.

use scim_server::store::Transaction;
use scim_server::{Error, StoreError};

/// The time of the unit, as documents have it.
pub(crate) fn date_time(tx: &Transaction<'_>) -> String {
    format!("{:.3}", tx.now())
}

/// Writes what is pending, with something of this type that there may be only one of. Where another
/// request has made the same at the same moment, this one runs again and finds it: the client, who
/// asked for something else, must not be refused for it.
pub(crate) async fn settle(tx: &mut Transaction<'_>, made: &str) -> Result<(), Error> {
    match tx.flush().await {
        Err(Error::Uniqueness { kind, .. }) if kind == made => {
            let cause = format!("another request made the same {made}");
            Err(StoreError::Conflict(cause.into()).into())
        }
        outcome => outcome,
    }
}
