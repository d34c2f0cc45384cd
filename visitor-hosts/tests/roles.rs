//! What people may do by their roles, and that it ends when their directory lets them go: over HTTP.

mod support;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use scim_core::schema::{GROUP_URN, USER_URN};
use scim_server::store::{Fresh, PolicyName, Store, TokenKind};
use scim_server::{Limits, Server};
use serde_json::{Value, json};
use support::product;
use tower::ServiceExt;

const ROLE_URN: &str = "urn:visitor-hosts:scim:schemas:1.0:RoleAssignment";

/// A server, its directory and its application, and a person with a credential.
struct World {
    router: Router,
    server: Server,
    entra: String,
    desk: String,
    kim: String,
    kim_secret: String,
    host: String,
    _fresh: Fresh,
}

impl World {
    async fn new(fresh: Fresh) -> World {
        let store: Arc<dyn Store> = fresh.store.clone();
        let (served, hooks) = product();
        let limits = Limits {
            rate: 1_000_000,
            rate_burst: 1_000_000,
            ..Limits::default()
        };
        let server = Server::builder(store)
            .limits(limits)
            .serve(served)
            .hooks(hooks)
            .build();
        let main = "main".parse().unwrap();
        let mut secrets = Vec::new();
        for kind in [TokenKind::Idp, TokenKind::App] {
            let made =
                server
                    .tokens()
                    .create(&main, kind.as_str(), kind, PolicyName::default(), None);
            secrets.push(made.await.unwrap().1.to_string());
        }
        let mut world = World {
            router: server.router(),
            server,
            desk: secrets.pop().unwrap(),
            entra: secrets.pop().unwrap(),
            kim: String::new(),
            kim_secret: String::new(),
            host: String::new(),
            _fresh: fresh,
        };
        let kim = json!({ "schemas": [USER_URN], "userName": "kim", "active": true });
        let (_, kim) = world.ask(&world.entra, "POST /Users", &kim).await;
        world.kim = kim["id"].as_str().unwrap().to_owned();
        let person = world.kim.parse().unwrap();
        let made = world
            .server
            .tokens()
            .create_for_person(&main, "Kim", person, None);
        world.kim_secret = made.await.unwrap().unwrap().1.to_string();
        let (_, hosts) = world.ask(&world.desk, "GET /Hosts", &Value::Null).await;
        world.host = hosts["Resources"][0]["id"].as_str().unwrap().to_owned();
        world
    }

    async fn ask(&self, secret: &str, line: &str, body: &Value) -> (u16, Value) {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/t/main/scim/v2{path}"))
            .header("authorization", format!("Bearer {secret}"));
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let answer = self
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 10_000_000).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn kim(&self, line: &str) -> u16 {
        self.ask(&self.kim_secret, line, &Value::Null).await.0
    }

    async fn give(&self, principal: (&str, &str), role: &str, more: Value) -> String {
        let mut body = json!({
            "schemas": [ROLE_URN],
            "principal": { "type": principal.0, "value": principal.1 },
            "role": role
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let (status, made) = self.ask(&self.desk, "POST /RoleAssignments", &body).await;
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }
}

async fn worlds() -> [World; 2] {
    [
        World::new(Fresh::sqlite().await).await,
        World::new(Fresh::postgres().await).await,
    ]
}

fn patch(path: &str, value: impl Into<Value>) -> Value {
    let value = value.into();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": path, "value": value }]
    })
}

