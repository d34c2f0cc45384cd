//! Locations: made, changed, deleted; offices that become aliases; host groups there.

use axum::http::StatusCode;
use insta::assert_snapshot;
use serde_json::json;

use super::support::{Console, entra};

const HOST_USER: &str = "urn:ietf:params:scim:schemas:extension:visitorhost:2.0:User";

#[tokio::test]
async fn a_site_with_its_preferences() {
    let console = Console::new().await;
    assert_snapshot!(console.get("/locations").await.text(), @r#"
    # Locations
    Add a location
    Your sites, with their preferences and the names by which directories know them.
    There are no locations yet
    Make one for each site. Hosts are put there by the office that their directory names.
    Add a location
    ## Unknown offices
    Office names that directories send and that are no location. Choose one to make it an alias.
    Every office is known
    When a directory sends an office name that no location has, it appears here.
    "#);
    let refused = console
        .post(
            "/locations/new",
            "name=Harbour+House&timezone=Mars&active=true",
        )
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_snapshot!(refused.lines(&["[Harbour House]", "[Mars]", "IANA time zone", "saved"]), @r#"
    Nothing was saved. Look at the field “Time zone”.
    [Harbour House]
    [Mars]
    Send the name of an IANA time zone such as Europe/Zurich.
    "#);
    let form = "name=Harbour+House&timezone=Europe%2FZurich&active=true&aliases=Quay+1%0D%0AQuay+2&maxCapacity=40";
    assert_snapshot!(console.post("/locations/new", form).await.went(), @"303 /console/main/locations/ID?done=created");
    let id = console.first("/Locations").await;
    let path = format!("/locations/{id}");
    let form = "name=Harbour+House&timezone=Europe%2FZurich&active=true&aliases=Quay+1&approvals.policy=all&approvals.manageIn=frontDesk&approvals.notifyHost=true&retention.visitDays=30";
    assert_snapshot!(console.post(&path, form).await.went(), @"303 /console/main/locations/ID?done=saved");
    let mut site = console.read(&format!("/Locations/{id}")).await;
    let map = site.as_object_mut().unwrap();
    map.retain(|name, _| !["id", "meta", "schemas"].contains(&name.as_str()));
    assert_snapshot!(site, @r#"{"name":"Harbour House","aliases":["Quay 1"],"timezone":"Europe/Zurich","active":true,"approvals":{"policy":"all","manageIn":"frontDesk","notifyHost":true},"retention":{"visitDays":30}}"#);
    let same = format!("{form}&retention.visitorDays=3");
    assert_snapshot!(console.post(&path, &same).await.lines(&["saved", "[3]", "kept"]), @r#"
    Nothing was saved. Look at the field “Visits, in days”.
    How long records are kept
    Visits must not be kept longer than their visitors.
    [3]
    "#);
    let reader = console.with_scopes("locations.read");
    assert_snapshot!(reader.get(&path).await.text(), @r#"
    Locations
    # Harbour House
    ## Preferences
    Your roles let you read this, not change it.
    Name | Harbour House
    Aliases | Quay 1
    Time zone | Europe/Zurich
    In use | true
    Which visits need an approval | all
    Decided | frontDesk
    Tell the host what was decided | true
    Visits, in days | 30
    "#);
    assert_snapshot!(console.get(&format!("{path}/delete")).await.lines(&["?", "nowhere"]), @r#"
    ## Delete Harbour House?
    Its hosts are nowhere again, and its offices are asked for anew.
    "#);
    assert_snapshot!(console.post(&format!("{path}/delete"), "").await.went(), @"303 /console/main/locations?done=deleted");
}

#[tokio::test]
async fn an_unknown_office_becomes_an_alias() {
    let console = Console::new().await;
    console.create("Locations", json!({
        "schemas": ["urn:visitor-hosts:scim:schemas:1.0:Location"], "name": "HQ", "timezone": "UTC",
    })).await;
    for number in 0..2 {
        let person = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", HOST_USER], HOST_USER: { "officeLocation": "Quay" } });
        console.person(&entra(), number, person).await;
    }
    assert_snapshot!(console.get("/locations").await.lines(&["HQ", "Quay", "offices"]), @r#"
    HQ | –nothing | –nothing | UTC | Not set | Yes
    ## Unknown offices
    Unknown offices
    Quay
    "#);
    let (office, site) = (
        console.first("/UnknownOffices").await,
        console.first("/Locations").await,
    );
    assert_snapshot!(console.get(&format!("/offices/{office}")).await.text(), @r#"
    Locations
    # Quay
    ## Which location is “Quay”?
    What this does:
    2 hosts are put there at once.
    Whoever comes later with this office is there too. The alias can be taken away again.
    Alias of (required)
    HQ
    Make it an alias Cancel
    "#);
    assert_snapshot!(console.post(&format!("/offices/{office}"), &format!("location={site}")).await.went(), @"303 /console/main/locations/ID?done=aliased");
    assert_snapshot!(console.get("/locations").await.lines(&["HQ", "known"]), @r#"
    HQ | –nothing | Quay
    ## Unknown offices
    Every office is known
    "#);
}
