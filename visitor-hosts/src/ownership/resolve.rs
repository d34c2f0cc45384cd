//! What follows when somebody decides on a conflict.

use scim_core::ResourceId;
use scim_server::Error;
use scim_server::service::{States, Transition};
use scim_server::store::{Lock, Stored, Token, Transaction};
use serde_json::{Map, Value, json};

use super::candidates::users_of;
use super::conflict::{self, Conflict, KIND};
use super::match_order::MatchKey;
use super::settle::{Ownership, free_claims};
use crate::derived::date_time;
use crate::host::identity;
use crate::reference;
use crate::source::{Incoming, Source};

pub(super) const LINK: &str = "link";
pub(super) const KEEP_SEPARATE: &str = "keepSeparate";
pub(super) const REJECT: &str = "reject";

/// A conflict is decided once; one whose incoming record is gone expires without anybody.
pub(super) const DECISION: States = States {
    kind: KIND,
    table: &[
        Transition {
            from: "open",
            verb: LINK,
            to: "linked",
        },
        Transition {
            from: "open",
            verb: KEEP_SEPARATE,
            to: "keptSeparate",
        },
        Transition {
            from: "open",
            verb: REJECT,
            to: "rejected",
        },
    ],
};

/// What somebody decides.
pub(super) struct Decision<'a> {
    /// One of the verbs.
    pub(super) action: &'static str,
    pub(super) reason: Option<&'a str>,
    /// Whose Host it is, where there are several.
    pub(super) existing: Option<ResourceId>,
}

impl Ownership {
    pub(super) async fn resolve(
        &self,
        tx: &mut Transaction<'_>,
        stored: &Stored,
        state: &str,
        decision: &Decision<'_>,
    ) -> Result<(), Error> {
        let becomes = DECISION.after(state, decision.action)?;
        if decision.reason.is_none() && decision.action != LINK {
            let refusal = format!("say why: {} needs a reason", decision.action);
            return Err(scim_core::Error::invalid_value("reason", refusal).into());
        }
        let mut conflict = Conflict::read(stored.clone())?;
        let user = match conflict.incoming() {
            Some(user) => tx.get_for_update("User", user).await?,
            None => None,
        };
        let mut changed = Vec::new();
        match decision.action {
            LINK => {
                let chosen = chosen(&conflict, decision.existing)?;
                keep_only(&mut conflict, chosen);
                if let Some(user) = &user {
                    self.link_to(tx, &conflict, user, chosen).await?;
                    changed.push(chosen);
                }
            }
            KEEP_SEPARATE => {
                if let Some(user) = &user {
                    let host = self.make_separate(tx, &conflict, user).await?;
                    let host = json!(host.to_string());
                    conflict.map.insert("separateHost".to_owned(), host);
                }
            }
            _ => {}
        }
        conflict.decided(decision.action, decision.reason, &date_time(tx));
        conflict.close(becomes);
        conflict.write(tx, &self.conflicts)?;
        self.reconsider_about(tx, changed).await
    }

    async fn link_to(
        &self,
        tx: &mut Transaction<'_>,
        conflict: &Conflict,
        user: &Stored,
        host: ResourceId,
    ) -> Result<(), Error> {
        let existing = tx.get_for_update("Host", host).await?;
        let existing = existing.ok_or_else(|| not_there(host))?;
        let document = user.parse()?;
        let token = self.token(tx, conflict).await?;
        let Some(source) = token.as_ref().map(Source::of_token).or(conflict.source()) else {
            return Err(not_there(user.id));
        };
        let before = existing.parse()?;
        let users = users_of(before.as_map());
        if users.iter().any(|one| one.connection == Some(source.id)) {
            let reason = format!("the connection {:?} has another User there", source.name);
            return Err(scim_core::Error::invalid_value("existing", reason).into());
        }
        let incoming = Incoming {
            user,
            document: document.as_map(),
            source,
        };
        self.hosts.link(tx, &incoming, &existing).await?;
        self.hosts.follow_groups(tx, host).await
    }

    /// Both stay: the incoming record gets a Host of its own.
    async fn make_separate(
        &self,
        tx: &mut Transaction<'_>,
        conflict: &Conflict,
        user: &Stored,
    ) -> Result<ResourceId, Error> {
        let document = user.parse()?;
        let token = self.token(tx, conflict).await?;
        let Some(source) = token.as_ref().map(Source::of_token).or(conflict.source()) else {
            return Err(not_there(user.id));
        };
        let incoming = Incoming {
            user,
            document: document.as_map(),
            source,
        };
        let who = identity(incoming.document);
        let values = MatchKey::ALL.iter();
        let values: Vec<_> = values
            .filter_map(|key| Some((*key, key.value(&who)?)))
            .collect();
        let claims = values.iter();
        let claims = claims.map(|(key, value)| ("arrivedAs".to_owned(), key.claim(value)));
        let claims: Vec<(String, String)> = claims.collect();
        let taken = tx.find("Host", &claims, Lock::None).await?;
        let claims = free_claims(&values, &taken)?;
        let host = self.hosts.make(tx, &incoming, claims).await?;
        self.hosts.follow_groups(tx, host).await?;
        Ok(host)
    }

    async fn token(
        &self,
        tx: &mut Transaction<'_>,
        conflict: &Conflict,
    ) -> Result<Option<Token>, Error> {
        match conflict.source() {
            Some(source) => tx.token(source.id.0).await,
            None => Ok(None),
        }
    }
}

/// The Host that is meant.
fn chosen(conflict: &Conflict, existing: Option<ResourceId>) -> Result<ResourceId, Error> {
    let all = conflict.existing();
    let refusal = match (existing, all.as_slice()) {
        (Some(one), _) if all.contains(&one) => return Ok(one),
        (None, [one]) => return Ok(*one),
        (Some(_), _) => "the conflict does not name this host",
        (None, _) => {
            "the conflict names several hosts: use the action link, which takes `existing`, the id of one"
        }
    };
    Err(scim_core::Error::invalid_value("existing", refusal).into())
}

/// Of those it met, the conflict names the one that was chosen.
fn keep_only(conflict: &mut Conflict, chosen: ResourceId) {
    let existing = conflict.map.get_mut("existing");
    if let Some(existing) = existing.and_then(Value::as_array_mut) {
        existing.retain(|host| reference::target(Some(host)) == Some(chosen));
    }
}

fn not_there(id: ResourceId) -> Error {
    let reason = format!("nothing has the id {id} any more");
    scim_core::Error::invalid_value("existing", reason).into()
}

/// The verb that an action of `resolution` stands for.
pub(super) fn action(name: &str) -> Option<&'static str> {
    let mut all = DECISION.table.iter().map(|line| line.verb);
    all.find(|verb| verb.eq_ignore_ascii_case(name))
}

/// Why somebody decides so, from what was sent.
pub(super) fn reason(of: &Map<String, Value>) -> Result<Option<&str>, Error> {
    match of.get("reason") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(reason)) if !reason.trim().is_empty() => Ok(Some(reason)),
        Some(_) => Err(scim_core::Error::invalid_value("reason", "send a text").into()),
    }
}

/// The state of a conflict.
pub(super) fn state(stored: &Stored) -> Result<String, Error> {
    let document = stored.parse()?;
    Ok(conflict::text(document.as_map(), "status")
        .unwrap_or_default()
        .to_owned())
}
