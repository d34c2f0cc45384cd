//! What every store must do, as tests: `store_contract!(name, open)` runs all of them.
//!
//! `open` is an async function that gives something with a `store()` that lives as long as it:
//! see [`Fresh`](super::Fresh).
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "these functions are tests"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::SignedDuration;
use scim_core::{Document, Filter, ResourceId, ResourceType, SortBy, SortOrder, TenantId, schema};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Actor, ConnectionId, DoneOnce, Job, ListPart, ListQuery, Lock, Secret, SecretPurpose, Seek,
    Start, Store, Stored, Token, TokenKind, Transaction, Trust, TrustedKeys, Way, What, unit,
};
use crate::Error;

/// Runs the contract on the store that `$open` gives.
#[macro_export]
macro_rules! store_contract {
    ($name:ident, $open:path) => {
        mod $name {
            $crate::store_contract!(@tests $open;
                resources_come_change_and_go
                tenants_are_apart
                unique_values_are_unique_within_their_scope
                a_unique_value_moves_on
                reads_see_pending_writes
                a_refused_unit_leaves_nothing
                a_refused_unit_harms_no_other
                one_of_64_equal_creates_wins
                members_survive_parallel_writers
                lists_page_and_filter
                lists_continue_beside_a_place
                lists_are_sorted
                lists_cover_several_types
                every_change_is_recorded
                sealed_sequence_skips_nothing
                jobs_are_done_once
                leases_have_one_holder
                a_key_is_used_once
                a_tenant_key_is_made_once
                tokens_and_secrets
                trusts_are_found_by_issuer
                ids_and_time_stay_in_every_attempt
            );
        }
    };
    (@tests $open:path; $($test:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                let fresh = $open().await;
                $crate::store::contract::$test(&fresh.store).await;
            }
        )*
    };
}

type Shared<S> = Arc<S>;

pub(crate) fn main_tenant() -> TenantId {
    "main".parse().unwrap()
}

pub(crate) fn user_type() -> ResourceType {
    ResourceType::new("User", "/Users", schema::user())
        .unique(["userName", "externalId"])
        .indexed(["emails.value", "displayName"])
        .reverse("groups", "members")
        .build()
        .unwrap()
}

pub(crate) fn group_type() -> ResourceType {
    ResourceType::new("Group", "/Groups", schema::group())
        .indexed(["displayName"])
        .rows("members", ["User", "Group"])
        .build()
        .unwrap()
}

fn document(value: Value) -> Document {
    match value {
        Value::Object(map) => Document::from_stored(map),
        _ => Document::from_stored(serde_json::Map::new()),
    }
}

fn user(name: &str) -> Document {
    document(json!({ "schemas": [schema::USER_URN], "userName": name, "displayName": "Ann" }))
}

fn group(name: &str) -> Document {
    document(json!({ "schemas": [schema::GROUP_URN], "displayName": name }))
}

fn owner(number: u128) -> Option<ConnectionId> {
    Some(ConnectionId(Uuid::from_u128(number)))
}

pub(crate) fn add_user(tx: &mut Transaction<'_>, name: &str) -> Result<Stored, Error> {
    let id = ResourceId::new(tx.new_id());
    tx.insert(&user_type(), owner(1), id, &user(name))
}

async fn created(store: &dyn Store, name: &str) -> Stored {
    let name = name.to_owned();
    let add = unit(move |tx| {
        let name = name.clone();
        Box::pin(async move { add_user(tx, &name) })
    });
    store.write(&main_tenant(), add).await.unwrap()
}

async fn read(store: &dyn Store, id: ResourceId) -> Option<Stored> {
    let get = unit(move |tx| Box::pin(async move { tx.get("User", id).await }));
    store.read(&main_tenant(), get).await.unwrap()
}

async fn rename(store: &dyn Store, stored: &Stored, name: &str) -> Result<Stored, Error> {
    let (id, name) = (stored.id, name.to_owned());
    let change = unit(move |tx| {
        let name = name.clone();
        Box::pin(async move {
            let before = tx.get_for_update("User", id).await?.expect("it is there");
            tx.update(&user_type(), &before, before.owner, &user(&name))
        })
    });
    store.write(&main_tenant(), change).await
}

async fn deleted(store: &dyn Store, stored: &Stored) {
    let id = stored.id;
    let delete = unit(move |tx| {
        Box::pin(async move {
            let before = tx.get_for_update("User", id).await?.expect("it is there");
            tx.delete(&user_type(), &before)
        })
    });
    store.write(&main_tenant(), delete).await.unwrap();
}

