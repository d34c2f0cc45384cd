//! Members are lost by nobody's writes.

use super::*;

/// 32 tasks add and remove members of one group of their own choice while others delete members:
/// none is lost, none dangles.
pub async fn members_survive_parallel_writers<S: Store>(store: &Shared<S>) {
    let dyn_store: &dyn Store = store.as_ref();
    let add_group = unit(|tx| {
        Box::pin(async move {
            let id = ResourceId::new(tx.new_id());
            tx.insert(&group_type(), owner(1), id, &group("all"))
        })
    });
    let team = dyn_store.write(&main_tenant(), add_group).await.unwrap().id;
    let mut users = Vec::new();
    for number in 0..96 {
        users.push(created(dyn_store, &format!("user{number}")).await);
    }
    let tasks = users.chunks(3).map(|mine| {
        let (store, mine) = (Arc::clone(store), mine.to_vec());
        tokio::spawn(async move {
            let store: &dyn Store = store.as_ref();
            for (place, user) in mine.iter().enumerate() {
                change_members(store, team, user.id, Membership::Add).await;
                match place {
                    0 => {}
                    1 => change_members(store, team, user.id, Membership::Remove).await,
                    _ => deleted(store, user).await,
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let members = unit(move |tx| Box::pin(async move { tx.member_ids(team, "members").await }));
    let members = dyn_store.read(&main_tenant(), members).await.unwrap();
    let expected: BTreeSet<ResourceId> = users.chunks(3).map(|mine| mine[0].id).collect();
    assert_eq!(members.into_iter().collect::<BTreeSet<_>>(), expected);
    let get = unit(move |tx| Box::pin(async move { tx.get("Group", team).await }));
    let stored = dyn_store.read(&main_tenant(), get).await.unwrap().unwrap();
    assert_eq!(
        stored.version.0,
        1 + 96 + 32,
        "one version for every change"
    );
    assert_eq!(contradictions(dyn_store).await, [""; 0]);
}

#[derive(Clone, Copy)]
enum Membership {
    Add,
    Remove,
}

async fn change_members(store: &dyn Store, team: ResourceId, user: ResourceId, how: Membership) {
    let change = unit(move |tx| {
        Box::pin(async move {
            let before = tx
                .get_for_update("Group", team)
                .await?
                .expect("it is there");
            tx.touch(&group_type(), &before)?;
            match how {
                Membership::Add => tx.add_members(team, "members", [user]),
                Membership::Remove => tx.remove_members(team, "members", [user]),
            }
            Ok(())
        })
    });
    store.write(&main_tenant(), change).await.unwrap();
}
