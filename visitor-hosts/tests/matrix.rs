//! Nobody sees, or can even tell the existence of, what is not theirs: every path of the server's own table,
//! with every method, by everybody.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::Timestamp;
use scim_core::TenantId;
use scim_core::schema::{GROUP_URN, USER_URN};
use scim_server::store::{Fresh, PolicyName, Store, TokenKind};
use scim_server::{Limits, RoutePattern, Server};
use serde_json::{Value, json};
use support::product;
use tower::ServiceExt;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const TENANTS: [&str; 3] = ["main", "second", "third"];
/// An id that nobody ever had.
const NEVER: &str = "01890000-0000-7000-8000-00000000dead";

/// A server with three tenants, each with two directories, an application and a kiosk.
struct World {
    router: Router,
    routes: Vec<RoutePattern>,
    secrets: BTreeMap<(&'static str, &'static str), String>,
    /// By tenant, type and owner: what there is.
    ids: BTreeMap<(&'static str, String), Vec<String>>,
    _fresh: Fresh,
}

struct Answer {
    status: u16,
    text: String,
}

impl World {
    async fn new() -> World {
        let fresh = Fresh::sqlite().await;
        let store: Arc<dyn Store> = fresh.store.clone();
        for tenant in TENANTS {
            // The first is there already.
            let id: TenantId = tenant.parse().unwrap();
            let _ = store
                .create_tenant(&id, Timestamp::UNIX_EPOCH)
                .await
                .unwrap();
        }
        let (served, hooks) = product();
        let limits = Limits {
            rate: 1_000_000,
            rate_burst: 1_000_000,
            login_failures: 1_000_000,
            ..Limits::default()
        };
        let server = Server::builder(store)
            .limits(limits)
            .serve(served)
            .hooks(hooks)
            .build();
        let mut world = World {
            router: server.router(),
            routes: server.routes(),
            secrets: BTreeMap::new(),
            ids: BTreeMap::new(),
            _fresh: fresh,
        };
        for tenant in TENANTS {
            let id: TenantId = tenant.parse().unwrap();
            for (name, kind) in [
                ("entra", TokenKind::Idp),
                ("okta", TokenKind::Idp),
                ("desk", TokenKind::App),
            ] {
                let tokens = server.tokens();
                let made = tokens
                    .create(&id, name, kind, PolicyName::default(), None)
                    .await;
                world
                    .secrets
                    .insert((tenant, name), made.unwrap().1.to_string());
            }
            world.populate(tenant).await;
        }
        world
    }