/// Insert, update and delete, each read back.
pub async fn resources_come_change_and_go<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let ann = created(store, "ann").await;
    assert_eq!(read(store, ann.id).await.as_ref(), Some(&ann));
    assert_eq!((ann.version.0, ann.owner), (1, owner(1)));
    let renamed = rename(store, &ann, "ann.b").await.unwrap();
    assert_eq!(renamed.version.0, 2);
    assert_eq!(renamed.created, ann.created);
    assert_eq!(read(store, ann.id).await, Some(renamed.clone()));
    deleted(store, &renamed).await;
    assert_eq!(read(store, ann.id).await, None);
}

/// What one tenant has, another does not see.
pub async fn tenants_are_apart<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let other: TenantId = "other".parse().unwrap();
    assert!(
        store
            .create_tenant(&other, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
    );
    assert!(
        !store
            .create_tenant(&other, jiff::Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
    );
    let names: Vec<String> = store
        .tenants()
        .await
        .unwrap()
        .iter()
        .map(|t| t.id.to_string())
        .collect();
    assert_eq!(names, ["main", "other"]);
    let ann = created(store, "ann").await;
    let id = ann.id;
    let get = unit(move |tx| Box::pin(async move { tx.get("User", id).await }));
    assert_eq!(store.read(&other, get).await.unwrap(), None);
    let same = unit(|tx| Box::pin(async move { add_user(tx, "ann") }));
    store.write(&other, same).await.unwrap();
}

/// A value is refused within its scope and free in another.
pub async fn unique_values_are_unique_within_their_scope<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    created(store, "ann").await;
    let again = |connection: u128| {
        unit(move |tx: &mut Transaction<'_>| {
            Box::pin(async move {
                let id = ResourceId::new(tx.new_id());
                tx.insert(&user_type(), owner(connection), id, &user("ANN"))
            })
        })
    };
    let refused = store.write(&main_tenant(), again(1)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        r#"another User already uses userName "ann""#
    );
    store.write(&main_tenant(), again(2)).await.unwrap();
}

/// Renamed away from, deleted, renamed to: a value is free as soon as it is given up.
pub async fn a_unique_value_moves_on<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let ann = created(store, "ann").await;
    let bob = created(store, "bob").await;
    let refused = rename(store, &bob, "Ann").await.unwrap_err();
    assert!(matches!(refused, Error::Uniqueness { .. }), "{refused}");
    rename(store, &ann, "carol").await.unwrap();
    rename(store, &bob, "ann").await.unwrap();
    deleted(store, &bob).await;
    created(store, "ann").await;
}

/// A unit finds what it wrote itself.
pub async fn reads_see_pending_writes<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let bob = created(store, "bob").await;
    let look = unit(move |tx| {
        Box::pin(async move {
            let ann = add_user(tx, "ann")?;
            assert!(tx.get("User", ann.id).await?.is_some());
            let before = tx
                .get_for_update("User", bob.id)
                .await?
                .expect("it is there");
            tx.update(&user_type(), &before, before.owner, &user("robert"))?;
            let by = |name: &str| vec![("userName".to_owned(), name.to_owned())];
            let found = async |tx: &mut Transaction<'_>, name: &str| {
                Ok::<_, Error>(tx.find("User", &by(name), Lock::None).await?.len())
            };
            assert_eq!(found(tx, "ann").await?, 1);
            assert_eq!(found(tx, "robert").await?, 1);
            assert_eq!(found(tx, "bob").await?, 0);
            let both = tx.get_many(&[ann.id, bob.id], Lock::None).await?;
            assert_eq!(both.len(), 2);
            tx.delete(&user_type(), &ann)?;
            assert!(tx.get("User", ann.id).await?.is_none());
            Ok(ann.id)
        })
    });
    let ann = store.write(&main_tenant(), look).await.unwrap();
    assert_eq!(read(store, ann).await, None);
    assert_eq!(read(store, bob.id).await.unwrap().version.0, 2);
}

/// An error undoes everything, what was flushed as well.
pub async fn a_refused_unit_leaves_nothing<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let refused = unit(|tx| {
        Box::pin(async move {
            add_user(tx, "ann")?;
            tx.flush().await?;
            add_user(tx, "bob")?;
            Err::<(), _>(Error::NoSuchPath)
        })
    });
    assert!(store.write(&main_tenant(), refused).await.is_err());
    created(store, "ann").await;
    created(store, "bob").await;
}

