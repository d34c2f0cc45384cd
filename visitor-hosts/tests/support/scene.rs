//! A tenant with two directories and a reception, told in words: what each step leads to.

use std::collections::BTreeMap;
use std::sync::Arc;

use scim_core::schema;
use scim_server::Error;
use scim_server::clock::{Clock, FixedClock, SystemClock, TimeOrderedIds};
use scim_server::service::{Caller, Grants};
use scim_server::store::sql::Purpose;
use scim_server::store::{Fresh, SqlStore, Store, TokenKind, unit};
use serde_json::{Value, json};

use super::{Asker, caller, create, patch, product, served};

pub(crate) struct Scene {
    pub(crate) asker: Asker,
}

/// The first directory.
pub(crate) fn entra(on_existing: &str) -> Caller {
    named(caller(1, TokenKind::Idp), "Entra", on_existing)
}

/// Another one.
pub(crate) fn okta(on_existing: &str) -> Caller {
    named(caller(9, TokenKind::Idp), "Okta", on_existing)
}

/// Where people are kept by hand.
pub(crate) fn reception() -> Caller {
    named(super::app(), "Reception", "ask")
}

fn named(caller: Caller, name: &str, on_existing: &str) -> Caller {
    let grants = Grants {
        settings: Some(json!({ "onExisting": on_existing }).to_string()),
        ..Grants::default()
    };
    Caller {
        name: name.into(),
        grants: Arc::new(grants),
        ..caller
    }
}

/// Sam, in whom this is different; null leaves it out.
pub(crate) fn sam(different: &Value) -> Value {
    let mut sam = json!({
        "schemas": [schema::USER_URN],
        "externalId": "sam",
        "userName": "sam@contoso.example",
        "displayName": "Sam",
        "emails": [{ "type": "work", "value": "sam@contoso.example" }],
        schema::ENTERPRISE_USER_URN: { "employeeNumber": "7" },
    });
    for (name, value) in different.as_object().unwrap() {
        match name.as_str() {
            "number" => sam[schema::ENTERPRISE_USER_URN]["employeeNumber"] = value.clone(),
            "email" => sam["emails"][0]["value"] = value.clone(),
            _ => sam[name] = value.clone(),
        }
    }
    sam
}

/// Tells the same story to both databases, which must tell the same end.
pub(crate) async fn both(story: impl AsyncFn(&mut Scene) -> String) -> String {
    let mut ends = Vec::new();
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let mut scene = Scene::new(fresh);
        ends.push(story(&mut scene).await);
        assert_eq!(scene.asker.contradictions().await, [""; 0]);
    }
    assert_eq!(ends[0], ends[1], "both databases agree");
    ends.swap_remove(0)
}

impl Scene {
    pub(crate) fn new(fresh: Fresh) -> Scene {
        Scene {
            asker: Asker::new(fresh, product()),
        }
    }

    /// POST of a User; a refusal is kept, as the HTTP layer does.
    pub(crate) async fn brings(&self, by: &Caller, body: Value) -> Result<String, Error> {
        let made = create(&self.asker.engine, by, "Users", body.clone()).await;
        match made {
            Ok(made) => Ok(made.stored.id.to_string()),
            Err(error) => {
                let users = served(&self.asker.engine, by, "Users");
                let asked = ("POST", None, Some(&body));
                let engine = &self.asker.engine;
                let refusal = (&error, (409, "refused"));
                engine.record_refusal(by, &users, asked, refusal).await;
                Err(error)
            }
        }
    }

    pub(crate) async fn says(
        &self,
        by: &Caller,
        user: &str,
        path: &str,
        value: Value,
    ) -> Result<(), Error> {
        let says = json!([{ "op": "replace", "path": path, "value": value }]);
        let engine = &self.asker.engine;
        patch(engine, by, "Users", user, says).await.map(|_| ())
    }

    pub(crate) async fn deletes(&self, by: &Caller, user: &str) -> Result<(), Error> {
        let users = served(&self.asker.engine, by, "Users");
        let request = self.asker.engine.request(by, &users);
        request.delete(user, None).await
    }

    /// A verb on the newest conflict.
    pub(crate) async fn decides(&self, verb: &str, body: Value) -> Result<(), Error> {
        let conflict = self.all("ProvisioningConflicts").await.pop().unwrap();
        let id = conflict["id"].as_str().unwrap().to_owned();
        self.decides_on(&id, verb, body).await
    }

    pub(crate) async fn decides_on(&self, id: &str, verb: &str, body: Value) -> Result<(), Error> {
        let app = reception();
        let conflicts = served(&self.asker.engine, &app, "ProvisioningConflicts");
        let verb = self.asker.engine.verb(&conflicts, verb).unwrap();
        let request = self.asker.engine.request(&app, &conflicts);
        request.act(id, verb, None, body).await.map(|_| ())
    }