#[tokio::test]
async fn a_role_opens_what_it_says_and_ends() {
    for world in worlds().await {
        assert_eq!(
            (world.kim("GET /Me").await, world.kim("GET /Hosts").await),
            (200, 403)
        );
        let role = world
            .give(("Host", &world.host), "auditor", json!({}))
            .await;
        for (line, expected) in [
            ("GET /Me", 200),
            ("GET /Hosts", 200),
            ("GET /AuditEvents", 200),
            ("GET /ApiTokens", 403),
            ("GET /Users", 403),
            ("POST /Locations", 403),
        ] {
            assert_eq!(world.kim(line).await, expected, "{line}");
        }
        let suspend = format!("POST /Hosts/{}/actions/suspend", world.host);
        assert_eq!(world.kim(&suspend).await, 403);
        let path = format!("DELETE /RoleAssignments/{role}");
        assert_eq!(world.ask(&world.desk, &path, &Value::Null).await.0, 204);
        assert_eq!(world.kim("GET /Hosts").await, 403);
        // One that is over, and one that comes with a group.
        let past = json!({ "expiresAt": "2020-01-01T00:00:00Z" });
        world.give(("Host", &world.host), "auditor", past).await;
        assert_eq!(world.kim("GET /Hosts").await, 403);
        let team = json!({ "schemas": [GROUP_URN], "displayName": "Admins", "members": [{ "value": world.kim }] });
        let (_, team) = world.ask(&world.entra, "POST /Groups", &team).await;
        assert_eq!(
            world.kim("GET /Hosts").await,
            403,
            "no directory gives a role by itself"
        );
        let (_, groups) = world
            .ask(&world.desk, "GET /HostGroups", &Value::Null)
            .await;
        let group = groups["Resources"][0]["id"].as_str().unwrap();
        world
            .give(("HostGroup", group), "tenantAdmin", json!({}))
            .await;
        for (line, expected) in [
            ("GET /ApiTokens", 200),
            ("GET /Users", 200),
            ("POST /Users", 403),
        ] {
            assert_eq!(world.kim(line).await, expected, "{line}");
        }
        let out = patch("members", json!([]));
        let line = format!("PATCH /Groups/{}", team["id"].as_str().unwrap());
        assert!(world.ask(&world.entra, &line, &out).await.0 < 300);
        assert_eq!(world.kim("GET /ApiTokens").await, 403);
    }
}

/// Access ends at once, also while a guard keeps the host in effect.
#[tokio::test]
async fn whoever_the_directory_lets_go_has_no_role_though_the_host_is_held() {
    for world in worlds().await {
        world
            .give(("Host", &world.host), "tenantAdmin", json!({}))
            .await;
        let (_, settings) = world
            .ask(&world.desk, "GET /TenantSettings", &Value::Null)
            .await;
        let line = format!(
            "PATCH /TenantSettings/{}",
            settings["Resources"][0]["id"].as_str().unwrap()
        );
        let strict = json!({ "maxDeactivations": 0, "maxDeactivationPercent": 0 });
        assert_eq!(
            world
                .ask(&world.desk, &line, &patch("guardDefaults", strict))
                .await
                .0,
            200
        );
        assert_eq!(world.kim("GET /ApiTokens").await, 200);
        let line = format!("PATCH /Users/{}", world.kim);
        assert_eq!(
            world
                .ask(&world.entra, &line, &patch("active", json!(false)))
                .await
                .0,
            200
        );
        let host = format!("GET /Hosts/{}", world.host);
        let (_, host) = world.ask(&world.desk, &host, &Value::Null).await;
        assert_eq!(host["effectiveStatus"], "heldVisible");
        for line in ["GET /ApiTokens", "GET /Hosts", "GET /Me"] {
            assert_eq!(world.kim(line).await, 403, "{line}");
        }
    }
}