/// Units that are committed together stand and fall alone.
pub async fn a_refused_unit_harms_no_other<S: Store>(store: &Shared<S>) {
    created(store.as_ref(), "taken").await;
    let writers = (0..100).map(|number| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let store: &dyn Store = store.as_ref();
            let name = if number % 2 == 0 {
                format!("user{number}")
            } else {
                "taken".to_owned()
            };
            let add = unit(move |tx| {
                let name = name.clone();
                Box::pin(async move { add_user(tx, &name) })
            });
            store.write(&main_tenant(), add).await.is_ok()
        })
    });
    let mut good = 0;
    for writer in writers.collect::<Vec<_>>() {
        good += usize::from(writer.await.unwrap());
    }
    assert_eq!(good, 50);
    let store: &dyn Store = store.as_ref();
    assert_eq!(list(store, None, 0, 1_000).await.0, 51);
}

/// A race for one name has one winner.
pub async fn one_of_64_equal_creates_wins<S: Store>(store: &Shared<S>) {
    for round in 0..5 {
        let tasks = (0..64).map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let store: &dyn Store = store.as_ref();
                let add =
                    unit(move |tx| Box::pin(async move { add_user(tx, &format!("same{round}")) }));
                store.write(&main_tenant(), add).await
            })
        });
        let mut outcomes = BTreeMap::new();
        for task in tasks.collect::<Vec<_>>() {
            let outcome = match task.await.unwrap() {
                Ok(_) => "created",
                Err(Error::Uniqueness { .. }) => "taken",
                Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
            };
            *outcomes.entry(outcome).or_insert(0) += 1;
        }
        assert_eq!(outcomes, BTreeMap::from([("created", 1), ("taken", 63)]));
    }
}

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

async fn contradictions(store: &dyn Store) -> Vec<String> {
    let check =
        unit(|tx| Box::pin(async move { tx.contradictions(&[user_type(), group_type()]).await }));
    store.read(&main_tenant(), check).await.unwrap()
}

async fn list(
    store: &dyn Store,
    filter: Option<&str>,
    offset: usize,
    count: usize,
) -> (usize, Vec<String>) {
    sorted(store, None, filter, offset, count).await
}

/// The names on the page beside a user, and whether there are more.
async fn beside(
    store: &dyn Store,
    sort: Option<SortOrder>,
    filter: Option<&str>,
    way: Way,
    of: &Stored,
) -> (String, bool) {
    let filter = filter.map(|text| Filter::parse(text).unwrap().resolve(&user_type()).unwrap());
    let sort = sort.map(|order| SortBy::parse("userName", order, &user_type()).unwrap());
    let of = of.clone();
    let query = unit(move |tx| {
        let (filter, sort, of) = (filter.clone(), sort.clone(), of.clone());
        Box::pin(async move {
            let parts = [ListPart {
                resource_type: &user_type(),
                filter: filter.as_ref(),
                sort: sort.as_ref(),
            }];
            let query = ListQuery {
                parts: &parts,
                owner: None,
                start: Start::Offset(0),
                count: 2,
            };
            let place = &query.place(&of)?;
            let total = 9;
            let start = Start::At(Seek { place, way, total });
            tx.list(&ListQuery { start, ..query }).await
        })
    });
    let page = store.read(&main_tenant(), query).await.unwrap();
    assert_eq!(page.total, 9);
    let names: Vec<String> = page.resources.iter().map(user_name).collect();
    (names.join(" "), page.more)
}

/// A page begins or ends beside a resource, even when that is gone.
pub async fn lists_continue_beside_a_place<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let mut made = BTreeMap::new();
    for name in ["b", "e", "a", "d", "c"] {
        made.insert(name, created(store, name).await);
    }
    deleted(store, &made["d"]).await;
    let ascending = Some(SortOrder::Ascending);
    let descending = Some(SortOrder::Descending);
    let (forward, backward) = (Way::Forward, Way::Backward);
    let not_a = Some(r#"userName ne "a""#);
    for (sort, filter, way, of, expected) in [
        (None, None, forward, "b", ("e a", true)),
        (None, None, forward, "d", ("c", false)),
        (None, None, backward, "d", ("e a", true)),
        (None, None, backward, "a", ("b e", false)),
        (None, not_a, forward, "b", ("e c", false)),
        (None, not_a, backward, "c", ("b e", false)),
        (ascending, None, forward, "a", ("b c", true)),
        (ascending, None, forward, "d", ("e", false)),
        (ascending, None, backward, "d", ("b c", true)),
        (ascending, not_a, backward, "d", ("b c", false)),
        (descending, None, forward, "d", ("c b", true)),
        (descending, None, backward, "b", ("e c", false)),
        (descending, not_a, forward, "e", ("c b", false)),
    ] {
        let page = beside(store, sort, filter, way, &made[of]).await;
        let expected = (expected.0.to_owned(), expected.1);
        assert_eq!(page, expected, "{sort:?} {filter:?} {way:?} {of}");
    }
}

