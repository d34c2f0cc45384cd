//! PATCH: parts of a resource change, or nothing does.

use async_trait::async_trait;
use scim_core::patch::{self, PatchRequest};
use scim_core::{ResourceId, Version};
use serde_json::Value;

use super::asked::Asked;
use super::kept::KeptBody;
use super::once::Write;
use super::withheld::Taken;
use super::{links, members, read};
use crate::store::{Stored, Transaction, Unit};
use crate::{Error, Resource};

/// What a PATCH led to.
#[derive(Debug, Clone)]
pub struct Patched {
    /// The resource as it is now.
    pub resource: Resource,
    /// Only members were named: the answer need not weigh what the group weighs.
    pub members_only: bool,
}

pub(super) struct Patch {
    asked: Asked,
    id: ResourceId,
    if_match: Option<Version>,
    /// A refusal of the body waits until the resource was found.
    request: Result<PatchRequest, scim_core::Error>,
    /// The body as the change feed keeps it.
    kept: KeptBody,
    answers_members: bool,
    taken: Taken,
}

impl Patch {
    pub(super) fn new(
        asked: Asked,
        id: ResourceId,
        if_match: Option<Version>,
        body: Value,
    ) -> Patch {
        // Without a wish of the client, a change of members alone is answered with 204.
        let answers_members = !asked.projection.is_default();
        let kept = KeptBody::about(&asked.served.resource_type, &body);
        Patch {
            asked,
            id,
            if_match,
            request: PatchRequest::parse(body),
            kept,
            answers_members,
            taken: Taken::default(),
        }
    }

    /// Takes what stays out of the document.
    pub(super) async fn withhold(mut self) -> Result<Patch, Error> {
        let asked = &self.asked;
        let resource_type = &asked.served.resource_type;
        if let Ok(request) = &self.request
            && resource_type.withholds_any()
        {
            let values = patch::withheld(resource_type, request, &asked.policy());
            self.taken = Taken::from(asked, &values).await?;
        }
        Ok(self)
    }

    /// A refusal of a read-only attribute names who keeps it.
    async fn explained(
        &self,
        tx: &mut Transaction<'_>,
        stored: &Stored,
        error: scim_core::Error,
    ) -> Error {
        let scim_core::Error::Mutability { attribute } = &error else {
            return error.into();
        };
        for hook in self.asked.hooks.iter() {
            match hook.keeper(tx, stored).await {
                Ok(Some(owner)) => {
                    return Error::Owned {
                        kind: stored.kind.clone(),
                        id: stored.id,
                        attribute: attribute.clone(),
                        owner,
                    };
                }
                Ok(None) => {}
                Err(error) => return error,
            }
        }
        error.into()
    }
}

#[async_trait]
impl Unit for Patch {
    type Output = Patched;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Patched, Error> {
        let asked = &self.asked;
        let resource_type = &asked.served.resource_type;
        let before = asked
            .to_change(tx, self.id, ("write", self.if_match))
            .await?;
        asked.only_own(tx, &before).await?;
        let request = self.request.as_ref().map_err(Clone::clone)?;
        let document = tx.document(&before)?.as_ref().clone();
        let patched = match patch::apply(resource_type, document, request, &asked.policy()) {
            Ok(patched) => patched,
            Err(error) => return Err(self.explained(tx, &before, error).await),
        };
        let delta = members::delta(tx, asked, self.id, &patched.members).await?;
        let members_only = patched.members_only;
        let mut stored = before.clone();
        let request = self.kept.request("PATCH", Some(&patched.repairs));
        if patched.changed || !delta.is_empty() || self.taken.is_some() {
            tx.act_for(asked.acts_for(self.id, &request));
            let document = patched.document;
            let document = self.taken.keep(tx, asked, self.id, document).await?;
            stored = asked.update(tx, &before, &document, &delta).await?;
        } else {
            asked.record_unchanged(tx, &before, &request);
        }
        let links = if members_only && !self.answers_members {
            Vec::new()
        } else {
            links::of_one(tx, asked, &stored).await?
        };
        Ok(Patched {
            resource: Resource::linked(stored, links).showing_once(tx),
            members_only,
        })
    }
}

#[async_trait]
impl Write for Patch {
    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn fingerprint(&self) -> String {
        let body = self.kept.as_str();
        format!("PATCH {} {:?} {body}", self.id, self.if_match)
    }

    fn written(&self, _: &Patched) -> ResourceId {
        self.id
    }

    /// Whoever asks again has lost an answer: this one is the resource, whatever the first was.
    async fn answer_again(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
    ) -> Result<Patched, Error> {
        Ok(Patched {
            resource: read::one(tx, &self.asked, id).await?,
            members_only: false,
        })
    }
}
