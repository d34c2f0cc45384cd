//! What a directory asked for can be read, searched and replayed: on both databases.

mod support;

use std::sync::Arc;
use std::time::Instant;

use jiff::SignedDuration;
use scim_core::schema::{ENTERPRISE_USER_URN, GROUP_URN, USER_URN};
use scim_server::clock::{Clock, FixedClock, SystemClock, TimeOrderedIds};
use scim_server::service::{Caller, ListRequest, Origin, Paging};
use scim_server::store::Fresh;
use scim_server::{Error, Resource};
use serde_json::json;
use support::{Asker, app, askers, document, group, product, tell, user};

fn saying(asker: &Asker, id: &str) -> Caller {
    Caller {
        origin: Some(Arc::new(Origin {
            path: "/Users".to_owned(),
            correlation_id: id.to_owned(),
            user_agent: Some("Azure AD".to_owned()),
            began: Instant::now(),
        })),
        ..asker.caller.clone()
    }
}

/// Everything that a directory does, in every shape: writes that change, writes that do not, refusals.
async fn everything(asker: &mut Asker) -> [String; 2] {
    asker.caller = saying(asker, "c-1");
    let made = asker.create("Users", user(1)).await.unwrap();
    let kim = made.stored.id.to_string();
    let other = asker.create("Users", user(2)).await.unwrap();
    let other = other.stored.id.to_string();
    asker.caller = saying(asker, "c-2");
    for says in [
        json!([{ "op": "Replace", "path": "active", "value": "False" }]),
        json!([{ "op": "replace", "path": "active", "value": false }]),
        json!([{ "op": "Add", "path": "emails[type eq \"home\"].value", "value": "kim@home.example" }]),
        json!([{ "op": "remove", "path": "title" }]),
        json!([{ "op": "replace", "value": { "displayName": "Kim", (ENTERPRISE_USER_URN): { "department": "Lab" } } }]),
        json!([{ "op": "replace", "path": format!("{ENTERPRISE_USER_URN}:manager"), "value": other }]),
    ] {
        asker.patch("Users", &kim, says).await.unwrap();
    }
    for wrong in [
        json!([{ "op": "replace", "path": "userName", "value": "" }]),
        json!([{ "op": "jump", "path": "title", "value": "x" }]),
    ] {
        support::refused(asker, "Users", &kim, wrong).await;
    }
    let put = json!({ "schemas": [USER_URN], "userName": "kim@contoso.example", "active": true });
    support::put(&asker.engine, &asker.caller, "Users", &kim, put.clone())
        .await
        .unwrap();
    support::put(&asker.engine, &asker.caller, "Users", &kim, put)
        .await
        .unwrap();
    let mut team = group("Team");
    team["members"] = json!([{ "value": kim }]);
    let team = asker
        .create("Groups", team)
        .await
        .unwrap()
        .stored
        .id
        .to_string();
    for says in [
        json!([{ "op": "Add", "path": "members", "value": [{ "value": other }] }]),
        json!([{ "op": "Add", "path": "members", "value": [{ "value": other }] }]),
        json!([{ "op": "remove", "path": format!("members[value eq \"{kim}\"]") }]),
        json!([{ "op": "replace", "path": "displayName", "value": "Lab" }]),
        json!([{ "op": "replace", "path": "members", "value": [{ "value": kim }, { "value": other }] }]),
    ] {
        asker.patch("Groups", &team, says).await.unwrap();
    }
    let put =
        json!({ "schemas": [GROUP_URN], "displayName": "Lab", "members": [{ "value": kim }] });
    support::put(&asker.engine, &asker.caller, "Groups", &team, put)
        .await
        .unwrap();
    asker.delete("Users", &other).await.unwrap();
    asker.delete("Groups", &team).await.unwrap();
    [kim, team]
}

async fn events(asker: &Asker, filter: Option<&str>) -> Vec<Resource> {
    let listed = asker.list(&app(), "ProvisioningEvents", filter, 1).await;
    listed.unwrap().resources
}

#[tokio::test]
async fn every_event_replays_to_the_same_difference() {
    for mut asker in askers().await {
        everything(&mut asker).await;
        let events = events(&asker, None).await;
        let mut told = Vec::new();
        for event in &events {
            let id = event.stored.id.to_string();
            let replay = tell(&asker.engine, &app(), ("ProvisioningEvents", &id, "replay")).await;
            let replay = replay.unwrap();
            let shown = document(event);
            assert_eq!(replay["same"], true, "{shown:#} {replay:#}");
            told.push(format!(
                "{} {} {}",
                shown["method"].as_str().unwrap(),
                shown["resource"]["type"].as_str().unwrap(),
                shown["result"].as_str().unwrap()
            ));
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @r"
            POST User created
            POST User created
            PATCH User deactivated
            PATCH User unchanged
            PATCH User updated
            PATCH User updated
            PATCH User updated
            PATCH User updated
            PATCH User rejected
            PATCH User rejected
            PUT User updated
            PUT User unchanged
            POST Group created
            PATCH Group updated
            PATCH Group unchanged
            PATCH Group updated
            PATCH Group updated
            PATCH Group updated
            PUT Group updated
            DELETE User deleted
            DELETE Group deleted
            ");
        }
    }
}

