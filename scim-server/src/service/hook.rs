//! Where a product joins in: behaviour that runs inside the engine's unit of work.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{Document, ResourceId, ResourceType};
use serde_json::{Map, Value};

use super::{Caller, Engine, Export, Place, Rights, Source};
use crate::Error;
use crate::store::{Stored, Transaction};
use crate::worker::Work;

/// A change that the engine has decided and not yet committed.
#[derive(Debug)]
pub struct Changed<'a> {
    /// Who asked for it.
    pub caller: &'a Caller,
    /// The type of the resource.
    pub resource_type: &'a ResourceType,
    /// As it was; `None` when it is new.
    pub before: Option<&'a Stored>,
    /// As it will be; `None` when it goes.
    pub after: Option<&'a Stored>,
    /// Members that come and go.
    pub members: &'a MemberDelta,
}

/// A request that a product refused, giving facts to be kept.
#[derive(Debug)]
pub struct Refused<'a> {
    /// Who asked.
    pub caller: &'a Caller,
    /// The resource type asked about.
    pub kind: &'a str,
    /// [`Exists::facts`](crate::Exists::facts).
    pub facts: &'a Value,
}

/// A resource that somebody asks to be made, or to become this, before it is written.
#[derive(Debug)]
pub struct Coming<'a> {
    /// Who asks for it.
    pub caller: &'a Caller,
    /// Its type.
    pub resource_type: &'a ResourceType,
    /// The id that it will have.
    pub id: ResourceId,
    /// What was sent, read by the schema.
    pub document: &'a Document,
}

/// What a request to write says of attributes that its type keeps out of documents, before the unit of work.
pub struct Withheld<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The type of the resource.
    pub resource_type: &'a ResourceType,
    /// The attributes and what was sent, read by the schema; `null` where one is to go.
    pub values: &'a Map<String, Value>,
}

/// What a change does to the rows of a resource.
///
/// ```
/// use scim_server::service::MemberDelta;
///
/// assert!(MemberDelta::default().is_empty());
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct MemberDelta {
    /// New members.
    pub added: Vec<ResourceId>,
    /// Former members.
    pub removed: Vec<ResourceId>,
}

impl MemberDelta {
    /// Do the members stay?
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Something that a resource does besides being read and written:
/// `/{endpoint}/{id}/actions/{name}`.
///
/// ```
/// use scim_server::service::Verb;
///
/// const SUSPEND: Verb = Verb { kind: "Host", name: "suspend", tells: false };
/// assert_eq!(SUSPEND.methods(), "POST");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verb {
    /// The resource type.
    pub kind: &'static str,
    /// The last part of the path.
    pub name: &'static str,
    /// Does it only tell something? Then it is asked for by GET as well, which changes nothing; by POST where
    /// there is more to say about what is asked.
    pub tells: bool,
}

impl Verb {
    /// The methods of its path, as an `Allow` header has them.
    pub fn methods(&self) -> &'static str {
        if self.tells {
            "GET, HEAD, POST"
        } else {
            "POST"
        }
    }
}

/// A verb that somebody asks for.
#[derive(Debug)]
pub struct Acting<'a> {
    /// Who asks for it.
    pub caller: &'a Caller,
    /// What is asked for.
    pub verb: Verb,
    /// The resource, locked where it may change.
    pub stored: &'a Stored,
    /// What was sent with it; an object.
    pub body: &'a Map<String, Value>,
    /// What [`Hook::find_out`] has found.
    pub found: Option<&'a Value>,
}

/// A verb that somebody asks for, before the unit of work in which it is done.
pub struct FindingOut<'a> {
    /// The use cases, and through them the store.
    pub engine: &'a Engine,
    /// Who asks for it.
    pub caller: &'a Caller,
    /// What is asked for.
    pub verb: Verb,
    /// The resource, which need not exist.
    pub id: ResourceId,
    /// What was sent with it; an object.
    pub body: &'a Map<String, Value>,
}

