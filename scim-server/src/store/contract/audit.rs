//! The audit log: verified, signed, and freed of what is personal.

use super::feed::seal_all;
use super::*;
use scim_core::Version;

use crate::audit::{AuditKey, Checkpoint, Report, verify};
use crate::store::{Change, ChangeBody};

async fn signed(store: &dyn Store, pem: &str) -> Checkpoint {
    let pem = pem.to_owned();
    let sign = unit(move |tx: &mut Transaction<'_>| {
        let key = AuditKey::from_pem(&pem).unwrap();
        Box::pin(async move {
            let last = tx.last_sealed().await?.expect("something is sealed");
            let checkpoint = Checkpoint::sign(&key, &main_tenant(), &last, tx.now());
            tx.put_checkpoint(checkpoint.clone());
            Ok(checkpoint)
        })
    });
    store.write(&main_tenant(), sign).await.unwrap()
}

async fn erased(store: &dyn Store, id: ResourceId) -> Option<usize> {
    let erase = unit(move |tx| Box::pin(async move { tx.erase(id, "request 17").await }));
    store.write(&main_tenant(), erase).await.unwrap()
}

async fn refused(store: &dyn Store) -> ResourceId {
    let refuse = unit(|tx| {
        Box::pin(async move {
            let change = Change {
                id: tx.new_id(),
                at: tx.now(),
                actor: None,
                owner: None,
                kind: "User".to_owned(),
                resource: None,
                version: Version(0),
                what: What::Refused,
                cause: None,
            };
            let id = ResourceId::new(change.id);
            let request = Some(r#"{"detail":"ann"}"#.to_owned());
            let body = ChangeBody {
                request,
                ..ChangeBody::default()
            };
            tx.record(change, body);
            Ok(id)
        })
    });
    store.write(&main_tenant(), refuse).await.unwrap()
}

async fn report(store: &dyn Store, pem: &str, elsewhere: &[Checkpoint]) -> Report {
    let keys = [AuditKey::from_pem(pem).unwrap().public_key()];
    let tenant = main_tenant();
    verify(store, &tenant, &keys, elsewhere, &mut |_| {})
        .await
        .unwrap()
}

/// The chain is verified with its checkpoints, and stays whole when what is personal goes.
pub async fn the_log_is_signed_and_erased<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let pem = AuditKey::generate();
    let ann = created(store, "ann").await;
    let bob = created(store, "bob").await;
    rename(store, &ann, "eve").await.unwrap();
    deleted(store, &ann).await;
    seal_all(store).await;
    let checkpoint = signed(store, &pem).await;
    let newest = unit(|tx| Box::pin(async move { tx.newest_checkpoint().await }));
    let newest = store.read(&main_tenant(), newest).await.unwrap();
    assert_eq!((checkpoint.sequence, newest), (4, Some(checkpoint.clone())));

    assert_eq!(erased(store, ann.id).await, Some(3));
    // Also before the erasure has its number, where it does not come with it.
    for changes in [&[4, 5][..], &[5]] {
        let report = report(store, &pem, std::slice::from_ref(&checkpoint)).await;
        assert_eq!(report.findings, [], "{report}");
        let signed = report.signed.map(|(number, _, _)| number);
        assert_eq!((report.erased, signed), (3, Some(4)));
        assert!(changes.contains(&report.changes), "{report}");
        seal_all(store).await;
    }
    assert_eq!(erased(store, ann.id).await, Some(0));
    assert_eq!(
        erased(store, ResourceId::new(Uuid::from_u128(1))).await,
        None
    );
    assert_eq!(erased(store, bob.id).await, Some(1));
    seal_all(store).await;
    // A refused create is about no resource, and is named by its own id.
    let refused = refused(store).await;
    assert_eq!(erased(store, refused).await, Some(1));
    assert_eq!(erased(store, refused).await, Some(0));
    seal_all(store).await;
    let report = report(store, &pem, &[]).await;
    assert_eq!(
        (report.findings, report.changes, report.erased),
        (Vec::new(), 8, 5)
    );
    assert_eq!(contradictions(store).await, [""; 0]);
}
