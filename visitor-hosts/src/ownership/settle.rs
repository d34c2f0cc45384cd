//! What happens when a User has no Host, and when a Host that somebody was compared with changes.

use scim_core::{ResourceId, ResourceType, SchemaError};
use scim_server::service::connection_in_words;
use scim_server::store::{Lock, Stored, Transaction};
use scim_server::{Error, Exists};
use serde_json::{Map, Value, json};

use super::candidates::{self, Candidate, Standing};
use super::conflict::{self, Conflict, KIND, person_keys};
use super::match_order::{MatchKey, match_order};
use super::verdict::{self, Known, Meeting, Verdict};
use crate::derived::date_time;
use crate::host::{Hosts, identity};
use crate::source::{Incoming, OnExisting, Source};
use crate::{reference, schemas};

/// Decides whose a Host is.
pub(crate) struct Ownership {
    pub(super) hosts: Hosts,
    pub(super) conflicts: ResourceType,
}

/// What became of a User without a Host.
enum Settled {
    /// These Hosts have another User than before.
    Done(Vec<ResourceId>),
    /// It may not be written.
    Refused(Error),
}

/// What was decided about this person before.
#[derive(Default)]
struct Memory {
    open: Option<Conflict>,
    rejected: Vec<Conflict>,
    /// Two people, whatever they have in common.
    separate: Vec<Conflict>,
    /// To be linked as soon as the User is there.
    promised: Option<Conflict>,
}

impl Ownership {
    pub(crate) fn new() -> Result<Ownership, SchemaError> {
        Ok(Ownership {
            hosts: Hosts::new()?,
            conflicts: schemas::conflict_type()?,
        })
    }

    /// A User has no Host: it is new (`arrives`), or was left without one until somebody decides.
    pub(crate) async fn settle(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        arrives: bool,
        known: Vec<Conflict>,
    ) -> Result<(), Error> {
        match self.settled(tx, incoming, arrives, known).await? {
            Settled::Done(hosts) => self.reconsider_about(tx, hosts).await,
            Settled::Refused(error) => Err(error),
        }
    }

    /// The Hosts are others' now, or nobody's: whoever was compared with them is looked at again.
    pub(crate) async fn reconsider_about(
        &self,
        tx: &mut Transaction<'_>,
        mut hosts: Vec<ResourceId>,
    ) -> Result<(), Error> {
        // Whatever ends here ends a conflict, so that this ends too.
        while let Some(host) = hosts.pop() {
            for conflict in conflict::about(tx, host, Lock::ForUpdate).await? {
                hosts.extend(self.reconsidered(tx, conflict.id()).await?);
            }
        }
        Ok(())
    }

    /// Looks again at open conflicts whose situation changed.
    pub(crate) async fn reconsider(
        &self,
        tx: &mut Transaction<'_>,
        conflicts: Vec<ResourceId>,
    ) -> Result<(), Error> {
        for id in conflicts {
            let hosts = self.reconsidered(tx, id).await?;
            self.reconsider_about(tx, hosts).await?;
        }
        Ok(())
    }

    async fn reconsidered(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
    ) -> Result<Vec<ResourceId>, Error> {
        let Some(stored) = tx.get_for_update(KIND, id).await? else {
            return Ok(Vec::new());
        };
        let conflict = Conflict::read(stored)?;
        if !conflict.is_open() {
            return Ok(Vec::new());
        }
        let user = match conflict.incoming() {
            Some(user) => tx.get_for_update("User", user).await?,
            None => None,
        };
        let Some(user) = user else {
            // Whoever was refused and is still met is refused again, which opens another one.
            self.expire(tx, conflict)?;
            return Ok(Vec::new());
        };
        let document = user.parse()?;
        let Some(source) = conflict.source() else {
            return Ok(Vec::new());
        };
        let token = tx.token(source.id.0).await?;
        let incoming = Incoming {
            user: &user,
            document: document.as_map(),
            source: token.as_ref().map_or(source, Source::of_token),
        };
        match self
            .settled(tx, &incoming, false, vec![conflict.clone()])
            .await?
        {
            Settled::Done(hosts) => Ok(hosts),
            // That is for the connection to hear, not for whoever asks now.
            Settled::Refused(_) => Ok(Vec::new()),
        }
    }