/// Behaviour of a product. What it writes is committed with the change or not at all; it may
/// run again with the unit, so it touches nothing but the transaction.
///
/// ```
/// use async_trait::async_trait;
/// use scim_core::Error as Refusal;
/// use scim_server::Error;
/// use scim_server::service::{Changed, Hook};
/// use scim_server::store::Transaction;
///
/// /// Nobody is called root.
/// struct NoRoot;
///
/// #[async_trait]
/// impl Hook for NoRoot {
///     async fn after_change(&self, _: &mut Transaction<'_>, change: &Changed<'_>) -> Result<(), Error> {
///         let Some(after) = change.after.filter(|after| after.kind == "User") else {
///             return Ok(());
///         };
///         match after.parse()?.get("userName") {
///             Some(name) if name == "root" => Err(Refusal::invalid_value("userName", "not root").into()),
///             _ => Ok(()),
///         }
///     }
/// }
/// ```
#[async_trait]
pub trait Hook: Send + Sync + 'static {
    /// Runs after the engine has decided a change.
    async fn after_change(
        &self,
        tx: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error>;

    /// Runs after a request was refused with [`Error::Exists`] and facts, in the unit in which the refusal is
    /// recorded: of the request itself, nothing was kept. The same refusal may come again and again.
    async fn after_refusal(
        &self,
        tx: &mut Transaction<'_>,
        refused: &Refused<'_>,
    ) -> Result<(), Error> {
        let (_, _) = (tx, refused);
        Ok(())
    }

    /// Runs before a resource is made, and may give back what is made instead: with a first state, or
    /// without a file that is kept elsewhere. What goes wrong here refuses the request.
    fn before_create(
        &self,
        tx: &mut Transaction<'_>,
        coming: &Coming<'_>,
    ) -> Result<Option<Document>, Error> {
        let (_, _) = (tx, coming);
        Ok(None)
    }

    /// Takes what a request says of attributes that stay out of documents, before the unit of work and without a
    /// hurry: a password is hashed here. What it gives back reaches [`keep_withheld`](Hook::keep_withheld), and
    /// nobody else.
    async fn withhold(&self, withheld: &Withheld<'_>) -> Result<Option<Value>, Error> {
        let _ = withheld;
        Ok(None)
    }

    /// Keeps what [`withhold`](Hook::withhold) has taken, as secrets of the resource, and gives back what its
    /// document becomes. What goes wrong here refuses the request.
    async fn keep_withheld(
        &self,
        tx: &mut Transaction<'_>,
        coming: &Coming<'_>,
        taken: &Value,
    ) -> Result<Document, Error> {
        let (_, _) = (tx, taken);
        Ok(coming.document.clone())
    }

    /// The work that it leaves for later, and does.
    fn works(&self) -> Vec<Arc<dyn Work>> {
        Vec::new()
    }

    /// Other media types in which lists of its types are answered.
    fn exports(&self) -> Vec<Arc<dyn Export>> {
        Vec::new()
    }

    /// What resources of its types do besides being read and written.
    fn verbs(&self) -> &'static [Verb] {
        &[]
    }

    /// What must be found out before one of its verbs that change something is done, and takes several units of
    /// work, or an answer from elsewhere. [`act`](Hook::act) gets what is found, and whoever asked is answered
    /// with it.
    async fn find_out(&self, asked: &FindingOut<'_>) -> Result<Option<Value>, Error> {
        let _ = asked;
        Ok(None)
    }

    /// Does one of its verbs that change something.
    async fn act(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<(), Error> {
        let _ = tx;
        Err(Error::NoSuchAction(acting.verb.name.to_owned()))
    }

    /// Answers one of its verbs that tell something.
    async fn tell(&self, tx: &mut Transaction<'_>, acting: &Acting<'_>) -> Result<Value, Error> {
        let _ = tx;
        Err(Error::NoSuchAction(acting.verb.name.to_owned()))
    }

    /// Where resources of a type are kept, if that is elsewhere than among the resources. Hooks are not told of
    /// their changes, and they are not part of queries over several types.
    fn source(&self, kind: &str) -> Option<Arc<dyn Source>> {
        let _ = kind;
        None
    }

    /// What the person behind a User may do besides reading who they are; an error ends the request.
    async fn rights(
        &self,
        tx: &mut Transaction<'_>,
        person: ResourceId,
    ) -> Result<Option<Rights>, Error> {
        let (_, _) = (tx, person);
        Ok(None)
    }

    /// How a type has a place, for callers who were given something for some [places](super::Places) alone. They
    /// reach all of a type of which no hook says anything.
    fn place(&self, kind: &str) -> Option<Place> {
        let _ = kind;
        None
    }

    /// Who keeps the read-only attributes of a resource, in words for the person who tried to
    /// write one; `None` for what is not this hook's.
    async fn keeper(
        &self,
        tx: &mut Transaction<'_>,
        stored: &Stored,
    ) -> Result<Option<String>, Error> {
        let (_, _) = (tx, stored);
        Ok(None)
    }
}