fn user_name(stored: &Stored) -> String {
    let document = stored.parse().unwrap();
    let name = document.get("userName").and_then(Value::as_str);
    name.unwrap().to_owned()
}

async fn sorted(
    store: &dyn Store,
    sort: Option<(&str, SortOrder)>,
    filter: Option<&str>,
    offset: usize,
    count: usize,
) -> (usize, Vec<String>) {
    let filter = filter.map(|text| Filter::parse(text).unwrap().resolve(&user_type()).unwrap());
    let sort = sort.map(|(path, order)| SortBy::parse(path, order, &user_type()).unwrap());
    let query = unit(move |tx| {
        let (filter, sort) = (filter.clone(), sort.clone());
        Box::pin(async move {
            let query = ListQuery {
                parts: &[ListPart {
                    resource_type: &user_type(),
                    filter: filter.as_ref(),
                    sort: sort.as_ref(),
                }],
                owner: None,
                start: Start::Offset(offset),
                count,
            };
            tx.list(&query).await
        })
    });
    let page = store.read(&main_tenant(), query).await.unwrap();
    (page.total, page.resources.iter().map(user_name).collect())
}

/// Pages are stable, totals right, filters agree with the evaluator.
pub async fn lists_page_and_filter<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    for name in ["a", "b", "c", "d", "e"] {
        created(store, name).await;
    }
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(store, None, 1, 2).await, (5, names(&["b", "c"])));
    assert_eq!(list(store, None, 4, 10).await, (5, names(&["e"])));
    assert_eq!(list(store, None, 9, 10).await, (5, names(&[])));
    assert_eq!(list(store, None, 0, 0).await, (5, names(&[])));
    let filtered = |filter| list(store, Some(filter), 0, 10);
    assert_eq!(filtered(r#"userName eq "C""#).await, (1, names(&["c"])));
    assert_eq!(filtered(r#"userName eq "x""#).await, (0, names(&[])));
    assert_eq!(filtered(r#"displayName eq "ANN""#).await.0, 5);
    assert_eq!(
        filtered(r#"displayName eq "ann" and userName eq "b""#).await,
        (1, names(&["b"]))
    );
    assert_eq!(
        filtered(r#"userName gt "c""#).await,
        (2, names(&["d", "e"]))
    );
    assert_eq!(filtered(r#"not (userName eq "a")"#).await.0, 4);
    assert_eq!(filtered(r#"id eq "no-such-id""#).await.0, 0);
}

/// Sorted lists have an order that their pages share; who has no value is last, or first in
/// descending order.
pub async fn lists_are_sorted<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    for (name, display) in [
        ("c", Some("Zoe")),
        ("a", None),
        ("e", Some("zoe")),
        ("b", Some("Émile")),
        ("d", Some("adam")),
    ] {
        let mut values = json!({ "schemas": [schema::USER_URN], "userName": name });
        if let Some(display) = display {
            values["displayName"] = json!(display);
            values["title"] = json!(display);
        }
        let add = unit(move |tx| {
            let values = values.clone();
            Box::pin(async move {
                let id = ResourceId::new(tx.new_id());
                tx.insert(&user_type(), owner(1), id, &document(values))
            })
        });
        store.write(&main_tenant(), add).await.unwrap();
    }
    let (up, down) = (SortOrder::Ascending, SortOrder::Descending);
    // With a unique key, with a look-up key, and without any.
    for (path, order, expected) in [
        ("userName", up, "abcde"),
        ("userName", down, "edcba"),
        ("displayName", up, "dceba"),
        ("displayName", down, "abced"),
        ("title", up, "dceba"),
        ("title", down, "abced"),
    ] {
        let all = sorted(store, Some((path, order)), None, 0, 10).await;
        assert_eq!((all.0, all.1.concat().as_str()), (5, expected), "{path}");
        for (offset, count) in [
            (0, 2),
            (2, 2),
            (4, 2),
            (3, 9),
            (5, 1),
            (usize::MAX, 1),
            (1, 0),
        ] {
            let page = sorted(store, Some((path, order)), None, offset, count).await;
            let expected: Vec<String> = all.1.iter().skip(offset).take(count).cloned().collect();
            assert_eq!(page, (5, expected), "{path} from {offset}");
        }
        let filter = Some(r#"userName gt "b""#);
        let some = sorted(store, Some((path, order)), filter, 0, 10).await;
        let expected: String = expected.chars().filter(|name| *name > 'b').collect();
        assert_eq!((some.0, some.1.concat()), (3, expected), "{path}");
    }
}

/// A list over several types has one total, and its pages go on from one type to the next.
pub async fn lists_cover_several_types<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    for name in ["a", "b"] {
        created(store, name).await;
    }
    let add = unit(|tx| {
        Box::pin(async move {
            for name in ["c", "d"] {
                let id = ResourceId::new(tx.new_id());
                tx.insert(&group_type(), owner(2), id, &group(name))?;
            }
            Ok(())
        })
    });
    store.write(&main_tenant(), add).await.unwrap();
    let kinds = async |sort: bool, owner, offset, count| {
        let query = unit(move |tx| {
            Box::pin(async move {
                let (users, groups) = (user_type(), group_type());
                let by_name = SortBy::parse("userName", SortOrder::Descending, &users);
                let by_name = by_name.ok().filter(|_| sort);
                let part = |resource_type, sort| ListPart {
                    resource_type,
                    filter: None,
                    sort,
                };
                let query = ListQuery {
                    parts: &[part(&users, by_name.as_ref()), part(&groups, None)],
                    owner,
                    start: Start::Offset(offset),
                    count,
                };
                tx.list(&query).await
            })
        });
        let page = store.read(&main_tenant(), query).await.unwrap();
        let kinds = page.resources.iter().map(|stored| stored.kind.as_str());
        format!("{} of {}", kinds.collect::<Vec<_>>().join(" "), page.total)
    };
    assert_eq!(kinds(false, None, 0, 9).await, "User User Group Group of 4");
    assert_eq!(kinds(false, None, 1, 2).await, "User Group of 4");
    assert_eq!(kinds(false, None, 3, 2).await, "Group of 4");
    assert_eq!(kinds(false, None, 4, 2).await, " of 4");
    assert_eq!(kinds(false, owner(2), 0, 9).await, "Group Group of 2");
    assert_eq!(kinds(true, None, 0, 9).await, "Group Group User User of 4");
    assert_eq!(kinds(true, None, 1, 2).await, "Group User of 4");
}

/// Each write leaves one line with the actor, the version and what differs.
pub async fn every_change_is_recorded<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| {
        Box::pin(async move {
            let id = ResourceId::new(tx.new_id());
            let asked = Actor {
                connection: owner(7),
                request: Some((id, "{}".to_owned())),
            };
            tx.act_for(asked);
            tx.insert(&user_type(), owner(7), id, &user("ann"))
        })
    });
    let ann = store.write(&main_tenant(), add).await.unwrap();
    rename(store, &ann, "bob").await.unwrap();
    deleted(store, &ann).await;
    seal_all(store).await;
    let changes = sealed_after(store, 0).await;
    let told: Vec<_> = changes
        .iter()
        .map(|(sealed, change)| (sealed.sequence, change.what, change.version.0, change.actor))
        .collect();
    assert_eq!(
        told,
        [
            (1, What::Created, 1, owner(7)),
            (2, What::Updated, 2, None),
            (3, What::Deleted, 3, None)
        ]
    );
    assert!(
        changes
            .iter()
            .all(|(_, change)| change.resource == Some(ann.id))
    );
    assert_eq!(contradictions(store).await, [""; 0]);
}

async fn seal_all(store: &dyn Store) -> usize {
    let mut sealed = 0;
    loop {
        let seal = unit(|tx| Box::pin(async move { tx.seal(100).await }));
        match store.write(&main_tenant(), seal).await {
            Ok(0) => return sealed,
            Ok(count) => sealed += count,
            // Two sealers met; the other one has done it.
            Err(Error::Store(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn sealed_after(store: &dyn Store, sequence: i64) -> Vec<(super::Sealed, super::Change)> {
    let after = unit(move |tx| Box::pin(async move { tx.sealed_after(sequence, 1_000).await }));
    store.read(&main_tenant(), after).await.unwrap()
}

/// While many write and two seal, a reader that follows the sequence sees every change once.
pub async fn sealed_sequence_skips_nothing<S: Store>(store: &Shared<S>) {
    follow_sealed_sequence(store, created_as).await;
}

fn created_as<S: Store>(store: Shared<S>, name: String) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        created(store.as_ref(), &name).await;
    })
}

/// The same, whichever way a writer makes its user.
pub(crate) async fn follow_sealed_sequence<S: Store>(
    store: &Shared<S>,
    create: fn(Shared<S>, String) -> BoxFuture<'static, ()>,
) {
    const WRITERS: usize = 16;
    const EACH: usize = 12;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                for number in 0..EACH {
                    create(Arc::clone(&store), format!("{writer}-{number}")).await;
                }
            })
        })
        .collect();
    let sealers: Vec<_> = (0..2)
        .map(|_| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                let mut idle = 0;
                while idle < 200 {
                    idle = if seal_all(store.as_ref()).await == 0 {
                        idle + 1
                    } else {
                        0
                    };
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut last = 0;
    let mut seen = BTreeSet::new();
    let mut writers = Some(writers);
    while seen.len() < WRITERS * EACH {
        for (sealed, change) in sealed_after(store.as_ref(), last).await {
            assert_eq!(sealed.sequence, last + 1, "no number is skipped");
            last = sealed.sequence;
            assert!(seen.insert(change.id), "no change is seen twice");
        }
        if writers
            .as_ref()
            .is_some_and(|all| all.iter().all(tokio::task::JoinHandle::is_finished))
        {
            for writer in writers.take().unwrap_or_default() {
                writer.await.unwrap();
            }
            seal_all(store.as_ref()).await;
        }
    }
    for sealer in sealers {
        sealer.await.unwrap();
    }
    assert_eq!(contradictions(store.as_ref()).await, [""; 0]);
}

/// A job goes to one worker, comes back when its lease ends, and is finished by its holder only.
pub async fn jobs_are_done_once<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| {
        Box::pin(async move {
            let job = Job {
                id: tx.new_id(),
                queue: "mail".to_owned(),
                due: tx.now(),
                attempts: 0,
                payload: "{}".to_owned(),
            };
            tx.enqueue(job);
            Ok(())
        })
    });
    store.write(&main_tenant(), add).await.unwrap();
    let claim = |seconds: i64| {
        unit(move |tx: &mut Transaction<'_>| {
            Box::pin(async move {
                let until = tx.now() + SignedDuration::from_secs(seconds);
                tx.claim_jobs("mail", until, 10).await
            })
        })
    };
    let finish = |job: Job| {
        unit(move |tx: &mut Transaction<'_>| {
            let job = job.clone();
            Box::pin(async move { tx.finish_job(&job).await })
        })
    };
    // A lease that is over as soon as it begins: the job is free again.
    let first = store.write(&main_tenant(), claim(-1)).await.unwrap();
    let second = store.write(&main_tenant(), claim(60)).await.unwrap();
    assert_eq!((first.len(), second.len(), second[0].attempts), (1, 1, 2));
    assert!(
        store
            .write(&main_tenant(), claim(60))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        !store
            .write(&main_tenant(), finish(first[0].clone()))
            .await
            .unwrap()
    );
    assert!(
        store
            .write(&main_tenant(), finish(second[0].clone()))
            .await
            .unwrap()
    );
    assert!(
        !store
            .write(&main_tenant(), finish(second[0].clone()))
            .await
            .unwrap()
    );
}

/// A lease is kept by its holder and taken over when it ends.
pub async fn leases_have_one_holder<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let take = async |holder: u128, seconds: i64| {
        let lease = unit(move |tx| {
            Box::pin(async move {
                let until = tx.now() + SignedDuration::from_secs(seconds);
                tx.lease("sealer", Uuid::from_u128(holder), until).await
            })
        });
        store.write(&main_tenant(), lease).await.unwrap()
    };
    assert!(take(1, 60).await);
    assert!(!take(2, 60).await);
    assert!(take(1, -60).await);
    assert!(take(2, 60).await);
    assert!(!take(1, 60).await);
}

/// Of 32 units that do something under one key, one does it; the key is forgotten after a day.
pub async fn a_key_is_used_once<S: Store>(store: &Shared<S>) {
    let tasks = (0..32).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let store: &dyn Store = store.as_ref();
            let add = unit(|tx| {
                Box::pin(async move {
                    let connection = ConnectionId(Uuid::from_u128(1));
                    if let Some(done) = tx.done_once(connection, "key").await? {
                        return Ok((done.resource, false));
                    }
                    let name = tx.new_id().to_string();
                    let added = add_user(tx, &name)?;
                    tx.remember(DoneOnce {
                        connection,
                        key: "key".to_owned(),
                        fingerprint: [7; 32],
                        created: tx.now(),
                        resource: added.id,
                    });
                    Ok((added.id, true))
                })
            });
            store.write(&main_tenant(), add).await.unwrap()
        })
    });
    let mut made = BTreeMap::new();
    for task in tasks.collect::<Vec<_>>() {
        *made.entry(task.await.unwrap()).or_insert(0) += 1;
    }
    let [(first, false), (second, true)] = made.keys().collect::<Vec<_>>()[..] else {
        panic!("{made:?}");
    };
    assert_eq!((first, made[&(*second, true)]), (second, 1));
    let store: &dyn Store = store.as_ref();
    let again = unit(|tx| {
        Box::pin(async move {
            let connection = |number| ConnectionId(Uuid::from_u128(number));
            let done = tx
                .done_once(connection(1), "key")
                .await?
                .expect("it is new");
            assert_eq!(tx.done_once(connection(2), "key").await?, None);
            tx.remember(DoneOnce {
                key: "old".to_owned(),
                created: tx.now() - DoneOnce::KEPT_FOR,
                ..done.clone()
            });
            tx.flush().await?;
            assert_eq!(tx.done_once(connection(1), "old").await?, None);
            Ok(done)
        })
    });
    let done = store.write(&main_tenant(), again).await.unwrap();
    assert_eq!((done.fingerprint, done.resource), ([7; 32], *first));
}

