//! Where Hosts are: offices that directories name, and the Locations that have these names.

mod support;

use scim_server::Error;
use serde_json::{Value, json};
use support::{Asker, app, askers, create, patch};

fn person(name: &str, office: Option<&str>) -> Value {
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "emails": [{ "type": "work", "value": format!("{name}@example.com") }],
    });
    if let Some(office) = office {
        user["addresses"] = json!([{ "type": "other", "formatted": office }]);
    }
    user
}

fn site(name: &str, aliases: &[&str]) -> Value {
    json!({
        "schemas": ["urn:visitor-hosts:scim:schemas:1.0:Location"],
        "name": name,
        "aliases": aliases,
        "timezone": "Europe/London",
    })
}

async fn located(asker: &Asker, body: Value) -> Result<String, Error> {
    let made = create(&asker.engine, &app(), "Locations", body).await?;
    Ok(made.stored.id.to_string())
}

/// Who is where, and the offices that nobody knows.
async fn picture(asker: &Asker) -> String {
    let listed = asker.list(&app(), "Locations", None, 1).await.unwrap();
    let names = listed.resources.iter().map(|location| {
        let name = location.stored.parse().unwrap().get("name").cloned();
        (location.stored.id.to_string(), name.unwrap())
    });
    let names: Vec<(String, Value)> = names.collect();
    let mut lines = Vec::new();
    for host in asker
        .list(&app(), "Hosts", None, 1)
        .await
        .unwrap()
        .resources
    {
        let host = Value::Object(host.stored.parse().unwrap().into_map());
        let place = names
            .iter()
            .find(|(id, _)| host["location"]["value"] == **id);
        let place = place.map_or("nowhere", |(_, name)| name.as_str().unwrap());
        let why = host["effectiveReasons"][0]["code"].as_str();
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        let name = host["userName"].as_str().unwrap();
        lines.push(format!("{name} in {place}{why}"));
    }
    lines.sort();
    let asked = asker.list(&app(), "UnknownOffices", None, 1).await.unwrap();
    for office in asked.resources {
        let name = office.stored.parse().unwrap().get("name").cloned();
        lines.push(format!("where is {}?", name.unwrap().as_str().unwrap()));
    }
    lines.join("\n")
}

macro_rules! check {
    ($asker:expr, @$picture:literal) => {
        let picture = picture(&$asker).await;
        insta::allow_duplicates!(insta::assert_snapshot!(picture, @$picture));
    };
}

#[tokio::test]
async fn offices_become_locations_and_back() {
    for asker in askers().await {
        for (name, office) in [("ann", Some("Quay")), ("ben", Some(" QUAY")), ("cem", None)] {
            asker.create("Users", person(name, office)).await.unwrap();
        }
        check!(asker, @r"
        ann in nowhere (officeUnresolved)
        ben in nowhere (officeUnresolved)
        cem in nowhere
        where is Quay?
        ");

        let bristol = located(&asker, site("Bristol", &["quay"])).await.unwrap();
        asker
            .create("Users", person("dan", Some("bristol")))
            .await
            .unwrap();
        check!(asker, @r"
        ann in Bristol
        ben in Bristol
        cem in nowhere
        dan in Bristol
        ");

        let forget = json!([{ "op": "remove", "path": "aliases" }]);
        patch(&asker.engine, &app(), "Locations", &bristol, forget)
            .await
            .unwrap();
        check!(asker, @r"
        ann in nowhere (officeUnresolved)
        ben in nowhere (officeUnresolved)
        cem in nowhere
        dan in Bristol
        where is quay?
        ");

        let again = json!([{ "op": "add", "path": "aliases", "value": ["The Quay", "Quay"] }]);
        patch(&asker.engine, &app(), "Locations", &bristol, again)
            .await
            .unwrap();
        let locations = asker
            .engine
            .catalog()
            .by_endpoint(app().kind, "Locations")
            .unwrap();
        let request = asker.engine.request(&app(), locations);
        request.delete(&bristol, None).await.unwrap();
        check!(asker, @r"
        ann in nowhere (officeUnresolved)
        ben in nowhere (officeUnresolved)
        cem in nowhere
        dan in nowhere (officeUnresolved)
        where is Bristol?
        where is Quay?
        ");
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}

#[tokio::test]
async fn an_office_that_everybody_left_is_asked_for_no_more() {
    for asker in askers().await {
        let ann = asker
            .create("Users", person("ann", Some("Attic")))
            .await
            .unwrap();
        let ben = asker
            .create("Users", person("ben", Some("Attic")))
            .await
            .unwrap();
        let moves = |office: &str| json!([{ "op": "replace", "path": "addresses[type eq \"other\"].formatted", "value": office }]);
        let (ann, ben) = (ann.stored.id.to_string(), ben.stored.id.to_string());
        asker.patch("Users", &ann, moves("Cellar")).await.unwrap();
        check!(asker, @r"
        ann in nowhere (officeUnresolved)
        ben in nowhere (officeUnresolved)
        where is Attic?
        where is Cellar?
        ");
        asker.patch("Users", &ben, moves("Cellar")).await.unwrap();
        check!(asker, @r"
        ann in nowhere (officeUnresolved)
        ben in nowhere (officeUnresolved)
        where is Cellar?
        ");
    }
}

#[tokio::test]
async fn an_office_is_one_location() {
    for asker in askers().await {
        let mut first = site("Bristol", &["Quay"]);
        first["code"] = json!("BRS");
        located(&asker, first).await.unwrap();
        for (name, aliases) in [
            ("QUAY", vec![]),
            ("Bath", vec!["bristol"]),
            ("Bath", vec!["brs"]),
        ] {
            let refused = located(&asker, site(name, &aliases)).await.unwrap_err();
            assert!(
                matches!(refused, Error::Uniqueness { .. }),
                "{name}: {refused}"
            );
        }
        located(&asker, site("Bath", &["Roman Baths"]))
            .await
            .unwrap();
    }
}

/// Whoever is first asks for the office; nobody is refused because somebody else did.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_question_however_many_come_at_once() {
    for asker in askers().await {
        let tasks: Vec<_> = (0..32)
            .map(|number| {
                let (engine, caller) = (asker.engine.clone(), asker.caller.clone());
                let body = person(&format!("user{number}"), Some("Attic"));
                tokio::spawn(async move { create(&engine, &caller, "Users", body).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let asked = asker.list(&app(), "UnknownOffices", None, 1).await;
        assert_eq!(asked.unwrap().total, 1);
        let hosts = asker.list(&app(), "Hosts", None, 1).await;
        assert_eq!(hosts.unwrap().total, 32);
        assert_eq!(asker.contradictions().await, [""; 0]);
    }
}
