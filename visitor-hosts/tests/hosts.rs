//! What becomes of Hosts over the life of their Users: on both databases.

mod support;

use scim_core::schema::ENTERPRISE_USER_URN;
use scim_server::Resource;
use scim_server::service::Caller;
use scim_server::store::TokenKind;
use serde_json::{Value, json};
use support::{Asker, Projected, app, askers, caller, create, document, group, patch, user};

async fn hosts(asker: &Asker, filter: &str) -> Vec<Resource> {
    let listed = asker.list(&app(), "Hosts", Some(filter), 1).await;
    listed.unwrap().resources
}

async fn made(asker: &Asker, caller: &Caller, body: Value) -> String {
    let made = create(&asker.engine, caller, "Users", body).await;
    made.unwrap().stored.id.to_string()
}

#[tokio::test]
async fn another_connection_does_not_take_a_host_over() {
    for asker in askers().await {
        let id = made(&asker, &asker.caller, user(7)).await;
        let [host] = hosts(&asker, "employeeNumber eq \"7\"")
            .await
            .try_into()
            .unwrap();
        let host = host.stored.id.to_string();
        let own = json!([{ "op": "replace", "path": "deskOrFloor", "value": "3" }]);
        patch(&asker.engine, &app(), "Hosts", &host, own)
            .await
            .unwrap();
        asker.delete("Users", &id).await.unwrap();

        let stranger = caller(9, TokenKind::Idp);
        made(&asker, &stranger, user(7)).await;
        let two = hosts(&asker, "employeeNumber eq \"7\"").await;
        assert_eq!(two.len(), 2, "the stranger's person has a Host of its own");

        let again = made(&asker, &asker.caller, user(7)).await;
        let filter = format!("user.value eq \"{again}\"");
        let [back] = hosts(&asker, &filter).await.try_into().unwrap();
        assert_eq!(back.stored.id.to_string(), host);
        assert_eq!(document(&back)["deskOrFloor"], "3");
    }
}

#[tokio::test]
async fn what_an_application_wrote_stays() {
    for asker in askers().await {
        let id = made(&asker, &asker.caller, user(1)).await;
        let [host] = hosts(&asker, "employeeNumber eq \"1\"")
            .await
            .try_into()
            .unwrap();
        let host = host.stored.id.to_string();
        let own =
            json!([{ "op": "add", "value": { "externalId": "badge-1", "kioskVisible": false } }]);
        patch(&asker.engine, &app(), "Hosts", &host, own)
            .await
            .unwrap();
        let title = json!([{ "op": "Replace", "path": "title", "value": "Lead" }]);
        asker.patch("Users", &id, title).await.unwrap();
        let [host] = hosts(&asker, "employeeNumber eq \"1\"")
            .await
            .try_into()
            .unwrap();
        let host = document(&host);
        assert_eq!(
            (&host["externalId"], &host["kioskVisible"], &host["title"]),
            (&json!("badge-1"), &json!(false), &json!("Lead"))
        );
    }
}

#[tokio::test]
async fn groups_of_others_are_not_shown() {
    for asker in askers().await {
        let id = made(&asker, &asker.caller, user(1)).await;
        let mut body = group("of the application");
        body["members"] = json!([{ "value": id }]);
        create(&asker.engine, &app(), "Groups", body).await.unwrap();
        let shown = asker.get("Users", &id, Projected::All).await.unwrap();
        assert!(shown.links.is_empty(), "{:?}", shown.links);
    }
}

#[tokio::test]
async fn a_group_that_goes_changes_the_groups_it_was_in() {
    for asker in askers().await {
        let child = asker.create("Groups", group("child")).await.unwrap();
        let child = child.stored.id.to_string();
        let mut body = group("parent");
        body["members"] = json!([{ "value": child }]);
        let parent = asker.create("Groups", body).await.unwrap();
        let parent = parent.stored.id.to_string();
        asker.delete("Groups", &child).await.unwrap();
        let shown = asker.get("Groups", &parent, Projected::All).await.unwrap();
        assert_eq!((shown.stored.version.0, shown.links.len()), (2, 0));
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn the_manager_changes_when_the_directory_says_so() {
    for asker in askers().await {
        let boss = made(&asker, &asker.caller, user(1)).await;
        let mut body = user(2);
        body[ENTERPRISE_USER_URN]["manager"] = json!({ "value": boss });
        let report = made(&asker, &asker.caller, body).await;
        let manager = async || {
            let [host] = hosts(&asker, "employeeNumber eq \"2\"")
                .await
                .try_into()
                .unwrap();
            document(&host)["manager"]["value"].clone()
        };
        let [host] = hosts(&asker, "employeeNumber eq \"1\"")
            .await
            .try_into()
            .unwrap();
        assert_eq!(manager().await, json!(host.stored.id.to_string()));

        asker.delete("Users", &boss).await.unwrap();
        let title = json!([{ "op": "Replace", "path": "title", "value": "Lead" }]);
        asker.patch("Users", &report, title).await.unwrap();
        assert_eq!(
            manager().await,
            json!(host.stored.id.to_string()),
            "nobody said otherwise"
        );

        let nobody = json!([{ "op": "Replace", "path": "manager", "value": "" }]);
        asker.patch("Users", &report, nobody).await.unwrap();
        assert_eq!(manager().await, Value::Null);

        // Somebody else's User is nobody's manager here.
        let stranger = caller(9, TokenKind::Idp);
        let theirs = made(&asker, &stranger, user(3)).await;
        let take = json!([{ "op": "Replace", "path": "manager", "value": theirs }]);
        asker.patch("Users", &report, take).await.unwrap();
        assert_eq!(manager().await, Value::Null);
    }
}
