//! Replay: the same request on the same resource as it was then, read and mapped as today. Nothing is written.

use std::collections::BTreeSet;

use scim_core::patch::{self, PatchRequest};
use scim_core::resource::{parse_replacement, validate};
use scim_core::{Policy, ResourceId, ResourceType, SchemaError};
use scim_server::Error;
use scim_server::store::{Recorded, Transaction, What};
use serde_json::{Map, Value, json};

use super::difference::Difference;
use super::event;
use super::past::{self, Past};
use crate::{host, schemas};

/// URN of the answer to `replay`.
const REPLAY_URN: &str = "urn:visitor-hosts:scim:api:messages:1.0:Replay";

/// Replays requests.
pub(super) struct Replay {
    users: ResourceType,
    groups: ResourceType,
}

/// What a request does.
enum Outcome {
    Changed(Past),
    Gone,
    Refused(String),
}

impl Replay {
    pub(super) fn new() -> Result<Replay, SchemaError> {
        Ok(Replay {
            users: schemas::user()?.resource_type,
            groups: schemas::group()?.resource_type,
        })
    }

    /// What the request of an event would do today, beside what it did.
    pub(super) async fn replay(
        &self,
        tx: &mut Transaction<'_>,
        recorded: &Recorded,
    ) -> Result<Value, Error> {
        let change = &recorded.change;
        let request = event::request(recorded);
        let method = request
            .get("method")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let body = request.get("body").cloned();
        if method.is_empty() || (body.is_none() && method != "DELETE") {
            return Err(Error::Forbidden(
                "the request itself is not kept any more, so that it cannot be replayed",
            ));
        }
        let resource_type = if change.kind == "Group" {
            &self.groups
        } else {
            &self.users
        };
        let policy = match change.actor {
            Some(actor) => tx.token(actor.0).await?.map(|token| token.policy.policy()),
            None => None,
        };
        let before = match change.resource {
            Some(resource) => past::before(tx, resource, change.id).await?,
            None => None,
        };
        let asked = (method, body.unwrap_or_default());
        let outcome = outcome(
            resource_type,
            before.as_ref(),
            asked,
            &policy.unwrap_or_default(),
        );
        let was = Difference::recorded(
            recorded.body.before.as_deref(),
            recorded.body.after.as_deref(),
        );
        let before = before.unwrap_or_default();
        let (word, would) = match &outcome {
            Outcome::Refused(_) => ("refused", Difference::default()),
            Outcome::Gone => ("deleted", between(&before, &Past::default())),
            Outcome::Changed(after) if *after == before => ("unchanged", Difference::default()),
            Outcome::Changed(after) => {
                let word = if change.what == What::Created {
                    "created"
                } else {
                    "updated"
                };
                (word, between(&before, after))
            }
        };
        let mut told = json!({
            "schemas": [REPLAY_URN],
            "event": { "value": change.id.to_string() },
            "dryRun": true,
            "same": word == change.what.as_str() && would == was,
            "was": { "result": change.what.as_str(), "diff": was.to_value() },
            "would": { "result": word, "diff": would.to_value() },
        });
        match &outcome {
            Outcome::Refused(reason) => told["would"]["detail"] = json!(reason),
            Outcome::Changed(after) if change.kind == "User" => {
                told["host"] = mapped(&before, after).to_value();
            }
            Outcome::Changed(_) | Outcome::Gone => {}
        }
        Ok(told)
    }
}

/// What the request does to the resource.
fn outcome(
    resource_type: &ResourceType,
    before: Option<&Past>,
    (method, body): (&str, Value),
    policy: &Policy,
) -> Outcome {
    let refused = |error: scim_core::Error| Outcome::Refused(error.to_string());
    let gone = || Outcome::Refused("the resource was not there".to_owned());
    match (method, before) {
        ("POST", _) => match validate::parse_new(resource_type, body, policy) {
            Ok(new) => Outcome::Changed(Past {
                document: new.document.into_map(),
                members: new.members.into_iter().collect(),
            }),
            Err(error) => refused(error),
        },
        (_, None) => gone(),
        ("DELETE", Some(_)) => Outcome::Gone,
        ("PUT", Some(before)) => {
            match parse_replacement(resource_type, &before.to_document(), body, policy) {
                Ok(replaced) => Outcome::Changed(Past {
                    document: replaced.document.into_map(),
                    members: match replaced.members {
                        Some(members) => members.into_iter().collect(),
                        None => before.members.clone(),
                    },
                }),
                Err(error) => refused(error),
            }
        }
        ("PATCH", Some(before)) => {
            let patched = PatchRequest::parse(body).and_then(|request| {
                patch::apply(resource_type, before.to_document(), &request, policy)
            });
            match patched {
                Ok(patched) => {
                    let mut members = if patched.members.cleared {
                        BTreeSet::new()
                    } else {
                        before.members.clone()
                    };
                    for id in &patched.members.removed {
                        members.remove(id);
                    }
                    members.extend(patched.members.added.iter().copied());
                    Outcome::Changed(Past {
                        document: patched.document.into_map(),
                        members,
                    })
                }
                Err(error) => refused(error),
            }
        }
        (_, Some(_)) => Outcome::Refused("this kind of request is not replayed".to_owned()),
    }
}

fn between(before: &Past, after: &Past) -> Difference {
    let gone: Vec<ResourceId> = before.members.difference(&after.members).copied().collect();
    let new: Vec<ResourceId> = after.members.difference(&before.members).copied().collect();
    Difference::between(&before.document, &after.document).with_members(&gone, &new)
}

/// What today's mapping makes of it for the Host; without what is looked up: manager and location.
fn mapped(before: &Past, after: &Past) -> Difference {
    let was = if before.document.is_empty() {
        Map::new()
    } else {
        host::mapped(&before.document)
    };
    Difference::between(&was, &host::mapped(&after.document))
}
