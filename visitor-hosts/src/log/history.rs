//! What happened to a host, and because of whom.

use scim_core::ResourceType;
use scim_server::Error;
use scim_server::service::Caller;
use scim_server::store::{Span, Stored, Transaction};
use serde_json::{Value, json};

use super::difference::Difference;
use super::walk;
use crate::reference;

/// URN of the answer to `history`.
const HISTORY_URN: &str = "urn:visitor-hosts:scim:api:messages:1.0:History";
/// Changes that are told, the newest.
const TOLD_MAX: usize = 100;

/// The newest changes of a resource, newest first.
pub(crate) async fn history(
    tx: &mut Transaction<'_>,
    stored: &Stored,
    (caller, resource_type): (&Caller, &ResourceType),
) -> Result<Value, Error> {
    let mut names = walk::names(tx).await?;
    let newest = Span {
        newest_first: true,
        limit: TOLD_MAX,
        ..Span::default()
    };
    let changes = tx.changes_of(stored.id, &newest).await?;
    walk::add_people(tx, &mut names, &changes).await?;
    let changes: Vec<Value> = changes
        .iter()
        .map(|recorded| {
            let change = &recorded.change;
            let difference = Difference::recorded(
                recorded.body.before.as_deref(),
                recorded.body.after.as_deref(),
            );
            let difference = difference.seen_by(caller, resource_type);
            let mut told = json!({
                "at": format!("{:.3}", change.at),
                "what": change.what.as_str(),
                "version": change.version.etag(),
                "changes": difference.to_value(),
            });
            if let Some(actor) = change.actor {
                let name = names.get(&actor).map(String::as_str);
                told["by"] = reference::to(&actor, name);
            }
            if let Some(cause) = change.cause {
                told["event"] = json!({ "value": cause.to_string() });
            }
            told
        })
        .collect();
    Ok(json!({
        "schemas": [HISTORY_URN],
        "resource": reference::typed(&stored.kind, &stored.id, None),
        "changes": changes,
    }))
}
