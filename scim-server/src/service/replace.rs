//! PUT: a resource becomes what the client says.

use async_trait::async_trait;
use scim_core::resource::{parse_replacement, withheld};
use scim_core::{ResourceId, Version};
use serde_json::Value;

use super::asked::Asked;
use super::kept::KeptBody;
use super::once::Write;
use super::withheld::Taken;
use super::{MemberDelta, links, members, read};
use crate::store::{Transaction, Unit};
use crate::{Error, Resource};

pub(super) struct Replace {
    pub(super) asked: Asked,
    pub(super) id: ResourceId,
    pub(super) if_match: Option<Version>,
    pub(super) body: Value,
    pub(super) taken: Taken,
}

impl Replace {
    /// Takes what stays out of the document.
    pub(super) async fn withhold(mut self) -> Result<Replace, Error> {
        let asked = &self.asked;
        let resource_type = &asked.served.resource_type;
        if resource_type.withholds_any() {
            let values = withheld(resource_type, self.body.clone(), &asked.policy());
            self.taken = Taken::from(asked, &values).await?;
        }
        Ok(self)
    }
}

#[async_trait]
impl Unit for Replace {
    type Output = Resource;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Resource, Error> {
        let asked = &self.asked;
        let resource_type = &asked.served.resource_type;
        // Existence comes before the body: an unknown id is 404 whatever was sent.
        let before = asked
            .to_change(tx, self.id, ("write", self.if_match))
            .await?;
        asked.only_own(tx, &before).await?;
        let document = tx.document(&before)?;
        let replacement =
            parse_replacement(resource_type, &document, self.body.clone(), &asked.policy())?;
        let delta = match &replacement.members {
            Some(wanted) => members::replacement(tx, asked, self.id, wanted).await?,
            None => MemberDelta::default(),
        };
        let mut stored = before.clone();
        let kept = KeptBody::about(resource_type, &self.body);
        let request = kept.request("PUT", Some(&replacement.repairs));
        if replacement.changed || !delta.is_empty() || self.taken.is_some() {
            tx.act_for(asked.acts_for(self.id, &request));
            let document = replacement.document;
            let document = self.taken.keep(tx, asked, self.id, document).await?;
            stored = asked.update(tx, &before, &document, &delta).await?;
        } else {
            asked.record_unchanged(tx, &before, &request);
        }
        let links = links::of_one(tx, asked, &stored).await?;
        Ok(Resource::linked(stored, links).showing_once(tx))
    }
}

#[async_trait]
impl Write for Replace {
    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn fingerprint(&self) -> String {
        let body = KeptBody::about(&self.asked.served.resource_type, &self.body);
        format!("PUT {} {:?} {}", self.id, self.if_match, body.as_str())
    }

    fn written(&self, _: &Resource) -> ResourceId {
        self.id
    }

    async fn answer_again(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
    ) -> Result<Resource, Error> {
        read::one(tx, &self.asked, id).await
    }
}
