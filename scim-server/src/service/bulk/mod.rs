//! Several writes in one request (RFC 7644 §3.7).
//!
//! Each operation is a unit of work of its own, done or not done whatever becomes of the others.
//! Only operations that refer to each other in a circle share one: see [`circle`].

mod circle;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use scim_core::message::{BulkMethod, BulkOperation, BulkRequest};
use scim_core::resource::project::Projection;
use scim_core::{ResourceId, Version};
use serde_json::Value;
use tokio::time::Instant;

use super::once::IdempotencyKey;
use super::{Caller, Engine, Patched, Served};
use crate::{Error, Resource};

/// What came of one operation.
#[derive(Debug)]
pub struct BulkOutcome {
    /// Its place in the request.
    pub place: usize,
    /// What it is about, if its path leads anywhere.
    pub served: Option<Arc<Served>>,
    /// The resource that the path names, or that was made.
    pub id: Option<String>,
    /// What happened.
    pub result: Result<BulkDone, Error>,
}

/// An operation that succeeded.
///
/// ```
/// use scim_server::service::BulkDone;
///
/// assert!(BulkDone::Deleted.resource().is_none());
/// ```
#[derive(Debug)]
pub enum BulkDone {
    /// POST.
    Created(Resource),
    /// PUT.
    Replaced(Resource),
    /// PATCH.
    Patched(Patched),
    /// DELETE.
    Deleted,
}

impl BulkDone {
    /// The resource as it is now, unless it is gone.
    pub fn resource(&self) -> Option<&Resource> {
        match self {
            BulkDone::Created(resource) | BulkDone::Replaced(resource) => Some(resource),
            BulkDone::Patched(patched) => Some(&patched.resource),
            BulkDone::Deleted => None,
        }
    }
}

impl Engine {
    /// Does the operations of a bulk request, each under the rights and rules that it would have
    /// alone; gives the outcomes of those that were reached, in the order of the request.
    ///
    /// What was not reached by `due` is refused. Under an idempotency key each operation has one of
    /// its own, made of that and its place.
    pub async fn bulk(
        &self,
        caller: &Caller,
        request: &BulkRequest,
        key: Option<&IdempotencyKey>,
        due: Instant,
    ) -> Vec<BulkOutcome> {
        let mut run = Run {
            engine: self,
            caller,
            request,
            key,
            made: HashMap::new(),
            outcomes: BTreeMap::new(),
        };
        let mut failures = 0;
        for step in request.steps() {
            if Instant::now() >= due {
                run.refuse(&step, || Error::NotReached);
                continue;
            }
            match step.as_slice() {
                [place] if !run.names_itself(*place) => run.alone(*place).await,
                places => run.together(places).await,
            }
            let failed = |place: &&usize| {
                let outcome = run.outcomes.get(place);
                outcome.is_some_and(|outcome| outcome.result.is_err())
            };
            failures += step.iter().filter(failed).count();
            let accepted = request.fail_on_errors.map(|count| count as usize);
            if accepted.is_some_and(|accepted| failures >= accepted) {
                break;
            }
        }
        run.outcomes.into_values().collect()
    }
}

struct Run<'r> {
    engine: &'r Engine,
    caller: &'r Caller,
    request: &'r BulkRequest,
    key: Option<&'r IdempotencyKey>,
    /// The resources made so far, by bulkId.
    made: HashMap<String, ResourceId>,
    outcomes: BTreeMap<usize, BulkOutcome>,
}

/// Where the path of an operation leads.
struct Target {
    served: Arc<Served>,
    id: Option<String>,
}

