//! The use cases of SCIM over any resource type: create, get, list, replace, patch, delete.
//!
//! Each write is a [`Unit`](crate::store::Unit) in a file of its own; a [`Request`] fixes what
//! must not change between attempts and runs it.
//!
//! | file | question |
//! |---|---|
//! | `caller.rs`, `rights.rs`, `scopes.rs`, `catalog.rs` | who asks, what may they do, and what is served to them? |
//! | `places.rs`, `sensitive.rs` | which resources do they reach, and which attributes? |
//! | `request.rs` | what may be asked about a resource type? |
//! | `create.rs`, `read.rs`, `replace.rs`, `patch.rs`, `delete.rs` | what happens then? |
//! | `look_up.rs`, `open.rs` | how is one resource shown with its links, however many they are? |
//! | `act.rs`, `states.rs` | and when a verb is asked for? |
//! | `bulk/` | and to several writes in one request? |
//! | `asked.rs`, `members.rs`, `links.rs` | what do these have in common? |
//! | `withheld.rs` | what becomes of secrets, which stay out of documents?
//! | `once.rs` | was the same write asked for before? |
//! | `cursor.rs` | where does the next page begin? |
//! | `across.rs` | what does a filter mean for several types? |
//! | `hook.rs`, `source.rs` | where does a product join in, and what if it keeps a type elsewhere? |
//! | `within.rs` | what does a product write for a connection, in a unit of its own? |
//! | `export.rs` | how is a whole list sent in another media type? |
//! | `refuse.rs`, `kept.rs` | what does the change feed keep of a request? |

mod across;
mod act;
mod asked;
mod bulk;
mod caller;
mod catalog;
mod create;
mod cursor;
mod delete;
mod export;
mod hook;
mod kept;
mod links;
mod look_up;
mod members;
mod once;
mod open;
mod origin;
mod patch;
mod places;
mod read;
mod refuse;
mod replace;
mod request;
mod rights;
mod scopes;
mod sensitive;
mod source;
mod states;
#[cfg(test)]
mod tests;
mod withheld;
mod within;

use std::collections::HashMap;
use std::sync::Arc;

use scim_core::resource::project::Projection;
use serde_json::Value;

use crate::Error;
use crate::seal::TenantKeys;
use crate::store::{Store, TokenKind};
use crate::worker::Work;
use asked::{Asked, Hooks};
use kept::{KeptBody, KeptRequest};

pub use asked::connection_in_words;
pub use bulk::{BulkDone, BulkOutcome};
pub use caller::{Caller, Grants, Rights};
pub use catalog::{Audience, Catalog, Served, users_and_groups};
pub(crate) use cursor::CURSOR_TIMEOUT;
pub use cursor::{Cursor, CursorSeal};
pub use export::{Export, Exporting};
pub use hook::{Acting, Changed, Coming, FindingOut, Hook, MemberDelta, Refused, Verb, Withheld};
pub use once::IdempotencyKey;
pub use open::{Members, Opened};
pub use origin::Origin;
pub use patch::Patched;
pub use places::{Place, Places};
pub use read::{ListRequest, Listed, Paging};
pub use request::Request;
pub use scopes::Scopes;
pub use source::Source;
pub use states::{States, Transition};
pub use within::Within;

/// Serves the types of a catalog from a store.
///
/// ```no_run
/// # async fn example(
/// #     store: std::sync::Arc<dyn scim_server::store::Store>,
/// #     caller: scim_server::service::Caller,
/// # ) -> anyhow::Result<()> {
/// use scim_server::service::{Catalog, Engine, users_and_groups};
/// use serde_json::json;
///
/// let engine = Engine::new(store, Catalog::new(users_and_groups()?), Vec::new());
/// let users = engine.catalog().by_endpoint(caller.kind, "Users").unwrap();
/// let body = json!({
///     "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
///     "userName": "kim",
/// });
/// let kim = engine.request(&caller, users).create(body).await?;
/// assert_eq!(kim.stored.version.etag(), "W/\"1\"");
/// # Ok(())
/// # }
/// ```
pub struct Engine {
    store: Arc<dyn Store>,
    catalog: Catalog,
    hooks: Hooks,
    sources: HashMap<String, Arc<dyn Source>>,
    exports: Vec<Arc<dyn Export>>,
    cursor_keys: TenantKeys,
}

impl Engine {
    /// An engine; `hooks` run in this order.
    pub fn new(store: Arc<dyn Store>, catalog: Catalog, hooks: Vec<Arc<dyn Hook>>) -> Engine {
        let kinds = catalog.visible(TokenKind::App);
        let kinds = kinds.map(|served| served.resource_type.name().to_owned());
        let kept = |kind: String| {
            let source = hooks.iter().find_map(|hook| hook.source(&kind))?;
            Some((kind, source))
        };
        Engine {
            sources: kinds.filter_map(kept).collect(),
            cursor_keys: TenantKeys::new(Arc::clone(&store), "cursor"),
            store,
            catalog,
            exports: hooks.iter().flat_map(|hook| hook.exports()).collect(),
            hooks: hooks.into(),
        }
    }

    /// The store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What is served.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The work that hooks leave for later.
    pub fn works(&self) -> Vec<Arc<dyn Work>> {
        self.hooks.iter().flat_map(|hook| hook.works()).collect()
    }

