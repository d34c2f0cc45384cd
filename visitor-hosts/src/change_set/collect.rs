//! Which set a change belongs to, and what follows from it.

use jiff::Timestamp;
use scim_core::{Document, ResourceId, ResourceType, SchemaError, TenantId};
use scim_server::service::Caller;
use scim_server::store::{
    ConnectionId, Job, ListPart, ListQuery, Lock, Start, Stored, Transaction,
};
use scim_server::{Error, StoreError};
use serde_json::{Map, Value, json};

use super::guard::{self, Wanted};
use super::noted::Noted;
use crate::connection::{Guard, Mode, Settings};
use crate::derived::{self, date_time};
use crate::schemas::CHANGE_SET_URN;
use crate::{host, mirror, reference, schemas, tenant};

/// The attribute whose rows are the hosts of a set.
pub(super) const HOSTS: &str = "hosts";
/// Where sets wait for whoever looks after them.
pub(super) const QUEUE: &str = "change-sets";
const REFUSED: &str = "this connection hides more hosts at once than its guard allows; whoever keeps the \
    connection can release that by another limit or mode of its guard [guard.refused]";
/// Names shown of those that are affected.
const EXAMPLES: usize = 5;
/// Where notices wait for whoever sends them.
const NOTICES: &str = "notices";

/// The sets of a tenant.
pub(crate) struct ChangeSets {
    pub(super) sets: ResourceType,
    hosts: ResourceType,
    users: ResourceType,
    noted: Noted,
}

/// Who makes a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connection<'a> {
    pub(crate) id: ConnectionId,
    pub(crate) name: &'a str,
    pub(crate) channel: &'static str,
    /// What the product keeps with the connection.
    pub(crate) settings: Option<&'a str>,
}