/// Of several processes that make a secret key for a tenant at once, all get the same one.
pub async fn a_tenant_key_is_made_once<S: Store>(store: &Shared<S>) {
    let tasks = (1..=16).map(|byte| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let store: &dyn Store = store.as_ref();
            let make = unit(move |tx| {
                Box::pin(async move {
                    tx.offer_tenant_key("cursor", [byte; 32]);
                    tx.flush().await?;
                    tx.tenant_key("cursor").await
                })
            });
            store.write(&main_tenant(), make).await.unwrap().unwrap()
        })
    });
    let mut keys = BTreeSet::new();
    for task in tasks.collect::<Vec<_>>() {
        keys.insert(task.await.unwrap());
    }
    assert_eq!(keys.len(), 1);
    let store: &dyn Store = store.as_ref();
    let other = unit(|tx| Box::pin(async move { tx.tenant_key("other").await }));
    assert_eq!(store.read(&main_tenant(), other).await.unwrap(), None);
}

fn put_token(tx: &mut Transaction<'_>) -> Token {
    let token = Token {
        id: ConnectionId(tx.new_id()),
        kind: TokenKind::Idp,
        name: "Entra".to_owned(),
        person: Some(ResourceId::new(Uuid::from_u128(7))),
        policy: "strict".parse().unwrap(),
        created: tx.now(),
        expires: None,
        revoked: None,
        last_used: None,
    };
    tx.put_token(token.clone());
    token
}