/// The host stays in a group of approvers that would be left empty, and has no role of it any more.
#[tokio::test]
async fn whoever_the_directory_takes_out_of_a_group_has_none_of_its_roles_though_the_host_stays() {
    for world in worlds().await {
        let team = json!({ "schemas": [GROUP_URN], "displayName": "Deciders", "members": [{ "value": world.kim }] });
        let (_, team) = world.ask(&world.entra, "POST /Groups", &team).await;
        let (_, groups) = world
            .ask(&world.desk, "GET /HostGroups", &Value::Null)
            .await;
        let group = groups["Resources"][0]["id"].as_str().unwrap();
        let line = format!("PATCH /HostGroups/{group}");
        let approvers = patch("purpose", json!(["approvers"]));
        assert_eq!(world.ask(&world.desk, &line, &approvers).await.0, 200);
        world.give(("HostGroup", group), "auditor", json!({})).await;
        assert_eq!(world.kim("GET /Hosts").await, 200);
        let line = format!("PATCH /Groups/{}", team["id"].as_str().unwrap());
        let out = patch("members", json!([]));
        assert!(world.ask(&world.entra, &line, &out).await.0 < 300);
        let line = format!("GET /HostGroups/{group}");
        let (_, kept) = world.ask(&world.desk, &line, &Value::Null).await;
        assert_eq!(kept["members"][0]["value"], world.host.as_str());
        assert_eq!(world.kim("GET /Hosts").await, 403);
    }
}

