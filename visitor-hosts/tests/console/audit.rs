//! The audit log: asked, read, exported.

use insta::assert_snapshot;

use super::support::Console;

#[tokio::test]
async fn who_did_what() {
    let console = Console::new().await;
    console.people(0..1).await;
    let host = console.first("/Hosts").await;
    console
        .post(&format!("/hosts/{host}/suspend"), "reason=badge")
        .await;
    let line = console.get("/audit?action=host.suspend").await;
    assert_snapshot!(line.lines(&["badge", "[host"]), @r#"
    [host.suspend]
    TIME | The server | host.suspend | Host | ✓ Done | badge
    "#);
    assert_snapshot!(console.get(&format!("/audit?target={host}&outcome=denied")).await.lines(&["Nothing", "longer"]), @r#"
    Nothing fits
    Look at a longer time, or leave out a part of the question.
    "#);
    assert_snapshot!(console.get("/audit.csv?action=host.suspend").await.html.lines().next().unwrap(), @"When,Who,What,About,Outcome,Reason");
    let id = console
        .first("/AuditEvents?filter=action%20eq%20%22host.suspend%22")
        .await;
    // SQLite numbers what it commits; the hash is of what is random.
    let line = console.get(&format!("/audit/{id}")).await.text();
    let (before, hash) = line.split_once("Hash | ").unwrap();
    let (hash, after) = hash.split_once('\n').unwrap();
    assert_eq!(hash.len(), 64, "{hash}");
    assert_snapshot!(format!("{before}Hash\n{after}"), @r#"
    Audit log
    # host.suspend
    ✓ Done
    ## Line of the log
    When | TIME
    Who | The server
    What | host.suspend
    About | Host
    ID
    Reason | badge
    Number | 4
    Hash
    Request | ID
    ## What changed
    What changed
    Attribute | Before | After
    effectiveReasons | –nothing | manualSuspension
    effectiveStatus | visible | suspended
    "#);
}