    /// Writes `resolution` of the newest conflict.
    pub(crate) async fn resolves(&self, resolution: Value) -> Result<(), Error> {
        let conflict = self.all("ProvisioningConflicts").await.pop().unwrap();
        let id = conflict["id"].as_str().unwrap();
        let write = json!([{ "op": "replace", "path": "resolution", "value": resolution }]);
        let engine = &self.asker.engine;
        let done = patch(engine, &reception(), "ProvisioningConflicts", id, write).await;
        done.map(|_| ())
    }

    /// Gives a product attribute to the Host of this user name.
    pub(crate) async fn desk(&self, desk: &str) {
        let host = self.all("Hosts").await.swap_remove(0);
        let own = json!([{ "op": "replace", "path": "deskOrFloor", "value": desk }]);
        let id = host["id"].as_str().unwrap();
        let engine = &self.asker.engine;
        patch(engine, &reception(), "Hosts", id, own).await.unwrap();
    }

    pub(crate) async fn all(&self, endpoint: &str) -> Vec<Value> {
        let listed = self.asker.list(&reception(), endpoint, None, 1).await;
        let mut shown = Vec::new();
        for resource in listed.unwrap().resources {
            let mut value = Value::Object(resource.stored.parse().unwrap().into_map());
            value["id"] = json!(resource.stored.id.to_string());
            value["version"] = json!(resource.stored.version.0);
            let links = resource.links.iter().flat_map(|(_, links)| links);
            value["links"] = links.map(|link| json!(link.link.id.to_string())).collect();
            shown.push(value);
        }
        shown
    }

    /// All Hosts and conflicts in words, in the order in which they came about.
    pub(crate) async fn told(&self) -> String {
        let hosts = self.all("Hosts").await;
        let mut numbers = BTreeMap::new();
        let mut lines = Vec::new();
        for (place, host) in hosts.iter().enumerate() {
            let text = |name: &str| host[name].as_str().unwrap_or("-").to_owned();
            numbers.insert(text("id"), place + 1);
            let mut line = format!(
                "host {}: {}, {} of {}",
                place + 1,
                text("displayName"),
                text("effectiveStatus"),
                host["managedBy"]["display"].as_str().unwrap()
            );
            for source in host["furtherSources"].as_array().into_iter().flatten() {
                let name = source["managedByName"].as_str().unwrap();
                line += &format!(", also of {name}");
            }
            if host.get("user").is_none() {
                line += ", without a user";
            }
            if let Some(desk) = host["deskOrFloor"].as_str() {
                line += &format!(", desk {desk}");
            }
            lines.push(line);
        }
        for conflict in self.all("ProvisioningConflicts").await {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let evidence = conflict["evidence"].as_array().unwrap();
            let evidence: Vec<String> = evidence.iter().map(text).collect();
            let met = conflict["existing"].as_array().unwrap().iter();
            let met = met.map(|host| match numbers.get(host["value"].as_str().unwrap()) {
                Some(number) => number.to_string(),
                None => "?".to_owned(),
            });
            let met: Vec<String> = met.collect();
            let mut line = format!(
                "{} {}: {} of {} meets host {} by {}",
                text(&conflict["status"]),
                text(&conflict["kind"]),
                text(&conflict["incoming"]["display"]),
                text(&conflict["connection"]["display"]),
                met.join(", "),
                evidence.join(" "),
            );
            if let Some(action) = conflict["resolution"]["action"].as_str() {
                line += &format!(", {action}");
            }
            lines.push(line);
        }
        lines.join("\n")
    }

    /// The notices that wait, whenever they are due.
    pub(crate) async fn notices(&self) -> usize {
        let claim = unit(|tx| {
            Box::pin(async move {
                let until = tx.now() + jiff::SignedDuration::from_mins(1);
                tx.claim_jobs("notices", until, 1_000).await
            })
        });
        // Digests are due when their hour is over.
        let later = SystemClock.now() + jiff::SignedDuration::from_hours(1);
        let (clock, ids) = (FixedClock::new(later), TimeOrderedIds::default());
        let url = &self.asker.fresh.url;
        let store = SqlStore::open(url, Purpose::Migrate, Arc::new(clock), Arc::new(ids)).await;
        let store: Arc<dyn Store> = Arc::new(store.unwrap());
        let claimed = store.write(&self.asker.caller.tenant, claim).await;
        store.close().await;
        claimed.unwrap().len()
    }
}

/// A refusal as a client reads it, without ids.
pub(crate) fn refusal<T>(outcome: Result<T, Error>) -> String {
    let Err(error) = outcome else {
        return "done".to_owned();
    };
    let code = error.code().unwrap_or("-");
    let text = error.to_string();
    let words = text.split(' ').map(|word| match word.rsplit_once('/') {
        Some((before, id)) if uuid::Uuid::parse_str(id).is_ok() => format!("{before}/ID"),
        _ => word.to_owned(),
    });
    format!("[{code}] {}", words.collect::<Vec<_>>().join(" "))
}