#[tokio::test]
async fn a_location_has_its_own_administrators() {
    for world in worlds().await {
        let mut ids = Vec::new();
        for name in ["North", "South"] {
            let body = json!({
                "schemas": ["urn:visitor-hosts:scim:schemas:1.0:Location"],
                "name": name, "timezone": "Europe/Zurich"
            });
            let (_, made) = world.ask(&world.desk, "POST /Locations", &body).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let north = json!({ "locations": [{ "value": ids[0] }] });
        world
            .give(("Host", &world.host), "locationAdmin", north)
            .await;
        // What is elsewhere is as if it were not there.
        for (id, expected) in ids.iter().zip([200, 404]) {
            let line = format!("PATCH /Locations/{id}");
            let body = patch("maxCapacity", json!(5));
            let (status, answer) = world.ask(&world.kim_secret, &line, &body).await;
            assert_eq!(status, expected, "{answer}");
        }
        // The places of a role that writes no location add none to those.
        let south = json!({ "locations": [{ "value": ids[1] }] });
        world.give(("Host", &world.host), "frontDesk", south).await;
        let line = format!("PATCH /Locations/{}", ids[1]);
        let body = patch("maxCapacity", json!(6));
        let (status, answer) = world.ask(&world.kim_secret, &line, &body).await;
        assert_eq!(status, 403, "{answer}");
        // Nobody gives themselves more.
        let more = json!({
            "schemas": [ROLE_URN], "role": "tenantAdmin",
            "principal": { "type": "Host", "value": world.host }
        });
        let (status, _) = world
            .ask(&world.kim_secret, "POST /RoleAssignments", &more)
            .await;
        assert_eq!(status, 403);
        let nobody = json!({
            "schemas": [ROLE_URN], "role": "auditor",
            "principal": { "type": "Host", "value": ids[0] }
        });
        let (status, answer) = world
            .ask(&world.desk, "POST /RoleAssignments", &nobody)
            .await;
        assert_eq!(
            (
                status,
                answer["detail"]
                    .as_str()
                    .unwrap()
                    .starts_with("principal: no Host")
            ),
            (400, true)
        );
    }
}

/// Whoever administers a place reads what is there, and changes nothing else.
#[tokio::test]
async fn a_location_is_all_that_its_administrator_sees() {
    for world in worlds().await {
        let mut ids = Vec::new();
        for name in ["North", "South"] {
            let body = json!({
                "schemas": ["urn:visitor-hosts:scim:schemas:1.0:Location"],
                "name": name, "timezone": "Europe/Zurich"
            });
            let (_, made) = world.ask(&world.desk, "POST /Locations", &body).await;
            ids.push(made["id"].as_str().unwrap().to_owned());
        }
        let office = "urn:ietf:params:scim:schemas:extension:visitorhost:2.0:User";
        for (name, place) in [("ann", "North"), ("bob", "South"), ("cid", "Attic")] {
            let person = json!({
                "schemas": [USER_URN, office], "userName": name, "active": true,
                office: { "officeLocation": place }
            });
            let (status, made) = world.ask(&world.entra, "POST /Users", &person).await;
            assert_eq!(status, 201, "{made}");
        }
        for (name, place) in [("Nordics", 0), ("Southerners", 1), ("All", 2)] {
            let group = json!({ "schemas": [GROUP_URN], "displayName": name });
            let (_, made) = world.ask(&world.entra, "POST /Groups", &group).await;
            assert!(made["id"].is_string());
            let path = format!("GET /HostGroups?filter=displayName%20eq%20%22{name}%22");
            let (_, listed) = world.ask(&world.desk, &path, &Value::Null).await;
            let id = listed["Resources"][0]["id"].as_str().unwrap();
            if let Some(place) = ids.get(place) {
                let line = format!("PATCH /HostGroups/{id}");
                let there = patch("location", json!({ "value": place }));
                assert_eq!(world.ask(&world.desk, &line, &there).await.0, 200);
            }
        }
        let north = json!({ "locations": [{ "value": ids[0] }] });
        let role = world
            .give(("Host", &world.host), "locationAdmin", north)
            .await;
        // What is listed, and what can be read and changed one by one.
        let reach = async || {
            let mut lines = Vec::new();
            for endpoint in ["Locations", "Hosts", "HostGroups", "UnknownOffices"] {
                let all = format!("GET /{endpoint}");
                let (_, all) = world.ask(&world.desk, &all, &Value::Null).await;
                let mut told = Vec::new();
                for resource in all["Resources"].as_array().unwrap() {
                    let id = resource["id"].as_str().unwrap();
                    let filter = format!("GET /{endpoint}?filter=id%20eq%20%22{id}%22");
                    let (_, listed) = world.ask(&world.kim_secret, &filter, &Value::Null).await;
                    let read = world.kim(&format!("GET /{endpoint}/{id}")).await;
                    let is_listed = listed["totalResults"] == 1;
                    assert_eq!(is_listed, read == 200, "{endpoint} {listed}");
                    let (name, value) = match endpoint {
                        "Locations" => ("maxCapacity", json!(7)),
                        _ => ("deskOrFloor", json!("7")),
                    };
                    let line = format!("PATCH /{endpoint}/{id}");
                    let change = world
                        .ask(&world.kim_secret, &line, &patch(name, value))
                        .await
                        .0;
                    let who = ["name", "displayName", "userName"];
                    let who = who.iter().find_map(|name| resource[*name].as_str());
                    told.push(format!("{} {read}/{change}", who.unwrap()));
                }
                lines.push(format!("{endpoint}: {}", told.join(", ")));
            }
            lines.join("\n")
        };
        let reached = reach().await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(reached, @r"
            Locations: North 200/200, South 404/404
            Hosts: kim 404/404, ann 200/200, bob 404/404, cid 404/404
            HostGroups: Nordics 200/403, Southerners 404/403, All 200/403
            UnknownOffices: Attic 404/403
            ");
        }
        // The log of the place, and no other line.
        let (_, log) = world
            .ask(&world.kim_secret, "GET /AuditEvents", &Value::Null)
            .await;
        let targets = log["Resources"].as_array().unwrap().iter();
        let targets: Vec<_> = targets
            .map(|line| line["target"]["value"].clone())
            .collect();
        assert_eq!(targets, [json!(ids[0]), json!(ids[0])], "{log}");
        // A role for all places opens what it opens in all of them.
        world
            .give(("Host", &world.host), "auditor", json!({}))
            .await;
        let reached = reach().await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(reached, @r"
            Locations: North 200/200, South 200/403
            Hosts: kim 200/403, ann 200/200, bob 200/403, cid 200/403
            HostGroups: Nordics 200/403, Southerners 200/403, All 200/403
            UnknownOffices: Attic 404/403
            ");
        }
        let path = format!("DELETE /RoleAssignments/{role}");
        assert_eq!(world.ask(&world.desk, &path, &Value::Null).await.0, 204);
        assert_eq!(
            world.kim(&format!("PATCH /Locations/{}", ids[0])).await,
            403
        );
    }
}
