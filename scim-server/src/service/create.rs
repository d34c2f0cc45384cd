//! POST: a new resource of the caller's own.

use async_trait::async_trait;
use scim_core::ResourceId;
use scim_core::resource::validate::{New, parse_new};
use serde_json::Value;

use super::asked::Asked;
use super::catalog::{Audience, Served};
use super::kept::KeptBody;
use super::once::Write;
use super::withheld::Taken;
use super::{MemberDelta, links, members, read};
use crate::store::{Transaction, Unit};
use crate::{Error, Resource};

pub(super) struct Create {
    asked: Asked,
    new: New,
    /// The body as the change feed keeps it.
    kept: KeptBody,
    taken: Taken,
}

impl Create {
    pub(super) fn new(asked: Asked, body: Value) -> Result<Create, Error> {
        asked.not_derived("POST", Served::allowed_on_collection)?;
        let kept = KeptBody::about(&asked.served.resource_type, &body);
        let new = parse_new(&asked.served.resource_type, body, &asked.policy())?;
        Ok(Create {
            asked,
            new,
            kept,
            taken: Taken::default(),
        })
    }

    /// Takes what stays out of the document.
    pub(super) async fn withhold(mut self) -> Result<Create, Error> {
        self.taken = Taken::from(&self.asked, &self.new.withheld).await?;
        // Nobody else needs it.
        self.new.withheld.clear();
        Ok(self)
    }
}

#[async_trait]
impl Unit for Create {
    type Output = Resource;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Resource, Error> {
        let id = ResourceId::new(tx.new_id());
        self.insert(tx, id).await
    }
}

impl Create {
    /// Makes the resource under this id.
    pub(super) async fn insert(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
    ) -> Result<Resource, Error> {
        let Create {
            asked,
            new,
            kept,
            taken,
        } = self;
        let resource_type = &asked.served.resource_type;
        let request = kept.request("POST", Some(&new.repairs));
        tx.act_for(asked.acts_for(id, &request));
        if let Some(source) = &asked.source {
            let stored = source.insert(tx, &asked.caller, &new.document).await?;
            return Ok(Resource::bare(stored).showing_once(tx));
        }
        let delta = MemberDelta {
            added: members::new_ones(tx, asked, id, &new.members).await?,
            removed: Vec::new(),
        };
        let owner = match asked.served.audience {
            Audience::Connections => Some(asked.caller.connection),
            Audience::Apps | Audience::Kept | Audience::Read => None,
        };
        if let Some(name) = new.withheld.keys().next() {
            let reason = "send it with an operation that refers to no other one";
            return Err(scim_core::Error::invalid_value(name, reason).into());
        }
        let document = asked.before_create(tx, id, &new.document)?.into_owned();
        let document = taken.keep(tx, asked, id, document).await?;
        let stored = tx.insert(resource_type, owner, id, &document)?;
        members::write(tx, asked, id, &delta);
        let stored = asked.run_hooks(tx, None, stored, &delta).await?;
        let links = if delta.added.is_empty() {
            Vec::new()
        } else {
            links::of_one(tx, asked, &stored).await?
        };
        Ok(Resource::linked(stored, links).showing_once(tx))
    }
}

#[async_trait]
impl Write for Create {
    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn fingerprint(&self) -> String {
        format!("POST {}", self.kept.as_str())
    }

    fn written(&self, output: &Resource) -> ResourceId {
        output.stored.id
    }

    async fn answer_again(
        &self,
        tx: &mut Transaction<'_>,
        id: ResourceId,
    ) -> Result<Resource, Error> {
        read::one(tx, &self.asked, id).await
    }
}
