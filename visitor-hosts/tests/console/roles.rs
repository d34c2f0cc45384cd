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
    No host or host group is called “nobody”.
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
