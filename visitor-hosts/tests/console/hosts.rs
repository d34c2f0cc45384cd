//! Hosts: found, read, explained, suspended.

use axum::http::StatusCode;
use insta::assert_snapshot;
use serde_json::json;

use super::support::{Console, ENTERPRISE, entra};

#[tokio::test]
async fn an_empty_list_says_what_to_do() {
    let console = Console::new().await;
    assert_snapshot!(console.get("/hosts").await.text(), @r#"
    # Hosts
    The people who can receive visitors, as your directories describe them.
    Find a host
    []
    Search
    The beginning of a name, a user name or an e-mail address, whatever the status.
    All 0
    Visible 0
    Held visible 0
    Hidden 0
    Suspended 0
    There are no hosts yet
    Connect your identity provider: the people whom it provisions appear here at once.
    Connect an identity provider
    "#);
    let reader = console.with_scopes("hosts.read");
    assert_snapshot!(reader.get("/hosts").await.lines(&["yet", "administrator", "Connect"]), @r#"
    There are no hosts yet
    Hosts appear here as soon as a directory administrator connects an identity provider.
    "#);
}

#[tokio::test]
async fn a_host_is_found_by_any_name() {
    let console = Console::new().await;
    console.people(0..3).await;
    let kim = json!({ "userName": "kim", "displayName": "Kim Muster", "emails": [{ "type": "work", "value": "office@contoso.example" }] });
    console.person(&entra(), 9, kim).await;
    assert_snapshot!(console.get("/hosts").await.lines(&["User", "Kim"]), @r#"
    Name | Status | User name and e-mail | Department | Office
    Kim Muster | ✓ Visible | kim
    User 0 | ✓ Visible | user0@contoso.example | Sales | –nothing
    User 1 | ✓ Visible | user1@contoso.example | Sales | –nothing
    User 2 | ✓ Visible | user2@contoso.example | Sales | –nothing
    "#);
    for sought in ["kim", "KIM%20M", "office"] {
        let found = console.get(&format!("/hosts?q={sought}")).await;
        let names = found.lines(&["contoso", "Kim"]);
        assert_eq!(
            names, "Kim Muster | ✓ Visible | kim\noffice@contoso.example",
            "{sought}"
        );
    }
    assert_snapshot!(console.get("/hosts?q=nobody%22%20or%20pr").await.lines(&["begins"]), @r#"No name, user name or e-mail address begins with “nobody" or pr”. Try fewer letters, or the given name first."#);
    assert_snapshot!(console.get("/hosts.csv").await.html, @r#"
    Name,Status,User name and e-mail,Department,Office
    Kim Muster,Visible,kim; office@contoso.example,Sales,
    User 0,Visible,user0@contoso.example,Sales,
    User 1,Visible,user1@contoso.example,Sales,
    User 2,Visible,user2@contoso.example,Sales,
    "#);
}

#[tokio::test]
async fn pages_go_on_by_cursor() {
    let console = Console::new().await;
    console.people(0..60).await;
    let first = console.get("/hosts").await;
    let next = first.html.split("rel=\"next\" href=\"").nth(1).unwrap();
    let next = next.split('"').next().unwrap().replace("&#38;", "&");
    let second = console
        .get(next.strip_prefix("/console/main").unwrap())
        .await;
    let rows = |page: &super::support::Got| page.html.matches("<th scope=\"row\"").count();
    assert_eq!((rows(&first), rows(&second)), (50, 10));
    assert!(!second.html.contains("rel=\"next\""));
}

#[tokio::test]
async fn a_person_is_shown_with_who_keeps_the_record() {
    let console = Console::new().await;
    console.people(0..1).await;
    let id = console.first("/Hosts").await;
    assert_snapshot!(console.get(&format!("/hosts/{id}")).await.text(), @r#"
    Hosts
    # User 0
    ✓ Visible
    Suspend
    Directory
    Product
    Explain
    History
    ## Who keeps this record
    Locked: these values are changed in the directory, and appear here in the same moment.
    Owner | Entra
    Comes from | Identity provider
    Last sent | TIME
    POST Created
    ## What the directory says
    User name | user0@contoso.example
    Name | User 0
    Given name | –nothing
    Family name | –nothing
    E-mail | user0@contoso.example
    Job title | –nothing
    Department | Sales
    Employee number | 0
    Language | –nothing
    Office | –nothing
    Phone numbers | –nothing
    Groups | –nothing
    "#);
    assert_snapshot!(console.get(&format!("/hosts/{id}/history")).await.lines(&["Came"]), @"TIME | Came | department: Sales");
    let nowhere = console.get("/hosts/nobody").await;
    assert_snapshot!(format!("{}\n{}", nowhere.status, nowhere.text()), @r#"
    404 Not Found
    # There is nothing here
    There is nothing here
    No Host has the id "nobody".
    Go to the start page
    "#);
}

#[tokio::test]
async fn suspending_says_first_what_it_does() {
    let console = Console::new().await;
    let users = console.people(0..2).await;
    console.deactivate(&users[0]).await;
    let id = console
        .first("/Hosts?filter=userName%20eq%20%22user0@contoso.example%22")
        .await;
    let ask = console.get(&format!("/hosts/{id}/suspend")).await;
    assert_snapshot!(ask.text(), @r#"
    Hosts
    User 0
    # Suspend
    ## Suspend User 0?
    What this does:
    The host is hidden already, and stays out of every choice also when the directory shows them again.
    The directory is not told, and cannot end it. Only “End the suspension” does.
    Reason
    []
    Stands in the audit log.
    Suspend Cancel
    "#);
    let done = console
        .post(&format!("/hosts/{id}/suspend"), "reason=badge+lost")
        .await;
    assert_snapshot!(done.went(), @"303 /console/main/hosts/ID?done=suspended");
    assert_snapshot!(console.get(&format!("/hosts/{id}/explain")).await.text(), @r#"
    Hosts
    # User 0
    ! Suspended
    End the suspension
    Directory
    Product
    Explain
    History
    Suspended: Somebody suspended this host. Whatever the directory says, nobody can pick them until the suspension is ended.
    ## What holds now
    The first rule that holds decides. When it ends, the next one does.
    What holds now
    Rule | Effect | Meaning | Since | Because of
    Suspended by hand | ◷ Decides | Somebody suspended this host. Whatever the directory says, nobody can pick them until the suspension is ended. | TIME | –nothing
    Inactive in the directory | – Holds too | The directory says that this person is not active (active is false). | TIME | –nothing
    ## What does not hold
    These rules were looked at too.
    What does not hold
    Rule | What it would mean
    Held by the guard | The directory hides many people at once. This host stays until somebody releases or discards the change set.
    Kept by an undo | Somebody undid the change set that hid this host. That lasts until the directory says anything else of the person.
    Hidden by an undo | Somebody undid the change set that showed this host. That lasts until the directory says anything else of the person.
    Deleted in the directory | The directory deleted this person, or took them out of the scope of provisioning.
    Not a host by the directory's wish | The directory says that this person is not to be a host (hostVisible is false).
    No way of notice | There is neither a work e-mail address nor another way of notice, so nobody can tell this host that a visitor came.
    Unknown office | The office that the directory names is no location. Make it an alias of one under Locations.
    "#);
    // Somebody did it already: the form stays, and says so.
    let again = console
        .post(&format!("/hosts/{id}/suspend"), "reason=badge+lost")
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_snapshot!(again.lines(&["not possible", "badge"]), @r#"
    Suspend is not possible while the Host is suspended; possible now: resume.
    [badge lost]
    "#);
    assert_snapshot!(console.get(&format!("/hosts/{id}/resume")).await.lines(&["because"]), @"The host stays hidden, because this holds too: The directory says that this person is not active (active is false).");
    assert_snapshot!(console.post(&format!("/hosts/{id}/resume"), "").await.went(), @"303 /console/main/hosts/ID?done=resumed");
}

#[tokio::test]
async fn what_belongs_to_the_product_is_written_here() {
    let console = Console::new().await;
    console.people(0..2).await;
    let id = console.first("/Hosts").await;
    let path = format!("/hosts/{id}/product");
    let form = "deskOrFloor=3rd+floor&kioskVisible=true&delegates=user1%40contoso.example&way1.channel=email&way1.events=arrival";
    assert_snapshot!(console.post(&path, form).await.went(), @"303 /console/main/hosts/ID/product?done=saved");
    let host = console.read(&format!("/Hosts/{id}")).await;
    assert_snapshot!(json!([host["deskOrFloor"], host["delegates"][0]["display"], host["notify"]]), @r#"["3rd floor",null,[{"channel":"email","events":["arrival"]}]]"#);
    let refused = console
        .post(&path, "deskOrFloor=4th&delegates=nobody")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_snapshot!(refused.lines(&["Nothing was saved", "4th", "No host", "nobody"]), @r#"
    Nothing was saved. Look at the field “Stand in for this person”.
    [4th]
    nobody
    No host has the user name “nobody”.
    "#);
    // Whoever may not write it reads it.
    let reader = console.with_scopes("hosts.read");
    assert_snapshot!(reader.get(&path).await.text(), @r#"
    Hosts
    # User 0
    ✓ Visible
    Directory
    Product
    Explain
    History
    ## What belongs to visitor management
    Your roles let you read this, not change it.
    Desk or floor | 3rd floor
    Phone extension | –nothing
    Absent until | –nothing
    Can be found at the kiosk | Yes
    Kinds of visitors | –nothing
    Stand in for this person | user1@contoso.example
    "#);
}

#[tokio::test]
async fn nothing_that_a_directory_sends_becomes_markup() {
    let console = Console::new().await;
    let hostile = "\"><script>alert(1)</script>'&<img src=x onerror=alert(1)>";
    let user = json!({
        "displayName": hostile,
        "title": hostile,
        ENTERPRISE: { "employeeNumber": hostile, "department": hostile },
        "externalId": hostile,
    });
    console.person(&entra(), 1, user).await;
    let id = console.first("/Hosts").await;
    for path in [
        "/hosts",
        "/log",
        "/audit",
        "/",
        &format!("/hosts/{id}"),
        &format!("/hosts/{id}/history"),
    ] {
        let path = path.strip_suffix('/').unwrap_or(path);
        let page = console.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(
            !page.html.contains("<script>") && !page.html.contains("<img src=x"),
            "{path}"
        );
    }
    let formula = json!({ "displayName": "=HYPERLINK(\"http://evil\")", "userName": "+1" });
    console.person(&entra(), 2, formula).await;
    let csv = console.get("/hosts.csv").await.html;
    assert!(
        csv.contains("\"'=HYPERLINK(\"\"http://evil\"\")\""),
        "{csv}"
    );
}