    async fn settled(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        arrives: bool,
        known: Vec<Conflict>,
    ) -> Result<Settled, Error> {
        let who = identity(incoming.document);
        let values = MatchKey::ALL
            .iter()
            .filter_map(|key| Some((*key, key.value(&who)?)));
        let values: Vec<(MatchKey, String)> = values.collect();
        let mut keys = Vec::with_capacity(2 * values.len());
        for (key, value) in &values {
            keys.push((key.attribute().to_owned(), value.clone()));
            keys.push(("arrivedAs".to_owned(), key.claim(value)));
        }
        let mut people = conflict::people(incoming);
        if !arrives {
            people.push(incoming.id().to_string());
        }
        let people = person_keys(people);
        let asked = [("Host", keys.as_slice()), (KIND, people.as_slice())];
        let found = tx.find_any(&asked, Lock::ForUpdate).await?;
        let (conflicts, hosts): (Vec<Stored>, Vec<Stored>) =
            found.into_iter().partition(|stored| stored.kind == KIND);
        let memory = Memory::of(conflicts, known, Some(incoming.id()))?;
        let claims = free_claims(&values, &hosts)?;
        let by = incoming.source.id;
        let order = if hosts.is_empty() {
            Vec::new()
        } else {
            match_order(tx).await?
        };
        let candidates = candidates::candidates(tx, &order, &who, by, hosts).await?;
        let candidates = self.not_kept_separate(tx, &memory, candidates).await?;
        if let Some(rejected) = memory.rejected.iter().find(|one| one.meets(&candidates)) {
            nobody_of_their_own(tx).await?;
            return Ok(Settled::Refused(rejected_before(rejected, &candidates)));
        }
        if let Some(promised) = &memory.promised
            && let Some(chosen) = candidates
                .iter()
                .find(|one| promised.existing().contains(&one.stored.id))
        {
            let chosen = chosen.clone();
            return self.link(tx, incoming, arrives, &chosen, memory).await;
        }
        let known: Vec<Known> = candidates.iter().map(known_of).collect();
        let policy = incoming.source.on_existing();
        match verdict::verdict(incoming.source.channel, policy, arrives, &known) {
            Verdict::New => {
                let id = self.hosts.make(tx, incoming, claims).await?;
                self.settle_in(tx, incoming, arrives, id, memory).await?;
                Ok(Settled::Done(Vec::new()))
            }
            Verdict::Back => {
                let Some(candidate) = candidates.first() else {
                    return Ok(Settled::Done(Vec::new()));
                };
                let id = candidate.stored.id;
                self.hosts
                    .take(tx, incoming, &candidate.stored, None)
                    .await?;
                self.settle_in(tx, incoming, arrives, id, memory).await?;
                Ok(Settled::Done(vec![id]))
            }
            Verdict::Link => match candidates.first() {
                Some(candidate) => self.link(tx, incoming, arrives, candidate, memory).await,
                None => Ok(Settled::Done(Vec::new())),
            },
            Verdict::Ask(meeting) => {
                self.ask(tx, incoming, &candidates, meeting, memory)?;
                Ok(Settled::Done(Vec::new()))
            }
            Verdict::Refuse(meeting) => {
                nobody_of_their_own(tx).await?;
                let refusal = refused(tx, incoming, &candidates, meeting, &memory);
                Ok(Settled::Refused(refusal))
            }
        }
    }

    /// The User has a Host, and nobody has to decide any more.
    async fn settle_in(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        arrives: bool,
        host: ResourceId,
        memory: Memory,
    ) -> Result<(), Error> {
        if !arrives {
            self.hosts.follow_groups(tx, host).await?;
        }
        if let Some(open) = memory.open {
            self.expire(tx, open)?;
        }
        // Those who were refused and then kept separate come only now.
        for mut conflict in memory.separate {
            if conflict.separate_host().is_none() {
                conflict
                    .map
                    .insert("separateHost".to_owned(), json!(host.to_string()));
                name_incoming(&mut conflict, incoming);
                conflict.write(tx, &self.conflicts)?;
            }
        }
        Ok(())
    }

