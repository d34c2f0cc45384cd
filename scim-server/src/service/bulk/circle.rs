//! Resources that refer to each other in a circle (RFC 7644 §3.7.1): all are made, or none is.
//!
//! Each is made without what cannot be said yet, and gets the rest when all are there.

use std::collections::HashMap;

use async_trait::async_trait;
use scim_core::ResourceId;
use scim_core::message::BulkOperation;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::not_made;
use crate::service::asked::Asked;
use crate::service::kept::KeptBody;
use crate::service::once::IdempotencyKey;
use crate::service::withheld::Taken;
use crate::service::{create, read, replace};
use crate::store::{DoneOnce, Transaction, Unit};
use crate::{Error, Resource};

/// Operations that may refer to each other: they are one unit of work, which keeps SQLite's writer.
const OPERATIONS_MAX: usize = 250;
/// JSON values in all of them.
const VALUES_MAX: usize = 10_000;

pub(super) struct Circle {
    members: Vec<Member>,
    /// What operations outside of the circle have made.
    made: HashMap<String, ResourceId>,
    /// All that tells the circle from another one, where it has a key.
    fingerprint: Option<[u8; 32]>,
}

impl Circle {
    pub(super) fn new(
        members: Vec<Member>,
        made: HashMap<String, ResourceId>,
    ) -> Result<Circle, Error> {
        let too_many = |what, limit| Err(scim_core::Error::TooMany { what, limit }.into());
        if members.len() > OPERATIONS_MAX {
            return too_many("operations that refer to each other", OPERATIONS_MAX);
        }
        let bodies = members.iter().filter_map(|it| it.operation.data.as_ref());
        if bodies.map(values).sum::<usize>() > VALUES_MAX {
            return too_many("values in operations that refer to each other", VALUES_MAX);
        }
        let has_key = members.iter().any(|member| member.key.is_some());
        Ok(Circle {
            fingerprint: has_key.then(|| fingerprint(&members)),
            members,
            made,
        })
    }
}

/// How many values a body has, itself included.
fn values(body: &Value) -> usize {
    1 + match body {
        Value::Array(items) => items.iter().map(values).sum(),
        Value::Object(map) => map.values().map(values).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0_usize,
    }
}

fn fingerprint(members: &[Member]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for Member {
        operation, asked, ..
    } in members
    {
        let data = operation.data.as_ref();
        let data = data.map(|data| KeptBody::about(&asked.served.resource_type, data));
        let data = data.as_ref().map_or("", KeptBody::as_str);
        hash.update(format!("POST {} {data}\n", operation.path));
    }
    hash.finalize().into()
}

pub(super) struct Member {
    pub(super) asked: Asked,
    pub(super) operation: BulkOperation,
    pub(super) key: Option<IdempotencyKey>,
}

#[async_trait]
impl Unit for Circle {
    type Output = Vec<Resource>;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Vec<Resource>, Error> {
        if let Some(done) = self.done_before(tx).await? {
            return Ok(done);
        }
        let own: Vec<ResourceId> = self
            .members
            .iter()
            .map(|_| ResourceId::new(tx.new_id()))
            .collect();
        let names = self.members.iter().map(Member::name);
        let place_of: HashMap<&str, usize> = names.zip(0..).collect();
        let id_of = |name: &str| {
            let own = place_of.get(name).and_then(|place| own.get(*place));
            own.or_else(|| self.made.get(name)).map(ToString::to_string)
        };
        let mut resources = Vec::with_capacity(own.len());
        let mut later = Vec::new();
        for (place, (member, id)) in self.members.iter().zip(&own).enumerate() {
            let whole = member
                .operation
                .resolved(&id_of)
                .map_err(|it| not_made(&it))?;
            let whole = whole.data.unwrap_or(Value::Null);
            let is_unmade = |name: &str| place_of.get(name).is_some_and(|at| *at >= place);
            let first = match member.operation.data_without(&is_unmade) {
                None => whole,
                Some(part) => {
                    later.push((place, whole));
                    resolved(&member.operation, part, &id_of)?
                }
            };
            let create = create::Create::new(member.asked.clone(), first)?;
            resources.push(create.insert(tx, *id).await?);
            // The next one may have it as a member.
            tx.flush().await?;
        }
        for (place, body) in later {
            let (Some(member), Some(id)) = (self.members.get(place), own.get(place)) else {
                continue;
            };
            let replace = replace::Replace {
                asked: member.asked.clone(),
                id: *id,
                if_match: None,
                body,
                taken: Taken::default(),
            };
            let whole = replace.run(tx).await?;
            if let Some(resource) = resources.get_mut(place) {
                *resource = whole;
            }
        }
        self.remember(tx, &own);
        Ok(resources)
    }
}

fn resolved(
    operation: &BulkOperation,
    data: Value,
    id_of: &dyn Fn(&str) -> Option<String>,
) -> Result<Value, Error> {
    let part = BulkOperation {
        data: Some(data),
        ..operation.clone()
    };
    let part = part.resolved(id_of).map_err(|name| not_made(&name))?;
    Ok(part.data.unwrap_or(Value::Null))
}

impl Member {
    fn name(&self) -> &str {
        self.operation.bulk_id.as_deref().unwrap_or_default()
    }
}

impl Circle {
    /// What the circle led to when it was asked for before, under the same keys.
    async fn done_before(&self, tx: &mut Transaction<'_>) -> Result<Option<Vec<Resource>>, Error> {
        let mut done = Vec::new();
        for Member { asked, key, .. } in &self.members {
            if let Some(key) = key {
                done.push(tx.done_once(asked.caller.connection, key.as_str()).await?);
            }
        }
        if done.iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut resources = Vec::with_capacity(done.len());
        for (Member { asked, .. }, done) in self.members.iter().zip(done) {
            // Some were used, and not all, or not for this: the keys belong to another request.
            let same = done.filter(|done| Some(done.fingerprint) == self.fingerprint);
            let done = same.ok_or(Error::IdempotencyKeyReused)?;
            resources.push(read::one(tx, asked, done.resource).await?);
        }
        Ok(Some(resources))
    }

    fn remember(&self, tx: &mut Transaction<'_>, ids: &[ResourceId]) {
        for (Member { asked, key, .. }, id) in self.members.iter().zip(ids) {
            if let (Some(key), Some(fingerprint)) = (key, self.fingerprint) {
                tx.remember(DoneOnce {
                    connection: asked.caller.connection,
                    key: key.as_str().to_owned(),
                    fingerprint,
                    created: tx.now(),
                    resource: *id,
                });
            }
        }
    }
}
