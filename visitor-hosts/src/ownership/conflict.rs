//! What a conflict says, and how it is found again.

use scim_core::text::fold;
use scim_core::{Document, ResourceId, ResourceType};
use scim_server::Error;
use scim_server::store::{Lock, Stored, Transaction};
use serde_json::{Map, Value, json};

use super::candidates::{Candidate, users_of};
use super::verdict::Meeting;
use crate::derived::date_time;
use crate::reference;
use crate::schemas::CONFLICT_URN;
use crate::source::{Incoming, OnExisting, Source, channel};

/// The name of the type.
pub(crate) const KIND: &str = "ProvisioningConflict";
/// Where notices wait for whoever sends them.
const NOTICES: &str = "notices";
/// What an external id or a name is cut to where it says who somebody is.
const PERSON_BYTES_MAX: usize = 300;

/// A conflict as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    pub(crate) stored: Stored,
    pub(crate) map: Map<String, Value>,
}

impl Conflict {
    pub(crate) fn read(stored: Stored) -> Result<Conflict, Error> {
        let map = stored.parse()?.into_map();
        Ok(Conflict { stored, map })
    }

    pub(crate) fn id(&self) -> ResourceId {
        self.stored.id
    }

    pub(crate) fn status(&self) -> &str {
        text(&self.map, "status").unwrap_or_default()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.status() == "open"
    }

    /// The User that came; none where it was refused.
    pub(crate) fn incoming(&self) -> Option<ResourceId> {
        reference::target(self.map.get("incoming"))
    }

    /// The Hosts that it met.
    pub(crate) fn existing(&self) -> Vec<ResourceId> {
        let hosts = self.map.get("existing").and_then(Value::as_array);
        let hosts = hosts.into_iter().flatten();
        hosts
            .filter_map(|host| reference::target(Some(host)))
            .collect()
    }

    /// Is one of these among them?
    pub(super) fn meets(&self, candidates: &[Candidate]) -> bool {
        let existing = self.existing();
        let mut candidates = candidates.iter();
        candidates.any(|candidate| existing.contains(&candidate.stored.id))
    }

    /// Does one of the existing Hosts have this User?
    pub(crate) fn is_about_user(&self, user: ResourceId) -> bool {
        let users = self.map.get("existingUsers").and_then(Value::as_array);
        let user = json!(user.to_string());
        users.is_some_and(|users| users.contains(&user))
    }

    /// The Host of the incoming record since both were kept separate.
    pub(super) fn separate_host(&self) -> Option<ResourceId> {
        text(&self.map, "separateHost")?.parse().ok()
    }

    /// Whoever brought the incoming record, as it was known then.
    pub(super) fn source(&self) -> Option<Source<'_>> {
        let connection = self.map.get("connection")?;
        let id = reference::connection(Some(connection))?;
        let part = |name: &str| connection.get(name).and_then(Value::as_str);
        let policy = text(&self.map, "policy").and_then(OnExisting::named);
        Some(Source::known(
            id,
            part("display").unwrap_or_default(),
            channel(part("channel").unwrap_or_default()),
            policy.unwrap_or(OnExisting::Ask),
        ))
    }

    /// Ends it: nothing that is only true of an open one stays.
    pub(super) fn close(&mut self, status: &str) {
        self.map.insert("status".to_owned(), json!(status));
        for name in ["openFor", "existingUsers"] {
            self.map.shift_remove(name);
        }
        // Who was refused comes again without an id; who was rejected or kept separate, maybe under another.
        let is_remembered = match status {
            "linked" => self.incoming().is_none(),
            "expired" => false,
            _ => true,
        };
        if !is_remembered {
            self.map.shift_remove("person");
        }
    }

    /// Says who decided what.
    pub(super) fn decided(&mut self, action: &str, reason: Option<&str>, at: &str) {
        let mut resolution = Map::new();
        resolution.insert("action".to_owned(), json!(action));
        if let Some(reason) = reason {
            resolution.insert("reason".to_owned(), json!(reason));
        }
        resolution.insert("at".to_owned(), json!(at));
        self.map
            .insert("resolution".to_owned(), Value::Object(resolution));
    }

    pub(super) fn write(
        self,
        tx: &mut Transaction<'_>,
        conflicts: &ResourceType,
    ) -> Result<(), Error> {
        if *self.stored.parse()?.as_map() != self.map {
            tx.yield_where_taken(KIND);
            tx.update(conflicts, &self.stored, &Document::from_stored(self.map))?;
        }
        Ok(())
    }
}

/// A conflict that is made.
pub(super) fn insert(
    tx: &mut Transaction<'_>,
    conflicts: &ResourceType,
    id: ResourceId,
    map: Map<String, Value>,
) -> Result<(), Error> {
    tx.yield_where_taken(KIND);
    tx.insert(conflicts, None, id, &Document::from_stored(map))?;
    Ok(())
}

