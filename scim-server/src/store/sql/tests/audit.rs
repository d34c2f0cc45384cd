//! What somebody who writes the database may do to the audit log, and what is found of it.

use std::sync::Arc;

use jiff::Timestamp;
use scim_core::ResourceId;

use crate::audit::{AuditKey, Checkpoint, Facts, link, verify};
use crate::clock::{Clock, CountingIds, FixedClock};
use crate::store::contract::{add_user, main_tenant};
use crate::store::sql::statement::{Arg, Statement};
use crate::store::{Fresh, Store, unit};

/// A log of eight changes, numbers 1 to 8, with checkpoints of 5 and 8.
struct Log {
    fresh: Fresh,
    pem: String,
    clock: Arc<FixedClock>,
    /// The one of number 8, as somebody kept it.
    kept: Checkpoint,
}

/// A change that nobody made.
const NOBODYS: &str = "00000000-0000-0000-0000-0000000000ff";

impl Log {
    async fn all() -> [Log; 2] {
        let clock = || {
            let noon = "2026-01-01T12:00:00Z".parse().unwrap();
            Arc::new(FixedClock::new(noon))
        };
        let (one, other) = (clock(), clock());
        let of = |clock: &Arc<FixedClock>| Arc::clone(clock) as Arc<dyn Clock>;
        let sqlite = Fresh::sqlite_at(of(&one), Arc::new(CountingIds::default())).await;
        let postgres = Fresh::postgres_at(of(&other), Arc::new(CountingIds::default())).await;
        [Log::on(sqlite, one).await, Log::on(postgres, other).await]
    }

    async fn on(fresh: Fresh, clock: Arc<FixedClock>) -> Log {
        let store: &dyn Store = fresh.store.as_ref();
        let add = unit(|tx| {
            Box::pin(async move {
                for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
                    add_user(tx, name)?;
                }
                Ok(())
            })
        });
        store.write(&main_tenant(), add).await.unwrap();
        let pem = AuditKey::generate();
        let mut kept = None;
        let seal = unit(|tx| Box::pin(async move { tx.seal(8).await }));
        store.write(&main_tenant(), seal).await.unwrap();
        for number in [5, 8] {
            kept = Some(sign(store, &pem, number).await);
            clock.set("2026-01-01T12:01:00Z".parse().unwrap());
        }
        let kept = kept.unwrap();
        Log {
            fresh,
            pem,
            clock,
            kept,
        }
    }

    fn store(&self) -> &dyn Store {
        self.fresh.store.as_ref()
    }

    /// Runs statements as somebody does who may do everything.
    async fn tamper(&self, texts: &[&str]) {
        if let Some(path) = self.fresh.url.strip_prefix("sqlite://") {
            let file = rusqlite::Connection::open(path).unwrap();
            let nobodys = format!("X'{}'", NOBODYS.replace('-', ""));
            for text in texts {
                let text = text.replace("NOBODYS", &nobodys);
                file.execute_batch(&text).unwrap();
            }
            return;
        }
        for text in texts {
            let text = text.replace("NOBODYS", &format!("'{NOBODYS}'::uuid"));
            self.fresh
                .store
                .outside(Statement::new(text))
                .await
                .unwrap();
        }
    }

    /// Makes every hash anew, as whoever knows how they are made can.
    async fn seal_anew(&self) {
        let entries = unit(|tx| Box::pin(async move { tx.audited_after(0, 100).await }));
        let entries = self.store().read(&main_tenant(), entries).await.unwrap();
        let mut hash = [0; 32];
        for entry in entries {
            let Facts::Read {
                change, commitment, ..
            } = entry.facts
            else {
                panic!("{entry:?}")
            };
            let sequence = entry.sealed.sequence;
            hash = link(&hash, sequence, &change, &commitment);
            let update = Statement::new("UPDATE seal SET hash = $1 WHERE sequence = $2")
                .bind(Arg::from(&hash))
                .bind(sequence);
            self.fresh.store.outside(update).await.unwrap();
        }
    }

    /// What a verification says; with the checkpoint that was kept, or without.
    async fn told(&self, kept: &[Checkpoint]) -> String {
        let keys = [AuditKey::from_pem(&self.pem).unwrap().public_key()];
        let report = verify(self.store(), &main_tenant(), &keys, kept, &mut |_| {}).await;
        let report = report.unwrap();
        let mut lines: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        lines.push(report.to_string());
        // Keys are random.
        lines.join("\n").replace(&keys[0].id().to_string(), "KEY")
    }
}