    /// The Host is the User's too, by what the connection wants or by what was decided before it came.
    async fn link(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        arrives: bool,
        candidate: &Candidate,
        memory: Memory,
    ) -> Result<Settled, Error> {
        let id = candidate.stored.id;
        self.hosts.link(tx, incoming, &candidate.stored).await?;
        if !arrives {
            self.hosts.follow_groups(tx, id).await?;
        }
        if let Some(mut promised) = memory.promised {
            name_incoming(&mut promised, incoming);
            promised.close("linked");
            promised.write(tx, &self.conflicts)?;
            if let Some(open) = memory.open {
                self.expire(tx, open)?;
            }
            return Ok(Settled::Done(vec![id]));
        }
        let now = date_time(tx);
        let reason = "the connection links people who are here already (onExisting: autoLink)";
        let close = |conflict: &mut Conflict| {
            name_incoming(conflict, incoming);
            let policy = json!(OnExisting::AutoLink.as_str());
            conflict.map.insert("policy".to_owned(), policy);
            conflict.decided("link", Some(reason), &now);
            conflict.close("linked");
        };
        match memory.open {
            Some(mut open) => {
                close(&mut open);
                open.write(tx, &self.conflicts)?;
            }
            // Nobody had to decide; that it was linked, and by what evidence, is told all the same.
            None => {
                let candidates = std::slice::from_ref(candidate);
                let meeting = match verdict::verdict(
                    incoming.source.channel,
                    OnExisting::Ask,
                    false,
                    &[known_of(candidate)],
                ) {
                    Verdict::Ask(meeting) => meeting,
                    _ => Meeting::ExistingLocalHost,
                };
                let mut told = Conflict {
                    stored: incoming.user.clone(),
                    map: conflict::open(incoming, true, candidates, meeting),
                };
                close(&mut told);
                let new = ResourceId::new(tx.new_id());
                conflict::insert(tx, &self.conflicts, new, told.map)?;
            }
        }
        Ok(Settled::Done(vec![id]))
    }

    /// Opens a conflict, or lets the open one say what is so now.
    fn ask(
        &self,
        tx: &mut Transaction<'_>,
        incoming: &Incoming<'_>,
        candidates: &[Candidate],
        meeting: Meeting,
        memory: Memory,
    ) -> Result<(), Error> {
        let map = conflict::open(incoming, true, candidates, meeting);
        self.say(tx, incoming.source, memory.open, None, map)
    }

    /// What was refused by its policy is told all the same.
    pub(super) async fn refused(
        &self,
        tx: &mut Transaction<'_>,
        source: Source<'_>,
        facts: &Value,
    ) -> Result<(), Error> {
        let map = facts.get("conflict").and_then(Value::as_object).cloned();
        let id = facts.get("id").and_then(Value::as_str);
        let (Some(map), Some(id)) = (map, id.and_then(|id| id.parse().ok())) else {
            return Ok(());
        };
        let people = map.get("person").and_then(Value::as_array);
        let people = people.into_iter().flatten().filter_map(Value::as_str);
        let keys = person_keys(people.map(str::to_owned));
        let found = tx.find(KIND, &keys, Lock::ForUpdate).await?;
        let memory = Memory::of(found, Vec::new(), None)?;
        self.say(tx, source, memory.open, Some(id), map)
    }

    fn say(
        &self,
        tx: &mut Transaction<'_>,
        source: Source<'_>,
        open: Option<Conflict>,
        id: Option<ResourceId>,
        map: Map<String, Value>,
    ) -> Result<(), Error> {
        if let Some(mut open) = open {
            open.map = map;
            return open.write(tx, &self.conflicts);
        }
        let id = match id {
            Some(id) => id,
            None => ResourceId::new(tx.new_id()),
        };
        conflict::insert(tx, &self.conflicts, id, map)?;
        conflict::notify(tx, source);
        Ok(())
    }

    /// Nobody has to decide any more.
    pub(crate) fn expire(
        &self,
        tx: &mut Transaction<'_>,
        mut conflict: Conflict,
    ) -> Result<(), Error> {
        conflict.close("expired");
        conflict.write(tx, &self.conflicts)
    }

