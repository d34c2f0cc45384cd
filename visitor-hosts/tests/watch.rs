//! Somebody is told before a connection ends, and when a directory has gone silent, once each: on both databases.

mod support;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use scim_server::Worker;
use scim_server::clock::{Clock, FixedClock, TimeOrderedIds};
use scim_server::store::{Fresh, Store, Token, unit};
use serde_json::{Value, json};
use support::{Asker, act, app, create, patch, product};

/// A product whose time stands still until it is told.
struct World {
    asker: Asker,
    clock: Arc<FixedClock>,
}

impl World {
    async fn all() -> [World; 2] {
        let began: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        let clocks = [(); 2].map(|()| Arc::new(FixedClock::new(began)));
        let ids = || Arc::new(TimeOrderedIds::default());
        let [sqlite, postgres] = &clocks;
        let fresh = [
            Fresh::sqlite_at(sqlite.clone(), ids()).await,
            Fresh::postgres_at(postgres.clone(), ids()).await,
        ];
        let mut worlds = fresh.into_iter().zip(clocks).map(|(fresh, clock)| World {
            asker: Asker::new(fresh, product()),
            clock,
        });
        [(); 2].map(|()| worlds.next().unwrap())
    }

    async fn made(&self, mut body: Value) -> String {
        body["schemas"] = json!(["urn:visitor-hosts:scim:schemas:1.0:ApiToken"]);
        let made = create(&self.asker.engine, &app(), "ApiTokens", body).await;
        made.unwrap().stored.id.to_string()
    }

    /// It asks for something now.
    async fn speaks(&self, id: &str) {
        let id = id.parse().unwrap();
        let used = unit(move |tx| {
            Box::pin(async move {
                let last_used = Some(tx.now());
                let token = tx.token_for_update(id).await?.unwrap();
                tx.put_token(Token { last_used, ..token });
                Ok(())
            })
        });
        let store: &dyn Store = self.asker.fresh.store.as_ref();
        store.write(&self.asker.caller.tenant, used).await.unwrap();
    }

    async fn wants(&self, endpoint: &str, id: &str, path: &str, value: Value) {
        let wish = json!([{ "op": "add", "path": path, "value": value }]);
        patch(&self.asker.engine, &app(), endpoint, id, wish)
            .await
            .unwrap();
    }

    /// Two processes work for so many hours; what they tell people, which is taken away by that.
    async fn after(&self, hours: i64) -> Vec<String> {
        for quarter in 0..=hours * 4 {
            if quarter > 0 {
                self.clock
                    .set(self.clock.now() + SignedDuration::from_mins(15));
            }
            for _ in 0..2 {
                let worker = Worker::on(Arc::clone(&self.asker.engine), "connections");
                while worker.once(&self.asker.caller.tenant).await.unwrap() {}
            }
        }
        let notices = unit(|tx| {
            Box::pin(async move {
                let until = tx.now() + SignedDuration::from_mins(1);
                let jobs = tx.claim_jobs("notices", until, 100).await?;
                for job in &jobs {
                    tx.finish_job(job).await?;
                }
                Ok(jobs)
            })
        });
        let store: &dyn Store = self.asker.fresh.store.as_ref();
        let jobs = store.write(&self.asker.caller.tenant, notices).await;
        let told = jobs.unwrap().into_iter().map(|job| {
            let payload: Value = serde_json::from_str(&job.payload).unwrap();
            let word = |name: &str| payload[name].as_str().unwrap().to_owned();
            format!("{}: {}", word("kind"), word("text"))
        });
        told.collect()
    }
}

#[tokio::test]
async fn an_end_is_told_once_and_another_one_anew() {
    for world in World::all().await {
        let soon = json!({ "name": "Entra", "kind": "idp", "expiresAt": "2026-03-20T08:00:00Z" });
        let id = world.made(soon).await;
        // Fifteen days is not near, and what is off ends nothing.
        let off = json!({ "name": "Old", "kind": "app", "active": false, "expiresAt": "2026-03-05T08:00:00Z" });
        world.made(off).await;
        assert_eq!(world.after(4 * 24).await, [""; 0]);
        let told = world.after(2 * 24).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @"tokenExpiring: Entra expires at 2026-03-20T08:00:00Z, and nothing that it sends is taken after that. Give it a new secret (rotate), or another expiresAt.");
        }
        assert_eq!(world.after(24).await, [""; 0]);
        world
            .wants("ApiTokens", &id, "expiresAt", json!("2026-03-12T08:00:00Z"))
            .await;
        assert_eq!(world.after(1).await.len(), 1);
        world
            .wants("ApiTokens", &id, "expiresAt", json!("2027-03-12T08:00:00Z"))
            .await;
        assert_eq!(world.after(1).await, [""; 0]);
        let rotate = ("ApiTokens", id.as_str(), "rotate");
        act(
            &world.asker.engine,
            &app(),
            rotate,
            json!({ "overlapHours": 3 }),
        )
        .await
        .unwrap();
        let told = world.after(2).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @"tokenExpiring: The former secret of Entra works until 2026-03-08T13:00:00Z. Whoever still sends it needs the new one by then.");
        }
    }
}

#[tokio::test]
async fn a_silence_is_told_once_and_is_over_when_somebody_speaks() {
    for world in World::all().await {
        let id = world.made(json!({ "name": "Entra", "kind": "idp" })).await;
        let okta = world
            .made(json!({ "name": "Okta", "kind": "idp", "silentAfterHours": 0 }))
            .await;
        let desk = world.made(json!({ "name": "Desk", "kind": "app" })).await;
        // One that has never sent anything is not silent.
        assert_eq!(world.after(30).await, [""; 0]);
        for id in [&id, &okta, &desk] {
            world.speaks(id).await;
        }
        assert_eq!(world.after(23).await, [""; 0]);
        let told = world.after(24).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.join("\n"), @"directorySilent: Nothing has come from Entra since 2026-03-02T14:00:00Z. Look whether its provisioning is still running; if that is as it should be, say silentAfterHours for it.");
        }
        world.speaks(&id).await;
        assert_eq!(world.after(20).await, [""; 0]);
        assert_eq!(world.after(20).await.len(), 1, "another silence");
        // The tenant has another patience, and the connection one of its own.
        let settings = world.asker.list(&app(), "TenantSettings", None, 1).await;
        let settings = settings.unwrap().resources[0].stored.id.to_string();
        let wanted = json!(2);
        world
            .wants("TenantSettings", &settings, "silentAfterHours", wanted)
            .await;
        world.speaks(&id).await;
        assert_eq!(world.after(3).await.len(), 1);
        world
            .wants("ApiTokens", &id, "silentAfterHours", json!(5))
            .await;
        world.speaks(&id).await;
        assert_eq!(world.after(3).await, [""; 0]);
        assert_eq!(world.after(3).await.len(), 1);
    }
}
