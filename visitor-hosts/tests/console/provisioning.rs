//! Connections: made, tested, exchanged, ended.

use axum::http::StatusCode;
use insta::assert_snapshot;

use super::support::Console;

#[tokio::test]
async fn a_connection_from_its_beginning_to_its_end() {
    let console = Console::new().await;
    assert_snapshot!(console.get("/provisioning").await.text(), @r#"
    # SCIM host provisioning
    Create a connection
    Your identity provider pushes people and groups to this address; they appear as hosts and host groups.
    Connections
    Policies
    Mapping sheet
    Set up Entra ID
    Set up Okta
    ## What the identity provider needs
    Tenant URL
    [https://hosts.example/t/main/scim/v2]
    Copy Tenant URL
    In Entra: Provisioning → Admin Credentials → Tenant URL. In Okta: SCIM connector base URL.
    OAuth 2.0 token endpoint
    [https://hosts.example/t/main/oauth/token]
    Copy OAuth 2.0 token endpoint
    Only for client credentials: the client id is the id of a connection, the client secret its secret.
    ## Connections
    Whoever asks this server: identity providers, applications, kiosks. What a connection creates stays its own.
    Nothing is connected yet
    Create a connection, copy its secret into your identity provider, and test it. People appear as soon as provisioning is switched on there.
    Create a connection
    "#);
    let made = console
        .post(
            "/provisioning/new",
            "name=Entra&kind=idp&policy=entra&onExisting=ask",
        )
        .await;
    assert_eq!(made.status, StatusCode::OK);
    assert!(made.html.contains("value=\"scim_"), "the secret is shown");
    assert_snapshot!(made.lines(&["once", "Tenant URL", "https"]), @r#"
    It is shown this once, and nowhere else: the server keeps its hash only.
    Tenant URL
    [https://hosts.example/t/main/scim/v2]
    Copy Tenant URL
    In Entra: Provisioning → Admin Credentials → Tenant URL. In Okta: SCIM connector base URL.
    "#);
    let id = console.first("/ApiTokens").await;
    let path = format!("/provisioning/connections/{id}");
    let page = console.get(&path).await;
    assert!(!page.html.contains(" value=\"scim_"), "and never again");
    assert_snapshot!(page.lines(&["# ", "Test", "Rotate", "Revoke", "Not used"]), @r#"
    # Entra
    Not used yet
    Test connectionCompatibility reportRotate the secretRevoke
    ## Credentials
    ## Policies of this connection
    "#);
    let tested = console.post(&format!("{path}/test"), "").await;
    assert_snapshot!(tested.lines(&["# ", "Everything", "creates a person"]), @r#"
    # Test connection
    Everything works
    ## Microsoft Entra ID
    Entra creates a person | ✓ Works | –nothing
    "#);
    assert_snapshot!(console.get(&format!("{path}/report")).await.text(), @r#"
    SCIM host provisioning
    Entra
    # Compatibility report
    Nothing sent yet
    Another client, the last 30 days: 0 requests, 0 refused.
    Nothing was sent
    When the identity provider sends its first people, this report says what is missing.
    "#);
    let refused = console
        .post(&format!("{path}/rotate"), "overlapHours=25")
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_snapshot!(refused.lines(&["25", "24", "Nothing"]), @r#"
    Nothing was saved. Look at the field “Hours that the former secret works”.
    [25]
    From 0, at once after a theft, to 24.
    Send a whole number of hours from 0 to 24.
    "#);
    let rotated = console
        .post(&format!("{path}/rotate"), "overlapHours=1")
        .await;
    assert!(rotated.html.contains("value=\"scim_"));
    assert_snapshot!(console.get(&format!("{path}/revoke")).await.lines(&["?", "second", "Nothing"]), @r#"
    ## Revoke this connection?
    Within a second nothing is taken that is sent with its secrets.
    Nothing brings it back; make another connection instead.
    "#);
    assert_snapshot!(console.post(&format!("{path}/revoke"), "reason=over").await.went(), @"303 /console/main/provisioning/connections/ID?done=revoked");
    assert_snapshot!(console.get("/provisioning").await.lines(&["Entra |", "entr"]), @r#"
    1 entry
    Entra | – Revoked | Identity provider | –nothing | Passed
    "#);
}

#[tokio::test]
async fn what_was_typed_stays_where_it_is_refused() {
    let console = Console::new().await;
    let form = "name=Door&kind=kiosk&policy=strict&allowedNetworks=everywhere";
    let refused = console.post("/provisioning/new", form).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_snapshot!(refused.lines(&["saved", "[Door]", "* ", "everywhere"]), @r#"
    Nothing was saved. Look at the field “Allowed networks”.
    [Door]
    * Kiosk: reads hosts, host groups and locations
    * Exactly as the RFCs have them
    * Ask (as long as nothing is chosen)
    everywhere
    CIDR blocks from which it is taken, one to each line; empty: from everywhere.
    "everywhere" is no network: try 10.0.0.0/8 or 2001:db8::1.
    "#);
    assert!(refused.html.contains("aria-invalid=\"true\""));
}

#[tokio::test]
async fn policies_of_one_and_of_all() {
    let console = Console::new().await;
    console
        .post("/provisioning/new", "name=Entra&kind=idp&policy=entra")
        .await;
    let id = console.first("/ApiTokens").await;
    let path = format!("/provisioning/connections/{id}");
    let form = "name=Entra+ID&active=true&policy=entra&guard.mode=observe&guard.maxDeactivations=5&onExisting=autoLink";
    assert_snapshot!(console.post(&path, form).await.went(), @"303 /console/main/provisioning/connections/ID?done=saved");
    let token = console.read(&format!("/ApiTokens/{id}")).await;
    assert_snapshot!(serde_json::json!([token["name"], token["guard"], token["onExisting"], token["active"]]), @r#"["Entra ID",{"mode":"observe","maxDeactivations":5},"autoLink",true]"#);
    let form = "name=Contoso&guardDefaults.maxDeactivations=many&hostMatchOrder=email";
    let refused = console.post("/provisioning/settings", form).await;
    assert_snapshot!(refused.lines(&["saved", "many", "whole"]), @r#"
    Nothing was saved. Look at the field “Hosts at most”.
    After so many hours without a request people are told; 0 for never. Entra asks every 40 minutes, Okta only when something changed.
    [many]
    Expected a whole number.
    "#);
    let form = "name=Contoso&guardDefaults.maxDeactivations=40&hostMatchOrder=email";
    assert_snapshot!(console.post("/provisioning/settings", form).await.went(), @"303 /console/main/provisioning/settings?done=saved");
    assert_snapshot!(console.get("/provisioning/settings").await.lines(&["[Contoso]", "[40]"]), @r#"
    [Contoso]
    [40]
    "#);
}

#[tokio::test]
async fn the_other_side_is_told() {
    let console = Console::new().await;
    assert_snapshot!(console.get("/provisioning/mapping").await.lines(&["userName", "employeeId"]), @r#"
    userName | userPrincipalName (matching, 1) | userName | Required | login name
    urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber | employeeId | user.employeeNumber | Recommended | key by which a person who comes back is known again
    "#);
    assert_snapshot!(console.get("/provisioning/entra").await.lines(&["Secret Token"]), @"As Tenant URL enter the one of this page, as Secret Token the secret of the connection.");
    let closed = console
        .with_scopes("hosts.read")
        .get("/provisioning/okta")
        .await;
    assert_eq!(closed.status, StatusCode::FORBIDDEN);
}
