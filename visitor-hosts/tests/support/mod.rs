//! An engine on a fresh database, asked the way identity providers ask.
#![expect(dead_code, reason = "each test file uses its part")]

pub(crate) mod proxy;
pub(crate) mod scene;

use std::sync::Arc;

use scim_core::resource::project::Projection;
use scim_core::{Policy, ResourceType, schema};
use scim_server::service::{
    Caller, Catalog, Engine, Hook, ListRequest, Listed, Paging, Patched, Served, users_and_groups,
};
use scim_server::store::{ConnectionId, Fresh, Store, TokenKind};
use scim_server::{Error, Resource};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) struct Asker {
    pub(crate) fresh: Fresh,
    pub(crate) engine: Arc<Engine>,
    pub(crate) caller: Caller,
}

/// Users and Groups alone, as `scim-server` serves them.
pub(crate) fn plain() -> (Vec<Served>, Vec<Arc<dyn Hook>>) {
    (users_and_groups().unwrap(), Vec::new())
}

/// The product, with Hosts.
pub(crate) fn product() -> (Vec<Served>, Vec<Arc<dyn Hook>>) {
    (
        visitor_hosts::served().unwrap(),
        visitor_hosts::hooks().unwrap(),
    )
}

pub(crate) fn caller(number: u128, kind: TokenKind) -> Caller {
    Caller {
        tenant: "main".parse().unwrap(),
        connection: ConnectionId(Uuid::from_u128(number)),
        name: "Entra".into(),
        kind,
        policy: Policy::compatible(),
        person: None,
        grants: Arc::default(),
        origin: None,
    }
}

/// An application that reads what the product derives.
pub(crate) fn app() -> Caller {
    caller(2, TokenKind::App)
}

/// The product on each database.
pub(crate) async fn askers() -> [Asker; 2] {
    [Fresh::sqlite().await, Fresh::postgres().await].map(|fresh| Asker::new(fresh, product()))
}

/// What is stored of a resource.
pub(crate) fn document(resource: &Resource) -> Value {
    Value::Object(resource.stored.parse().unwrap().into_map())
}

impl Asker {
    pub(crate) fn new(fresh: Fresh, (served, hooks): (Vec<Served>, Vec<Arc<dyn Hook>>)) -> Asker {
        let store: Arc<dyn Store> = fresh.store.clone();
        Asker {
            engine: Arc::new(Engine::new(store, Catalog::new(served), hooks)),
            fresh,
            caller: caller(1, TokenKind::Idp),
        }
    }

    /// Asks a process that knows nothing of what was before.
    pub(crate) fn fresh_process(&mut self) {
        let store: Arc<dyn Store> = self.fresh.store.clone();
        let (served, hooks) = product();
        self.engine = Arc::new(Engine::new(store, Catalog::new(served), hooks));
    }

    /// What is stored and contradicts itself.
    pub(crate) async fn contradictions(&self) -> Vec<String> {
        let served = self.engine.catalog().visible(TokenKind::App);
        let types: Vec<&ResourceType> = served.map(|served| &served.resource_type).collect();
        self.fresh.store.check(&types).await.unwrap()
    }

    pub(crate) async fn create(&self, endpoint: &str, body: Value) -> Result<Resource, Error> {
        create(&self.engine, &self.caller, endpoint, body).await
    }

    pub(crate) async fn patch(
        &self,
        endpoint: &str,
        id: &str,
        operations: Value,
    ) -> Result<Patched, Error> {
        patch(&self.engine, &self.caller, endpoint, id, operations).await
    }

    pub(crate) async fn get(
        &self,
        endpoint: &str,
        id: &str,
        attributes: Projected,
    ) -> Result<Resource, Error> {
        let served = served(&self.engine, &self.caller, endpoint);
        let projection = attributes.on(&served.resource_type);
        let request = self.engine.request(&self.caller, &served);
        request.showing(&projection).get(id).await
    }

    pub(crate) async fn list(
        &self,
        caller: &Caller,
        endpoint: &str,
        filter: Option<&str>,
        start_index: usize,
    ) -> Result<Listed, Error> {
        let request = ListRequest {
            filter: filter.map(str::to_owned),
            sort: None,
            paging: Paging::Index(start_index),
            count: 100,
        };
        self.ask(caller, endpoint, request).await
    }

    pub(crate) async fn ask(
        &self,
        caller: &Caller,
        endpoint: &str,
        request: ListRequest,
    ) -> Result<Listed, Error> {
        let served = served(&self.engine, caller, endpoint);
        self.engine.request(caller, &served).list(&request).await
    }

