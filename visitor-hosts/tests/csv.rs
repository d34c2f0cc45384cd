//! Imports of CSV files as applications begin them, on both databases where that can make a difference: what is
//! refused changes nothing, a dry run says what the real one does, and what was exported comes back as it was.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use data_encoding::BASE64;
use jiff::SignedDuration;
use proptest::prelude::*;
use scim_core::{ResourceId, TenantId};
use scim_server::clock::{Clock, CountingIds, FixedClock};
use scim_server::service::{Caller, Exporting, Verb};
use scim_server::store::{Fresh, Store, TokenKind, unit};
use scim_server::{Error, Resource, Worker};
use serde_json::{Map, Value, json};
use support::{Asker, app, askers, create, document, product, user};

const URN: &str = "urn:visitor-hosts:scim:schemas:1.0:SyncRun";
/// People of the large test: as many as are wanted of the program, a fifth of them where it was not optimised.
const MANY: usize = if cfg!(debug_assertions) {
    2_000
} else {
    10_000
};

async fn asker() -> Asker {
    Asker::new(Fresh::sqlite().await, product())
}

/// The same, in another tenant.
async fn tenant(asker: &Asker, name: &str) -> Caller {
    let tenant: TenantId = name.parse().unwrap();
    let store = asker.fresh.store.as_ref();
    store
        .create_tenant(&tenant, jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    Caller { tenant, ..app() }
}

async fn begin(
    asker: &Asker,
    by: &Caller,
    file: &[u8],
    options: &Value,
) -> Result<ResourceId, Error> {
    let mut body = json!({ "schemas": [URN], "kind": "csvImport", "file": BASE64.encode(file) });
    for (name, value) in options.as_object().unwrap() {
        body[name] = value.clone();
    }
    let run = create(&asker.engine, by, "SyncRuns", body).await?;
    assert_eq!(document(&run)["status"], "queued");
    assert!(
        !run.stored.document.contains("file\""),
        "the file is not kept"
    );
    Ok(run.stored.id)
}

/// Begins a run and does it; the run then.
async fn import(asker: &Asker, by: &Caller, file: &[u8], options: Value) -> Value {
    let run = begin(asker, by, file, &options).await.unwrap();
    work(asker, by).await;
    shown(asker, by, run).await
}

async fn work(asker: &Asker, by: &Caller) {
    let worker = Worker::new(Arc::clone(&asker.engine));
    while worker.once(&by.tenant).await.unwrap() {}
}

async fn shown(asker: &Asker, by: &Caller, run: ResourceId) -> Value {
    let served = asker.engine.catalog().by_endpoint(by.kind, "SyncRuns");
    let request = asker.engine.request(by, served.unwrap());
    document(&request.get(&run.to_string()).await.unwrap())
}

/// A run in a line: how it ended, what was counted, and what differs.
fn told(run: &Value) -> String {
    let mut line = run["status"].as_str().unwrap().to_owned();
    if let Some(counts) = run["counts"].as_object() {
        for (name, number) in counts {
            if number.as_u64() != Some(0) {
                line.push_str(&format!(" {name}={number}"));
            }
        }
    }
    for item in run["items"].as_array().into_iter().flatten() {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        line.push_str(&format!(
            "\n{} {} {}: {:?} -> {:?}",
            text("action"),
            text("person"),
            text("attribute"),
            text("before"),
            text("after")
        ));
    }
    if let Some(error) = run["error"]["message"].as_str() {
        line.push_str(&format!("\n{error}"));
    }
    line
}

async fn exported(asker: &Asker, by: &Caller, endpoint: &str) -> String {
    let engine = Arc::clone(&asker.engine);
    let served = engine
        .catalog()
        .by_endpoint(by.kind, endpoint)
        .unwrap()
        .clone();
    let export = engine.export(served.resource_type.name()).unwrap().clone();
    let mut exporting = Exporting::new(engine, by.clone(), served, export, None);
    let mut all = String::new();
    while let Some(text) = exporting.next().await.unwrap() {
        all.push_str(&text);
    }
    all
}

async fn all(asker: &Asker, by: &Caller, endpoint: &str) -> Vec<Value> {
    let listed = asker.list(by, endpoint, None, 1).await.unwrap();
    listed.resources.iter().map(document).collect()
}

fn verb(asker: &Asker, name: &str) -> Verb {
    let served = asker.engine.catalog().by_endpoint(app().kind, "SyncRuns");
    asker.engine.verb(served.unwrap(), name).unwrap()
}

async fn act(asker: &Asker, run: ResourceId, name: &str) -> Result<Resource, Error> {
    let served = asker.engine.catalog().by_endpoint(app().kind, "SyncRuns");
    let request = asker.engine.request(&app(), served.unwrap());
    request
        .act(&run.to_string(), verb(asker, name), None, json!({}))
        .await
}

async fn delete(asker: &Asker, run: ResourceId) -> Result<(), Error> {
    let served = asker.engine.catalog().by_endpoint(app().kind, "SyncRuns");
    let request = asker.engine.request(&app(), served.unwrap());
    request.delete(&run.to_string(), None).await
}

/// What waits in a queue.
async fn waits(asker: &Asker, queue: String) -> usize {
    let claim = unit(move |tx| {
        let queue = queue.clone();
        Box::pin(async move {
            let until = tx.now();
            tx.claim_jobs(&queue, until, 1_000).await
        })
    });
    let store: &dyn Store = asker.fresh.store.as_ref();
    store.write(&app().tenant, claim).await.unwrap().len()
}

const PEOPLE: &str = "\
userName,givenName,familyName,email,phone,department,managerUserName,active,hostVisible,officeLocation,groups
bob,Bob,Cole,bob@example.org,,Sales,ann,true,,Quay,Sales
ann,Ann,Berg,ann@example.org,+41 44 000 00 01,Sales,,true,false,Quay,Board; Sales
";

#[tokio::test]
async fn a_dry_run_says_what_the_real_one_does() {
    for asker in askers().await {
        let dry = json!({ "dryRun": true });
        let said = import(&asker, &app(), PEOPLE.as_bytes(), dry.clone()).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(&said), @r#"
            succeeded total=2 seen=2 created=2
            create ann : "" -> ""
            create bob : "" -> ""
            "#);
        }
        for endpoint in ["Users", "Groups", "Hosts", "HostGroups"] {
            assert_eq!(
                all(&asker, &app(), endpoint).await,
                [Value::Null; 0],
                "{endpoint}"
            );
        }
        let tokens = unit(|tx| Box::pin(async move { tx.tokens().await }));
        let store: &dyn Store = asker.fresh.store.as_ref();
        assert!(store.read(&app().tenant, tokens).await.unwrap().is_empty());

        let done = import(&asker, &app(), PEOPLE.as_bytes(), json!({})).await;
        assert_eq!(told(&done), told(&said));
        let hosts = all(&asker, &app(), "Hosts").await;
        let hosts = hosts.iter().map(|host| {
            let manager = host.get("manager").is_some();
            format!(
                "{} {} {} {} managed={manager}",
                host["userName"],
                host["source"],
                host["effectiveStatus"],
                host["managedBy"]["display"]
            )
        });
        insta::allow_duplicates! {
            insta::assert_snapshot!(hosts.collect::<Vec<_>>().join("\n"), @r#"
            "ann" "csv" "hidden" "CSV import" managed=false
            "bob" "csv" "visible" "CSV import" managed=true
            "#);
        }
        // The same again is no change, and what differs is told by its column.
        let again = import(&asker, &app(), PEOPLE.as_bytes(), json!({})).await;
        assert_eq!(told(&again), "succeeded total=2 seen=2 unchanged=2");
        let changed = "userName,department,email,managerUserName,groups\nANN,Support,,bob,sales\nbob,Sales,bob@example.org,,Board;Sales;New\ncy,Sales,,nobody,\n";
        let said = import(&asker, &app(), changed.as_bytes(), dry).await;
        let done = import(&asker, &app(), changed.as_bytes(), json!({})).await;
        assert_eq!(told(&done), told(&said));
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(&done), @r#"
            succeeded total=3 seen=3 created=1 updated=2 skipped=1
            update bob managerUserName: "ann" -> ""
            update bob groups: "Sales" -> "Board;Sales;New"
            update ANN userName: "ann" -> "ANN"
            update ANN department: "Sales" -> "Support"
            update ANN email: "ann@example.org" -> ""
            update ANN managerUserName: "" -> "bob"
            update ANN groups: "Board;Sales" -> "sales"
            skip cy managerUserName: "" -> "no person of this import is called nobody"
            create cy : "" -> ""
            "#);
        }
        let hosts = exported(&asker, &app(), "Hosts").await;
        let groups = exported(&asker, &app(), "HostGroups").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(hosts, @"
            userName,externalId,givenName,familyName,displayName,email,phone,title,department,employeeNumber,managerUserName,officeLocation,hostCategory,hostVisible,active,preferredLanguage,groups
            ANN,,Ann,Berg,,,+41 44 000 00 01,,Support,,bob,Quay,,false,true,,Sales
            bob,,Bob,Cole,,bob@example.org,,,Sales,,,Quay,,,true,,Board;New;Sales
            cy,,,,,,,,Sales,,,,,,,,
            ");
            insta::assert_snapshot!(groups, @"
            displayName,externalId,members
            Board,,bob
            New,,bob
            Sales,,ANN;bob
            ");
        }
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn groups_have_a_file_of_their_own() {
    for asker in askers().await {
        import(&asker, &app(), PEOPLE.as_bytes(), json!({})).await;
        let file =
            "displayName;externalId;members\nsales;g-1;\"bob;ANN;nobody\"\nNew;g-2;ann\nEmpty;;\n";
        let groups = json!({ "fileKind": "groups" });
        let mut dry = groups.clone();
        dry["dryRun"] = json!(true);
        let said = import(&asker, &app(), file.as_bytes(), dry).await;
        let done = import(&asker, &app(), file.as_bytes(), groups.clone()).await;
        assert_eq!(told(&done), told(&said));
        let written = exported(&asker, &app(), "HostGroups").await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(&done), @r#"
            succeeded total=3 seen=3 created=2 updated=1 skipped=1
            skip sales members: "" -> "no person of this import is called nobody"
            update sales displayName: "Sales" -> "sales"
            update sales externalId: "" -> "g-1"
            create New : "" -> ""
            create Empty : "" -> ""
            "#);
            insta::assert_snapshot!(written, @"
            displayName,externalId,members
            Board,,ann
            Empty,,
            New,g-2,ann
            sales,g-1,ann;bob
            ");
        }
        let again = "displayName,members\nBoard,bob\nSales,\nnew,ann\n";
        let done = import(&asker, &app(), again.as_bytes(), groups.clone()).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(&done), @r#"
            succeeded total=3 seen=3 updated=3
            update Board members: "ann" -> "bob"
            update Sales displayName: "sales" -> "Sales"
            update Sales members: "ann;bob" -> ""
            update new displayName: "New" -> "new"
            "#);
        }
        let refused = json!({ "fileKind": "groups", "deactivateMissing": true });
        let refused = begin(&asker, &app(), file.as_bytes(), &refused).await;
        assert_eq!(
            refused.unwrap_err().to_string(),
            "deactivateMissing: only people are deactivated, with a file of hosts"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_refused_changes_nothing() {
    let asker = asker().await;
    import(&asker, &app(), PEOPLE.as_bytes(), json!({})).await;
    let before = [
        exported(&asker, &app(), "Hosts").await,
        exported(&asker, &app(), "HostGroups").await,
    ];
    let folder = format!("{}/../fixtures/csv", env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("broken-") {
            continue;
        }
        seen += 1;
        let bytes = std::fs::read(&path).unwrap();
        if bytes.is_empty() {
            // No text is no value, before anybody looks at it.
            begin(&asker, &app(), &bytes, &json!({})).await.unwrap_err();
            continue;
        }
        let kind = if name == "broken-groups" {
            "groups"
        } else {
            "hosts"
        };
        let run = import(&asker, &app(), &bytes, json!({ "fileKind": kind })).await;
        assert_eq!(run["status"], "failed", "{name}");
        assert_eq!(run["error"]["retryable"], false, "{name}");
        assert!(
            run["items"]
                .as_array()
                .unwrap()
                .iter()
                .all(|item| item["action"] == "error")
        );
        let after = [
            exported(&asker, &app(), "Hosts").await,
            exported(&asker, &app(), "HostGroups").await,
        ];
        assert_eq!(after, before, "{name}");
    }
    assert_eq!(seen, 20);
    // What is no base64 once it is put together, too.
    let body = json!({ "schemas": [URN], "kind": "csvImport", "file": "a" });
    let run = create(&asker.engine, &app(), "SyncRuns", body)
        .await
        .unwrap();
    work(&asker, &app()).await;
    let run = shown(&asker, &app(), run.stored.id).await;
    assert_eq!(
        told(&run),
        "failed errors=1\nerror  : \"\" -> \"the file is no base64\"\nthe file is no base64"
    );
}

#[tokio::test]
async fn what_cannot_be_said_of_a_run_is_refused() {
    let asker = asker().await;
    let run = begin(&asker, &app(), PEOPLE.as_bytes(), &json!({}))
        .await
        .unwrap();
    let id = run.to_string();
    let refused = async |body: Value| {
        let made = create(&asker.engine, &app(), "SyncRuns", body).await;
        made.unwrap_err().to_string()
    };
    insta::assert_snapshot!(refused(json!({ "schemas": [URN], "kind": "csvImport" })).await, @"file: send the CSV file, in base64");
    insta::assert_snapshot!(refused(json!({ "schemas": [URN], "file": "YQ==" })).await, @"kind: a value is required");
    insta::assert_snapshot!(refused(json!({ "schemas": [URN], "kind": "hrSync", "file": "YQ==" })).await, @r#"kind: "hrSync" is not one of csvImport"#);
    insta::assert_snapshot!(refused(json!({ "schemas": [URN], "kind": "csvImport", "file": "{}" })).await, @"file: expected base64");
    let changed = async |operation: Value| {
        let patched =
            support::patch(&asker.engine, &app(), "SyncRuns", &id, json!([operation])).await;
        patched
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .replace(&id, "ID")
    };
    insta::assert_snapshot!(changed(json!({ "op": "replace", "path": "dryRun", "value": true })).await, @"dryRun of SyncRun ID is kept by the run itself: change it there");
    insta::assert_snapshot!(changed(json!({ "op": "replace", "path": "status", "value": "succeeded" })).await, @"status of SyncRun ID is kept by the run itself: change it there");
    insta::assert_snapshot!(changed(json!({ "op": "add", "path": "file", "value": "YQ==" })).await, @"file cannot be changed: it is readOnly, or immutable and already set");
    insta::assert_snapshot!(delete(&asker, run).await.unwrap_err().to_string(), @"delete is not possible while the SyncRun is queued; possible now: cancel");
    // An identity provider sees no runs.
    assert!(
        asker
            .engine
            .catalog()
            .by_endpoint(TokenKind::Idp, "SyncRuns")
            .is_none()
    );
}

#[tokio::test]
async fn a_run_is_cancelled_before_anything_is_written() {
    for asker in askers().await {
        let run = begin(&asker, &app(), PEOPLE.as_bytes(), &json!({}))
            .await
            .unwrap();
        let cancelled = act(&asker, run, "cancel").await.unwrap();
        assert_eq!(document(&cancelled)["status"], "cancelled");
        work(&asker, &app()).await;
        assert_eq!(all(&asker, &app(), "Hosts").await, [Value::Null; 0]);
        assert_eq!(
            waits(&asker, format!("csv:{run}")).await,
            0,
            "nothing of the file stays"
        );
        let again = act(&asker, run, "cancel").await.unwrap_err().to_string();
        assert_eq!(
            again,
            "cancel is not possible while the SyncRun is cancelled; possible now: delete"
        );
        delete(&asker, run).await.unwrap();
        // Another one is not kept waiting by it.
        let done = import(&asker, &app(), PEOPLE.as_bytes(), json!({})).await;
        assert_eq!(done["status"], "succeeded");
    }
}

#[tokio::test]
async fn all_differences_are_told_until_the_run_is_deleted() {
    let asker = asker().await;
    let mut file = "userName\n".to_owned();
    for number in 0..250 {
        file.push_str(&format!("person{number}\n"));
    }
    let run = begin(&asker, &app(), file.as_bytes(), &json!({ "dryRun": true }))
        .await
        .unwrap();
    work(&asker, &app()).await;
    assert_eq!(
        shown(&asker, &app(), run).await["items"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
    let served = asker
        .engine
        .catalog()
        .by_endpoint(app().kind, "SyncRuns")
        .unwrap();
    let request = asker.engine.request(&app(), served);
    let items = request
        .tell(&run.to_string(), verb(&asker, "items"), json!({}))
        .await
        .unwrap();
    assert_eq!(items["complete"], true);
    let items = items["items"].as_array().unwrap();
    let people: BTreeSet<&str> = items
        .iter()
        .map(|item| item["person"].as_str().unwrap())
        .collect();
    assert_eq!(people.len(), 250);
    delete(&asker, run).await.unwrap();
    let parts = unit(move |tx| {
        Box::pin(async move {
            let key = ("run".to_owned(), run.to_string());
            tx.find("SyncRunPart", &[key], scim_server::store::Lock::None)
                .await
        })
    });
    let store: &dyn Store = asker.fresh.store.as_ref();
    assert!(store.read(&app().tenant, parts).await.unwrap().is_empty());
    assert_eq!(asker.contradictions().await, [""; 0]);
}

#[tokio::test]
async fn a_record_that_is_refused_costs_no_other() {
    for asker in askers().await {
        import(&asker, &app(), b"userName,externalId\nann,1\n", json!({})).await;
        let file = "userName,externalId,managerUserName\nbob,1,\ncy,2,bob\ndee,3,\n";
        let run = import(&asker, &app(), file.as_bytes(), json!({})).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told(&run), @r#"
            partiallySucceeded total=3 seen=3 created=2 skipped=1 errors=1
            error bob : "" -> "another User already uses externalId \"1\""
            skip cy managerUserName: "" -> "no person of this import is called bob"
            create cy : "" -> ""
            create dee : "" -> ""
            "#);
        }
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn people_who_manage_each_other_do_so() {
    let asker = asker().await;
    let file = "userName,managerUserName\nann,bob\nbob,ann\ncy,cy\n";
    let dry = import(&asker, &app(), file.as_bytes(), json!({ "dryRun": true })).await;
    assert_eq!(dry["counts"]["created"], 3);
    let run = import(&asker, &app(), file.as_bytes(), json!({})).await;
    assert_eq!(run["status"], "succeeded");
    assert_eq!(told(&run), told(&dry));
    let rows = exported(&asker, &app(), "Hosts").await;
    for row in ["ann,,,,,,,,,,bob,", "bob,,,,,,,,,,ann,", "cy,,,,,,,,,,cy,"] {
        assert!(rows.contains(row), "{rows}");
    }
    let again = import(&asker, &app(), file.as_bytes(), json!({})).await;
    assert_eq!(told(&again), "succeeded total=3 seen=3 unchanged=3");
    // Who is here already is told of in the same way.
    import(&asker, &app(), b"userName\ndee\neve\n", json!({})).await;
    let file = b"userName,managerUserName\ndee,eve\neve,dee\n";
    let dry = import(&asker, &app(), file, json!({ "dryRun": true })).await;
    let run = import(&asker, &app(), file, json!({})).await;
    assert_eq!(told(&run), told(&dry));
    insta::assert_snapshot!(told(&run), @r#"
    succeeded total=2 seen=2 updated=2
    update eve managerUserName: "" -> "dee"
    update dee managerUserName: "" -> "eve"
    "#);
}

#[tokio::test]
async fn people_of_directories_are_left_alone() {
    let asker = asker().await;
    asker.create("Users", user(1)).await.unwrap();
    let file = "userName,displayName\nuser1@contoso.example,Another\n";
    let options = json!({ "deactivateMissing": true });
    let run = import(&asker, &app(), file.as_bytes(), options).await;
    assert_eq!(
        run["counts"]["created"], 1,
        "the same name, of another connection"
    );
    let hosts = all(&asker, &app(), "Hosts").await;
    let told: Vec<String> = hosts
        .iter()
        .map(|host| format!("{} {}", host["source"], host["displayName"]))
        .collect();
    // Who of the two is whom is for somebody to say: until then the directory's Host stays as it is.
    assert_eq!(told, [r#""idp" "User 1""#]);
    let conflicts = all(&asker, &app(), "ProvisioningConflicts").await;
    assert_eq!(conflicts[0]["status"], "open");
    // And nobody else writes those of the import (an application sees them).
    let users = asker.list(&app(), "Users", None, 1).await.unwrap();
    let user = users
        .resources
        .iter()
        .find(|user| user.stored.owner != Some(asker.caller.connection));
    let id = user.unwrap().stored.id.to_string();
    let title = json!([{ "op": "replace", "path": "title", "value": "x" }]);
    let refused = support::patch(&asker.engine, &app(), "Users", &id, title).await;
    let refused = refused
        .map(|_| ())
        .unwrap_err()
        .to_string()
        .replace(&id, "ID");
    assert_eq!(
        refused,
        "every attribute of User ID is kept by the connection \"CSV import\": change it there"
    );
}

#[tokio::test]
async fn whoever_is_missing_goes_and_the_guard_looks_on() {
    for asker in askers().await {
        let people = |numbers: std::ops::Range<usize>| {
            let rows = numbers.map(|number| format!("person{number},true\n"));
            "userName,active\n".to_owned() + &rows.collect::<String>()
        };
        import(&asker, &app(), people(0..150).as_bytes(), json!({})).await;
        let options = json!({ "deactivateMissing": true });
        let few = import(&asker, &app(), people(20..150).as_bytes(), options.clone()).await;
        assert_eq!(
            (&few["counts"]["deactivated"], few.get("guardsTripped")),
            (&json!(20), None)
        );
        // They are not deactivated twice, and with twenty more it is too much at once.
        let many = import(&asker, &app(), people(40..150).as_bytes(), options.clone()).await;
        assert_eq!(many["counts"]["deactivated"], 20);
        assert_eq!(many["guardsTripped"], json!(["massDeactivation"]));
        assert!(many["changeSet"]["value"].is_string());
        let [set] = all(&asker, &app(), "ChangeSets").await.try_into().unwrap();
        assert_eq!(
            (&set["status"], &set["origin"]),
            (&json!("held"), &json!("import"))
        );
        let filter = Some("effectiveStatus eq \"heldVisible\"");
        let held = asker.list(&app(), "Hosts", filter, 1).await.unwrap();
        assert_eq!(held.total, 40);
        // Without the wish, nobody goes.
        let left = import(&asker, &app(), people(149..150).as_bytes(), json!({})).await;
        assert_eq!(told(&left), "succeeded total=1 seen=1 unchanged=1");
    }
}

#[tokio::test]
async fn whoever_was_missing_comes_back() {
    let asker = asker().await;
    let options = json!({ "deactivateMissing": true });
    let whole = b"userName\nann\nbob\n";
    import(&asker, &app(), whole, options.clone()).await;
    import(&asker, &app(), b"userName\nann\n", options.clone()).await;
    let partly = import(&asker, &app(), whole, json!({})).await;
    assert_eq!(
        told(&partly),
        "succeeded total=2 seen=2 unchanged=2",
        "it says nothing of that"
    );
    let again = import(&asker, &app(), whole, options.clone()).await;
    assert_eq!(
        told(&again),
        "succeeded total=2 seen=2 updated=1 unchanged=1\nupdate bob active: \"false\" -> \"true\""
    );
    // What the file says itself counts.
    let off = import(
        &asker,
        &app(),
        b"userName,active\nann,\nbob,false\n",
        options,
    )
    .await;
    assert_eq!(off["counts"]["updated"], 1);
}

#[tokio::test]
async fn whoever_works_on_an_import_may_be_killed() {
    let clock = Arc::new(FixedClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
    let fresh = Fresh::sqlite_at(clock.clone(), Arc::new(CountingIds::default())).await;
    let asker = Asker::new(fresh, product());
    let mut file = "userName,managerUserName,groups\n".to_owned();
    for number in 0..450 {
        let manager = if number > 0 {
            format!("person{}", (number - 1) / 2)
        } else {
            String::new()
        };
        file.push_str(&format!("person{number},{manager},All\n"));
    }
    let run = begin(&asker, &app(), file.as_bytes(), &json!({}))
        .await
        .unwrap();
    let worker = Worker::on(Arc::clone(&asker.engine), "syncRuns");
    let mut killed = 0;
    loop {
        // Somebody takes the next step up and is never heard of again.
        let taken = unit(|tx| {
            Box::pin(async move {
                let until = tx.now() + SignedDuration::from_mins(1);
                tx.claim_jobs("syncRuns", until, 1).await
            })
        });
        let store: &dyn Store = asker.fresh.store.as_ref();
        if store.write(&app().tenant, taken).await.unwrap().is_empty() {
            break;
        }
        killed += 1;
        assert!(
            !worker.once(&app().tenant).await.unwrap(),
            "it has its lease"
        );
        clock.set(clock.now() + SignedDuration::from_secs(61));
        assert!(worker.once(&app().tenant).await.unwrap());
    }
    assert_eq!(killed, 8, "start, read, five pieces, end");
    let run = shown(&asker, &app(), run).await;
    assert_eq!(
        (&run["status"], &run["counts"]["created"]),
        (&json!("succeeded"), &json!(450))
    );
    let hosts = asker
        .list(&app(), "Hosts", Some("manager.value pr"), 1)
        .await
        .unwrap();
    assert_eq!(hosts.total, 449);
    assert_eq!(asker.contradictions().await, [""; 0]);
}

#[tokio::test]
async fn one_import_waits_for_another() {
    let clock = Arc::new(FixedClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
    let fresh = Fresh::sqlite_at(clock.clone(), Arc::new(CountingIds::default())).await;
    let asker = Asker::new(fresh, product());
    let first = begin(&asker, &app(), PEOPLE.as_bytes(), &json!({}))
        .await
        .unwrap();
    let worker = Worker::on(Arc::clone(&asker.engine), "syncRuns");
    assert!(worker.once(&app().tenant).await.unwrap());
    assert_eq!(shown(&asker, &app(), first).await["status"], "fetching");
    let second = begin(&asker, &app(), b"userName\ncy\n", &json!({}))
        .await
        .unwrap();
    work(&asker, &app()).await;
    // The second looked once, and will again in a second.
    assert_eq!(shown(&asker, &app(), first).await["status"], "succeeded");
    assert_eq!(shown(&asker, &app(), second).await["status"], "queued");
    clock.set(clock.now() + SignedDuration::from_secs(1));
    work(&asker, &app()).await;
    assert_eq!(shown(&asker, &app(), second).await["status"], "succeeded");
}

#[tokio::test]
async fn many_come_in_and_go_out_as_they_were() {
    let asker = asker().await;
    let mut file =
        "userName,givenName,familyName,email,phone,department,managerUserName,active,groups\n"
            .to_owned();
    for number in 0..MANY {
        let manager = if number > 0 {
            format!("person{}@example.org", number / 10)
        } else {
            String::new()
        };
        file.push_str(&format!(
            "person{number}@example.org,Ann,Berg{number},person{number}@example.org,+41 44 {number},Robotics,{manager},true,All;Team {}\n",
            number % 50
        ));
    }
    let dry = import(&asker, &app(), file.as_bytes(), json!({ "dryRun": true })).await;
    assert_eq!(
        (&dry["status"], &dry["counts"]["created"]),
        (&json!("succeeded"), &json!(MANY))
    );
    let done = import(&asker, &app(), file.as_bytes(), json!({})).await;
    assert_eq!(
        (&done["status"], &done["counts"]["created"]),
        (&json!("succeeded"), &json!(MANY))
    );
    let (hosts, groups) = (
        exported(&asker, &app(), "Hosts").await,
        exported(&asker, &app(), "HostGroups").await,
    );
    assert_eq!(hosts.lines().count(), MANY + 1);
    assert_eq!(groups.lines().count(), 52);
    let again = import(&asker, &app(), hosts.as_bytes(), json!({ "dryRun": true })).await;
    assert_eq!(again["counts"]["unchanged"], MANY);
    let again = import(
        &asker,
        &app(),
        groups.as_bytes(),
        json!({ "fileKind": "groups" }),
    )
    .await;
    assert_eq!(again["counts"]["unchanged"], 51);
}

/// Texts of people as companies have them, and some that files make trouble with.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        4 => "[A-Za-zäé]{1,8}",
        2 => prop::sample::select(vec!["=1+1", "-x", "'", "'=x", "@a", "a,b", "a;b", "a\"b", "a\nb", " a", "a\\b", "+41 1", "+x", "\tx"])
            .prop_map(str::to_owned),
    ]
}

#[derive(Debug, Clone)]
struct Person {
    texts: Vec<String>,
    manager: Option<usize>,
    flags: (usize, usize),
    groups: Vec<String>,
}

fn person() -> impl Strategy<Value = Person> {
    let groups = prop::collection::vec(
        text().prop_filter("a name", |name| !name.trim().is_empty()),
        0..3,
    );
    let parts = (
        prop::collection::vec(text(), 13),
        prop::option::of(0..5_usize),
        (0..3_usize, 0..3_usize),
        groups,
    );
    parts.prop_map(|(texts, manager, flags, groups)| Person {
        texts,
        manager,
        flags,
        groups,
    })
}

/// The User and, once all are there, its manager, as an application sends them.
fn as_user(number: usize, person: &Person) -> Value {
    let mut user = Map::new();
    let mut put = |path: &[&str], value: Value| {
        let (last, outer) = path.split_last().unwrap();
        let mut at = &mut user;
        for name in outer {
            let inner = at.entry(*name).or_insert_with(|| json!({}));
            at = inner.as_object_mut().unwrap();
        }
        at.insert((*last).to_owned(), value);
    };
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    const HOST: &str = "urn:ietf:params:scim:schemas:extension:visitorhost:2.0:User";
    put(
        &["schemas"],
        json!([
            "urn:ietf:params:scim:schemas:core:2.0:User",
            ENTERPRISE,
            HOST
        ]),
    );
    put(&["userName"], json!(format!("p{number}")));
    let paths: [&[&str]; 11] = [
        &["externalId"],
        &["name", "givenName"],
        &["name", "familyName"],
        &["displayName"],
        &["title"],
        &["preferredLanguage"],
        &[ENTERPRISE, "department"],
        &[ENTERPRISE, "employeeNumber"],
        &[HOST, "officeLocation"],
        &[HOST, "hostCategory"],
        &["nickName"],
    ];
    for (path, text) in paths.iter().zip(&person.texts) {
        // Unique, and without one that the file has no column for.
        let text = match path {
            ["externalId"] if !text.is_empty() => format!("{text}{number}"),
            ["nickName"] => continue,
            _ => text.clone(),
        };
        if !text.is_empty() {
            put(path, json!(text));
        }
    }
    for (name, text) in [
        ("emails", &person.texts[11]),
        ("phoneNumbers", &person.texts[12]),
    ] {
        if !text.is_empty() {
            put(
                &[name],
                json!([{ "type": "work", "value": text, "primary": true }]),
            );
        }
    }
    let flag = |number: usize| [None, Some(true), Some(false)][number];
    if let Some(flag) = flag(person.flags.0) {
        put(&["active"], json!(flag));
    }
    if let Some(flag) = flag(person.flags.1) {
        put(&[HOST, "hostVisible"], json!(flag));
    }
    Value::Object(user)
}

/// A directory with these people, exported; and what it is after it was imported elsewhere.
async fn out_and_in(asker: &Asker, case: usize, people: &[Person]) -> [[String; 2]; 2] {
    let from = tenant(asker, &format!("from{case}")).await;
    let to = tenant(asker, &format!("to{case}")).await;
    let idp = Caller {
        kind: TokenKind::Idp,
        ..from.clone()
    };
    let mut ids = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let made = create(&asker.engine, &idp, "Users", as_user(number, person))
            .await
            .unwrap();
        ids.push(made.stored.id.to_string());
    }
    for (person, id) in people.iter().zip(&ids) {
        if let Some(manager) = person.manager.and_then(|manager| ids.get(manager)) {
            let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
            let operation = json!([{ "op": "add", "path": path, "value": { "value": manager } }]);
            support::patch(&asker.engine, &idp, "Users", id, operation)
                .await
                .unwrap();
        }
    }
    let names: BTreeSet<&String> = people.iter().flat_map(|person| &person.groups).collect();
    let mut folded = BTreeSet::new();
    for name in names {
        // Names that differ in case alone are one group to a file.
        if !folded.insert(scim_core::text::fold(name)) {
            continue;
        }
        let is_in = |person: &&Person| person.groups.contains(name);
        let members = people.iter().zip(&ids).filter(|(person, _)| is_in(person));
        let members: Vec<Value> = members.map(|(_, id)| json!({ "value": id })).collect();
        let mut group = support::group(name);
        group["members"] = json!(members);
        create(&asker.engine, &idp, "Groups", group).await.unwrap();
    }
    let exports = async |by: &Caller| {
        [
            exported(asker, by, "Hosts").await,
            exported(asker, by, "HostGroups").await,
        ]
    };
    let before = exports(&from).await;
    let run = import(asker, &to, before[0].as_bytes(), json!({})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    assert_eq!(run["counts"]["skipped"], 0, "{run}");
    if !names_of(&before[1]) {
        return [before.clone(), exports(&to).await];
    }
    let run = import(
        asker,
        &to,
        before[1].as_bytes(),
        json!({ "fileKind": "groups" }),
    )
    .await;
    assert_eq!(run["status"], "succeeded", "{run}");
    [before.clone(), exports(&to).await]
}

/// Does a file have rows?
fn names_of(file: &str) -> bool {
    file.lines().nth(1).is_some()
}

#[test]
fn what_was_exported_comes_back_as_it_was() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let asker = runtime.block_on(asker());
    let case = std::sync::atomic::AtomicUsize::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
    let people = prop::collection::vec(person(), 1..5);
    runner
        .run(&people, |people| {
            let case = case.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let [before, after] = runtime.block_on(out_and_in(&asker, case, &people));
            prop_assert_eq!(after, before);
            Ok(())
        })
        .unwrap();
}

/// Something that happens to a run.
#[derive(Debug, Clone, Copy)]
enum Event {
    Step,
    Cancel,
    Delete,
    /// Somebody takes the next step up and dies.
    Kill,
}

#[test]
fn whatever_happens_a_run_follows_its_table() {
    const MAY_FOLLOW: &[(&str, &[&str])] = &[
        ("queued", &["fetching", "cancelled"]),
        ("fetching", &["applying", "matching", "failed", "cancelled"]),
        ("matching", &["succeeded"]),
        ("applying", &["succeeded", "partiallySucceeded"]),
    ];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let events = prop::collection::vec(
        prop::sample::select(vec![
            Event::Step,
            Event::Step,
            Event::Step,
            Event::Cancel,
            Event::Delete,
            Event::Kill,
        ]),
        1..10,
    );
    let files = prop::sample::select(vec![
        PEOPLE,
        "userName\n",
        "userName,externalId\na,1\nb,1\n",
    ]);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    runner
        .run(&(events, files, any::<bool>()), |(events, file, is_dry)| {
            runtime.block_on(async {
                let clock = Arc::new(FixedClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
                let fresh = Fresh::sqlite_at(clock.clone(), Arc::new(CountingIds::default())).await;
                let asker = Asker::new(fresh, product());
                let options = json!({ "dryRun": is_dry });
                let run = begin(&asker, &app(), file.as_bytes(), &options)
                    .await
                    .unwrap();
                let worker = Worker::on(Arc::clone(&asker.engine), "syncRuns");
                let mut state = "queued".to_owned();
                for event in events {
                    match event {
                        Event::Step => {
                            worker.once(&app().tenant).await.unwrap();
                        }
                        Event::Cancel => {
                            let _ = act(&asker, run, "cancel").await;
                        }
                        Event::Delete => {
                            if delete(&asker, run).await.is_ok() {
                                let over =
                                    ["succeeded", "partiallySucceeded", "failed", "cancelled"];
                                assert!(over.contains(&state.as_str()), "deleted while {state}");
                                return;
                            }
                        }
                        Event::Kill => {
                            waits(&asker, "syncRuns".to_owned()).await;
                            clock.set(clock.now() + SignedDuration::from_secs(61));
                        }
                    }
                    let now = shown(&asker, &app(), run).await;
                    let now = now["status"].as_str().unwrap().to_owned();
                    let follow = MAY_FOLLOW.iter().find(|(from, _)| *from == state);
                    let follows = follow.is_some_and(|(_, to)| to.contains(&now.as_str()));
                    assert!(now == state || follows, "{state} -> {now} by {event:?}");
                    state = now;
                }
            });
            Ok(())
        })
        .unwrap();
}
