//! Connections as resources: made, rotated and revoked by applications: on both databases.

mod support;

use std::sync::Arc;

use scim_server::auth::Tokens;
use scim_server::clock::SystemClock;
use scim_server::service::{Caller, Grants};
use scim_server::store::Store;
use scim_server::{Error, Resource};
use serde_json::{Value, json};
use support::{Asker, act, app, askers, create, document, patch};

const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:ApiToken";

async fn made(asker: &Asker, caller: &Caller, mut body: Value) -> Result<Resource, Error> {
    body["schemas"] = json!([URN]);
    create(&asker.engine, caller, "ApiTokens", body).await
}

fn secret(resource: &Resource) -> String {
    resource.once["secret"].as_str().unwrap().to_owned()
}

fn limited(scopes: &str) -> Caller {
    Caller {
        grants: Arc::new(Grants {
            scopes: scopes.parse().unwrap(),
            ..Grants::default()
        }),
        ..app()
    }
}

#[tokio::test]
async fn a_secret_is_shown_once_and_works_until_it_is_revoked() {
    for asker in askers().await {
        let store: Arc<dyn Store> = asker.fresh.store.clone();
        // No cache between this test and what it asks.
        let asks = async |secret: &str| {
            let tokens = Tokens::new(Arc::clone(&store), Arc::new(SystemClock));
            let caller = tokens.authenticate(&asker.caller.tenant, secret).await;
            caller.ok().map(|caller| caller.kind.as_str())
        };
        let sent = json!({ "name": "Entra", "kind": "idp", "guard": { "mode": "observe" } });
        let token = made(&asker, &app(), sent).await.unwrap();
        let (id, first) = (token.stored.id.to_string(), secret(&token));
        assert_eq!(asks(&first).await, Some("idp"));
        let read = asker.list(&app(), "ApiTokens", None, 1).await.unwrap();
        let shown = document(&read.resources[0]);
        assert_eq!(shown["hint"], first[..9]);
        assert!(read.resources[0].once.is_empty() && !shown.to_string().contains(&first));
        assert_eq!(shown["guard"]["mode"], "observe");
        assert!(shown["expiresAt"].is_string());

        let desk = app();
        let rotate = ("ApiTokens", id.as_str(), "rotate");
        let rotated = act(&asker.engine, &desk, rotate, json!({ "overlapHours": 2 })).await;
        let rotated = rotated.unwrap();
        let second = secret(&rotated);
        assert!(document(&rotated)["previousValidUntil"].is_string());
        assert_eq!(
            (asks(&first).await, asks(&second).await),
            (Some("idp"), Some("idp"))
        );
        let rotated = act(&asker.engine, &desk, rotate, json!({ "overlapHours": 0 })).await;
        let third = secret(&rotated.unwrap());
        assert_eq!(
            (asks(&second).await, asks(&third).await),
            (None, Some("idp"))
        );

        let off = json!([{ "op": "replace", "path": "active", "value": false }]);
        patch(&asker.engine, &app(), "ApiTokens", &id, off)
            .await
            .unwrap();
        assert_eq!(asks(&third).await, None);
        let on = json!([{ "op": "replace", "path": "active", "value": true }]);
        patch(&asker.engine, &app(), "ApiTokens", &id, on)
            .await
            .unwrap();
        assert_eq!(asks(&third).await, Some("idp"));

        let revoke = ("ApiTokens", id.as_str(), "revoke");
        let revoked = act(&asker.engine, &app(), revoke, json!({ "reason": "lost" })).await;
        assert!(document(&revoked.unwrap())["revokedAt"].is_string());
        assert_eq!(asks(&third).await, None);
        let again = act(&asker.engine, &app(), revoke, json!({}))
            .await
            .unwrap_err();
        assert_eq!(
            again.to_string(),
            "revoke is not possible while the ApiToken is revoked; possible now: nothing"
        );
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn nobody_gives_away_more_than_they_have() {
    for asker in askers().await {
        let all = made(&asker, &app(), json!({ "name": "All", "kind": "app" }))
            .await
            .unwrap();
        let all = all.stored.id.to_string();
        let caller = limited("apiTokens.* hosts.read");
        let refused = async |outcome: Result<Resource, Error>| outcome.unwrap_err().to_string();
        let told = [
            refused(made(&asker, &caller, json!({ "name": "a", "kind": "app" })).await).await,
            refused(
                made(
                    &asker,
                    &caller,
                    json!({ "name": "a", "kind": "app", "scopes": ["hosts.*"] }),
                )
                .await,
            )
            .await,
            refused(
                act(
                    &asker.engine,
                    &caller,
                    ("ApiTokens", &all, "rotate"),
                    json!({}),
                )
                .await,
            )
            .await,
            refused(made(&asker, &app(), json!({ "name": "a", "kind": "console" })).await).await,
            refused(
                made(
                    &asker,
                    &app(),
                    json!({ "name": "a", "kind": "agent", "agent": { "owner": all } }),
                )
                .await,
            )
            .await,
        ];
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r"
            this needs the scope * itself, to keep a token that has it; whoever keeps the connection can give it [scope.missing]
            this needs the scope hosts.* itself, to keep a token that has it; whoever keeps the connection can give it [scope.missing]
            this needs the scope * itself, to keep a token that has it; whoever keeps the connection can give it [scope.missing]
            kind: send idp, app, agent or kiosk: the product makes its own connections itself
            agent.owner: name the Host who answers for the agent
            ");
        }
        let narrower = json!({ "name": "a", "kind": "app", "scopes": ["hosts.read"] });
        made(&asker, &caller, narrower).await.unwrap();
    }
}

#[tokio::test]
async fn the_settings_of_a_tenant_are_there_before_they_are_written() {
    for asker in askers().await {
        let read = async || {
            let listed = asker.list(&app(), "TenantSettings", None, 1).await.unwrap();
            let [settings] = listed.resources.try_into().unwrap();
            settings
        };
        let settings = read().await;
        let id = settings.stored.id.to_string();
        assert_eq!(settings.stored.version.0, 0);
        let wanted = json!([{ "op": "add", "value": {
            "name": "Contoso", "policy": "entra", "guardDefaults": { "maxDeactivations": 2 }
        } }]);
        patch(&asker.engine, &app(), "TenantSettings", &id, wanted)
            .await
            .unwrap();
        let settings = read().await;
        assert_eq!(settings.stored.version.0, 1);
        assert_eq!(document(&settings)["guardDefaults"]["maxDeactivations"], 2);
        let token = made(&asker, &app(), json!({ "name": "Entra", "kind": "idp" }))
            .await
            .unwrap();
        assert_eq!(document(&token)["policy"], "entra");
        let wrong = json!([{ "op": "add", "path": "guardDefaults.holdHours", "value": 1000 }]);
        let refused = patch(&asker.engine, &app(), "TenantSettings", &id, wrong).await;
        assert_eq!(
            refused.unwrap_err().to_string(),
            "guardDefaults.holdHours: send a time above 0 and up to 720 hours"
        );
    }
}

/// A guard of the connection's own: it observes, or it refuses.
#[tokio::test]
async fn a_connection_has_its_own_guard() {
    for mut asker in askers().await {
        for (mode, expected) in [
            ("observe", "hidden"),
            ("off", "hidden"),
            ("refuse", "visible"),
        ] {
            let settings = format!(
                r#"{{"guard":{{"mode":"{mode}","maxDeactivations":1,"maxDeactivationPercent":0}}}}"#
            );
            asker.caller = Caller {
                grants: Arc::new(Grants {
                    settings: Some(settings),
                    ..Grants::default()
                }),
                ..support::caller(
                    if mode == "observe" {
                        11
                    } else if mode == "off" {
                        12
                    } else {
                        13
                    },
                    scim_server::store::TokenKind::Idp,
                )
            };
            let mut last = Ok(());
            for number in 0..3 {
                let mut person = support::user(number);
                for name in ["userName", "externalId"] {
                    person[name] = json!(format!("{mode}{number}"));
                }
                person[scim_core::schema::ENTERPRISE_USER_URN]["employeeNumber"] =
                    json!(format!("{mode}{number}"));
                person["emails"][0]["value"] = json!(format!("{mode}{number}@x.example"));
                let made = asker.create("Users", person).await.unwrap();
                let off = json!([{ "op": "replace", "path": "active", "value": false }]);
                last = asker
                    .patch("Users", &made.stored.id.to_string(), off)
                    .await
                    .map(|_| ());
            }
            let filter = format!("userName sw \"{mode}2\"");
            let host = asker.list(&app(), "Hosts", Some(&filter), 1).await.unwrap();
            assert_eq!(
                document(&host.resources[0])["effectiveStatus"],
                expected,
                "{mode}"
            );
            let refused = last.err().map(|error| error.to_string());
            let is_guarded = refused.is_some_and(|text| text.ends_with("[guard.refused]"));
            assert_eq!(is_guarded, mode == "refuse");
        }
    }
}
