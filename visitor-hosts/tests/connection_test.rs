//! "Test Connection": what an identity provider sends is played in the connection's name, and nothing of it is
//! kept: on both databases.

mod support;

use std::sync::Arc;

use scim_server::store::{Span, Store, unit};
use scim_server::{Error, Resource, Server};
use serde_json::{Value, json};
use support::{Asker, act, app, askers, create, document, patch, product, tell, user};
use visitor_hosts::doctor::{Endpoint, InProcess, Request};

const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ApiToken";

async fn made(asker: &Asker, mut body: Value) -> String {
    body["schemas"] = json!([URN]);
    let made = create(&asker.engine, &app(), "ApiTokens", body).await;
    made.unwrap().stored.id.to_string()
}

async fn tested(asker: &Asker, id: &str) -> Result<Resource, Error> {
    act(
        &asker.engine,
        &app(),
        ("ApiTokens", id, "test"),
        json!({ "reason": "before it goes live" }),
    )
    .await
}

/// What there is: resources of each kind, lines of the change feed, notices.
async fn there(asker: &Asker) -> Vec<usize> {
    let mut found = Vec::new();
    for endpoint in ["Users", "Groups", "Hosts", "HostGroups", "ChangeSets"] {
        let listed = asker.list(&app(), endpoint, None, 1).await.unwrap();
        found.push(listed.total);
    }
    let lines = unit(|tx| {
        Box::pin(async move {
            let span = Span {
                after: None,
                before: None,
                newest_first: true,
                limit: 1_000,
            };
            let lines = tx.changes(&span).await?;
            let about = |kind: &str| lines.iter().filter(|it| it.change.kind == kind).count();
            Ok(vec![lines.len(), about("ApiToken")])
        })
    });
    let store: &dyn Store = asker.fresh.store.as_ref();
    found.extend(store.read(&asker.caller.tenant, lines).await.unwrap());
    found
}

#[tokio::test]
async fn a_connection_that_works_is_told_so_and_nothing_is_left() {
    for asker in askers().await {
        asker.create("Users", user(1)).await.unwrap();
        // A guard that would hold all that the test deactivates, if it were counted.
        let sent = json!({ "name": "Entra", "kind": "idp", "guard": { "maxDeactivations": 0 } });
        let id = made(&asker, sent).await;
        let before = there(&asker).await;
        let told = tested(&asker, &id).await.unwrap();
        let found = told.found.clone().unwrap();
        let steps = |at: usize| found["providers"][at]["steps"].as_array().unwrap().len();
        assert_eq!(
            (&found["result"], &found["made"], steps(0), steps(1)),
            (&json!("ok"), &json!(6), 29, 23),
            "{}",
            found["checks"]
        );
        let kept = document(&told);
        assert_eq!(kept["lastTest"]["result"], "ok");
        assert_eq!(
            kept["lastTest"]["checks"],
            json!(["Microsoft Entra ID: will work", "Okta: will work"])
        );
        assert!(kept["lastTest"]["at"].is_string());
        // But for the line that says so.
        let mut expected = before;
        expected[5] += 1;
        expected[6] += 1;
        assert_eq!(there(&asker).await, expected);
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn a_connection_that_does_not_work_is_told_why() {
    for asker in askers().await {
        let sent =
            json!({ "name": "Okta", "kind": "idp", "policy": "okta", "scopes": ["users.read"] });
        let narrow = made(&asker, sent).await;
        let told = tested(&asker, &narrow).await.unwrap();
        let checks = document(&told)["lastTest"]["checks"].clone();
        assert_eq!(document(&told)["lastTest"]["result"], "failed");
        // Its policy says who is behind it.
        assert_eq!(checks[0], "Okta: will NOT work as it is");
        assert!(checks[1].as_str().unwrap().contains("403"), "{checks}");
        let asked = ("ApiTokens", narrow.as_str(), "compatibility");
        let report = tell(&asker.engine, &app(), asked).await.unwrap();
        assert_eq!(report["grade"], "broken", "{report}");

        let off = made(
            &asker,
            json!({ "name": "Off", "kind": "idp", "active": false }),
        )
        .await;
        let told = tested(&asker, &off).await.unwrap().found.unwrap();
        assert_eq!(told["result"], "failed");
        assert_eq!(
            told["checks"][0],
            "The connection is switched off, or over: nothing that it sends is taken."
        );
        // It is right again when the reason is gone.
        let on = json!([{ "op": "replace", "path": "active", "value": true }]);
        patch(&asker.engine, &app(), "ApiTokens", &off, on)
            .await
            .unwrap();
        let told = tested(&asker, &off).await.unwrap();
        assert_eq!(document(&told)["lastTest"]["result"], "ok");
    }
}

/// Over HTTP the answer is what was found, and the scope is the name of the verb.
#[tokio::test]
async fn whoever_asks_is_answered_with_the_report() {
    for asker in askers().await {
        let id = made(
            &asker,
            json!({ "name": "Entra", "kind": "idp", "policy": "entra" }),
        )
        .await;
        let (served, hooks) = product();
        let store: Arc<dyn Store> = asker.fresh.store.clone();
        let server = Server::builder(store).serve(served).hooks(hooks).build();
        let request = Request::new("POST", &format!("/ApiTokens/{id}/actions/test"));
        let mut told = Vec::new();
        for scopes in ["apiTokens.test", "apiTokens.rotate"] {
            let sent =
                json!({ "schemas": [URN], "name": "Desk", "kind": "app", "scopes": [scopes] });
            let desk = create(&asker.engine, &app(), "ApiTokens", sent)
                .await
                .unwrap();
            let secret = desk.once["secret"].as_str().unwrap().to_owned();
            let endpoint = InProcess::new(&server, &asker.caller.tenant, &secret);
            let answer = endpoint.send(&request).await.unwrap();
            let body: Value = serde_json::from_str(&answer.body).unwrap();
            let sentence = body["checks"][0].as_str().or(body["detail"].as_str());
            told.push(format!("{} {}", answer.status, sentence.unwrap()));
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r"
            200 Microsoft Entra ID: will work
            403 this needs the scope apiTokens.test; whoever keeps the connection can give it [scope.missing]
            ");
        }
    }
}

#[tokio::test]
async fn what_has_no_identity_provider_is_not_tested() {
    for asker in askers().await {
        let door = made(
            &asker,
            json!({ "name": "Door", "kind": "kiosk", "scopes": ["hosts.read"] }),
        )
        .await;
        let gone = made(&asker, json!({ "name": "Entra", "kind": "idp" })).await;
        act(
            &asker.engine,
            &app(),
            ("ApiTokens", &gone, "revoke"),
            json!({}),
        )
        .await
        .unwrap();
        let never = "01890000-0000-7000-8000-00000000dead";
        let mut told = Vec::new();
        for id in [door.as_str(), &gone, never] {
            told.push(tested(&asker, id).await.unwrap_err().to_string());
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r"
            only a connection of the kind idp is tested: no identity provider is behind this one
            test is not possible while the ApiToken is revoked; possible now: nothing
            no ApiToken has the id 01890000-0000-7000-8000-00000000dead
            ");
        }
    }
}