/// A token is found by any of its secrets' hashes; what was revoked stays revoked.
pub async fn tokens_and_secrets<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| {
        Box::pin(async move {
            let token = put_token(tx);
            for (byte, purpose) in [
                (1, SecretPurpose::Connection),
                (2, SecretPurpose::AccessToken),
            ] {
                tx.put_secret(Secret {
                    token: token.id,
                    purpose,
                    hash: [byte; 32],
                    created: tx.now(),
                    expires: None,
                });
            }
            Ok(token)
        })
    });
    let token = store.write(&main_tenant(), add).await.unwrap();
    let by_hash = async |byte: u8| {
        let find = unit(move |tx| Box::pin(async move { tx.token_by_hash(&[byte; 32]).await }));
        let found = store.read(&main_tenant(), find).await.unwrap();
        found.map(|(found, secret)| {
            assert_eq!(found, token);
            secret.purpose
        })
    };
    assert_eq!(by_hash(1).await, Some(SecretPurpose::Connection));
    assert_eq!(by_hash(2).await, Some(SecretPurpose::AccessToken));
    assert_eq!(by_hash(3).await, None);
    let remove = unit(|tx| {
        Box::pin(async move {
            tx.remove_secret([2; 32]);
            tx.remove_secret([3; 32]);
            Ok(())
        })
    });
    store.write(&main_tenant(), remove).await.unwrap();
    assert_eq!(by_hash(1).await, Some(SecretPurpose::Connection));
    assert_eq!(by_hash(2).await, None);
    let revoke = async |revoked: bool| {
        let token = token.clone();
        let put = unit(move |tx| {
            let token = token.clone();
            Box::pin(async move {
                let revoked = revoked.then(|| tx.now());
                tx.put_token(Token { revoked, ..token });
                Ok(())
            })
        });
        store.write(&main_tenant(), put).await.unwrap();
    };
    revoke(true).await;
    revoke(false).await;
    let id = token.id.0;
    let get =
        unit(move |tx| Box::pin(async move { Ok((tx.token(id).await?, tx.tokens().await?)) }));
    let (one, all) = store.read(&main_tenant(), get).await.unwrap();
    assert!(one.is_some_and(|token| token.revoked.is_some()));
    assert_eq!(all.len(), 1);
}