#[tokio::test]
async fn an_event_says_what_was_asked_repaired_changed_and_caused() {
    for mut asker in askers().await {
        everything(&mut asker).await;
        let [off] = events(&asker, Some("result eq \"deactivated\""))
            .await
            .try_into()
            .unwrap();
        let id = off.stored.id.to_string();
        let served = support::served(&asker.engine, &app(), "ProvisioningEvents");
        let read = asker
            .engine
            .request(&app(), &served)
            .get(&id)
            .await
            .unwrap();
        let mut shown = document(&read);
        for name in ["at", "durationMs"] {
            assert!(!shown[name].is_null(), "{shown}");
            shown.as_object_mut().unwrap().remove(name);
        }
        shown["resource"]["value"] = json!("kim");
        for effect in shown["effects"].as_array_mut().unwrap() {
            effect["value"] = json!("id");
        }
        insta::allow_duplicates! {
            insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap(), @r#"
            {
              "schemas": [
                "urn:visitor-hosts:scim:schemas:1.0:ProvisioningEvent"
              ],
              "correlationId": "c-2",
              "token": {
                "value": "00000000-0000-0000-0000-000000000001"
              },
              "client": "entra",
              "method": "PATCH",
              "path": "/Users",
              "resource": {
                "value": "kim",
                "type": "User"
              },
              "result": "deactivated",
              "httpStatus": 200,
              "quirks": [
                "opCase",
                "boolString"
              ],
              "diff": [
                {
                  "attribute": "active",
                  "before": "true",
                  "after": "false"
                }
              ],
              "effects": [
                {
                  "type": "ChangeSet",
                  "value": "id",
                  "what": "updated",
                  "attributes": [
                    "guard",
                    "hosts",
                    "summary"
                  ]
                },
                {
                  "type": "Host",
                  "value": "id",
                  "what": "updated",
                  "attributes": [
                    "effectiveReasons",
                    "effectiveStatus"
                  ]
                }
              ],
              "requestBody": "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{\"op\":\"Replace\",\"path\":\"active\",\"value\":\"False\"}]}"
            }
            "#);
        }
    }
}

