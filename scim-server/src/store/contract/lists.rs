//! Lists: pages, filters, sorts, several types.

use super::*;

pub(super) async fn list(
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