impl<'a> Connection<'a> {
    /// Who asks for a change.
    pub(crate) fn of(caller: &'a Caller) -> Connection<'a> {
        Connection {
            id: caller.connection,
            name: &caller.name,
            channel: mirror::channel(caller.kind),
            settings: caller.grants.settings.as_deref(),
        }
    }

    pub(super) fn guard(self) -> Guard {
        Settings::of(self.settings).guard.unwrap_or_default()
    }
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
            noted: Noted::default(),
        })
    }

    /// Notes that a connection is at work, so that what it does belongs to a set; now and then, since the set
    /// is a row that all its requests would wait for.
    pub(crate) async fn note(
        &self,
        tx: &mut Transaction<'_>,
        tenant: &TenantId,
        by: Connection<'_>,
    ) -> Result<(), Error> {
        let now = tx.now();
        if self.noted.is_lately(tenant, by.id, now) {
            return Ok(());
        }
        let open = match open_for(tx, by.id).await? {
            Some(stored) if guard::collects(stored.created, stored.modified, now) => stored,
            Some(stored) => {
                self.close(tx, &stored).await?;
                self.start(tx, by).await?;
                return Ok(());
            }
            None => {
                self.start(tx, by).await?;
                return Ok(());
            }
        };
        if now.duration_since(open.modified) < guard::NOTED_EVERY {
            // It was committed by somebody else.
            self.noted.remember(tenant, by.id, now);
            return Ok(());
        }
        tx.touch(&self.sets, &open)?;
        Ok(())
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
        let wanted = wanted(tx, by).await?;
        let mut is_told = of_code(&set, HOSTS_HIDDEN).is_some();
        if !is_held(&set) && hidden.unsigned_abs() > wanted.hosts() {
            // The people that the connection has brought since the set began count too.
            let limit = wanted.limit(self.people(tx, by.id).await?);
            set_guard(&mut set, "limit", &limit.to_string());
            if hidden > limit_of(&set) {
                let what = format!("{} tried to hide {hidden} hosts or more at once.", by.name);
                let much = TooMuch {
                    code: HOSTS_HIDDEN,
                    what: &what,
                    but: Some(id),
                    wanted,
                };
                is_told |= self.too_much(tx, by, (&stored, &mut set), &much).await?;
            }
        }
        if is_held(&set) {
            host::hold(host, stored.id, &date_time(tx));
        }
        if is_told || is_held(&set) {
            let name = host.get("displayName").cloned();
            tell_impact(&mut set, HOSTS_HIDDEN, hidden, name);
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
        if of_code(&set, HOSTS_HIDDEN).is_some() {
            tell_impact(&mut set, HOSTS_HIDDEN, hidden, None);
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
        Ok(is_held(stored.parse()?.as_map()))
    }

    /// What the guard does about too much of something: it refuses, holds all of the set, or says so once.
    /// Whether it is to be told as an impact.
    pub(super) async fn too_much(
        &self,
        tx: &mut Transaction<'_>,
        by: Connection<'_>,
        (stored, set): (&Stored, &mut Map<String, Value>),
        much: &TooMuch<'_>,
    ) -> Result<bool, Error> {
        match by.guard().mode.unwrap_or_default() {
            Mode::Off => return Ok(false),
            Mode::Refuse => return Err(Error::Forbidden(REFUSED)),
            Mode::Observe => {
                if of_code(set, much.code).is_none() {
                    let then = "The guard of this connection only observes: it is in effect.";
                    notice(tx, stored.id, &format!("{} {then}", much.what));
                }
            }
            Mode::Hold => {
                begin_hold(tx, stored.id, set, much);
                let names = self.hold_all(tx, stored.id, much.but).await?;
                let hidden = hidden_of(set);
                if hidden > 0 {
                    tell_impact(set, HOSTS_HIDDEN, hidden, names);
                }
            }
        }
        Ok(true)
    }

    /// Those that the set has hidden already are in effect again, but for one that is written elsewhere; the
    /// names of the first.
    async fn hold_all(
        &self,
        tx: &mut Transaction<'_>,
        set: ResourceId,
        but: Option<ResourceId>,
    ) -> Result<Vec<Value>, Error> {
        let now = date_time(tx);
        let mut names = Vec::new();
        let mut ids = tx.member_ids(set, HOSTS).await?;
        ids.retain(|id| Some(*id) != but);
        for stored in tx.get_many(&ids, Lock::ForUpdate).await? {
            let mut host = stored.parse()?.into_map();
            host::hold(&mut host, set, &now);
            if names.len() < EXAMPLES {
                names.extend(host.get("displayName").cloned());
            }
            tx.update(&self.hosts, &stored, &Document::from_stored(host))?;
        }
        Ok(names)
    }

    /// The set that collects what this connection does now.
    pub(super) async fn open(
        &self,
        tx: &mut Transaction<'_>,
        by: Connection<'_>,
    ) -> Result<Stored, Error> {
        if let Some(stored) = open_for(tx, by.id).await? {
            if guard::collects(stored.created, stored.modified, tx.now()) {
                return Ok(stored);
            }
            self.close(tx, &stored).await?;
        }
        self.start(tx, by).await
    }

    /// A new set.
    async fn start(&self, tx: &mut Transaction<'_>, by: Connection<'_>) -> Result<Stored, Error> {
        let people = self.people(tx, by.id).await?;
        let limit = wanted(tx, by).await?.limit(people);
        let mut set = Map::new();
        let now = date_time(tx);
        let guard = json!({
            "rule": "massDeactivation",
            "limit": limit.to_string(),
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
        let due = tx.now().checked_add(guard::IDLE).unwrap_or(Timestamp::MAX);
        tend_later(tx, id, due);
        derived::settle(tx, "ChangeSet").await?;
        Ok(stored)
    }

    /// Takes nothing more; one that is held still waits for its decision.
    async fn close(&self, tx: &mut Transaction<'_>, stored: &Stored) -> Result<(), Error> {
        let mut set = stored.parse()?.into_map();
        close(&mut set, &date_time(tx));
        if text(&set, "status") == Some("collecting") {
            set.insert("status".to_owned(), json!("applied"));
            set.insert("revertible".to_owned(), json!(true));
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

/// What the guard of a connection and its tenant want.
pub(super) async fn wanted(tx: &mut Transaction<'_>, by: Connection<'_>) -> Result<Wanted, Error> {
    Ok(Wanted {
        connection: by.guard(),
        tenant: tenant::settings(tx).await?.guard_defaults,
    })
}

/// Somebody looks after the set then: whether it is over, and whether its hold is.
pub(super) fn tend_later(tx: &mut Transaction<'_>, set: ResourceId, due: Timestamp) {
    let job = Job {
        id: tx.new_id(),
        queue: QUEUE.to_owned(),
        due,
        attempts: 0,
        payload: json!({ "changeSet": set.to_string() }).to_string(),
    };
    tx.enqueue(job);
}

/// What is too much for a guard.
pub(super) struct TooMuch<'a> {
    /// How the set's `impact` calls it.
    pub(super) code: &'static str,
    /// What happened, in a sentence.
    pub(super) what: &'a str,
    /// A host of the set whose caller holds it.
    pub(super) but: Option<ResourceId>,
    pub(super) wanted: Wanted,
}

/// Begins to hold a set.
fn begin_hold(
    tx: &mut Transaction<'_>,
    id: ResourceId,
    set: &mut Map<String, Value>,
    much: &TooMuch<'_>,
) {
    let until = tx.now().checked_add(much.wanted.hold());
    let until = until.unwrap_or(Timestamp::MAX);
    set.insert("status".to_owned(), json!("held"));
    set.insert("expiresAt".to_owned(), json!(format!("{until:.3}")));
    tend_later(tx, id, until);
    let text = format!(
        "{} Everything stays in effect until somebody releases or discards the change set; at {until:.0} it is \
         released.",
        much.what
    );
    notice(tx, id, &text);
}

/// Leaves a notice for whoever sends them.
fn notice(tx: &mut Transaction<'_>, set: ResourceId, text: &str) {
    let payload = json!({ "kind": "changeSetHeld", "changeSet": set.to_string(), "text": text });
    let job = Job {
        id: tx.new_id(),
        queue: NOTICES.to_owned(),
        due: tx.now(),
        attempts: 0,
        payload: payload.to_string(),
    };
    tx.enqueue(job);
}

/// Says what people would notice: how much, and the first names.
pub(super) fn tell_impact(
    set: &mut Map<String, Value>,
    code: &str,
    count: impl Into<Value>,
    names: impl IntoIterator<Item = Value>,
) {
    let mut examples = names_told(set, code);
    for name in names {
        if examples.len() < EXAMPLES && !examples.contains(&name) {
            examples.push(name);
        }
    }
    let count: Value = count.into();
    let impact = json!({ "code": code, "count": count, "examples": examples });
    let all = set.entry("impact").or_insert_with(|| json!([]));
    if let Some(all) = all.as_array_mut() {
        let is_it = |one: &&mut Value| one.get("code").and_then(Value::as_str) == Some(code);
        match all.iter_mut().find(is_it) {
            Some(known) => *known = impact,
            None => all.push(impact),
        }
    }
}

/// The first names of an impact, as far as they are told.
pub(super) fn names_told(set: &Map<String, Value>, code: &str) -> Vec<Value> {
    let told = of_code(set, code).and_then(|impact| impact.get("examples"));
    told.and_then(Value::as_array).cloned().unwrap_or_default()
}

const HOSTS_HIDDEN: &str = "hostsHidden";

fn of_code<'s>(set: &'s Map<String, Value>, code: &str) -> Option<&'s Value> {
    let all = set.get("impact").and_then(Value::as_array)?;
    all.iter()
        .find(|impact| impact.get("code").and_then(Value::as_str) == Some(code))
}

/// Adds to a number of an object of the set; the number then.
pub(super) fn add(set: &mut Map<String, Value>, object: &str, name: &str, more: i64) -> i64 {
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
    let was = hidden_of(set);
    let is = was.saturating_add(more).max(0);
    set_guard(set, "actual", &is.to_string());
    is
}

fn set_guard(set: &mut Map<String, Value>, name: &str, value: &str) {
    if let Some(guard) = set.get_mut("guard").and_then(Value::as_object_mut) {
        guard.insert(name.to_owned(), json!(value));
    }
}

/// How many hosts the set hides.
fn hidden_of(set: &Map<String, Value>) -> i64 {
    number_in(set, "actual")
}

fn limit_of(set: &Map<String, Value>) -> i64 {
    number_in(set, "limit")
}

/// The schema has the numbers of a guard as texts.
fn number_in(set: &Map<String, Value>, name: &str) -> i64 {
    let number = set.get("guard").and_then(|guard| guard.get(name)?.as_str());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Does the set wait for a decision?
pub(super) fn is_held(set: &Map<String, Value>) -> bool {
    text(set, "status") == Some("held")
}

pub(super) fn text<'v>(of: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    of.get(name).and_then(Value::as_str)
}
