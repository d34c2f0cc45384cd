//! Which set a change belongs to, and what follows from it.

use scim_core::{Document, ResourceId, ResourceType, SchemaError};
use scim_server::store::{
    ConnectionId, Job, ListPart, ListQuery, Lock, Start, Stored, Transaction,
};
use scim_server::{Error, StoreError};
use serde_json::{Map, Value, json};

use super::guard;
use crate::derived::{self, date_time};
use crate::schemas::CHANGE_SET_URN;
use crate::{host, reference, schemas};

/// The attribute whose rows are the hosts of a set.
pub(super) const HOSTS: &str = "hosts";
/// Names shown of those that are affected.
const EXAMPLES: usize = 5;
/// Where notices wait for whoever sends them.
const NOTICES: &str = "notices";

/// The sets of a tenant.
pub(crate) struct ChangeSets {
    sets: ResourceType,
    hosts: ResourceType,
    users: ResourceType,
}

/// Who makes a change.
#[derive(Clone, Copy)]
pub(crate) struct Connection<'a> {
    pub(crate) id: ConnectionId,
    pub(crate) name: &'a str,
    pub(crate) channel: &'static str,
}

/// How a directory hides a host.
#[derive(Clone, Copy)]
pub(crate) enum How {
    Deactivated,
    Deleted,
}

impl How {
    fn total(self) -> &'static str {
        match self {
            How::Deactivated => "deactivated",
            How::Deleted => "deleted",
        }
    }
}

impl ChangeSets {
    pub(crate) fn new() -> Result<ChangeSets, SchemaError> {
        Ok(ChangeSets {
            sets: schemas::change_set_type()?,
            hosts: schemas::host_type()?,
            users: schemas::user()?.resource_type,
        })
    }

    /// A host was in effect and its directory hides it: it counts, and stays in effect where that is
    /// one too many.
    pub(crate) async fn hidden(
        &self,
        tx: &mut Transaction<'_>,
        by: Connection<'_>,
        (id, host): (ResourceId, &mut Map<String, Value>),
        how: How,
    ) -> Result<(), Error> {
        let stored = self.open(tx, by).await?;
        let mut set = stored.parse()?.into_map();
        add(&mut set, "summary", how.total(), 1);
        let hidden = add_to_guard(&mut set, 1);
        tx.add_members(stored.id, HOSTS, [id]);
        let is_held = text(&set, "status") == Some("held");
        let mut names = Vec::new();
        if !is_held && hidden > limit_of(&set) {
            set.insert("status".to_owned(), json!("held"));
            names = self.hold_all(tx, &stored, id).await?;
            notify(tx, &stored, by, hidden);
        }
        if text(&set, "status") == Some("held") {
            host::hold(host, stored.id, &date_time(tx));
            names.extend(host.get("displayName").cloned());
            tell_impact(&mut set, hidden, names);
        }
        tx.update(&self.sets, &stored, &Document::from_stored(set))?;
        Ok(())
    }

    /// The directory shows a host again: it counts no more.
    pub(crate) async fn shown(
        &self,
        tx: &mut Transaction<'_>,
        by: ConnectionId,
        id: ResourceId,
    ) -> Result<(), Error> {
        let Some(stored) = open_for(tx, by).await? else {
            return Ok(());
        };
        // What is over stays as it was.
        if !guard::collects(stored.created, stored.modified, tx.now()) {
            return self.close(tx, &stored).await;
        }
        let found = tx.member_candidates(stored.id, HOSTS, &[id]).await?;
        if !found.iter().any(|candidate| candidate.is_member) {
            return Ok(());
        }
        let mut set = stored.parse()?.into_map();
        add(&mut set, "summary", "reactivated", 1);
        let hidden = add_to_guard(&mut set, -1);
        if set.contains_key("impact") {
            tell_impact(&mut set, hidden, Vec::new());
        }
        tx.remove_members(stored.id, HOSTS, [id]);
        tx.update(&self.sets, &stored, &Document::from_stored(set))?;
        Ok(())
    }

    /// Is the set one on which nobody has decided yet?
    pub(crate) async fn is_held(
        &self,
        tx: &mut Transaction<'_>,
        set: ResourceId,
    ) -> Result<bool, Error> {
        let Some(stored) = tx.get("ChangeSet", set).await? else {
            return Ok(false);
        };
        let document = stored.parse()?;
        Ok(text(document.as_map(), "status") == Some("held"))
    }

    /// Those that the set has hidden already are in effect again; the names of the first.
    async fn hold_all(
        &self,
        tx: &mut Transaction<'_>,
        set: &Stored,
        but: ResourceId,
    ) -> Result<Vec<Value>, Error> {
        let now = date_time(tx);
        let mut names = Vec::new();
        let mut ids = tx.member_ids(set.id, HOSTS).await?;
        ids.retain(|id| *id != but);
        for stored in tx.get_many(&ids, Lock::ForUpdate).await? {
            let mut host = stored.parse()?.into_map();
            host::hold(&mut host, set.id, &now);
            if names.len() < EXAMPLES {
                names.extend(host.get("displayName").cloned());
            }
            tx.update(&self.hosts, &stored, &Document::from_stored(host))?;
        }
        Ok(names)
    }