    async fn populate(&mut self, tenant: &'static str) {
        for (who, endpoint, body) in [
            (
                "entra",
                "Users",
                json!({ "schemas": [USER_URN], "userName": format!("kim@{tenant}") }),
            ),
            (
                "okta",
                "Users",
                json!({ "schemas": [USER_URN], "userName": format!("ann@{tenant}") }),
            ),
            (
                "entra",
                "Groups",
                json!({ "schemas": [GROUP_URN], "displayName": format!("team {tenant}") }),
            ),
            (
                "desk",
                "Locations",
                json!({
                    "schemas": ["urn:visitor-hosts:scim:schemas:1.0:Location"],
                    "name": format!("site {tenant}"), "timezone": "Europe/Zurich"
                }),
            ),
            (
                "desk",
                "ApiTokens",
                json!({
                    "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"],
                    "name": "door", "kind": "kiosk", "scopes": ["hosts.read"]
                }),
            ),
        ] {
            let path = format!("/t/{tenant}/scim/v2/{endpoint}");
            let made = self.ask((tenant, who), "POST", &path, &body).await;
            assert_eq!(made.status, 201, "{}", made.text);
            let made: Value = serde_json::from_str(&made.text).unwrap();
            if let Some(secret) = made["secret"].as_str() {
                self.secrets.insert((tenant, "door"), secret.to_owned());
                let client = json!({
                    "schemas": ["urn:visitor-hosts:scim:schemas:1.0:OAuthClient"],
                    "connection": { "value": made["id"] },
                    "issuer": "https://login.example", "audience": "scim", "subject": tenant,
                    "jwksUri": "https://login.example/keys"
                });
                let path = format!("/t/{tenant}/scim/v2/OAuthClients");
                let made = self.ask((tenant, who), "POST", &path, &client).await;
                assert_eq!(made.status, 201, "{}", made.text);
            }
        }
        // What the product derived from that is there too.
        for route in self.routes.clone() {
            let Some((_, endpoint)) = route.pattern.rsplit_once("/v2/") else {
                continue;
            };
            let is_collection =
                route.pattern.matches('/').count() == 5 && !endpoint.starts_with('.');
            if !is_collection || !route.methods.contains("GET") {
                continue;
            }
            let path = format!("/t/{tenant}/scim/v2/{endpoint}");
            let listed = self.ask((tenant, "desk"), "GET", &path, &Value::Null).await;
            let listed: Value = serde_json::from_str(&listed.text).unwrap();
            let resources = listed["Resources"].as_array().cloned().unwrap_or_default();
            let ids = resources.iter().filter_map(|one| one["id"].as_str());
            // Schemas and types have names, and settings are the same everywhere.
            let ids: Vec<String> = ids
                .filter(|id| id.parse::<scim_core::ResourceId>().is_ok())
                .map(str::to_owned)
                .collect();
            if endpoint != "TenantSettings" {
                self.ids.insert((tenant, endpoint.to_owned()), ids);
            }
        }
    }

    async fn ask(
        &self,
        who: (&'static str, &'static str),
        method: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let secret = &self.secrets[&who];
        self.send(Some(&format!("Bearer {secret}")), method, path, body)
            .await
    }

