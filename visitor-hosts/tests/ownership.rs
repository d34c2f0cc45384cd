//! Somebody is brought who is here already: every row of the table of ownership, on both databases.

mod support;

use scim_core::schema::ENTERPRISE_USER_URN;
use serde_json::{Value, json};
use support::scene::{Scene, both, entra, okta, reception, refusal, sam};

/// Tells a story, and how it ends.
macro_rules! check {
    ($story:expr, @$end:literal) => {
        insta::assert_snapshot!(both($story).await, @$end)
    };
}

/// By hand, with a desk.
async fn by_hand(scene: &Scene) -> String {
    let user = scene.brings(&reception(), sam(&json!({}))).await.unwrap();
    scene.desk("3").await;
    user
}

async fn brought(scene: &Scene, policy: &str) -> Result<String, scim_server::Error> {
    scene.brings(&entra(policy), sam(&json!({}))).await
}

#[tokio::test]
async fn nobody_is_met() {
    check!(async |scene| {
        by_hand(scene).await;
        let other = json!({ "number": "8", "userName": "kim", "email": "kim@contoso.example", "displayName": "Kim" });
        scene.brings(&entra("reject"), sam(&other)).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Kim, visible of Entra
    ");
}

#[tokio::test]
async fn the_same_connection_has_the_name_already() {
    check!(async |scene| {
        brought(scene, "ask").await.unwrap();
        let again = scene.brings(&entra("ask"), sam(&json!({ "externalId": null }))).await;
        format!("{}\n{}", refusal(again), scene.told().await)
    }, @r#"
    [exists.own] another User already uses userName "sam@contoso.example"
    host 1: Sam, visible of Entra
    "#);
}

#[tokio::test]
async fn the_same_connection_has_the_name_already_and_waits() {
    check!(async |scene| {
        by_hand(scene).await;
        brought(scene, "ask").await.unwrap();
        let again = refusal(brought(scene, "reject").await);
        format!("{again}\n{}", scene.told().await)
    }, @r#"
    [exists.own] another User already uses userName "sam@contoso.example"
    host 1: Sam, visible of Reception, desk 3
    open existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    "#);
}

#[tokio::test]
async fn two_people_of_one_connection_are_two() {
    check!(async |scene| {
        by_hand(scene).await;
        let twin = json!({ "userName": "sam2", "externalId": "sam2", "displayName": "Twin" });
        scene.brings(&reception(), sam(&twin)).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Twin, visible of Reception
    ");
}

#[tokio::test]
async fn whoever_is_deleted_comes_back() {
    check!(async |scene| {
        let user = brought(scene, "ask").await.unwrap();
        scene.desk("3").await;
        scene.deletes(&entra("ask"), &user).await.unwrap();
        brought(scene, "reject").await.unwrap();
        scene.told().await
    }, @"host 1: Sam, visible of Entra, desk 3");
}

#[tokio::test]
async fn kept_by_hand_and_linked_by_policy() {
    check!(async |scene| {
        by_hand(scene).await;
        let before = scene.all("Hosts").await.swap_remove(0);
        brought(scene, "autoLink").await.unwrap();
        let after = scene.all("Hosts").await.swap_remove(0);
        assert_eq!(before["id"], after["id"]);
        assert_eq!((&before["source"], &after["source"]), (&json!("manual"), &json!("idp")));
        assert_eq!(scene.notices().await, 0);
        scene.told().await
    }, @r"
    host 1: Sam, visible of Entra, also of Reception, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    ");
}

#[tokio::test]
async fn kept_by_hand_and_asked_about() {
    check!(async |scene| {
        by_hand(scene).await;
        let before = scene.all("Hosts").await;
        let user = brought(scene, "ask").await.unwrap();
        scene.says(&entra("ask"), &user, "title", json!("Engineer")).await.unwrap();
        assert_eq!(before, scene.all("Hosts").await, "the existing host stays as it is");
        assert_eq!(scene.notices().await, 1);
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    open existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    ");
}

#[tokio::test]
async fn kept_by_hand_and_refused() {
    check!(async |scene| {
        by_hand(scene).await;
        let before = scene.all("Hosts").await;
        let first = brought(scene, "reject").await.unwrap_err().to_string();
        let again = brought(scene, "reject").await.unwrap_err();
        assert_eq!(first, again.to_string(), "every refusal names the same conflict");
        let id = scene.all("ProvisioningConflicts").await[0]["id"].clone();
        assert!(first.contains(id.as_str().unwrap()), "{first}");
        assert_eq!(before, scene.all("Hosts").await, "the existing host stays as it is");
        assert_eq!(scene.notices().await, 1);
        format!("{}\n{}", refusal::<()>(Err(again)), scene.told().await)
    }, @r#"
    [exists.unmanaged] a person with this employeeNumber is here already, kept by the connection "Reception", and this connection refuses such people until somebody decides on /ProvisioningConflicts/ID
    host 1: Sam, visible of Reception, desk 3
    open existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    "#);
}

#[tokio::test]
async fn kept_by_another_directory() {
    for policy in ["autoLink", "ask", "reject"] {
        let end = both(async |scene: &mut Scene| {
            brought(scene, "ask").await.unwrap();
            let body = sam(&json!({}));
            scene.brings(&okta(policy), body).await.unwrap();
            scene.told().await
        });
        let end = end.await;
        assert!(
            end.ends_with(
                "open twoDirectories: Sam of Okta meets host 1 by employeeNumber= email~ userName="
            ),
            "{policy}: {end}"
        );
    }
}

#[tokio::test]
async fn several_are_met() {
    check!(async |scene| {
        by_hand(scene).await;
        let twin = json!({ "userName": "sam2", "externalId": "sam2", "displayName": "Twin" });
        scene.brings(&reception(), sam(&twin)).await.unwrap();
        brought(scene, "autoLink").await.unwrap();
        let which = refusal(scene.decides("link", json!({})).await);
        let twin = scene.all("Hosts").await[1]["id"].clone();
        let stranger = json!({ "existing": "01994c2b-0000-7000-8000-000000000001" });
        let wrong = refusal(scene.decides("link", stranger).await);
        let open = scene.told().await;
        scene.decides("link", json!({ "existing": twin })).await.unwrap();
        format!("{open}\n{which}\n{wrong}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Twin, visible of Reception
    open ambiguousMatch: Sam of Entra meets host 1, 2 by employeeNumber= email~ userName=
    [-] existing: the conflict names several hosts: use the action link, which takes `existing`, the id of one
    [-] existing: the conflict does not name this host
    host 1: Sam, visible of Reception, desk 3
    host 2: Sam, visible of Entra, also of Reception
    linked ambiguousMatch: Sam of Entra meets host 2 by employeeNumber= email~ userName=, link
    ");
}

#[tokio::test]
async fn an_address_alone_is_a_hint() {
    check!(async |scene| {
        by_hand(scene).await;
        let other = json!({ "userName": "s.other", "number": null, "displayName": "Other" });
        scene.brings(&entra("autoLink"), sam(&other)).await.unwrap();
        let host = scene.all("Hosts").await.swap_remove(0);
        assert_eq!(host["userName"], "sam@contoso.example");
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    open existingLocalHost: Other of Entra meets host 1 by email~
    ");
}

#[tokio::test]
async fn an_address_may_be_somebody_elses_now() {
    check!(async |scene| {
        by_hand(scene).await;
        let other = json!({ "userName": "s.other", "number": "8", "displayName": "Other" });
        scene.brings(&entra("autoLink"), sam(&other)).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    open emailReused: Other of Entra meets host 1 by email~ employeeNumber!=
    ");
}

#[tokio::test]
async fn a_directory_comes_before_a_hand() {
    check!(async |scene| {
        brought(scene, "ask").await.unwrap();
        scene.brings(&reception(), sam(&json!({ "displayName": "Sammy" }))).await.unwrap();
        let asked = scene.told().await;
        scene.decides("link", json!({})).await.unwrap();
        format!("{asked}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, visible of Entra
    open twoDirectories: Sammy of Reception meets host 1 by employeeNumber= email~ userName=
    host 1: Sam, visible of Entra, also of Reception
    linked twoDirectories: Sammy of Reception meets host 1 by employeeNumber= email~ userName=, link
    ");
}

#[tokio::test]
async fn linked_by_somebody() {
    check!(async |scene| {
        let older = by_hand(scene).await;
        brought(scene, "ask").await.unwrap();
        scene.decides("link", json!({ "reason": "the same Sam" })).await.unwrap();
        let again = refusal(scene.decides("reject", json!({ "reason": "no" })).await);
        // What the older record says is not heard, and its end is no end.
        scene.says(&reception(), &older, "displayName", json!("Old Sam")).await.unwrap();
        let linked = scene.told().await;
        scene.deletes(&reception(), &older).await.unwrap();
        format!("{linked}\n{again}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, visible of Entra, also of Reception, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    [transition] reject is not possible while the ProvisioningConflict is linked; possible now: nothing
    host 1: Sam, visible of Entra, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    ");
}

#[tokio::test]
async fn kept_separate_by_somebody_and_for_ever() {
    check!(async |scene| {
        let older = by_hand(scene).await;
        let user = brought(scene, "ask").await.unwrap();
        let why = refusal(scene.decides("keepSeparate", json!({})).await);
        scene.decides("keepSeparate", json!({ "reason": "father and son" })).await.unwrap();
        let separate = scene.told().await;
        // Each comes again, under a new id.
        scene.deletes(&entra("ask"), &user).await.unwrap();
        brought(scene, "autoLink").await.unwrap();
        scene.deletes(&reception(), &older).await.unwrap();
        scene.brings(&reception(), sam(&json!({}))).await.unwrap();
        assert_eq!(scene.told().await, separate);
        format!("{separate}\n{why}")
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Sam, visible of Entra
    keptSeparate existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, keepSeparate
    [-] reason: say why: keepSeparate needs a reason
    ");
}

#[tokio::test]
async fn rejected_by_somebody() {
    check!(async |scene| {
        by_hand(scene).await;
        let user = brought(scene, "ask").await.unwrap();
        scene.decides("reject", json!({ "reason": "a test account" })).await.unwrap();
        let write = refusal(scene.says(&entra("ask"), &user, "title", json!("x")).await);
        // Whoever goes may go, and is refused when they come again.
        scene.deletes(&entra("ask"), &user).await.unwrap();
        let again = refusal(brought(scene, "ask").await);
        format!("{}\n{write}\n{again}", scene.told().await)
    }, @r#"
    host 1: Sam, visible of Reception, desk 3
    rejected existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, reject
    [exists.unmanaged] a person with this employeeNumber is here already, kept by the connection "Reception", and somebody rejected this one: see /ProvisioningConflicts/ID
    [exists.unmanaged] a person with this employeeNumber is here already, kept by the connection "Reception", and somebody rejected this one: see /ProvisioningConflicts/ID
    "#);
}

#[tokio::test]
async fn who_was_rejected_is_taken_as_somebody_else() {
    check!(async |scene| {
        by_hand(scene).await;
        let user = brought(scene, "ask").await.unwrap();
        scene.decides("reject", json!({ "reason": "a test account" })).await.unwrap();
        let says = json!({
            "userName": "test", "emails": [{ "type": "work", "value": "test@contoso.example" }],
            ENTERPRISE_USER_URN: { "employeeNumber": "99" },
        });
        let says = json!([{ "op": "replace", "value": says }]);
        let engine = &scene.asker.engine;
        support::patch(engine, &entra("ask"), "Users", &user, says).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Sam, visible of Entra
    rejected existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, reject
    ");
}

#[tokio::test]
async fn who_was_refused_is_linked_when_they_come_again() {
    check!(async |scene| {
        by_hand(scene).await;
        brought(scene, "reject").await.unwrap_err();
        scene.decides("link", json!({})).await.unwrap();
        let decided = scene.told().await;
        brought(scene, "reject").await.unwrap();
        format!("{decided}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    host 1: Sam, visible of Entra, also of Reception, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    ");
}

#[tokio::test]
async fn who_was_refused_is_kept_separate_when_they_come_again() {
    check!(async |scene| {
        by_hand(scene).await;
        brought(scene, "reject").await.unwrap_err();
        scene.decides("keepSeparate", json!({ "reason": "another Sam" })).await.unwrap();
        let user = brought(scene, "reject").await.unwrap();
        scene.deletes(&entra("reject"), &user).await.unwrap();
        brought(scene, "reject").await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Sam, visible of Entra
    keptSeparate existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, keepSeparate
    ");
}

#[tokio::test]
async fn who_was_refused_and_rejected_stays_out() {
    check!(async |scene| {
        by_hand(scene).await;
        brought(scene, "reject").await.unwrap_err();
        scene.decides("reject", json!({ "reason": "no" })).await.unwrap();
        let again = refusal(brought(scene, "autoLink").await);
        format!("{}\n{again}", scene.told().await)
    }, @r#"
    host 1: Sam, visible of Reception, desk 3
    rejected existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, reject
    [exists.unmanaged] a person with this employeeNumber is here already, kept by the connection "Reception", and somebody rejected this one: see /ProvisioningConflicts/ID
    "#);
}

#[tokio::test]
async fn decided_without_a_verb() {
    check!(async |scene| {
        by_hand(scene).await;
        brought(scene, "ask").await.unwrap();
        let nothing = refusal(scene.resolves(json!({ "reason": "why not" })).await);
        let silent = refusal(scene.resolves(json!({ "action": "reject" })).await);
        let kept = json!({ "action": "keepSeparate", "reason": "another Sam" });
        scene.resolves(kept).await.unwrap();
        let again = refusal(scene.resolves(json!({ "action": "link" })).await);
        format!("{nothing}\n{silent}\n{again}\n{}", scene.told().await)
    }, @r"
    [-] resolution.action: say link, keepSeparate or reject, and why
    [-] reason: say why: reject needs a reason
    [transition] link is not possible while the ProvisioningConflict is keptSeparate; possible now: nothing
    host 1: Sam, visible of Reception, desk 3
    host 2: Sam, visible of Entra
    keptSeparate existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, keepSeparate
    ");
}

#[tokio::test]
async fn the_directory_lets_somebody_go_who_was_kept_by_hand_before() {
    check!(async |scene| {
        let older = by_hand(scene).await;
        let user = brought(scene, "autoLink").await.unwrap();
        scene.deletes(&entra("ask"), &user).await.unwrap();
        let gone = scene.told().await;
        // Whoever keeps the older record brings them back by writing it.
        scene.says(&reception(), &older, "title", json!("Guest")).await.unwrap();
        let back = scene.told().await;
        brought(scene, "autoLink").await.unwrap();
        format!("{gone}\n{back}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, hidden of Entra, also of Reception, without a user, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    host 1: Sam, visible of Reception, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    host 1: Sam, visible of Entra, also of Reception, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    ");
}

#[tokio::test]
async fn the_incoming_record_goes() {
    check!(async |scene| {
        by_hand(scene).await;
        let user = brought(scene, "ask").await.unwrap();
        scene.deletes(&entra("ask"), &user).await.unwrap();
        let expired = scene.told().await;
        brought(scene, "ask").await.unwrap();
        format!("{expired}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    expired existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    host 1: Sam, visible of Reception, desk 3
    expired existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    open existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    ");
}

#[tokio::test]
async fn the_existing_record_goes() {
    check!(async |scene| {
        let older = by_hand(scene).await;
        brought(scene, "ask").await.unwrap();
        scene.deletes(&reception(), &older).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, hidden of Reception, without a user, desk 3
    host 2: Sam, visible of Entra
    expired existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    ");
}

#[tokio::test]
async fn the_existing_record_is_somebody_else() {
    check!(async |scene| {
        let older = by_hand(scene).await;
        brought(scene, "ask").await.unwrap();
        let says = json!({
            "userName": "kim", "emails": [{ "type": "work", "value": "kim@contoso.example" }],
            ENTERPRISE_USER_URN: { "employeeNumber": "8" },
        });
        let says = json!([{ "op": "replace", "value": says }]);
        let engine = &scene.asker.engine;
        support::patch(engine, &reception(), "Users", &older, says).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Sam, visible of Entra
    expired existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    ");
}

#[tokio::test]
async fn the_incoming_record_is_somebody_else() {
    check!(async |scene| {
        by_hand(scene).await;
        let weak = json!({ "userName": "kim", "number": null, "displayName": "Kim" });
        let user = scene.brings(&entra("ask"), sam(&weak)).await.unwrap();
        let address = json!([{ "type": "work", "value": "kim@contoso.example" }]);
        scene.says(&entra("ask"), &user, "emails", address).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    host 2: Kim, visible of Entra
    expired existingLocalHost: Kim of Entra meets host 1 by email~
    ");
}

#[tokio::test]
async fn a_refusal_whose_reason_is_gone() {
    check!(async |scene| {
        let older = by_hand(scene).await;
        brought(scene, "reject").await.unwrap_err();
        scene.deletes(&reception(), &older).await.unwrap();
        let expired = scene.told().await;
        brought(scene, "reject").await.unwrap();
        format!("{expired}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, hidden of Reception, without a user, desk 3
    expired existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    host 1: Sam, hidden of Reception, without a user, desk 3
    host 2: Sam, visible of Entra
    expired existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    ");
}

#[tokio::test]
async fn two_directories_meet_one_person() {
    check!(async |scene| {
        by_hand(scene).await;
        brought(scene, "ask").await.unwrap();
        scene.brings(&okta("ask"), sam(&json!({ "externalId": "o" }))).await.unwrap();
        let asked = scene.told().await;
        let first = scene.all("ProvisioningConflicts").await[0]["id"].clone();
        scene.decides_on(first.as_str().unwrap(), "link", json!({})).await.unwrap();
        format!("{asked}\n{}", scene.told().await)
    }, @r"
    host 1: Sam, visible of Reception, desk 3
    open existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=
    open existingLocalHost: Sam of Okta meets host 1 by employeeNumber= email~ userName=
    host 1: Sam, visible of Entra, also of Reception, desk 3
    linked existingLocalHost: Sam of Entra meets host 1 by employeeNumber= email~ userName=, link
    open twoDirectories: Sam of Okta meets host 1 by employeeNumber= email~ userName=
    ");
}

#[tokio::test]
async fn by_what_people_are_known_is_the_tenants_choice() {
    check!(async |scene| {
        by_hand(scene).await;
        let settings = scene.all("TenantSettings").await[0]["id"].clone();
        let number_alone = json!([{ "op": "add", "path": "hostMatchOrder", "value": ["employeeNumber"] }]);
        let engine = &scene.asker.engine;
        let id = settings.as_str().unwrap();
        support::patch(engine, &reception(), "TenantSettings", id, number_alone).await.unwrap();
        let other = json!({ "number": null, "displayName": "Other" });
        scene.brings(&entra("reject"), sam(&other)).await.unwrap();
        scene.brings(&okta("autoLink"), sam(&json!({}))).await.unwrap();
        scene.told().await
    }, @r"
    host 1: Sam, visible of Okta, also of Reception, desk 3
    host 2: Other, visible of Entra
    linked existingLocalHost: Sam of Okta meets host 1 by employeeNumber=, link
    ");
}

#[tokio::test]
async fn a_host_tells_whom_it_is_compared_with() {
    check!(async |scene| {
        by_hand(scene).await;
        brought(scene, "autoLink").await.unwrap();
        scene.brings(&okta("ask"), sam(&json!({}))).await.unwrap();
        let host = scene.all("Hosts").await[0]["id"].clone();
        let app = reception();
        let hosts = support::served(&scene.asker.engine, &app, "Hosts");
        let explain = scene.asker.engine.verb(&hosts, "explain").unwrap();
        let request = scene.asker.engine.request(&app, &hosts);
        let told = request.tell(host.as_str().unwrap(), explain, json!({})).await.unwrap();
        let (further, open) = (&told["furtherSources"][0], &told["openConflicts"][0]);
        format!("{} {} {} {}", further["source"], further["managedByName"], open["kind"], open["evidence"])
    }, @r#""manual" "Reception" "twoDirectories" ["employeeNumber=","email~","userName="]"#);
}

async fn team(scene: &Scene, users: &[&str]) -> String {
    let mut team = support::group("Team");
    team["members"] = users.iter().map(|id| json!({ "value": id })).collect();
    let engine = &scene.asker.engine;
    let made = support::create(engine, &entra("ask"), "Groups", team).await;
    made.unwrap().stored.id.to_string()
}

/// Who is in each group.
async fn groups(scene: &Scene) -> String {
    let hosts = scene.all("Hosts").await;
    let number = |id: &Value| hosts.iter().position(|host| host["id"] == *id).unwrap() + 1;
    let mut lines = Vec::new();
    for group in scene.all("HostGroups").await {
        let members = group["links"].as_array().unwrap().iter();
        let members: Vec<String> = members.map(|id| number(id).to_string()).collect();
        lines.push(format!(
            "{}: {}",
            group["displayName"].as_str().unwrap(),
            members.join(" ")
        ));
    }
    lines.join("\n")
}

#[tokio::test]
async fn whoever_gets_a_host_is_in_its_groups() {
    for (verb, expected) in [("link", "Team: 1"), ("keepSeparate", "Team: 2")] {
        let end = both(async |scene: &mut Scene| {
            by_hand(scene).await;
            let user = brought(scene, "ask").await.unwrap();
            team(scene, &[&user]).await;
            assert_eq!(groups(scene).await, "Team: ");
            scene.decides(verb, json!({ "reason": "r" })).await.unwrap();
            groups(scene).await
        });
        assert_eq!(end.await, expected);
        let end = both(async |scene: &mut Scene| {
            by_hand(scene).await;
            let user = brought(scene, "ask").await.unwrap();
            scene.decides(verb, json!({ "reason": "r" })).await.unwrap();
            team(scene, &[&user]).await;
            groups(scene).await
        });
        assert_eq!(end.await, expected, "in the other order");
    }
}

/// A group of an application may list both Users of one person, who is in it once.
#[tokio::test]
async fn one_person_twice_in_a_group_is_there_once() {
    check!(async |scene| {
        let older = by_hand(scene).await;
        let user = brought(scene, "autoLink").await.unwrap();
        let engine = &scene.asker.engine;
        let mut both = support::group("Both");
        both["members"] = json!([{ "value": older }]);
        let both = support::create(engine, &reception(), "Groups", both).await.unwrap();
        let both = both.stored.id.to_string();
        let mut told = vec![groups(scene).await];
        let change = async |op: &str, user: &str| {
            let path = match op {
                "add" => "members".to_owned(),
                _ => format!("members[value eq \"{user}\"]"),
            };
            let change = json!([{ "op": op, "path": path, "value": [{ "value": user }] }]);
            support::patch(engine, &reception(), "Groups", &both, change).await.unwrap();
        };
        for (op, user) in [("add", &user), ("remove", &older), ("add", &older)] {
            change(op, user).await;
            told.push(groups(scene).await);
        }
        scene.deletes(&reception(), &older).await.unwrap();
        told.push(groups(scene).await);
        change("remove", &user).await;
        told.push(groups(scene).await);
        told.join("\n")
    }, @r"
    Both: 1
    Both: 1
    Both: 1
    Both: 1
    Both: 1
    Both:
    ");
}