#[tokio::test]
async fn the_log_is_searched_sorted_and_paged() {
    for mut asker in askers().await {
        let [kim, _] = everything(&mut asker).await;
        let count = async |filter: &str| events(&asker, Some(filter)).await.len();
        let all = events(&asker, None).await.len();
        assert_eq!(count("correlationId eq \"c-1\"").await, 2);
        assert_eq!(
            count("result eq \"rejected\" or result eq \"conflict\"").await,
            2
        );
        assert_eq!(count("quirks eq \"boolString\"").await, 1);
        assert_eq!(count("at gt \"2099-01-01T00:00:00Z\"").await, 0);
        assert_eq!(count("at ge \"2020-01-01T00:00:00Z\"").await, all);
        let about = count(&format!("resource.value eq \"{kim}\"")).await;
        let about_and = count(&format!(
            "resource.value eq \"{kim}\" and method eq \"PATCH\""
        ))
        .await;
        assert_eq!((about, about_and), (11, 8));
        // By cursor in both directions, newest first.
        let ask = async |cursor: Option<String>| {
            let request = ListRequest {
                filter: None,
                sort: Some(("at".to_owned(), scim_core::SortOrder::Descending)),
                paging: Paging::Cursor(cursor),
                count: 4,
            };
            asker
                .ask(&app(), "ProvisioningEvents", request)
                .await
                .unwrap()
        };
        let (mut seen, mut cursor, mut back) = (Vec::new(), None, None);
        loop {
            let page = ask(cursor).await;
            assert_eq!(page.total, all);
            seen.extend(page.resources.iter().map(|event| event.stored.id));
            back = page.previous.or(back);
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        sorted.reverse();
        assert_eq!((seen.len(), &seen), (all, &sorted));
        let before = ask(back).await;
        let last_page = (all - 1) / 4;
        let ids: Vec<_> = before
            .resources
            .iter()
            .map(|event| event.stored.id)
            .collect();
        assert_eq!(ids, seen[(last_page - 1) * 4..last_page * 4]);
        let request = ListRequest {
            filter: None,
            sort: Some(("method".to_owned(), scim_core::SortOrder::Descending)),
            paging: Paging::Index(1),
            count: 4,
        };
        let refused: Result<_, Error> = asker.ask(&app(), "ProvisioningEvents", request).await;
        assert_eq!(
            refused.unwrap_err().to_string(),
            "sortBy: this list is sorted by at alone, in either direction"
        );
    }
}

#[tokio::test]
async fn the_audit_log_has_every_change_with_who_and_why() {
    for mut asker in askers().await {
        everything(&mut asker).await;
        let hosts = asker.list(&app(), "Hosts", None, 1).await.unwrap();
        let host = hosts.resources[0].stored.id.to_string();
        let suspend = ("Hosts", host.as_str(), "suspend");
        support::act(
            &asker.engine,
            &app(),
            suspend,
            json!({ "reason": "left his badge" }),
        )
        .await
        .unwrap();
        let filter = "action eq \"host.suspend\"";
        let found = asker
            .list(&app(), "AuditEvents", Some(filter), 1)
            .await
            .unwrap();
        let [line] = found.resources.try_into().unwrap();
        let line = document(&line);
        assert_eq!(line["reason"], "left his badge");
        assert_eq!(line["target"]["value"], host);
        assert_eq!(line["outcome"], "success");
        let denied = asker
            .list(&app(), "AuditEvents", Some("outcome eq \"denied\""), 1)
            .await;
        assert_eq!(denied.unwrap().resources.len(), 2);
        let history = tell(&asker.engine, &app(), ("Hosts", &host, "history"))
            .await
            .unwrap();
        let changes = history["changes"].as_array().unwrap();
        assert_eq!(
            changes[0]["changes"][1]["after"], "suspended",
            "{history:#}"
        );
        assert_eq!(changes.last().unwrap()["what"], "created");
        assert!(changes.last().unwrap()["event"]["value"].is_string());
    }
}

/// What changed nothing does not push the newest changes out of what is told.
#[tokio::test]
async fn a_history_begins_with_the_newest() {
    for asker in askers().await {
        asker.create("Users", user(1)).await.unwrap();
        let hosts = asker.list(&app(), "Hosts", None, 1).await.unwrap();
        let host = hosts.resources[0].stored.id.to_string();
        for number in 0..60 {
            let desk =
                json!([{ "op": "replace", "path": "deskOrFloor", "value": format!("D{number}") }]);
            for _ in 0..2 {
                let desk = desk.clone();
                support::patch(&asker.engine, &app(), "Hosts", &host, desk)
                    .await
                    .unwrap();
            }
        }
        let history = tell(&asker.engine, &app(), ("Hosts", &host, "history"))
            .await
            .unwrap();
        let changes = history["changes"].as_array().unwrap();
        let what: Vec<_> = changes[..3].iter().map(|change| &change["what"]).collect();
        assert_eq!(what, ["unchanged", "updated", "unchanged"]);
        assert_eq!(changes[1]["changes"][0]["after"], "D59", "{history:#}");
        assert_eq!(changes.len(), 100);
    }
}

/// What a connection sent is told back with what to change.
#[tokio::test]
async fn a_connection_tells_how_compatible_it_is() {
    for mut asker in askers().await {
        let sent = json!({ "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"], "name": "Entra", "kind": "idp" });
        let token = support::create(&asker.engine, &app(), "ApiTokens", sent)
            .await
            .unwrap();
        asker.caller.connection = scim_server::store::ConnectionId(token.stored.id.uuid());
        everything(&mut asker).await;
        let id = token.stored.id.to_string();
        let report = tell(&asker.engine, &app(), ("ApiTokens", &id, "compatibility"))
            .await
            .unwrap();
        assert_eq!(report["client"], "entra", "{report:#}");
        assert_eq!(report["looked"], json!({ "requests": 21, "isWhole": true }));
        let quirks = report["quirks"].to_string();
        assert!(
            quirks.contains("boolString") && quirks.contains("opCase"),
            "{report:#}"
        );
        assert!(report["p95Ms"].is_number(), "{report:#}");
    }
}

/// An attribute that came once and never again is told, however the feed is read.
#[tokio::test]
async fn what_is_sent_no_more_is_told() {
    let clock = Arc::new(FixedClock::new(SystemClock.now()));
    let ids = Arc::new(TimeOrderedIds::default());
    let mut asker = Asker::new(Fresh::sqlite_at(clock.clone(), ids).await, product());
    let sent = json!({ "schemas": ["urn:visitor-hosts:scim:schemas:1.0:ApiToken"], "name": "Entra", "kind": "idp" });
    let token = support::create(&asker.engine, &app(), "ApiTokens", sent)
        .await
        .unwrap();
    asker.caller.connection = scim_server::store::ConnectionId(token.stored.id.uuid());
    asker.caller = saying(&asker, "1");
    asker.create("Users", user(1)).await.unwrap();
    clock.set(clock.now() + SignedDuration::from_hours(24 * 20));
    for number in 2..7 {
        let mut untitled = user(number);
        untitled.as_object_mut().unwrap().remove("title");
        asker.create("Users", untitled).await.unwrap();
    }
    let id = token.stored.id.to_string();
    let report = tell(&asker.engine, &app(), ("ApiTokens", &id, "compatibility"))
        .await
        .unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let mut stale = findings.filter(|finding| finding["name"] == "staleAttribute");
    let text = stale.next().unwrap_or_else(|| panic!("{report:#}"))["text"].to_string();
    assert!(text.contains("title"), "{text}");
    assert!(stale.next().is_none(), "{report:#}");
}
