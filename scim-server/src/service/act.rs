//! Verbs: what a resource does besides being read and written. A hook knows what they mean.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{ResourceId, Version};
use serde_json::{Map, Value};

use super::Engine;
use super::asked::Asked;
use super::hook::{Acting, FindingOut, Hook, Verb};
use super::kept::KeptBody;
use super::once::Write;
use super::read;
use crate::store::{Reads, Transaction, Unit};
use crate::{Error, Resource};

/// A verb that changes something.
pub(super) struct Act {
    asked: Asked,
    id: ResourceId,
    verb: Verb,
    if_match: Option<Version>,
    body: Map<String, Value>,
    kept: KeptBody,
    found: Option<Value>,
}

impl Act {
    pub(super) fn new(
        asked: Asked,
        id: ResourceId,
        verb: Verb,
        if_match: Option<Version>,
        body: Value,
    ) -> Result<Act, Error> {
        let kept = KeptBody::of(&body);
        let body = object(body)?;
        Ok(Act {
            asked,
            id,
            verb,
            if_match,
            body,
            kept,
            found: None,
        })
    }

    /// Finds out what has to be known beforehand.
    pub(super) async fn find_out(&mut self, engine: &Engine) -> Result<(), Error> {
        let asked = FindingOut {
            engine,
            caller: &self.asked.caller,
            verb: self.verb,
            id: self.id,
            body: &self.body,
        };
        self.found = doer(&self.asked, self.verb)?.find_out(&asked).await?;
        Ok(())
    }
}

#[async_trait]
impl Unit for Act {
    type Output = Resource;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Resource, Error> {
        let asked = &self.asked;
        let before = asked
            .to_change(tx, self.id, (self.verb.name, self.if_match))
            .await?;
        let method = format!("POST {}", self.verb.name);
        let request = self.kept.request(&method, None);
        tx.act_for(asked.acts_for(self.id, &request));
        let acting = Acting {
            caller: &asked.caller,
            verb: self.verb,
            stored: &before,
            body: &self.body,
            found: self.found.as_ref(),
        };
        doer(asked, self.verb)?.act(tx, &acting).await?;
        let resource = read::one(tx, asked, self.id).await?;
        Ok(Resource {
            found: self.found.clone(),
            ..resource.showing_once(tx)
        })
    }
}

#[async_trait]
impl Write for Act {
    fn asked(&self) -> &Asked {
        &self.asked
    }

    fn fingerprint(&self) -> String {
        let body = self.kept.as_str();
        let verb = self.verb.name;
        format!("POST {} {verb} {:?} {body}", self.id, self.if_match)
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

/// A verb that only tells.
pub(super) struct Tell {
    pub(super) asked: Asked,
    pub(super) id: ResourceId,
    pub(super) verb: Verb,
    pub(super) body: Map<String, Value>,
}

#[async_trait]
impl Unit for Tell {
    type Output = Value;

    async fn run(&self, tx: &mut Transaction<'_>) -> Result<Value, Error> {
        let asked = &self.asked;
        let stored = read::stored(tx, asked, self.id).await?;
        let acting = Acting {
            caller: &asked.caller,
            verb: self.verb,
            stored: &stored,
            body: &self.body,
            found: None,
        };
        doer(asked, self.verb)?.tell(tx, &acting).await
    }

    fn reads(&self) -> Reads {
        Reads::Many
    }
}

pub(super) fn object(body: Value) -> Result<Map<String, Value>, Error> {
    match body {
        Value::Object(body) => Ok(body),
        _ => Err(scim_core::Error::invalid_syntax("the body is no JSON object").into()),
    }
}

/// The hook that knows the verb.
fn doer(asked: &Asked, verb: Verb) -> Result<&Arc<dyn Hook>, Error> {
    let mut hooks = asked.hooks.iter();
    let knows = |hook: &&Arc<dyn Hook>| hook.verbs().contains(&verb);
    let found = hooks.find(knows);
    found.ok_or_else(|| Error::NoSuchAction(verb.name.to_owned()))
}
