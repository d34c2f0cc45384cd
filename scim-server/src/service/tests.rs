//! The version of a resource rises by one exactly when a request changed something, and a PUT of
//! what a GET answered changes nothing, for random sequences of PATCH and PUT on both databases.

use std::sync::Arc;

use futures::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use scim_core::message::urn;
use scim_core::resource::project::{Projection, project};
use scim_core::{Document, Policy, schema};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Caller, Catalog, Engine, Served, users_and_groups};
use crate::service;
use crate::store::{ConnectionId, Fresh, TokenKind};
use crate::{Error, Resource};

/// Resources that change side by side, users and groups by turns.
const RESOURCES: usize = 100;
/// Requests to each of them.
const REQUESTS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_versions_rise_with_changes() {
    versions_rise_with_changes(&Fresh::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_versions_rise_with_changes() {
    versions_rise_with_changes(&Fresh::postgres().await).await;
}

async fn versions_rise_with_changes(fresh: &Fresh) {
    let engine = engine(fresh);
    let people = join_all((0..4).map(|number| {
        let body = json!({ "schemas": [schema::USER_URN], "userName": format!("member{number}") });
        engine.created("Users", body)
    }));
    let people = people.await.into_iter();
    let people: Vec<String> = people.map(|made| made.stored.id.to_string()).collect();
    let mut runner = TestRunner::deterministic();
    let mut sequences = Vec::new();
    for number in 0..RESOURCES {
        let (endpoint, request) = match number % 2 {
            0 => ("Users", user_request(number).boxed()),
            _ => ("Groups", group_request(people.clone()).boxed()),
        };
        let requests = prop::collection::vec(request, REQUESTS);
        let requests = requests.new_tree(&mut runner).unwrap().current();
        sequences.push(changes(&engine, endpoint, number, requests));
    }
    let risen: usize = join_all(sequences).await.into_iter().sum();
    let all = RESOURCES * REQUESTS;
    // Neither everything nor nothing.
    assert!((all / 5..all * 4 / 5).contains(&risen), "{risen} of {all}");
}

#[derive(Debug, Clone)]
enum Request {
    Patch(Value),
    Put(Value),
    /// PUT of what GET answers.
    PutBack,
}

/// Sends the requests one after the other; how many changed something.
async fn changes(
    engine: &Asker,
    endpoint: &'static str,
    number: usize,
    requests: Vec<Request>,
) -> usize {
    let made = match endpoint {
        "Users" => json!({ "schemas": [schema::USER_URN], "userName": format!("user{number}") }),
        _ => json!({ "schemas": [schema::GROUP_URN], "displayName": "a" }),
    };
    let mut before = engine.created(endpoint, made).await;
    let mut risen = 0;
    for request in requests {
        let refused = engine.send(endpoint, &before, &request).await.is_err();
        let after = engine.read(endpoint, &before.stored.id.to_string()).await;
        let changed = content(&before) != content(&after);
        let is_put_back = matches!(request, Request::PutBack);
        assert!(!(is_put_back && (refused || changed)), "{before:?}");
        let (old, new) = (&before.stored, &after.stored);
        assert_eq!(
            new.version.0,
            old.version.0 + i64::from(changed),
            "{request:?}"
        );
        assert!(new.modified >= old.modified, "{request:?}");
        assert!(changed || new == old, "{request:?}");
        assert!(!(changed && refused), "{request:?}");
        risen += usize::from(changed);
        before = after;
    }
    risen
}

/// What a client can tell apart; the order of members is not part of it.
fn content(resource: &Resource) -> (Document, Vec<String>) {
    let links = resource.links.iter().flat_map(|(_, links)| links);
    let mut links: Vec<String> = links.map(|link| link.link.id.to_string()).collect();
    links.sort();
    (resource.stored.parse().unwrap(), links)
}

struct Asker {
    engine: Engine,
    caller: Caller,
}

fn engine(fresh: &Fresh) -> Asker {
    let catalog = Catalog::new(users_and_groups().unwrap());
    Asker {
        engine: Engine::new(fresh.store.clone(), catalog, Vec::new()),
        caller: Caller {
            tenant: "main".parse().unwrap(),
            connection: ConnectionId(Uuid::from_u128(1)),
            name: "Entra".into(),
            kind: TokenKind::Idp,
            policy: Policy::compatible(),
            person: None,
            grants: Arc::default(),
            origin: None,
        },
    }
}

impl Asker {
    fn asks(&self, endpoint: &str) -> service::Request<'_> {
        self.engine.request(&self.caller, self.served(endpoint))
    }

    fn served(&self, endpoint: &str) -> &Arc<Served> {
        let catalog = self.engine.catalog();
        catalog.by_endpoint(TokenKind::Idp, endpoint).unwrap()
    }

    async fn created(&self, endpoint: &str, body: Value) -> Resource {
        self.asks(endpoint).create(body).await.unwrap()
    }

    async fn read(&self, endpoint: &str, id: &str) -> Resource {
        self.asks(endpoint).get(id).await.unwrap()
    }

    async fn send(&self, endpoint: &str, to: &Resource, request: &Request) -> Result<(), Error> {
        let (asks, id) = (self.asks(endpoint), to.stored.id.to_string());
        let put = match request {
            Request::Patch(operations) => {
                let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
                return asks.patch(&id, None, body).await.map(|_| ());
            }
            Request::Put(body) => body.clone(),
            Request::PutBack => self.answer(endpoint, to),
        };
        asks.replace(&id, None, put).await.map(|_| ())
    }

    /// The resource as a GET answers it.
    fn answer(&self, endpoint: &str, resource: &Resource) -> Value {
        let resource_type = &self.served(endpoint).resource_type;
        let endpoint_of = |name: &str| self.engine.catalog().endpoint_of(name);
        let whole = resource.to_map(resource_type, "http://scim.example", &endpoint_of);
        let shown = project(&whole.unwrap(), resource_type, &Projection::default());
        Value::Object(shown)
    }
}

/// So few values that many requests say what is there already.
fn word() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(&["a", "A", "b", ""])
}