impl Run<'_> {
    /// The smallest circle.
    fn names_itself(&self, place: usize) -> bool {
        let operation = self.request.operations.get(place);
        operation.is_some_and(|operation| match operation.bulk_id.as_deref() {
            Some(own) if operation.method == BulkMethod::Post => {
                operation.references().contains(&own)
            }
            _ => false,
        })
    }

    async fn alone(&mut self, place: usize) {
        let Some(operation) = self.request.operations.get(place) else {
            return;
        };
        let target = self.target(&operation.path);
        let result = match self.resolved(operation) {
            // The path of a refused operation is shown as far as it is known.
            Err(error) => Err(error),
            Ok(resolved) => match self.target(&resolved.path) {
                None => Err(Error::NoSuchPath),
                Some(target) => self.one(place, resolved, target).await,
            },
        };
        if let (Ok(BulkDone::Created(resource)), Some(name)) = (&result, &operation.bulk_id) {
            self.made.insert(name.clone(), resource.stored.id);
        }
        self.keep(place, target, result);
    }

    async fn one(
        &self,
        place: usize,
        operation: BulkOperation,
        target: Target,
    ) -> Result<BulkDone, Error> {
        let Target { served, id } = target;
        let allowed = match id {
            Some(_) => served.allowed_on_resource(),
            None => served.allowed_on_collection(),
        };
        let method = operation.method;
        if !allowed.split(", ").any(|it| it == method.as_str()) {
            return Err(Error::Method {
                method: method.as_str().to_owned(),
                allowed: allowed.to_owned(),
            });
        }
        self.caller.permit(&served, "write")?;
        let request = self.engine.request(self.caller, &served);
        let request = request.once(self.key.map(|key| key.of_operation(place)));
        let id = id.unwrap_or_default();
        let if_match = operation.version.as_deref().map(expected_version);
        let body = operation.data.unwrap_or(Value::Null);
        Ok(match method {
            BulkMethod::Post => BulkDone::Created(request.create(body).await?),
            BulkMethod::Put => BulkDone::Replaced(request.replace(&id, if_match, body).await?),
            BulkMethod::Patch => BulkDone::Patched(request.patch(&id, if_match, body).await?),
            BulkMethod::Delete => {
                request.delete(&id, if_match).await?;
                BulkDone::Deleted
            }
        })
    }

    /// Operations of a circle are POSTs: nothing else has a bulkId that others refer to.
    async fn together(&mut self, places: &[usize]) {
        let mut members = Vec::with_capacity(places.len());
        for place in places {
            let Some(operation) = self.request.operations.get(*place) else {
                continue;
            };
            match self.target(&operation.path) {
                Some(Target { served, .. }) if !self.caller.may(&served, "write") => {
                    let caller = self.caller;
                    let refusal = || caller.permit(&served, "write").err();
                    return self.refuse(places, || refusal().unwrap_or(Error::NoSuchPath));
                }
                Some(Target { served, id: None }) => members.push(circle::Member {
                    asked: self
                        .engine
                        .asked(self.caller, &served, &Projection::default()),
                    operation: operation.clone(),
                    key: self.key.map(|key| key.of_operation(*place)),
                }),
                _ => return self.refuse(places, || Error::NoSuchPath),
            }
        }
        let done = match circle::Circle::new(members, self.made.clone()) {
            Ok(unit) => self.engine.store.write(&self.caller.tenant, unit).await,
            Err(refusal) => Err(refusal),
        };
        match done {
            Err(error) => {
                let error = Arc::new(error);
                self.refuse(places, || Error::Together(Arc::clone(&error)));
            }
            Ok(resources) => {
                for (place, resource) in places.iter().zip(resources) {
                    let Some(operation) = self.request.operations.get(*place) else {
                        continue;
                    };
                    if let Some(name) = &operation.bulk_id {
                        self.made.insert(name.clone(), resource.stored.id);
                    }
                    let target = self.target(&operation.path);
                    self.keep(*place, target, Ok(BulkDone::Created(resource)));
                }
            }
        }
    }

    fn refuse(&mut self, places: &[usize], error: impl Fn() -> Error) {
        for place in places {
            let operation = self.request.operations.get(*place);
            let target = operation.and_then(|operation| self.target(&operation.path));
            self.keep(*place, target, Err(error()));
        }
    }

    fn keep(&mut self, place: usize, target: Option<Target>, result: Result<BulkDone, Error>) {
        let made = result.as_ref().ok().and_then(BulkDone::resource);
        let made = made.map(|resource| resource.stored.id.to_string());
        let (served, id) = match target {
            Some(Target { served, id }) => (Some(served), made.or(id)),
            None => (None, None),
        };
        let outcome = BulkOutcome {
            place,
            served,
            id,
            result,
        };
        self.outcomes.insert(place, outcome);
    }

    fn resolved(&self, operation: &BulkOperation) -> Result<BulkOperation, Error> {
        let id_of = |name: &str| self.made.get(name).map(ResourceId::to_string);
        operation.resolved(&id_of).map_err(|name| not_made(&name))
    }

    /// `/Users`, or `/Users/{id}`.
    fn target(&self, path: &str) -> Option<Target> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let (endpoint, id, end) = (parts.next()?, parts.next(), parts.next());
        let catalog = self.engine.catalog();
        let served = catalog.by_endpoint(self.caller.kind, endpoint)?;
        end.is_none().then(|| Target {
            served: Arc::clone(served),
            id: id.map(str::to_owned),
        })
    }
}

/// What is no entity tag of ours fits no resource.
fn expected_version(tag: &str) -> Version {
    Version::from_etag(tag).unwrap_or(Version::NEVER)
}

fn not_made(name: &str) -> Error {
    let name = scim_core::error::echo(name);
    let reason = format!("no operation of this request has made {name}");
    scim_core::Error::invalid_value("bulkId", reason).into()
}
