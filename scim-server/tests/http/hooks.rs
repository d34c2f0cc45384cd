//! Hooks of a product: what they are told of, what they refuse, and whose they say a value is.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use scim_core::Error as Refusal;
use scim_server::Error;
use scim_server::service::{Changed, Hook};
use scim_server::store::{Stored, TokenKind, Transaction};
use serde_json::{Value, json};

use super::support::Scim;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Writes down what it is told, and refuses what concerns `root`.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

#[async_trait]
impl Hook for Told {
    async fn after_change(
        &self,
        _: &mut Transaction<'_>,
        change: &Changed<'_>,
    ) -> Result<(), Error> {
        let before = named(change.before)?;
        let after = named(change.after)?;
        if before == "root" || after == "root" {
            return Err(Refusal::invalid_value("userName", "nobody touches root").into());
        }
        let (added, removed) = (change.members.added.len(), change.members.removed.len());
        let line = format!("{before} -> {after} +{added} -{removed}");
        self.0.lock().unwrap().push(line);
        Ok(())
    }
}

fn named(stored: Option<&Stored>) -> Result<String, Error> {
    let Some(stored) = stored else {
        return Ok("nobody".to_owned());
    };
    let document = stored.parse()?;
    let name = document.get("userName").or(document.get("displayName"));
    Ok(name.and_then(Value::as_str).unwrap_or("-").to_owned())
}

/// Says that it keeps what is read-only.
struct Keeper;

#[async_trait]
impl Hook for Keeper {
    async fn after_change(&self, _: &mut Transaction<'_>, _: &Changed<'_>) -> Result<(), Error> {
        Ok(())
    }

    async fn keeper(&self, _: &mut Transaction<'_>, _: &Stored) -> Result<Option<String>, Error> {
        Ok(Some("the keeper".to_owned()))
    }
}

/// Makes a user, and gives its path.
async fn user(scim: &Scim, name: &str) -> String {
    let body = json!({ "schemas": [USER], "userName": name }).to_string();
    let made = scim.send_with("POST /Users", &[], body).await;
    format!("/Users/{}", made.json()["id"].as_str().unwrap())
}

#[tokio::test]
async fn every_change_is_told_and_may_be_refused() {
    let told = Arc::new(Told::default());
    let scim = Scim::with(|builder| builder.hook(told.clone())).await;
    let ann = user(&scim, "ann").await;
    let same = json!({ "schemas": [USER], "userName": "ann" }).to_string();
    scim.send_with(&format!("PUT {ann}"), &[], same).await;
    let bob = json!({ "schemas": [USER], "userName": "bob" }).to_string();
    scim.send_with(&format!("PUT {ann}"), &[], bob).await;
    let member = json!({ "value": ann.trim_start_matches("/Users/") });
    let group = json!({ "schemas": [GROUP], "displayName": "staff", "members": [member] });
    let made = scim.send_with("POST /Groups", &[], group.to_string()).await;
    let group = format!("/Groups/{}", made.json()["id"].as_str().unwrap());
    let empty = json!({ "schemas": [GROUP], "displayName": "staff", "members": [] }).to_string();
    scim.send_with(&format!("PUT {group}"), &[], empty).await;
    scim.send(&format!("DELETE {group}")).await;
    let root = json!({ "schemas": [USER], "userName": "root" }).to_string();
    for line in ["POST /Users", &format!("PUT {ann}")] {
        let refused = scim.send_with(line, &[], root.clone()).await.refusal();
        assert_eq!(refused, "400 invalidValue: userName: nobody touches root");
    }
    assert_eq!(scim.send(&format!("DELETE {ann}")).await.status, 204);
    insta::assert_snapshot!(told.0.lock().unwrap().join("\n"), @"
    nobody -> ann +0 -0
    ann -> bob +0 -0
    nobody -> staff +1 -0
    staff -> staff +0 -1
    staff -> nobody +0 -0
    bob -> nobody +0 -0
    ");
}

#[tokio::test]
async fn what_is_read_only_is_a_keepers_if_one_says_so() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "id", "value": "1" }],
    });
    let refused = async |hook: Arc<dyn Hook>| {
        let mut scim = Scim::with(|builder| builder.hook(hook)).await;
        let (main, strict) = ("main".parse().unwrap(), "strict".parse().unwrap());
        let tokens = scim.server.tokens();
        let made = tokens.create(&main, "Entra", TokenKind::Idp, strict, None);
        scim.idp = made.await.unwrap().1.to_string();
        let path = user(&scim, "ann").await;
        let answer = scim
            .send_with(&format!("PATCH {path}"), &[], body.to_string())
            .await;
        answer
            .refusal()
            .replace(path.trim_start_matches("/Users/"), "ANN")
    };
    insta::assert_snapshot!(refused(Arc::new(Told::default())).await, @"400 mutability: id cannot be changed: it is readOnly, or immutable and already set");
    insta::assert_snapshot!(refused(Arc::new(Keeper)).await, @"400 mutability: id of User ANN is kept by the keeper: change it there [readonly.owned]");
}