async fn sign(store: &dyn Store, pem: &str, number: i64) -> Checkpoint {
    let pem = pem.to_owned();
    let sign = unit(move |tx| {
        let key = AuditKey::from_pem(&pem).unwrap();
        Box::pin(async move {
            let last = &tx.sealed_after(number - 1, 1).await?[0].0;
            let at: Timestamp = tx.now();
            let checkpoint = Checkpoint::sign(&key, &main_tenant(), last, at);
            tx.put_checkpoint(checkpoint.clone());
            Ok(checkpoint)
        })
    });
    store.write(&main_tenant(), sign).await.unwrap()
}

/// On both databases: these statements, and what is found then.
macro_rules! check {
    (kept, $($text:expr),*; @$told:literal) => {
        for log in Log::all().await {
            log.tamper(&[$($text),*]).await;
            let kept = std::slice::from_ref(&log.kept);
            let told = log.told(kept).await;
            insta::allow_duplicates! { insta::assert_snapshot!(told, @$told) }
        }
    };
    ($($text:expr),*; @$told:literal) => {
        for log in Log::all().await {
            log.tamper(&[$($text),*]).await;
            let told = log.told(&[]).await;
            insta::allow_duplicates! { insta::assert_snapshot!(told, @$told) }
        }
    };
}

/// The change with this number, as SQL.
macro_rules! change {
    ($number:literal) => {
        concat!(
            "(SELECT change_id FROM seal WHERE sequence = ",
            $number,
            ")"
        )
    };
}

#[tokio::test]
async fn nothing_was_done() {
    check!(; @"whole: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY");
    check!(kept, ; @"whole: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY");
}

