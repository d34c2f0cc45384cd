//! What is returned on request alone is for those whose scopes say so, however it is asked for: over HTTP, on both
//! databases.

mod support;

use std::sync::Arc;

use scim_server::Server;
use scim_server::store::Store;
use serde_json::{Value, json};
use support::{Asker, app, askers, create, patch, product, user};
use visitor_hosts::doctor::{Endpoint, InProcess, Request};

const NOTES: &str = "allergic to lilies";

/// A server with a host who has notes, and what a connection with these scopes is answered.
struct World {
    asker: Asker,
    server: Server,
    host: String,
}

impl World {
    async fn of(asker: Asker) -> World {
        let (served, hooks) = product();
        let store: Arc<dyn Store> = asker.fresh.store.clone();
        let server = Server::builder(store).serve(served).hooks(hooks).build();
        asker.create("Users", user(1)).await.unwrap();
        let hosts = asker.list(&app(), "Hosts", None, 1).await.unwrap();
        let host = hosts.resources[0].stored.id.to_string();
        let notes = json!([{ "op": "add", "path": "notes", "value": NOTES }]);
        patch(&asker.engine, &app(), "Hosts", &host, notes)
            .await
            .unwrap();
        World {
            asker,
            server,
            host,
        }
    }

    async fn with(&self, scopes: &str) -> InProcess {
        let scopes: Vec<&str> = scopes.split(' ').collect();
        let sent = json!({
            "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"],
            "name": "Desk", "kind": "app", "scopes": scopes
        });
        let made = create(&self.asker.engine, &app(), "ApiTokens", sent).await;
        let secret = made.unwrap().once["secret"].as_str().unwrap().to_owned();
        InProcess::new(&self.server, &self.asker.caller.tenant, &secret)
    }

    /// The ways in which one may ask for the notes.
    fn asked(&self) -> Vec<Request> {
        let one = format!("/Hosts/{}", self.host);
        let mut search = Request::new("POST", "/Hosts/.search");
        search.body = Some(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "attributes": ["notes"]
        }));
        let mut change = Request::new("PATCH", &one).with("attributes", "notes");
        change.body = Some(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "deskOrFloor", "value": "3" }]
        }));
        vec![
            Request::new("GET", &one).with("attributes", "notes"),
            Request::new("GET", "/Hosts").with("attributes", "displayName,notes"),
            search,
            Request::new("GET", "/Hosts").with("filter", "notes co \"lilies\""),
            Request::new("GET", "/").with("filter", "notes co \"lilies\""),
            Request::new("GET", "/Hosts").with("sortBy", "notes"),
            change,
            Request::new("GET", &format!("{one}/actions/history")),
        ]
    }
}

/// What came: whether the notes are in it, how many it found, or which scope is missing.
async fn told(endpoint: &InProcess, request: &Request) -> String {
    let answer = endpoint.send(request).await.unwrap();
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let is_shown = answer.body.contains(NOTES);
    match (answer.status, is_shown, body["totalResults"].as_u64()) {
        (200, true, _) => "shown".to_owned(),
        (200, false, Some(total)) => format!("{total} found"),
        (200, false, None) => "left out".to_owned(),
        (status, ..) => {
            let detail = body["detail"].as_str().unwrap();
            let scope = detail.strip_prefix("this needs the scope ").unwrap();
            format!("{status} {}", scope.split(';').next().unwrap())
        }
    }
}

#[tokio::test]
async fn notes_are_for_those_who_may_see_them() {
    for asker in askers().await {
        let world = World::of(asker).await;
        let mut lines = Vec::new();
        for scopes in [
            "*",
            "hosts.*",
            "hosts.read hosts.write hosts.sensitive",
            "*.read *.write *.sensitive",
            "*.read *.write",
            "hosts.read hosts.write",
            "hosts.sensitive",
        ] {
            let endpoint = world.with(scopes).await;
            let mut answers = Vec::new();
            for request in world.asked() {
                answers.push(told(&endpoint, &request).await);
            }
            lines.push(format!("{scopes}: {}", answers.join(", ")));
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(lines.join("\n"), @r"
            *: shown, shown, shown, 1 found, 1 found, 1 found, shown, shown
            hosts.*: shown, shown, shown, 1 found, 1 found, 1 found, shown, shown
            hosts.read hosts.write hosts.sensitive: shown, shown, shown, 1 found, 1 found, 1 found, shown, shown
            *.read *.write *.sensitive: shown, shown, shown, 1 found, 1 found, 1 found, shown, shown
            *.read *.write: left out, 1 found, 1 found, 403 hosts.sensitive, 403 hosts.sensitive, 403 hosts.sensitive, left out, left out
            hosts.read hosts.write: left out, 1 found, 1 found, 403 hosts.sensitive, 403 hosts.sensitive, 403 hosts.sensitive, left out, left out
            hosts.sensitive: 403 hosts.read, 403 hosts.read, 403 hosts.read, 403 hosts.read, 0 found, 403 hosts.read, 403 hosts.write, 403 hosts.read
            ");
        }
    }
}
