//! A person decides on a held set.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::service::{Acting, Changed, Hook, States, Transition, Verb};
use scim_server::store::{Lock, Stored, Transaction};
use scim_server::{Error, Work};
use serde_json::{Map, Value, json};

use super::approvers;
use super::collect::{HOSTS, close, text};
use super::impact;
use super::tend::Tending;
use super::undo::{self, Part};
use crate::derived::date_time;
use crate::schemas::CHANGE_SET_URN;
use crate::{host, reference, schemas, verb};

const RELEASE: &str = "release";
const DISCARD: &str = "discard";
const CLOSE: &str = "close";
const UNDO: &str = "undo";
const UNDO_SOME: &str = "undo some";
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
        name: CLOSE,
        tells: false,
    },
    Verb {
        kind: "ChangeSet",
        name: UNDO,
        tells: false,
    },
    Verb {
        kind: "ChangeSet",
        name: "impact",
        tells: true,
    },
];

pub(super) const LIFE: States = States {
    kind: "ChangeSet",
    table: &[
        Transition {
            from: "collecting",
            verb: CLOSE,
            to: "applied",
        },
        Transition {
            from: "applied",
            verb: UNDO,
            to: "reverted",
        },
        Transition {
            from: "applied",
            verb: UNDO_SOME,
            to: "partlyReverted",
        },
        Transition {
            from: "partlyReverted",
            verb: UNDO,
            to: "reverted",
        },
        Transition {
            from: "partlyReverted",
            verb: UNDO_SOME,
            to: "partlyReverted",
        },
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
#[derive(Clone)]
pub struct ChangeSetHook {
    pub(super) sets: ResourceType,
    hosts: ResourceType,
    pub(super) groups: ResourceType,
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
    pub(super) async fn release(
        &self,
        tx: &mut Transaction<'_>,
        set: ResourceId,
    ) -> Result<(), Error> {
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

    /// Everything becomes as it was before the set; what was done for that is a set of its own.
    async fn undo(
        &self,
        tx: &mut Transaction<'_>,
        acting: &Acting<'_>,
        set: &mut Map<String, Value>,
        items: Option<Vec<ResourceId>>,
    ) -> Result<(), Error> {
        let part = part(acting.stored, set, tx.now())?;
        let only = match &items {
            Some(ids) => Some(undo::hosts_named(tx, ids).await?),
            None => None,
        };
        let types = (&self.hosts, &self.groups);
        let undone = undo::undo(tx, types, &part, only.as_ref()).await?;
        let now = date_time(tx);
        let name: &str = &acting.caller.name;
        let by = reference::to(&acting.caller.connection, Some(name));
        let mut made = Map::new();
        for (name, value) in [
            ("schemas", json!([CHANGE_SET_URN])),
            ("origin", json!("undo")),
            ("token", by),
            ("status", json!("applied")),
            ("openedAt", json!(now)),
            ("closedAt", json!(now)),
            ("summary", json!({ "updated": undone.hosts })),
            ("revertible", json!(false)),
        ] {
            made.insert(name.to_owned(), value);
        }
        let id = ResourceId::new(tx.new_id());
        tx.insert(&self.sets, None, id, &Document::from_stored(made))?;
        set.insert("revertedBy".to_owned(), reference::to(&id, None));
        Ok(())
    }
}

/// The hosts that are to be undone alone.
fn items(body: &Map<String, Value>) -> Result<Option<Vec<ResourceId>>, Error> {
    let refuse = |name: &str, why: &str| scim_core::Error::invalid_value(name, why);
    for name in body.keys() {
        if name != "items" && name != "reason" {
            let name = scim_core::error::echo(name);
            return Err(refuse(&name, "this action takes items and a reason").into());
        }
    }
    let Some(items) = body.get("items") else {
        return Ok(None);
    };
    let ids = items.as_array().filter(|items| !items.is_empty());
    let ids = ids.map(|items| {
        let ids = items.iter().map(|item| reference::id(Some(item)));
        ids.collect::<Option<Vec<ResourceId>>>()
    });
    match ids.flatten() {
        Some(ids) if ids.len() <= ITEMS_MAX => Ok(Some(ids)),
        _ => Err(refuse("items", "send the ids of up to 1,000 Hosts").into()),
    }
}

/// Hosts that can be named in one undo.
const ITEMS_MAX: usize = 1_000;

/// The part of the change feed that a set is.
fn part(stored: &Stored, set: &Map<String, Value>, now: Timestamp) -> Result<Part, Error> {
    let by = reference::connection(set.get("token"));
    let closed: Option<Timestamp> = text(set, "closedAt").and_then(|at| at.parse().ok());
    let to = closed.unwrap_or(now);
    if text(set, "origin") == Some("undo") {
        return Err(Error::Forbidden(
            "an undo is not undone: the directory's next change wins",
        ));
    }
    if now.duration_since(to) > undo::WITHIN {
        return Err(Error::Forbidden(
            "a change set can be undone within 30 days",
        ));
    }
    let by = by.ok_or(Error::Forbidden("the change set names no connection"))?;
    Ok(Part {
        set: stored.id,
        by,
        from: stored.created,
        to,
    })
}

#[async_trait]
impl Hook for ChangeSetHook {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn works(&self) -> Vec<Arc<dyn Work>> {
        vec![Arc::new(Tending(Arc::new(self.clone())))]
    }

    fn verbs(&self) -> &'static [Verb] {
        VERBS
    }

    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        let mut set = acting.stored.parse()?.into_map();
        let state = text(&set, "status").unwrap_or_default().to_owned();
        let items = match acting.verb.name {
            UNDO => items(acting.body)?,
            _ => {
                verb::only_a_reason(acting.body)?;
                None
            }
        };
        let verb = match items {
            Some(_) => UNDO_SOME,
            None => acting.verb.name,
        };
        let becomes = LIFE.after(&state, verb)?;
        match becomes {
            "released" => {
                self.release(tx, acting.stored.id).await?;
                approvers::release(tx, &self.groups, &set).await?;
            }
            "reverted" | "partlyReverted" => {
                self.undo(tx, acting, &mut set, items).await?;
            }
            _ => {}
        }
        set.insert("status".to_owned(), json!(becomes));
        set.insert("revertible".to_owned(), json!(LIFE.leads_on(becomes, UNDO)));
        if set.contains_key("openFor") || !set.contains_key("closedAt") {
            close(&mut set, &date_time(tx));
        }
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
