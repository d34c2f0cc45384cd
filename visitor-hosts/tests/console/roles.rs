//! Roles: given and taken; and what each of them opens.

use axum::http::StatusCode;
use insta::assert_snapshot;

use super::support::Console;

#[tokio::test]
async fn a_role_is_given_and_taken() {
    let console = Console::new().await;
    console.people(0..1).await;
    assert_snapshot!(console.get("/roles").await.lines(&["Nobody", "Give"]), @r#"
    Give a role
    Nobody has a role yet
    Give one to a host, or to a host group: then the directory that fills the group decides who has it.
    Give a role
    "#);
    let nobody = console
        .post(
            "/roles/new",
            "role=auditor&principal.type=Host&principal.value=nobody",
        )
        .await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_snapshot!(nobody.lines(&["called", "* ", "[nobody]"]), @r#"
    * Auditor
    * One host
    [nobody]
    Nobody is called “nobody”.
    "#);
    let form = "role=auditor&principal.type=Host&principal.value=user0%40contoso.example&reason=yearly&expiresAt=2099-12-31";
    assert_snapshot!(console.post("/roles/new", form).await.went(), @"303 /console/main/roles?done=given");
    assert_snapshot!(console.get("/roles").await.lines(&["yearly"]), @"User 0 | Auditor | Everywhere | TIME | yearly | Take away");
    let id = console.first("/RoleAssignments").await;
    assert_snapshot!(console.get(&format!("/roles/{id}/take")).await.text(), @r#"
    Roles and access
    # Take away
    ## Take the role “Auditor” away from User 0?
    What this does:
    The role opens: Read everything but connections, settings, people and unknown offices.
    With the next request nothing of that is open any more, unless another role opens it.
    Take away Cancel
    "#);
    assert_snapshot!(console.post(&format!("/roles/{id}/take"), "").await.went(), @"303 /console/main/roles?done=taken");
    assert_snapshot!(console.get("/roles").await.lines(&["Nobody"]), @"Nobody has a role yet");
}

/// The addresses of the pages, and what must be readable there.
const PAGES: [(&str, &str); 9] = [
    ("/hosts", "hosts"),
    ("/host-groups", "hostGroups"),
    ("/changes", "changeSets"),
    ("/log", "provisioningEvents"),
    ("/conflicts", "provisioningConflicts"),
    ("/provisioning", "apiTokens"),
    ("/locations", "locations"),
    ("/roles", "roleAssignments"),
    ("/audit", "auditEvents"),
];

#[tokio::test]
async fn nobody_is_shown_a_way_that_is_closed() {
    let console = Console::new().await;
    for (_, area) in PAGES {
        let reader = console.with_scopes(&format!("{area}.read"));
        let start = reader.get("").await;
        assert_eq!(start.status, StatusCode::OK, "{area}");
        for (path, needs) in PAGES {
            let is_open = needs == area;
            let shown = start
                .html
                .contains(&format!("href=\"/console/main{path}\""));
            assert_eq!(shown, is_open, "{path} with {area}");
            let page = reader.get(path).await;
            let expected = if is_open {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(page.status, expected, "{path} with {area}");
        }
    }
}

#[tokio::test]
async fn an_account_is_made_changed_and_deleted() {
    let console = Console::new().await;
    let weak = "userName=kim&displayName=Kim&password=short&active=true";
    let refused = console.post("/accounts/new", weak).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(
        !refused.html.contains("short"),
        "what was typed as a password is not given back"
    );
    assert_snapshot!(refused.lines(&["saved", "[kim]"]), @r#"
    Nothing was saved. Look at the field “Password”.
    [kim]
    "#);
    let form = "userName=kim&displayName=Kim&password=a+long+way+to+the+harbour&active=true";
    assert_snapshot!(console.post("/accounts/new", form).await.went(), @"303 /console/main/accounts/ID?done=created");
    assert_snapshot!(console.get("/accounts").await.lines(&["kim |"]), @"kim | Kim | ✓ In use | –nothing | TIME");
    let id = console.first("/ConsoleAccounts").await;
    let off = "userName=kim&displayName=Kim+M";
    assert_snapshot!(console.post(&format!("/accounts/{id}"), off).await.went(), @"303 /console/main/accounts/ID?done=saved");
    assert_snapshot!(console.get(&format!("/accounts/{id}")).await.lines(&["# ", "off", "Kim"]), @r#"
    # kim
    – Switched off
    ## Account
    [Kim M]
    "#);
    let role = "role=auditor&principal.type=ConsoleAccount&principal.value=kim";
    assert_snapshot!(console.post("/roles/new", role).await.went(), @"303 /console/main/roles?done=given");
    assert_snapshot!(console.get(&format!("/accounts/{id}/delete")).await.lines(&["?", "sessions"]), @r#"
    ## Delete the account kim?
    All sessions of the account end at once, and nobody can sign in with it.
    "#);
    assert_snapshot!(console.post(&format!("/accounts/{id}/delete"), "").await.went(), @"303 /console/main/accounts?done=deleted");
}

#[tokio::test]
async fn a_provider_is_named() {
    let console = Console::new().await;
    assert_snapshot!(console.get("/sign-on").await.lines(&["callback", "verified"]), @r#"
    [https://hosts.example/sign-in/openid/callback]
    Empty: email, where the provider has verified it.
    "#);
    let form = "name=Contoso&issuer=https%3A%2F%2Flogin.example%2Ft&clientId=console&clientSecret=sesame&active=true";
    assert_snapshot!(console.post("/sign-on", form).await.went(), @"303 /console/main/sign-on?done=saved");
    let page = console.get("/sign-on").await;
    assert!(!page.html.contains("sesame"));
    assert_snapshot!(page.lines(&["login.example", "[console]"]), @r#"
    [https://login.example/t]
    [console]
    "#);
    let reader = console.with_scopes("singleSignOns.read roleAssignments.read");
    assert_snapshot!(reader.get("/sign-on").await.lines(&["login.example", "Roles", "Accounts"]), @r#"
    Roles
    Issuer | https://login.example/t
    "#);
}