/// A token trusts one issuer at most, and is found by it in its own tenant.
pub async fn trusts_are_found_by_issuer<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let add = unit(|tx| Box::pin(async move { Ok([put_token(tx).id, put_token(tx).id]) }));
    let [first, second] = store.write(&main_tenant(), add).await.unwrap();
    let trusting = |token: ConnectionId, issuer: &str, keys: TrustedKeys| Trust {
        token,
        issuer: issuer.to_owned(),
        audience: "api://scim".to_owned(),
        subject: "s".to_owned(),
        claims: BTreeMap::from([("appid".to_owned(), "a \" b".to_owned())]),
        keys,
        created: jiff::Timestamp::UNIX_EPOCH,
    };
    let url = || TrustedKeys::Url("https://a.example/keys".to_owned());
    let document = || TrustedKeys::Document(r#"{"keys":[]}"#.to_owned());
    let put = async |trusts: &[Trust], removed: &[ConnectionId]| {
        let (trusts, removed) = (trusts.to_vec(), removed.to_vec());
        let put = unit(move |tx| {
            trusts.iter().for_each(|trust| tx.put_trust(trust.clone()));
            removed.iter().for_each(|token| tx.remove_trust(token.0));
            Box::pin(async move { Ok(()) })
        });
        store.write(&main_tenant(), put).await.unwrap();
    };
    let found = async |tenant: &TenantId, issuer: Option<&'static str>| {
        let find = unit(move |tx| Box::pin(async move { tx.trusts(issuer).await }));
        let found = store.read(tenant, find).await.unwrap();
        let trust = |(token, trust): (Token, Trust)| {
            assert_eq!(token.id, trust.token);
            trust
        };
        found.into_iter().map(trust).collect::<Vec<_>>()
    };
    let (one, two) = (
        trusting(first, "https://a.example", url()),
        trusting(second, "https://a.example", document()),
    );
    put(&[one.clone(), two.clone()], &[]).await;
    let a = Some("https://a.example");
    assert_eq!(found(&main_tenant(), a).await, [one, two.clone()]);
    let elsewhere = trusting(first, "https://a.example/", url());
    put(std::slice::from_ref(&elsewhere), &[]).await;
    assert_eq!(found(&main_tenant(), a).await, std::slice::from_ref(&two));
    assert_eq!(found(&main_tenant(), None).await, [elsewhere, two.clone()]);
    assert_eq!(found(&"other".parse().unwrap(), None).await, []);
    put(&[], &[first]).await;
    assert_eq!(found(&main_tenant(), None).await, [two]);
}

/// A unit that runs again has the time and the ids that it had before.
pub async fn ids_and_time_stay_in_every_attempt<S: Store>(store: &Shared<S>) {
    let store: &dyn Store = store.as_ref();
    let attempts: Arc<std::sync::Mutex<Vec<(Uuid, jiff::Timestamp)>>> = Arc::default();
    let seen = Arc::clone(&attempts);
    let stumbles = unit(move |tx| {
        let seen = Arc::clone(&seen);
        Box::pin(async move {
            let attempt = (tx.new_id(), tx.now());
            let count = {
                let mut seen = seen.lock().unwrap();
                seen.push(attempt);
                seen.len()
            };
            if count < 3 {
                return Err(
                    crate::StoreError::Conflict("as if another were in the way".into()).into(),
                );
            }
            Ok(())
        })
    });
    store.write(&main_tenant(), stumbles).await.unwrap();
    let attempts = attempts.lock().unwrap().clone();
    assert_eq!(attempts.len(), 3);
    assert!(attempts.iter().all(|attempt| *attempt == attempts[0]));
}
