//! Whose JWTs connections take, said over SCIM or on the command line: on both databases.

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use scim_server::auth::{Tokens, TrustOutcome, Trusted};
use scim_server::clock::SystemClock;
use scim_server::service::{Caller, Grants};
use scim_server::store::{PolicyName, Store, TokenKind, TrustedKeys};
use scim_server::{Error, Resource};
use serde_json::{Value, json};
use support::{Asker, act, app, askers, create, document, patch, put, served};

fn tokens(asker: &Asker) -> Tokens {
    let store: Arc<dyn Store> = asker.fresh.store.clone();
    Tokens::new(store, Arc::new(SystemClock))
}

async fn connection(asker: &Asker, name: &str, kind: TokenKind) -> String {
    let made = tokens(asker)
        .create(
            &asker.caller.tenant,
            name,
            kind,
            PolicyName::default(),
            None,
        )
        .await;
    made.unwrap().0.id.to_string()
}

fn client(connection: &str) -> Value {
    json!({
        "schemas": ["urn:visitor-hosts:scim:schemas:1.0:OAuthClient"],
        "connection": { "value": connection },
        "issuer": "https://login.example/tenant",
        "audience": "scim",
        "subject": "entra",
        "jwksUri": "https://login.example/keys"
    })
}

async fn made(asker: &Asker, caller: &Caller, body: Value) -> Result<Resource, Error> {
    create(&asker.engine, caller, "OAuthClients", body).await
}

/// What connections trust, as authentication reads it.
async fn trusted(asker: &Asker) -> Vec<String> {
    let trusts = tokens(asker).trusts(&asker.caller.tenant).await.unwrap();
    let told = trusts.iter().map(|trust| {
        let claims = trust.claims.keys().cloned().collect::<Vec<_>>().join(",");
        format!("{} {} {claims}", trust.issuer, trust.subject)
    });
    told.collect()
}

#[tokio::test]
async fn what_is_said_here_is_what_counts() {
    for asker in askers().await {
        let entra = connection(&asker, "Entra", TokenKind::Idp).await;
        let resource = made(&asker, &app(), client(&entra)).await.unwrap();
        let id = resource.stored.id.to_string();
        assert_ne!(id, entra, "ids are unique across all types");
        assert_eq!(
            trusted(&asker).await,
            ["https://login.example/tenant entra "]
        );
        let change = json!([
            { "op": "add", "path": "claims", "value": [{ "name": "tid", "value": "7" }] },
            { "op": "replace", "path": "subject", "value": "okta" }
        ]);
        let changed = patch(&asker.engine, &app(), "OAuthClients", &id, change).await;
        let changed = changed.unwrap().resource;
        assert!(changed.stored.version > resource.stored.version);
        assert_eq!(
            trusted(&asker).await,
            ["https://login.example/tenant okta tid"]
        );
        // The same again is no change.
        let mut same = client(&entra);
        same["claims"] = json!([{ "name": "tid", "value": "7" }]);
        same["subject"] = json!("okta");
        let again = put(&asker.engine, &app(), "OAuthClients", &id, same).await;
        assert_eq!(again.unwrap().stored.version, changed.stored.version);
        let found = asker
            .list(&app(), "OAuthClients", Some("issuer co \"login\""), 1)
            .await
            .unwrap();
        assert_eq!(
            document(&found.resources[0])["connection"]["display"],
            "Entra"
        );
        let delete = served(&asker.engine, &app(), "OAuthClients");
        let delete = asker.engine.request(&app(), &delete);
        delete.delete(&id, None).await.unwrap();
        assert_eq!(trusted(&asker).await, [""; 0]);
        // Who did what stands in the log.
        let filter = format!("target.value eq \"{id}\"");
        let log = asker.list(&app(), "AuditEvents", Some(&filter), 1).await;
        let actions: Vec<Value> = log
            .unwrap()
            .resources
            .iter()
            .map(|line| document(line)["action"].clone())
            .collect();
        let expected = ["created", "updated", "unchanged", "deleted"];
        let expected = expected.map(|what| json!(format!("oAuthClient.{what}")));
        assert_eq!(actions, expected);
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn what_the_command_line_says_is_there() {
    for asker in askers().await {
        let entra = connection(&asker, "Entra", TokenKind::Idp).await;
        let trust = Trusted {
            issuer: "https://login.example/tenant".to_owned(),
            audience: "scim".to_owned(),
            subject: "entra".to_owned(),
            claims: BTreeMap::new(),
            keys: TrustedKeys::Url("https://login.example/keys".to_owned()),
        };
        let tokens = tokens(&asker);
        let tenant = &asker.caller.tenant;
        let id = entra.parse().unwrap();
        let outcome = tokens.trust(tenant, id, trust).await.unwrap();
        assert_eq!(outcome, TrustOutcome::Trusted);
        let listed = asker.list(&app(), "OAuthClients", None, 1).await.unwrap();
        assert_eq!(
            document(&listed.resources[0])["connection"]["value"],
            entra.as_str()
        );
        assert!(tokens.distrust(tenant, id).await.unwrap());
        let listed = asker.list(&app(), "OAuthClients", None, 1).await.unwrap();
        assert_eq!(listed.total, 0);
    }
}

#[tokio::test]
async fn what_cannot_be_trusted_is_refused() {
    for asker in askers().await {
        let entra = connection(&asker, "Entra", TokenKind::Idp).await;
        let okta = connection(&asker, "Okta", TokenKind::Idp).await;
        let gone = connection(&asker, "Gone", TokenKind::Idp).await;
        let desk = connection(&asker, "Desk", TokenKind::App).await;
        act(
            &asker.engine,
            &app(),
            ("ApiTokens", &gone, "revoke"),
            json!({}),
        )
        .await
        .unwrap();
        let keeper = Caller {
            grants: Arc::new(Grants {
                scopes: "oAuthClients.*".parse().unwrap(),
                ..Grants::default()
            }),
            ..app()
        };
        let first = made(&asker, &keeper, client(&entra)).await.unwrap();
        let mut told = Vec::new();
        for (caller, connection) in [
            (app(), entra.as_str()),
            (app(), &okta),
            (app(), &gone),
            (app(), "nobody"),
            (keeper, &desk),
        ] {
            let outcome = made(&asker, &caller, client(connection)).await;
            told.push(outcome.unwrap_err().to_string().replace(&entra, "ENTRA"));
        }
        // A connection is not moved.
        let moved = json!([{ "op": "replace", "path": "connection", "value": { "value": okta } }]);
        let id = first.stored.id.to_string();
        let moved = patch(&asker.engine, &app(), "OAuthClients", &id, moved).await;
        told.push(moved.map(|_| ()).unwrap_err().to_string());
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r#"
            another OAuthClient already uses connection "ENTRA"
            another OAuthClient already uses issuer, audience and subject "https://login.example/tenant scim entra"
            connection: this connection was revoked, or is the product's own: make another one
            connection: name an ApiToken by its id
            this needs the scope * itself, to keep a token that has it; whoever keeps the connection can give it [scope.missing]
            connection.value cannot be changed: it is readOnly, or immutable and already set
            "#);
        }
    }
}
