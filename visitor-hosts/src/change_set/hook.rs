//! A person decides on a held set.

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::Error;
use scim_server::service::{Acting, Changed, Hook, States, Transition, Verb};
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Value, json};

use super::collect::{HOSTS, close, text};
use super::impact;
use crate::derived::date_time;
use crate::{host, schemas, verb};

const RELEASE: &str = "release";
const DISCARD: &str = "discard";
const VERBS: &[Verb] = &[
    Verb {
        kind: "ChangeSet",
        name: RELEASE,
        tells: false,
    },
    Verb {
        kind: "ChangeSet",
        name: DISCARD,
        tells: false,
    },
    Verb {
        kind: "ChangeSet",
        name: "impact",
        tells: true,
    },
];

const DECISION: States = States {
    kind: "ChangeSet",
    table: &[
        Transition {
            from: "held",
            verb: RELEASE,
            to: "released",
        },
        Transition {
            from: "held",
            verb: DISCARD,
            to: "discarded",
        },
        // For those of whom the directory says nothing any more.
        Transition {
            from: "discarded",
            verb: RELEASE,
            to: "released",
        },
    ],
};

/// Releases and discards what the guard holds.
pub struct ChangeSetHook {
    sets: ResourceType,
    hosts: ResourceType,
    groups: ResourceType,
}

impl ChangeSetHook {
    /// A hook with the product's schemas.
    pub fn new() -> Result<ChangeSetHook, SchemaError> {
        Ok(ChangeSetHook {
            sets: schemas::change_set_type()?,
            hosts: schemas::host_type()?,
            groups: schemas::host_group_type()?,
        })
    }

    /// What the directory says of the hosts is in effect.
    async fn release(&self, tx: &mut Transaction<'_>, set: ResourceId) -> Result<(), Error> {
        let now = date_time(tx);
        let ids = tx.member_ids(set, HOSTS).await?;
        let mut gone = Vec::new();
        for stored in tx.get_many(&ids, Lock::ForUpdate).await? {
            let mut host = stored.parse()?.into_map();
            if host::held_by(&host) != Some(set) {
                continue;
            }
            host::let_go(&mut host, &now);
            if !host.contains_key("user") {
                gone.push(stored.id);
            }
            tx.update(&self.hosts, &stored, &Document::from_stored(host))?;
        }
        host::leave_groups(tx, &self.groups, &gone).await
    }
}

#[async_trait]
impl Hook for ChangeSetHook {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn verbs(&self) -> &'static [Verb] {
        VERBS
    }

    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        verb::only_a_reason(acting.body)?;
        let mut set = acting.stored.parse()?.into_map();
        let state = text(&set, "status").unwrap_or_default().to_owned();
        let becomes = DECISION.after(&state, acting.verb.name)?;
        if becomes == "released" {
            self.release(tx, acting.stored.id).await?;
        }
        set.insert("status".to_owned(), json!(becomes));
        close(&mut set, &date_time(tx));
        tx.update(&self.sets, acting.stored, &Document::from_stored(set))?;
        Ok(())
    }

    async fn tell(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<Value, Error> {
        impact::of(tx, acting.stored.id).await
    }

    async fn keeper(
        &self,
        _: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        Ok((stored.kind == "ChangeSet").then(|| "the guard".to_owned()))
    }
}
