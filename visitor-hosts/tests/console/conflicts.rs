//! Conflicts: side by side, decided one by one and together.

use insta::assert_snapshot;
use serde_json::json;

use super::support::{Console, okta};

async fn conflicts(count: usize) -> Console {
    let console = Console::new().await;
    console.people(0..count).await;
    for number in 0..count {
        let other = json!({ "userName": format!("okta{number}"), "displayName": format!("Other {number}") });
        console.person(&okta(), number, other).await;
    }
    console
}

#[tokio::test]
async fn two_records_side_by_side() {
    let console = conflicts(1).await;
    let id = console.first("/ProvisioningConflicts").await;
    assert_snapshot!(console.get(&format!("/conflicts/{id}")).await.text(), @r#"
    Conflicts
    # Other 0
    ◷ Open
    One person: linkTwo people: keep separateReject the incoming record
    Another directory has this person
    ## Conflict
    Why they look alike | The same employee number
    The same e-mail address
    Brought by | Okta
    Its policy | Ask
    Opened | TIME
    ## Side by side
    Rows that differ are marked.
    Side by side
    Attribute | Incoming | Already here: User 0
    Name (differs) | Other 0 | User 0
    User name (differs) | okta0 | user0@contoso.example
    E-mail | user0@contoso.example | user0@contoso.example
    Employee number | 0 | 0
    Given name | –nothing | –nothing
    Family name | –nothing | –nothing
    Job title | –nothing | –nothing
    Department | Sales | Sales
    "#);
    let path = format!("/conflicts/{id}/keepSeparate");
    assert_snapshot!(console.post(&path, "reason=+").await.lines(&["needed", "saved"]), @r#"
    Nothing was saved. Look at the field “Reason”.
    A reason is needed.
    "#);
    assert_snapshot!(console.post(&path, "reason=father+and+son").await.went(), @"303 /console/main/conflicts/ID?done=keptSeparate");
    assert_snapshot!(console.get(&format!("/conflicts/{id}")).await.lines(&["# ", "father"]), @r#"
    # Other 0
    ## Conflict
    Because | father and son
    ## Side by side
    "#);
    assert_snapshot!(console.get("/conflicts").await.text(), @r#"
    # Conflicts
    A directory brings somebody who looks like a host that is here already. Whether they are one person is for you to say.
    Open 0
    All
    Nothing is to be decided
    When a directory brings somebody who is here already, and its connection asks, the question appears here.
    "#);
}

#[tokio::test]
async fn several_are_decided_together() {
    let console = conflicts(3).await;
    let listed = console.read("/ProvisioningConflicts").await;
    let ids: Vec<String> = listed["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("id={}", it["id"].as_str().unwrap()))
        .collect();
    assert_snapshot!(console.get("/conflicts").await.lines(&["entries", "Choose", "Other"]), @r#"
    3 entries
    Choose | Incoming | Already here | Kind | Evidence | Status | Opened
    Choose Other 0
    Other 0 | User 0
    Choose Other 1
    Other 1 | User 1
    Choose Other 2
    Other 2 | User 2
    Choose conflicts in the list above, then what to do with all of them. Nothing happens before you confirm it on the next page.
    Choose all
    "#);
    let none = console.post("/conflicts/decide", "verb=link").await;
    assert_snapshot!(none.lines(&["at least"]), @"Choose one conflict at least.");
    let form = format!("verb=link&{}", ids[..2].join("&"));
    let ask = console.post("/conflicts/decide", &form).await;
    assert_snapshot!(ask.text(), @r#"
    Conflicts
    # Conflicts
    ## Decide on these conflicts?
    What this does:
    2 conflicts are linked, one after the other.
    Both records are one person, who keeps the host with its desk, delegates and history.
    From now on the host shows what the incoming directory says; the older record is kept as a further source.
    2 entries
    Decide on those that are chosen
    Incoming | Already here | Kind
    Other 0 | User 0
    Another directory has this person
    Other 1 | User 1
    Another directory has this person
    Reason
    []
    Stands in the audit log.
    [link]
    [ID]
    [ID]
    Decide on all of them Cancel
    "#);
    assert_snapshot!(console.post("/conflicts/decided", &form).await.went(), @"303 /console/main/conflicts?done=decided");
    assert_snapshot!(console.get("/conflicts").await.lines(&["1 entry"]), @"1 entry");
    // Of those that are over, the first one stops it.
    let stopped = console.post("/conflicts/decided", &form).await;
    assert_snapshot!(stopped.lines(&["stopped"]), @"0 decided, then stopped at ID: Link is not possible while the ProvisioningConflict is linked; possible now: nothing.");
}