fn user_request(number: usize) -> impl Strategy<Value = Request> {
    let path = prop::sample::select(&[
        "title",
        "displayName",
        "name.familyName",
        "emails[type eq \"work\"].value",
        "userName",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ]);
    let verb = prop::sample::select(&["add", "Replace"]);
    let set = (verb.clone(), path.clone(), word());
    let set = set.prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }));
    let active = (
        verb,
        prop::sample::select(vec![json!(true), json!("False")]),
    );
    let active = active.prop_map(|(op, on)| json!({ "op": op, "path": "active", "value": on }));
    let whole = word().prop_map(|value| {
        let emails = json!([{ "type": "home", "value": value }]);
        json!({ "op": "add", "value": { "nickName": value, "emails": emails } })
    });
    let remove = path.prop_map(|path| json!({ "op": "remove", "path": path }));
    let operation = prop_oneof![4 => set, 2 => active, 1 => whole, 2 => remove];
    let patch = prop::collection::vec(operation, 1..4);
    let put = (word(), any::<bool>()).prop_map(move |(title, active)| {
        json!({
            "schemas": [schema::USER_URN],
            "userName": format!("user{number}"),
            "title": title,
            "active": active,
            "password": "not kept"
        })
    });
    prop_oneof![
        6 => patch.prop_map(|operations| Request::Patch(json!(operations))),
        1 => put.prop_map(Request::Put),
        1 => Just(Request::PutBack),
    ]
}

fn group_request(people: Vec<String>) -> impl Strategy<Value = Request> {
    let some = prop::sample::subsequence(people, 0..3);
    let some = some.prop_map(|ids| {
        let values: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
        json!(values)
    });
    let verb = prop::sample::select(&["add", "Remove", "replace"]);
    let members = (verb, some.clone());
    let members =
        members.prop_map(|(op, value)| json!({ "op": op, "path": "members", "value": value }));
    let rename = word();
    let rename =
        rename.prop_map(|name| json!({ "op": "replace", "value": { "displayName": name } }));
    let operation = prop_oneof![3 => members, 1 => rename];
    let patch = prop::collection::vec(operation, 1..4);
    let put = (word(), some).prop_map(|(name, members)| {
        json!({ "schemas": [schema::GROUP_URN], "displayName": name, "members": members })
    });
    prop_oneof![
        6 => patch.prop_map(|operations| Request::Patch(json!(operations))),
        1 => put.prop_map(Request::Put),
        1 => Just(Request::PutBack),
    ]
}