#[tokio::test]
async fn something_was_edited() {
    check!(concat!("UPDATE change SET version = 7 WHERE id = ", change!(3)); @r"
    number 3: the facts were edited after they were sealed
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!(concat!("UPDATE change SET what = 'approved' WHERE id = ", change!(3)); @r#"
    number 3: the facts were edited and say nothing: "approved" is nothing that happens to a resource
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    "#);
    check!(concat!("UPDATE change SET at = at - 1 WHERE id = ", change!(8)); @r"
    number 8: the facts were edited after they were sealed
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!(concat!("INSERT INTO unsealed (tenant_id, change_id) SELECT 'main', ", change!(3)); @r"
    number 3: the change is marked as not sealed
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!(concat!("UPDATE change SET after = '{\"userName\":\"eve\"}' WHERE id = ", change!(3)); @r"
    number 3: the personal part was edited: the facts were recorded with another one
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!(concat!("UPDATE change SET commitment = (SELECT hash FROM seal WHERE sequence = 1) WHERE id = ", change!(3)); @r"
    number 3: the personal part was edited: the facts were recorded with another one
    number 3: the facts were edited after they were sealed
    not whole, 2 findings: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!("UPDATE seal SET hash = (SELECT hash FROM seal WHERE sequence = 1) WHERE sequence = 3"; @r"
    number 3: the hash was edited
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
}

#[tokio::test]
async fn something_was_deleted() {
    check!(concat!("UPDATE change SET before = NULL, after = NULL, request = NULL, salt = NULL WHERE id = ", change!(3)); @r"
    number 3: the personal part was deleted, and no erasure is recorded after it
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!(concat!("DELETE FROM change WHERE id = ", change!(3)); @r"
    number 3: the change was deleted; its number is left
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!(
        concat!("DELETE FROM change WHERE id IN (", change!(3), ", ", change!(4), ")"),
        "DELETE FROM seal WHERE sequence IN (3, 4)"; @r"
        numbers 3 to 4 are missing: they were deleted
        not whole, 1 finding: 6 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
        ");
    check!(
        concat!("DELETE FROM change WHERE id = ", change!(3)),
        "DELETE FROM seal WHERE sequence = 3",
        "UPDATE seal SET sequence = -sequence WHERE sequence > 3",
        "UPDATE seal SET sequence = -sequence - 1 WHERE sequence < 0"; @r"
        number 3: a change was deleted before it, and what follows was renumbered
        not whole, 1 finding: 7 changes, numbers 1 to 7; signed up to number 5 at 2026-01-01T12:00:00Z with the key KEY
        ");
}

/// Another change with the facts of number 3.
const COPIED: &str = "INSERT INTO change \
    (tenant_id, id, at, actor, owner, kind, resource, version, what, commitment) \
    SELECT tenant_id, NOBODYS, at, actor, owner, kind, resource, version, what, commitment \
    FROM change \
    WHERE id = (SELECT change_id FROM seal WHERE sequence = 3)";

#[tokio::test]
async fn something_was_inserted() {
    check!(COPIED; @r"
    the change 00000000-0000-0000-0000-0000000000ff is marked as sealed and has no number: it was inserted, or its number deleted
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!(
        COPIED,
        "UPDATE seal SET sequence = -sequence WHERE sequence > 3",
        "UPDATE seal SET sequence = -sequence + 1 WHERE sequence < 0",
        "INSERT INTO seal (tenant_id, sequence, change_id, hash) \
         SELECT tenant_id, 4, NOBODYS, hash FROM seal WHERE sequence = 1"; @r"
    number 4: the personal part was deleted, and no erasure is recorded after it
    numbers 4 to 5: a change was inserted among them, and what follows was renumbered
    not whole, 2 findings: 9 changes, numbers 1 to 9; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
}

#[tokio::test]
async fn the_order_was_changed() {
    // What two numbers name; first out of the way, since no change has two numbers.
    let unnumbered = "(SELECT c.id FROM change c WHERE NOT EXISTS (SELECT 1 FROM seal s WHERE s.change_id = c.id))";
    check!(
        "UPDATE seal SET change_id = NOBODYS WHERE sequence = 3",
        &format!("UPDATE seal SET change_id = {unnumbered} WHERE sequence = 4"),
        &format!("UPDATE seal SET change_id = {unnumbered} WHERE sequence = 3"); @r"
        number 4: what stands there was sealed as number 3: the order was changed
        number 3: what stands there was sealed as number 4: the order was changed
        not whole, 2 findings: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
        ");
    // The numbers themselves, next to each other and far apart.
    check!(
        "UPDATE seal SET sequence = -3 WHERE sequence = 3",
        "UPDATE seal SET sequence = 3 WHERE sequence = 4",
        "UPDATE seal SET sequence = 4 WHERE sequence = -3"; @r"
        number 4: what stands there was sealed as number 3: the order was changed
        number 3: what stands there was sealed as number 4: the order was changed
        not whole, 2 findings: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
        ");
    check!(
        "UPDATE seal SET sequence = -2 WHERE sequence = 2",
        "UPDATE seal SET sequence = 2 WHERE sequence = 6",
        "UPDATE seal SET sequence = 6 WHERE sequence = -2"; @r"
        number 6: what stands there was sealed as number 2: the order was changed
        number 2: what stands there was sealed as number 6: the order was changed
        not whole, 2 findings: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
        ");
}

const CUT_OFF: [&str; 2] = [
    "DELETE FROM change WHERE id IN (SELECT change_id FROM seal WHERE sequence > 6)",
    "DELETE FROM seal WHERE sequence > 6",
];

#[tokio::test]
async fn the_end_was_cut_off() {
    check!("DELETE FROM seal WHERE sequence > 6"; @r"
    the change 00000000-0000-0000-0000-00000000000f is marked as sealed and has no number: it was inserted, or its number deleted
    the change 00000000-0000-0000-0000-000000000010 is marked as sealed and has no number: it was inserted, or its number deleted
    the end was cut off: number 6 is the last one, and number 8 was signed at 2026-01-01T12:01:00Z
    not whole, 3 findings: 6 changes, numbers 1 to 6; signed up to number 5 at 2026-01-01T12:00:00Z with the key KEY
    ");
    check!(CUT_OFF[0], CUT_OFF[1]; @r"
    the end was cut off: number 6 is the last one, and number 8 was signed at 2026-01-01T12:01:00Z
    not whole, 1 finding: 6 changes, numbers 1 to 6; signed up to number 5 at 2026-01-01T12:00:00Z with the key KEY
    ");
    // Nothing in the database knows of it then; the checkpoint that was kept does.
    let checkpoint = "DELETE FROM checkpoint WHERE sequence > 6";
    check!(CUT_OFF[0], CUT_OFF[1], checkpoint; @"whole: 6 changes, numbers 1 to 6; signed up to number 5 at 2026-01-01T12:00:00Z with the key KEY");
    check!(kept, CUT_OFF[0], CUT_OFF[1], checkpoint; @r"
    the end was cut off: number 6 is the last one, and number 8 was signed at 2026-01-01T12:01:00Z
    the checkpoint of number 8 was kept elsewhere and is not in the database: it was deleted
    not whole, 2 findings: 6 changes, numbers 1 to 6; signed up to number 5 at 2026-01-01T12:00:00Z with the key KEY
    ");
}

#[tokio::test]
async fn a_checkpoint_was_touched() {
    check!("UPDATE checkpoint SET at = at + 1000 WHERE sequence = 5"; @r"
    the checkpoint of number 5 has a wrong signature
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
    check!("DELETE FROM checkpoint"; @r"
    no checkpoint signs any of it
    not whole, 1 finding: 8 changes, numbers 1 to 8; nothing is signed
    ");
    check!(kept, "DELETE FROM checkpoint WHERE sequence = 8"; @r"
    the checkpoint of number 8 was kept elsewhere and is not in the database: it was deleted
    not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY
    ");
}

/// Whoever makes all hashes anew has no key for the checkpoints.
#[tokio::test]
async fn the_chain_was_made_anew() {
    for log in Log::all().await {
        log.tamper(&[concat!(
            "UPDATE change SET version = 7 WHERE id = ",
            change!(6)
        )])
        .await;
        log.seal_anew().await;
        let told = log.told(&[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!(told, @r"
        numbers 6 to 8: something was changed and sealed anew: number 8 had another hash when it was signed at 2026-01-01T12:01:00Z
        not whole, 1 finding: 8 changes, numbers 1 to 8; signed up to number 5 at 2026-01-01T12:00:00Z with the key KEY
        ") }
        // With a key of their own, which is not the one that is expected.
        log.tamper(&["DELETE FROM checkpoint"]).await;
        let pem = AuditKey::generate();
        let theirs = AuditKey::from_pem(&pem).unwrap().public_key().id();
        log.clock.set("2026-01-01T12:05:00Z".parse().unwrap());
        sign(log.store(), &pem, 8).await;
        let told = log.told(std::slice::from_ref(&log.kept)).await;
        let told = told.replace(&theirs.to_string(), "THEIRS");
        insta::allow_duplicates! { insta::assert_snapshot!(told, @r"
        the checkpoint of number 8 is signed with another key, THEIRS
        numbers 1 to 8: something was changed and sealed anew: number 8 had another hash when it was signed at 2026-01-01T12:01:00Z
        the checkpoint of number 8 was kept elsewhere and is not in the database: it was deleted
        not whole, 3 findings: 8 changes, numbers 1 to 8; nothing is signed
        ") }
    }
}

/// The facts stay, and the chain with them.
#[tokio::test]
async fn what_is_personal_was_erased() {
    for log in Log::all().await {
        let third = ResourceId::new(uuid::Uuid::from_u128(3));
        let erase = unit(move |tx| Box::pin(async move { tx.erase(third, "request 17").await }));
        let erased = log.store().write(&main_tenant(), erase).await.unwrap();
        assert_eq!(erased, Some(1));
        let seal = unit(|tx| Box::pin(async move { tx.seal(9).await }));
        log.store().write(&main_tenant(), seal).await.unwrap();
        let told = log.told(&[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!(told, @"whole: 9 changes, numbers 1 to 9; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY; 1 personal part was erased") }
        // The record of it is no longer to be erased.
        let erase = unit(move |tx| Box::pin(async move { tx.erase(third, "request 18").await }));
        let erased = log.store().write(&main_tenant(), erase).await.unwrap();
        assert_eq!(erased, Some(0));
        // Nobody erases without saying so.
        log.tamper(&[concat!(
            "UPDATE change SET before = NULL, after = NULL, request = NULL, salt = NULL WHERE id IN (",
            change!(4),
            ", ",
            change!(9),
            ")"
        )])
        .await;
        let told = log.told(&[]).await;
        insta::allow_duplicates! { insta::assert_snapshot!(told, @r"
        number 4: the personal part was deleted, and no erasure is recorded after it
        number 9: the personal part was deleted, and no erasure is recorded after it
        not whole, 2 findings: 9 changes, numbers 1 to 9; signed up to number 8 at 2026-01-01T12:01:00Z with the key KEY; 1 personal part was erased
        ") }
    }
}