    /// Leaves out those of whom somebody said that they are another person.
    async fn not_kept_separate(
        &self,
        tx: &mut Transaction<'_>,
        memory: &Memory,
        mut candidates: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, Error> {
        for conflict in &memory.separate {
            let existing = conflict.existing();
            candidates.retain(|candidate| !existing.contains(&candidate.stored.id));
        }
        let is_former = |one: &Candidate| one.standing.fit().is_some();
        if candidates.len() < 2 || !candidates.iter().any(is_former) {
            return Ok(candidates);
        }
        // Said of the other one of the two: who comes back does not meet them again either.
        let keys = candidates.iter();
        let keys = keys.map(|one| ("existing.value".to_owned(), one.stored.id.to_string()));
        let keys: Vec<(String, String)> = keys.collect();
        for stored in tx.find(KIND, &keys, Lock::None).await? {
            let conflict = Conflict::read(stored)?;
            let Some(separate) = conflict.separate_host() else {
                continue;
            };
            let existing = conflict.existing();
            let comes_back = |id: ResourceId| {
                let mut candidates = candidates.iter();
                candidates.any(|one| one.stored.id == id && is_former(one))
            };
            let apart: Vec<ResourceId> = if comes_back(separate) {
                existing
            } else if existing.into_iter().any(comes_back) {
                vec![separate]
            } else {
                Vec::new()
            };
            candidates.retain(|one| is_former(one) || !apart.contains(&one.stored.id));
        }
        Ok(candidates)
    }
}

impl Memory {
    /// What is known of a User, or of somebody who was refused. One that waits for another User is not theirs.
    fn of(
        found: Vec<Stored>,
        known: Vec<Conflict>,
        user: Option<ResourceId>,
    ) -> Result<Memory, Error> {
        let mut all = known;
        for stored in found {
            if !all.iter().any(|one| one.id() == stored.id) {
                all.push(Conflict::read(stored)?);
            }
        }
        let mut memory = Memory::default();
        for conflict in all {
            match conflict.status() {
                "open" if [None, user].contains(&conflict.incoming()) => {
                    memory.open = Some(conflict);
                }
                "rejected" => memory.rejected.push(conflict),
                "keptSeparate" => memory.separate.push(conflict),
                "linked" if conflict.incoming().is_none() => memory.promised = Some(conflict),
                _ => {}
            }
        }
        Ok(memory)
    }
}

/// A name or an id that another User of the same connection has is refused as such: that comes first.
async fn nobody_of_their_own(tx: &mut Transaction<'_>) -> Result<(), Error> {
    tx.flush().await
}

/// What nobody else was made with: two that come at the same moment must not both be new.
pub(super) fn free_claims(
    values: &[(MatchKey, String)],
    hosts: &[Stored],
) -> Result<Vec<String>, Error> {
    let mut claims: Vec<String> = Vec::with_capacity(values.len());
    claims.extend(values.iter().map(|(key, value)| key.claim(value)));
    for stored in hosts {
        let host = stored.parse()?;
        let taken = host.get("arrivedAs").and_then(Value::as_array);
        let taken: Vec<&str> = taken
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        claims.retain(|claim| !taken.contains(&claim.as_str()));
    }
    Ok(claims)
}

fn known_of(candidate: &Candidate) -> Known {
    let evidence = &candidate.evidence;
    Known {
        standing: candidate.standing,
        weak: evidence.is_weak(),
        reused: evidence.contradicts && evidence.same.contains(&MatchKey::Email),
    }
}

fn name_incoming(conflict: &mut Conflict, incoming: &Incoming<'_>) {
    let display = conflict
        .map
        .get("incoming")
        .and_then(|it| it.get("display"));
    let display = display.and_then(Value::as_str);
    let named = reference::typed("User", &incoming.id(), display);
    conflict.map.insert("incoming".to_owned(), named);
}

fn refused(
    tx: &mut Transaction<'_>,
    incoming: &Incoming<'_>,
    candidates: &[Candidate],
    meeting: Meeting,
    memory: &Memory,
) -> Error {
    let open = memory.open.as_ref().map(Conflict::id);
    let id = match open {
        Some(id) => id,
        None => ResourceId::new(tx.new_id()),
    };
    let (who, code) = met(candidates);
    let detail = format!(
        "{who}, and this connection refuses such people until somebody decides on \
         /ProvisioningConflicts/{id}"
    );
    let map = conflict::open(incoming, false, candidates, meeting);
    Error::Exists(Box::new(Exists {
        code,
        detail,
        facts: Some(json!({ "id": id.to_string(), "conflict": map })),
    }))
}

fn rejected_before(conflict: &Conflict, candidates: &[Candidate]) -> Error {
    let (who, code) = met(candidates);
    let id = conflict.id();
    let detail = format!("{who}, and somebody rejected this one: see /ProvisioningConflicts/{id}");
    Error::Exists(Box::new(Exists {
        code,
        detail,
        facts: None,
    }))
}

/// Who is here already, by which attribute, and the code that says so.
fn met(candidates: &[Candidate]) -> (String, &'static str) {
    let Some(candidate) = candidates.first() else {
        return ("such a person is here already".to_owned(), "exists.other");
    };
    let first = candidate.evidence.same.first();
    let attribute = first.map_or("userName", |key| key.attribute());
    let keeper = candidate.host.get("managedBy");
    let keeper = keeper.and_then(|keeper| keeper.get("display")?.as_str());
    let keeper = connection_in_words(keeper);
    let who = format!("a person with this {attribute} is here already, kept by {keeper}");
    match candidate.standing {
        Standing::Kept("manual" | "csv") => (who, "exists.unmanaged"),
        Standing::Kept(_) | Standing::Own(_) | Standing::Former(_) => (who, "exists.other"),
    }
}