    pub(crate) async fn delete(&self, endpoint: &str, id: &str) -> Result<(), Error> {
        let served = served(&self.engine, &self.caller, endpoint);
        let request = self.engine.request(&self.caller, &served);
        request.delete(id, None).await
    }
}

pub(crate) enum Projected {
    All,
    Without(&'static str),
}

impl Projected {
    fn on(&self, resource_type: &ResourceType) -> Projection {
        match self {
            Projected::All => Projection::default(),
            Projected::Without(name) => Projection::parse(None, Some(name), resource_type).unwrap(),
        }
    }
}

pub(crate) fn served(engine: &Engine, caller: &Caller, endpoint: &str) -> Arc<Served> {
    let served = engine.catalog().by_endpoint(caller.kind, endpoint);
    Arc::clone(served.expect("the endpoint is served"))
}

pub(crate) async fn create(
    engine: &Engine,
    caller: &Caller,
    endpoint: &str,
    body: Value,
) -> Result<Resource, Error> {
    let served = served(engine, caller, endpoint);
    engine.request(caller, &served).create(body).await
}

pub(crate) async fn patch(
    engine: &Engine,
    caller: &Caller,
    endpoint: &str,
    id: &str,
    operations: Value,
) -> Result<Patched, Error> {
    let served = served(engine, caller, endpoint);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations
    });
    let request = engine.request(caller, &served);
    request.patch(id, None, body).await
}

/// Asks what a verb tells.
pub(crate) async fn tell(
    engine: &Engine,
    caller: &Caller,
    (endpoint, id, verb): (&str, &str, &str),
) -> Result<Value, Error> {
    let served = served(engine, caller, endpoint);
    let verb = engine.verb(&served, verb)?;
    engine
        .request(caller, &served)
        .tell(id, verb, json!({}))
        .await
}

pub(crate) async fn put(
    engine: &Engine,
    caller: &Caller,
    endpoint: &str,
    id: &str,
    body: Value,
) -> Result<Resource, Error> {
    let served = served(engine, caller, endpoint);
    engine
        .request(caller, &served)
        .replace(id, None, body)
        .await
}

/// A PATCH that is refused, and kept as such.
pub(crate) async fn refused(asker: &Asker, endpoint: &str, id: &str, operations: Value) {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations
    });
    let outcome = asker.patch(endpoint, id, operations).await;
    let error = outcome.unwrap_err();
    let detail = error.to_string();
    let served = served(&asker.engine, &asker.caller, endpoint);
    let asked = ("PATCH", Some(id), Some(&body));
    let engine = &asker.engine;
    engine
        .record_refusal(&asker.caller, &served, asked, (&error, (400, &detail)))
        .await;
}

/// Does what a verb says.
pub(crate) async fn act(
    engine: &Engine,
    caller: &Caller,
    (endpoint, id, verb): (&str, &str, &str),
    body: Value,
) -> Result<Resource, Error> {
    let served = served(engine, caller, endpoint);
    let verb = engine.verb(&served, verb)?;
    engine
        .request(caller, &served)
        .act(id, verb, None, body)
        .await
}

/// A user as Entra creates one.
pub(crate) fn user(number: usize) -> Value {
    json!({
        "schemas": [schema::USER_URN, schema::ENTERPRISE_USER_URN],
        "externalId": format!("external-{number}"),
        "userName": format!("user{number}@contoso.example"),
        "active": true,
        "displayName": format!("User {number}"),
        "name": { "givenName": "User", "familyName": number.to_string(), "formatted": format!("User {number}") },
        "emails": [{ "type": "work", "primary": true, "value": format!("user{number}@contoso.example") }],
        "phoneNumbers": [{ "type": "work", "value": "+41 44 000 00 00" }],
        "title": "Engineer",
        schema::ENTERPRISE_USER_URN: { "employeeNumber": number.to_string(), "department": "Robotics" }
    })
}

pub(crate) fn group(name: &str) -> Value {
    json!({ "schemas": [schema::GROUP_URN], "displayName": name })
}

/// Lets everything be in effect that the guard holds.
pub(crate) async fn release_held(asker: &Asker) {
    let sets = served(&asker.engine, &app(), "ChangeSets");
    let filter = Some("status eq \"held\"");
    let held = asker.list(&app(), "ChangeSets", filter, 1).await.unwrap();
    for set in held.resources {
        let request = asker.engine.request(&app(), &sets);
        let release = asker.engine.verb(&sets, "release").unwrap();
        let id = set.stored.id.to_string();
        request
            .act(&id, release, None, serde_json::json!({}))
            .await
            .unwrap();
    }
}