    async fn send(
        &self,
        authorization: Option<&str>,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
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
        Answer {
            status,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// Every path that names a resource, and the type it belongs to.
    fn with_ids(&self) -> impl Iterator<Item = (&RoutePattern, String)> {
        self.routes.iter().filter_map(|route| {
            let below = route.pattern.split_once("/v2/")?.1;
            let endpoint = below.split_once("/{id}")?.0;
            let is_type = !["ResourceTypes", "Schemas"].contains(&endpoint);
            is_type.then(|| (route, endpoint.to_owned()))
        })
    }
}

/// What is sent with a method: something that would be taken if the resource were there.
fn body(method: &str) -> Value {
    match method {
        "POST" => json!({}),
        "PUT" => json!({ "schemas": [USER_URN], "userName": "x" }),
        "PATCH" => json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "name", "value": "x" }]
        }),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn ids_of_other_tenants_are_ids_that_never_were() {
    let world = World::new().await;
    let mut asked = 0;
    for (route, endpoint) in world.with_ids() {
        for tenant in TENANTS {
            for who in ["entra", "okta", "desk", "door"] {
                for method in METHODS {
                    let at = |id: &str| {
                        route
                            .pattern
                            .replace("{tenant}", tenant)
                            .replace("{id}", id)
                    };
                    let body = body(method);
                    let never = world.ask((tenant, who), method, &at(NEVER), &body).await;
                    let others = TENANTS.iter().filter(|other| **other != tenant);
                    for other in others {
                        let foreign = world.ids.get(&(*other, endpoint.clone()));
                        for id in foreign.into_iter().flatten() {
                            let answer = world.ask((tenant, who), method, &at(id), &body).await;
                            let told = answer.text.replace(id, NEVER);
                            assert_eq!(
                                (answer.status, told),
                                (never.status, never.text.clone()),
                                "{who} of {tenant}: {method} {}",
                                at(id)
                            );
                            asked += 1;
                        }
                    }
                }
            }
        }
    }
    assert!(asked > 5_000, "{asked} requests");
    // And nothing came of all that.
    for (tenant, endpoint) in world.ids.keys() {
        if ![
            "Users",
            "Groups",
            "Locations",
            "Hosts",
            "HostGroups",
            "OAuthClients",
        ]
        .contains(&endpoint.as_str())
        {
            continue;
        }
        let path = format!("/t/{tenant}/scim/v2/{endpoint}");
        let listed = world
            .ask((tenant, "desk"), "GET", &path, &Value::Null)
            .await;
        let listed: Value = serde_json::from_str(&listed.text).unwrap();
        let found = listed["totalResults"].as_u64().unwrap();
        assert_eq!(
            usize::try_from(found).unwrap(),
            world.ids[&(*tenant, endpoint.clone())].len(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_directory_sees_nothing_of_another_one() {
    let world = World::new().await;
    for (route, endpoint) in world.with_ids() {
        let ids = world.ids.get(&("main", endpoint.clone()));
        for id in ids.into_iter().flatten() {
            for method in METHODS {
                let at = |id: &str| {
                    route
                        .pattern
                        .replace("{tenant}", "main")
                        .replace("{id}", id)
                };
                // Which of the two brought it is found out by asking.
                let mine = world
                    .ask(("main", "entra"), "GET", &at(id), &Value::Null)
                    .await;
                let who = if mine.status == 200 { "okta" } else { "entra" };
                let answer = world
                    .ask(("main", who), method, &at(id), &body(method))
                    .await;
                let never = world
                    .ask(("main", who), method, &at(NEVER), &body(method))
                    .await;
                assert_eq!(
                    (answer.status, answer.text.replace(id.as_str(), NEVER)),
                    (never.status, never.text),
                    "{who}: {method} {}",
                    at(id)
                );
            }
        }
    }
}

#[tokio::test]
async fn lists_hold_nothing_of_others() {
    let world = World::new().await;
    for route in &world.routes {
        if route.pattern.contains("{id}") || !route.methods.contains("GET") {
            continue;
        }
        for tenant in TENANTS {
            for who in ["entra", "okta", "desk", "door"] {
                let path = route.pattern.replace("{tenant}", tenant);
                let listed = world.ask((tenant, who), "GET", &path, &Value::Null).await;
                for ((other, endpoint), ids) in &world.ids {
                    let own = *other == tenant;
                    let shown = ids.iter().find(|id| listed.text.contains(id.as_str()));
                    assert!(
                        own || shown.is_none(),
                        "{who} of {tenant}: {path} shows {endpoint} {shown:?} of {other}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_sent_cannot_name_what_is_not_there() {
    let world = World::new().await;
    let foreign = |endpoint: &str| world.ids[&("second", endpoint.to_owned())][0].clone();
    let own = |endpoint: &str| world.ids[&("main", endpoint.to_owned())][0].clone();
    let patch = |operation: Value| {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [operation]
        })
    };
    let group = own("Groups");
    let host = own("Hosts");
    let with = |id: &str| {
        [
            (
                "entra",
                "POST",
                "Groups".to_owned(),
                json!({ "schemas": [GROUP_URN], "displayName": "x", "members": [{ "value": id }] }),
            ),
            (
                "entra",
                "PATCH",
                format!("Groups/{group}"),
                patch(json!({ "op": "add", "path": "members", "value": [{ "value": id }] })),
            ),
            (
                "desk",
                "PATCH",
                format!("Hosts/{host}"),
                patch(json!({ "op": "add", "path": "delegates", "value": [{ "value": id }] })),
            ),
            (
                "desk",
                "POST",
                "ApiTokens".to_owned(),
                json!({
                    "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"],
                    "name": "x", "kind": "agent", "agent": { "owner": id }
                }),
            ),
        ]
    };
    for kind in ["Users", "Hosts"] {
        let id = foreign(kind);
        for ((who, method, path, body), (.., never)) in with(&id).into_iter().zip(with(NEVER)) {
            let path = format!("/t/main/scim/v2/{path}");
            let answer = world.ask(("main", who), method, &path, &body).await;
            let never = world.ask(("main", who), method, &path, &never).await;
            let told = answer.text.replace(&id, NEVER);
            assert_eq!(
                (answer.status, told),
                (never.status, never.text),
                "{method} {path}"
            );
            assert_eq!(answer.status, 400, "{method} {path}");
        }
    }
}

/// A request with several writes in it opens no more than one.
#[tokio::test]
async fn a_bulk_request_needs_the_scopes_of_what_is_in_it() {
    let world = World::new().await;
    let location = json!({
        "schemas": ["urn:visitor-hosts:scim:schemas:1.0:Location"],
        "name": "x", "timezone": "Europe/Zurich"
    });
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{ "method": "POST", "path": "/Locations", "bulkId": "1", "data": location }]
    });
    for (who, expected) in [("door", "403"), ("desk", "201"), ("entra", "404")] {
        let answer = world
            .ask(("main", who), "POST", "/t/main/scim/v2/Bulk", &bulk)
            .await;
        let answer: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(
            answer["Operations"][0]["status"], expected,
            "{who}: {answer}"
        );
    }
}

/// Every route, every method, by nobody and by everybody who has no business there.
#[tokio::test]
async fn nobody_gets_in_who_should_not() {
    let world = World::new().await;
    let secret = |tenant, who| format!("Bearer {}", world.secrets[&(tenant, who)]);
    let tokens = json!({ "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"], "name": "gone", "kind": "app" });
    let made = world
        .ask(
            ("main", "desk"),
            "POST",
            "/t/main/scim/v2/ApiTokens",
            &tokens,
        )
        .await;
    let made: Value = serde_json::from_str(&made.text).unwrap();
    let revoke = format!(
        "/t/main/scim/v2/ApiTokens/{}/actions/revoke",
        made["id"].as_str().unwrap()
    );
    let revoked = world
        .ask(("main", "desk"), "POST", &revoke, &json!({}))
        .await;
    assert_eq!(revoked.status, 200, "{}", revoked.text);
    let credentials = [
        None,
        Some("Bearer scim_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        Some(format!("Bearer {}", made["secret"].as_str().unwrap())),
        Some(secret("second", "entra")),
        Some(secret("second", "desk")),
        Some(secret("second", "door")),
    ];
    for route in &world.routes {
        let path = route
            .pattern
            .replace("{tenant}", "main")
            .replace("{id}", NEVER);
        let is_token_endpoint = path.ends_with("/oauth/token");
        for method in METHODS {
            for credential in &credentials {
                let answer = world
                    .send(credential.as_deref(), method, &path, &body(method))
                    .await;
                // The token endpoint takes credentials in its body alone, by POST alone, as a form.
                let allowed: &[u16] = if is_token_endpoint {
                    &[400, 401, 405, 415]
                } else {
                    &[401]
                };
                assert!(
                    allowed.contains(&answer.status),
                    "{method} {path}: {}",
                    answer.status
                );
            }
            // A kiosk reads hosts, and that is all; a directory sees people and groups.
            let is_discovery = ["ServiceProviderConfig", "ResourceTypes", "Schemas"]
                .iter()
                .any(|part| path.contains(part));
            let of_all = ["/Me", "/v2", "/Bulk", "/v2/.search", "/oauth/token"];
            if is_discovery || of_all.iter().any(|end| path.ends_with(end)) {
                continue;
            }
            let endpoint = path.split('/').nth(5).unwrap();
            for (who, own) in [("door", &["Hosts"][..]), ("entra", &["Users", "Groups"])] {
                let reads = ["GET", "HEAD"].contains(&method) || path.contains(".search");
                let tells = ["explain", "history"]
                    .iter()
                    .any(|verb| path.ends_with(verb));
                if own.contains(&endpoint) && (who == "entra" || reads || tells) {
                    continue;
                }
                let answer = world.ask(("main", who), method, &path, &body(method)).await;
                let refused = [403, 404, 405].contains(&answer.status);
                assert!(
                    refused,
                    "{who}: {method} {path}: {} {}",
                    answer.status, answer.text
                );
            }
        }
    }
}