/// What an open conflict says.
pub(super) fn open(
    incoming: &Incoming<'_>,
    is_kept: bool,
    candidates: &[Candidate],
    meeting: Meeting,
) -> Map<String, Value> {
    let source = incoming.source;
    let people = people(incoming);
    let display = display(incoming.document);
    let mut record = reference::typed("User", &incoming.id(), display);
    if !is_kept && let Some(record) = record.as_object_mut() {
        record.shift_remove("value");
    }
    let existing = candidates.iter().map(|candidate| {
        let display = text(&candidate.host, "displayName");
        reference::typed("Host", &candidate.stored.id, display)
    });
    let mut evidence: Vec<&str> = Vec::new();
    for candidate in candidates {
        let same = candidate.evidence.same.iter().map(|key| key.evidence());
        let contradicts = candidate.evidence.contradicts.then_some("employeeNumber!=");
        for one in same.chain(contradicts) {
            if !evidence.contains(&one) {
                evidence.push(one);
            }
        }
    }
    let mut users: Vec<String> = Vec::new();
    for candidate in candidates {
        users.extend(
            users_of(&candidate.host)
                .iter()
                .map(|user| user.id.to_string()),
        );
    }
    let mut connection = reference::to(&source.id, Some(source.name));
    if let Some(connection) = connection.as_object_mut() {
        connection.insert("channel".to_owned(), json!(source.channel));
    }
    let open_for = people.first().cloned().unwrap_or_default();
    let mut person = people;
    if is_kept {
        person.push(incoming.id().to_string());
    }
    let mut map = Map::new();
    for (name, value) in [
        ("schemas", json!([CONFLICT_URN])),
        ("kind", json!(meeting.as_str())),
        ("incoming", record),
        ("existing", existing.collect()),
        ("evidence", json!(evidence)),
        ("status", json!("open")),
        ("policy", json!(source.on_existing().as_str())),
        ("connection", connection),
        ("openFor", json!(open_for)),
        ("person", json!(person)),
    ] {
        map.insert(name.to_owned(), value);
    }
    if !users.is_empty() {
        map.insert("existingUsers".to_owned(), json!(users));
    }
    map
}

/// How a person of a connection is known again under another id: by the external id, else by the name.
pub(super) fn people(incoming: &Incoming<'_>) -> Vec<String> {
    let connection = incoming.source.id;
    let external = text(incoming.document, "externalId").map(|id| ("externalId", id.to_owned()));
    let name = text(incoming.document, "userName").map(|name| ("userName", fold(name)));
    let people = external.into_iter().chain(name);
    people
        .map(|(attribute, value)| format!("{connection} {attribute} {}", short(&value)))
        .collect()
}

fn short(text: &str) -> &str {
    let mut end = text.len().min(PERSON_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

fn display(user: &Map<String, Value>) -> Option<&str> {
    text(user, "displayName").or_else(|| text(user, "userName"))
}

/// The keys of these Users' conflicts.
pub(super) fn person_keys(people: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    let people = people.into_iter();
    people.map(|person| ("person".to_owned(), person)).collect()
}

/// Asks for the open conflicts that a Host is in.
pub(crate) async fn about(
    tx: &mut Transaction<'_>,
    host: ResourceId,
    lock: Lock,
) -> Result<Vec<Conflict>, Error> {
    let key = ("existing.value".to_owned(), host.to_string());
    let found = tx.find(KIND, &[key], lock).await?;
    let mut open = Vec::with_capacity(found.len());
    for stored in found {
        let conflict = Conflict::read(stored)?;
        if conflict.is_open() {
            open.push(conflict);
        }
    }
    Ok(open)
}

/// Leaves a notice that people wait for a decision: one an hour for each connection, however many they are.
pub(super) fn notify(tx: &mut Transaction<'_>, source: Source<'_>) {
    const HOUR: i64 = 3_600;
    let hour = tx.now().as_second().div_euclid(HOUR);
    let due = jiff::Timestamp::from_second((hour + 1) * HOUR).unwrap_or(tx.now());
    let text = format!(
        "{} brings people who are here already. They have no host of their own until somebody decides on \
         their conflicts.",
        source.name
    );
    let payload = json!({
        "kind": "conflictsOpened",
        "connection": source.id.to_string(),
        "since": date_time(tx),
        "text": text,
    });
    let name = format!("conflictsOpened {} {hour}", source.id);
    tx.enqueue_once(NOTICES, &name, due, payload.to_string());
}

pub(super) fn text<'v>(of: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    of.get(name).and_then(Value::as_str)
}
