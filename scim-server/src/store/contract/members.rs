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

/// By id or by a unique value of one connection, with members or groups: also what the unit itself has
/// not written yet.
pub async fn one_look_finds_a_resource_and_its_links<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let looks = unit(|tx| {
        Box::pin(async move {
            let mut add = |resource_type: &ResourceType, by, document: &Document| {
                let id = ResourceId::new(tx.new_id());
                tx.insert(resource_type, owner(by), id, document)?;
                Ok::<_, Error>(id)
            };
            let kim = add(&user_type(), 1, &user("kim"))?;
            let namesake = add(&user_type(), 2, &user("kim"))?;
            let lee = add(&user_type(), 1, &user("lee"))?;
            let all = add(&group_type(), 1, &group("all"))?;
            let few = add(&group_type(), 1, &group("few"))?;
            tx.add_members(all, "members", [lee, kim]);
            tx.add_members(few, "members", [kim]);
            let groups = Some(Side::Owners {
                attribute: "members",
            });
            let members = |limit| {
                Some(Side::Members {
                    attribute: "members",
                    limit,
                })
            };
            let named = |value, by| By::Unique {
                attribute: "userName",
                value,
                owner: ConnectionId(Uuid::from_u128(by)),
            };
            let linked = |id, display: &str| (id, Some(display.to_owned()));
            let [in_all, in_few] = [linked(all, "all"), linked(few, "few")];
            let [has_kim, has_lee] = [linked(kim, "Ann"), linked(lee, "Ann")];
            for (kind, by, side, expected) in [
                ("User", By::Id(kim), None, Some((kim, vec![]))),
                (
                    "User",
                    By::Id(kim),
                    groups,
                    Some((kim, vec![in_all.clone(), in_few.clone()])),
                ),
                ("User", By::Id(namesake), groups, Some((namesake, vec![]))),
                ("Group", By::Id(kim), groups, None),
                (
                    "User",
                    By::Id(ResourceId::new(Uuid::from_u128(9))),
                    groups,
                    None,
                ),
                (
                    "Group",
                    By::Id(all),
                    members(9),
                    Some((all, vec![has_kim.clone(), has_lee])),
                ),
                ("Group", By::Id(all), members(1), Some((all, vec![has_kim]))),
                (
                    "User",
                    named("kim", 1),
                    groups,
                    Some((kim, vec![in_all.clone(), in_few])),
                ),
                ("User", named("kim", 2), groups, Some((namesake, vec![]))),
                ("User", named("lee", 1), groups, Some((lee, vec![in_all]))),
                ("User", named("lee", 1), None, Some((lee, vec![]))),
                ("User", named("lee", 2), groups, None),
                ("User", named("Lee", 1), groups, None),
                ("Group", named("lee", 1), groups, None),
            ] {
                let look = LookUp { kind, by, side };
                let found = tx.look_up(&look).await?.map(|(stored, links)| {
                    let links = links.into_iter().map(|link| (link.id, link.display));
                    (stored.id, links.collect::<Vec<_>>())
                });
                assert_eq!(found, expected, "{look:?}");
            }
            Ok(())
        })
    });
    store.write(&main_tenant(), looks).await.unwrap();
}