    /// The way in which lists of a type are sent in another media type than JSON.
    pub fn export(&self, resource_type: &str) -> Option<&Arc<dyn Export>> {
        let mut exports = self.exports.iter();
        exports.find(|export| export.kind() == resource_type)
    }

    /// Begins writes of a caller in a unit of work that is under way. `kind` names a resource type; `None`
    /// when the caller sees none of this name.
    pub fn within(&self, caller: &Caller, kind: &str) -> Option<Within> {
        let mut visible = self.catalog.visible(caller.kind);
        let served = visible.find(|served| served.resource_type.name() == kind)?;
        Some(Within::new(self.asked(
            caller,
            served,
            &Projection::default(),
        )))
    }

    /// Begins a request about one resource type.
    pub fn request(&self, caller: &Caller, served: &Arc<Served>) -> Request<'_> {
        Request::new(self, self.asked(caller, served, &Projection::default()))
    }

    /// A list over several resource types (RFC 7644 §3.4.2.1), each shown in its own way.
    pub async fn search(
        &self,
        caller: &Caller,
        targets: &[(Arc<Served>, Projection)],
        request: &ListRequest,
    ) -> Result<Listed, Error> {
        let asked = targets.iter();
        let asked = asked.map(|(served, projection)| self.asked(caller, served, projection));
        let mut list = read::List::new(caller, asked.collect(), request)?;
        if let Paging::Cursor(cursor) = &request.paging {
            let key = self.cursor_keys.of(&caller.tenant).await?;
            list.page_by_cursor(key, cursor.as_deref(), request);
        }
        match list.by_unique() {
            Some(one) => self.store.read(&caller.tenant, one).await,
            None => self.store.read(&caller.tenant, list).await,
        }
    }

    /// Keeps a refused write in the change feed, in a unit of its own: the error, and the status and detail
    /// with which it was answered.
    pub async fn record_refusal(
        &self,
        caller: &Caller,
        served: &Arc<Served>,
        (method, id, body): (&str, Option<&str>, Option<&Value>),
        (error, refusal): (&Error, (u16, &str)),
    ) {
        let kept = body.map(|body| KeptBody::about(&served.resource_type, body));
        let request = KeptRequest {
            method,
            body: kept.as_ref(),
            repairs: None,
            refusal: Some(refusal),
        };
        let unit = refuse::Refusal {
            caller: caller.clone(),
            hooks: Arc::clone(&self.hooks),
            facts: error.facts().cloned(),
            kind: served.resource_type.name().to_owned(),
            id: id.and_then(|id| id.parse().ok()),
            request: request.line(caller.origin.as_deref()),
        };
        if let Err(error) = self.store.write(&caller.tenant, unit).await {
            tracing::warn!(%error, "a refusal could not be recorded");
        }
    }

    /// The caller with what a person may do now; whoever is no person may what their connection may.
    pub async fn with_rights(&self, caller: Caller) -> Result<Caller, Error> {
        let Some(person) = caller.person else {
            return Ok(caller);
        };
        let tenant = caller.tenant.clone();
        let unit = rights::Ask {
            hooks: Arc::clone(&self.hooks),
            person,
        };
        let rights = self.store.read(&tenant, unit).await?;
        Ok(Caller {
            grants: Arc::new(Grants {
                scopes: rights.scopes,
                locations: rights.locations,
                settings: caller.grants.settings.clone(),
            }),
            ..caller
        })
    }

    /// All verbs.
    pub fn verbs(&self) -> impl Iterator<Item = &'static Verb> {
        self.hooks.iter().flat_map(|hook| hook.verbs())
    }

    /// The verb of a resource type that has this name.
    pub fn verb(&self, served: &Served, name: &str) -> Result<Verb, Error> {
        let kind = served.resource_type.name();
        let mut verbs = self.verbs().filter(|verb| verb.kind == kind).copied();
        let found = verbs.find(|verb| verb.name == name);
        found.ok_or_else(|| Error::NoSuchAction(scim_core::error::echo(name)))
    }

    fn asked(&self, caller: &Caller, served: &Arc<Served>, projection: &Projection) -> Asked {
        Asked {
            caller: caller.clone(),
            served: Arc::clone(served),
            hooks: Arc::clone(&self.hooks),
            groups: self.group_type(served),
            projection: projection.clone(),
            source: self.source(served),
        }
    }

    /// Where a type is kept, if that is elsewhere than among the resources.
    fn source(&self, served: &Served) -> Option<Arc<dyn Source>> {
        if served.audience == Audience::Connections {
            return None;
        }
        self.sources.get(served.resource_type.name()).cloned()
    }

    /// Is the type kept among the resources, where queries over several types find it?
    pub fn is_resource(&self, served: &Served) -> bool {
        self.source(served).is_none()
    }

    /// The type whose rows list resources of `served`: Group for User, and for Group itself.
    fn group_type(&self, served: &Served) -> Option<Arc<Served>> {
        let name = served.resource_type.name();
        let lists = |group: &&Arc<Served>| {
            let rows = group.resource_type.rows();
            rows.is_some_and(|rows| rows.member_types.iter().any(|member| member == name))
        };
        self.catalog.visible(TokenKind::App).find(lists).cloned()
    }
}
