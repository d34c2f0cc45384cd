//! Change sets: held, read, decided; requests: read and replayed; news.

use insta::assert_snapshot;

use super::support::Console;

/// A console with a set that is held.
async fn held() -> (Console, String) {
    let console = Console::new().await;
    let users = console.people(0..40).await;
    for user in &users[..30] {
        console.deactivate(user).await;
    }
    let set = console.first("/ChangeSets").await;
    (console, set)
}

#[tokio::test]
async fn a_held_set_is_released_and_undone() {
    let (console, set) = held().await;
    assert_snapshot!(console.get("").await.lines(&["at once", "Hosts"]), @r#"
    ◷ Held Entra hides 30 hosts at once. They stay visible until somebody decides, or until TIME Decide: Entra hides 30 hosts at once. They stay visible until somebody decides, or until TIME
    10 Hosts visible
    30 Hosts held visible
    0 Hosts hidden
    0 Hosts suspended
    "#);
    assert_snapshot!(console.get("/changes").await.text(), @r#"
    # Changes
    What each directory did in one go. A set that hides too many hosts is held until somebody decides.
    All
    Held 1
    Load the page again to see what is new
    1 entry
    Export CSV
    Changes
    Opened | Status | Connection | What it did | Until
    TIME | ◷ Held | Entra | 30 hosts deactivated
    TIME
    "#);
    assert_snapshot!(console.get(&format!("/changes/{set}")).await.lines(&["# ", "guard", "Release", "Discard", "Hosts that", "entries"]), @r#"
    # Change set
    ReleaseDiscard
    The directory hides more hosts than the guard lets pass. All of them stay visible until somebody decides.
    ## What it did
    Why it is held | It hides 30 hosts; the guard lets 25 pass.
    Released by itself | TIME
    ## What people would notice
    Hosts that nobody could pick any more | 30 | User 0, User 1, User 2, User 3, User 4
    ## Whom it hides
    30 entries
    "#);
    assert_snapshot!(console.get(&format!("/changes/{set}/release")).await.text(), @r#"
    Changes
    Change set
    # Change set
    ◷ Held
    The directory hides more hosts than the guard lets pass. All of them stay visible until somebody decides.
    ## Release this change set?
    What this does:
    30 hosts are hidden at once: what the directory says is in effect.
    It can be undone for 30 days.
    What people would notice
    What | How many | For example
    Hosts that nobody could pick any more | 30 | User 0, User 1, User 2, User 3, User 4
    Groups that would lose hosts | 0 | –nothing
    Hosts who would lose whoever stands in for them | 0 | –nothing
    Reason
    []
    Stands in the audit log.
    Release Cancel
    "#);
    assert_snapshot!(console.post(&format!("/changes/{set}/release"), "reason=agreed").await.went(), @"303 /console/main/changes/ID?done=released");
    let hidden = console.get("/hosts?status=hidden").await;
    assert_snapshot!(hidden.lines(&["Hidden 3", "Visible 1", "entries"]), @r#"
    Visible 10
    Hidden 30
    30 entries
    "#);
    // Released sets of a connection that is still at work are closed before they are undone.
    let again = console.post(&format!("/changes/{set}/release"), "").await;
    assert_snapshot!(again.lines(&["possible"]), @"Release is not possible while the ChangeSet is released; possible now: nothing.");
}

#[tokio::test]
async fn a_held_set_is_discarded() {
    let (console, set) = held().await;
    assert_snapshot!(console.get(&format!("/changes/{set}/discard")).await.lines(&["?", "stay", "told"]), @r#"
    The directory hides more hosts than the guard lets pass. All of them stay visible until somebody decides.
    ## Discard this change set?
    30 hosts stay visible, although the directory says otherwise.
    Each of them stays so until the directory next says something else of that person.
    The directory is not told.
    "#);
    assert_snapshot!(console.post(&format!("/changes/{set}/discard"), "").await.went(), @"303 /console/main/changes/ID?done=discarded");
    assert_snapshot!(console.get("/changes?status=held").await.text(), @r#"
    # Changes
    What each directory did in one go. A set that hides too many hosts is held until somebody decides.
    All
    Held 0
    Load the page again to see what is new
    Nothing is held
    When a directory hides too many hosts at once, the set waits here for your decision.
    Show all change sets
    "#);
    assert_snapshot!(console.get("/changes.csv").await.html.lines().next().unwrap(), @"Opened,Status,Connection,What it did,Until");
}

#[tokio::test]
async fn whoever_reads_sees_no_button() {
    let (console, set) = held().await;
    let auditor = console.with_scopes("changeSets.read");
    let page = auditor.get(&format!("/changes/{set}")).await.html;
    assert!(!page.contains("/release") && !page.contains("/discard"));
    let refused = auditor.post(&format!("/changes/{set}/release"), "").await;
    assert_snapshot!(refused.lines(&["scope", "saved", "may not"]), @"This needs the scope changeSets.release; whoever keeps the connection can give it.");
    let hosts = console.with_scopes("hosts.read");
    assert_snapshot!(hosts.get("/changes").await.text(), @r#"
    # You may not do this
    You may not do this
    This needs the scope changeSets.read; whoever keeps the connection can give it.
    Go to the start page
    "#);
}

#[tokio::test]
async fn a_request_is_read_and_replayed() {
    let console = Console::new().await;
    console.people(0..1).await;
    assert_snapshot!(console.get("/log").await.text(), @r#"
    # Event log
    Each request to write that a directory sent, also those that changed nothing or were refused.
    All
    Created
    Updated
    Deactivated
    Deleted
    Unchanged
    Conflict
    Rejected
    Load the page again to see what is new
    The latest first
    Export CSV
    Event log
    When | Connection | Request | About | Result | Took
    TIME | –nothing | POST /Users | User | ✓ Created | SOME ms
    "#);
    let event = console.first("/ProvisioningEvents").await;
    assert_snapshot!(console.get(&format!("/log/{event}")).await.lines(&["# ", "HTTP", "displayName", "Host |"]), @r#"
    # POST /Users
    ## Request
    HTTP status | 201
    ## What changed
    displayName | –nothing | –nothing
    ## What followed
    Host | Came | arrivedAs, department, displayName, effectiveStatus, email, employeeNumber, managedBy, schemas, source, user, userName
    ## What was sent
    "displayName": "User 0",
    "#);
    assert_snapshot!(console.get(&format!("/log/{event}/replay")).await.lines(&["# ", "same", "Result"]), @r#"
    # Replay
    ✓ The same would happen today.
    What the same request would do today: on the resource as it was then, read as the connection is read now. Nothing is written.
    ## What happened then
    Result | Came
    ## What would happen today
    Result | Came
    ## What would change of the host
    "#);
    let reader = console.with_scopes("provisioningEvents.read");
    assert_snapshot!(reader.get(&format!("/log/{event}")).await.lines(&["personal", "Replay"]), @"What was sent is personal: your roles do not open it.");
    assert_eq!(
        reader.get(&format!("/log/{event}/replay")).await.status,
        403
    );
}

#[tokio::test]
async fn news_say_that_something_happened_and_not_what() {
    use futures::StreamExt;
    let console = Console::new().await;
    let mut stream = console.stream("/news").await;
    console.people(0..1).await;
    let first = stream.next().await.unwrap().unwrap();
    let first = String::from_utf8(first.to_vec()).unwrap();
    assert!(first.starts_with("event: news\ndata: "), "{first}");
    assert!(!first.contains("user0"));
    assert_eq!(
        console.with_scopes("hosts.read").get("/news").await.status,
        403
    );
}