    /// The set that collects what this connection does now.
    async fn open(&self, tx: &mut Transaction<'_>, by: Connection<'_>) -> Result<Stored, Error> {
        if let Some(stored) = open_for(tx, by.id).await? {
            if guard::collects(stored.created, stored.modified, tx.now()) {
                return Ok(stored);
            }
            self.close(tx, &stored).await?;
        }
        let people = self.people(tx, by.id).await?;
        let mut set = Map::new();
        let now = date_time(tx);
        let guard = json!({
            "rule": "massDeactivation",
            "limit": guard::limit(people).to_string(),
            "actual": "0",
        });
        for (name, value) in [
            ("schemas", json!([CHANGE_SET_URN])),
            ("origin", json!(origin(by.channel))),
            ("token", reference::to(&by.id, Some(by.name))),
            ("status", json!("collecting")),
            ("openFor", json!(by.id.to_string())),
            ("openedAt", json!(now)),
            ("guard", guard),
        ] {
            set.insert(name.to_owned(), value);
        }
        let id = ResourceId::new(tx.new_id());
        let stored = tx.insert(&self.sets, None, id, &Document::from_stored(set))?;
        derived::settle(tx, "ChangeSet").await?;
        Ok(stored)
    }

    /// Takes nothing more; one that is held still waits for its decision.
    async fn close(&self, tx: &mut Transaction<'_>, stored: &Stored) -> Result<(), Error> {
        let mut set = stored.parse()?.into_map();
        close(&mut set, &date_time(tx));
        if text(&set, "status") == Some("collecting") {
            set.insert("status".to_owned(), json!("applied"));
        }
        tx.update(&self.sets, stored, &Document::from_stored(set))?;
        // The next one must not meet its key.
        tx.flush().await
    }

    /// How many people a connection has brought.
    async fn people(&self, tx: &mut Transaction<'_>, of: ConnectionId) -> Result<usize, Error> {
        let part = ListPart {
            resource_type: &self.users,
            filter: None,
            sort: None,
        };
        let query = ListQuery {
            parts: &[part],
            owner: Some(of),
            start: Start::Offset(0),
            count: 0,
        };
        Ok(tx.list(&query).await?.total)
    }
}

/// Channels as change sets call them.
fn origin(channel: &str) -> &str {
    if channel == "csv" { "import" } else { channel }
}

/// Ends the collecting.
pub(super) fn close(set: &mut Map<String, Value>, now: &str) {
    set.shift_remove("openFor");
    set.insert("closedAt".to_owned(), json!(now));
}

async fn open_for(tx: &mut Transaction<'_>, by: ConnectionId) -> Result<Option<Stored>, Error> {
    let by = by.to_string();
    let key = ("openFor".to_owned(), by.clone());
    let Some(stored) = tx.find("ChangeSet", &[key], Lock::ForUpdate).await?.pop() else {
        return Ok(None);
    };
    // Whoever had it locked may have closed it.
    if text(stored.parse()?.as_map(), "openFor") != Some(by.as_str()) {
        let cause = "the change set was closed meanwhile";
        return Err(StoreError::Conflict(cause.into()).into());
    }
    Ok(Some(stored))
}

/// Leaves a notice for whoever sends them.
fn notify(tx: &mut Transaction<'_>, set: &Stored, by: Connection<'_>, hidden: i64) {
    let text = format!(
        "{} tried to hide {hidden} hosts or more at once. They stay in effect until somebody \
         releases or discards the change set.",
        by.name
    );
    let payload = json!({ "kind": "changeSetHeld", "changeSet": set.id.to_string(), "text": text });
    let job = Job {
        id: tx.new_id(),
        queue: NOTICES.to_owned(),
        due: tx.now(),
        attempts: 0,
        payload: payload.to_string(),
    };
    tx.enqueue(job);
}

/// Says what people would notice: how many hosts, and the first names.
fn tell_impact(set: &mut Map<String, Value>, hidden: i64, names: Vec<Value>) {
    let told = set
        .get("impact")
        .and_then(|impact| impact.get(0)?.get("examples"));
    let mut examples = told.and_then(Value::as_array).cloned().unwrap_or_default();
    for name in names {
        if examples.len() < EXAMPLES && !examples.contains(&name) {
            examples.push(name);
        }
    }
    let impact = json!([{ "code": "hostsHidden", "count": hidden, "examples": examples }]);
    set.insert("impact".to_owned(), impact);
}

/// Adds to a number of an object of the set; the number then.
fn add(set: &mut Map<String, Value>, object: &str, name: &str, more: i64) -> i64 {
    let object = set.entry(object).or_insert_with(|| json!({}));
    let was = object.get(name).and_then(Value::as_i64).unwrap_or(0);
    let is = was.saturating_add(more).max(0);
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), json!(is));
    }
    is
}

/// Hosts that are hidden by the set, as the guard counts them.
fn add_to_guard(set: &mut Map<String, Value>, more: i64) -> i64 {
    let was = number_in(set, "actual");
    let is = was.saturating_add(more).max(0);
    if let Some(guard) = set.get_mut("guard").and_then(Value::as_object_mut) {
        guard.insert("actual".to_owned(), json!(is.to_string()));
    }
    is
}

fn limit_of(set: &Map<String, Value>) -> i64 {
    number_in(set, "limit")
}

/// The schema has the numbers of a guard as texts.
fn number_in(set: &Map<String, Value>, name: &str) -> i64 {
    let number = set.get("guard").and_then(|guard| guard.get(name)?.as_str());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

pub(super) fn text<'v>(of: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    of.get(name).and_then(Value::as_str)
}
