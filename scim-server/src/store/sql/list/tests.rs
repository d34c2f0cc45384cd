//! What the databases answer is what the evaluator answers, for random resources, filters, sorts,
//! owners and pages.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use scim_core::schema::GROUP_URN;
use scim_core::{
    Document, Filter, ResourceId, ResourceType, SortBy, SortOrder, TypedFilter, filter, sort,
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::store::answer::{answer, whole};
use crate::store::contract::{group_type, main_tenant, user_type};
use crate::store::{
    ConnectionId, Fresh, ListPart, ListQuery, Lock, Page, Seek, Start, Store, Stored, Way, unit,
};

/// How often each database is filled anew, with other resources.
const FILLINGS: u8 = 10;
/// Queries to each filling.
const CASES: u32 = 1_000;
const USERS: u32 = 64;
const GROUPS: u32 = 12;

#[test]
fn sqlite_answers_as_the_evaluator() {
    let runtime = Runtime::new().unwrap();
    for filling in 0..FILLINGS {
        check(&runtime, &runtime.block_on(Fresh::sqlite()), filling);
    }
}

#[test]
fn postgres_answers_as_the_evaluator() {
    let runtime = Runtime::new().unwrap();
    for filling in 0..FILLINGS {
        check(&runtime, &runtime.block_on(Fresh::postgres()), filling);
    }
}

#[tokio::test]
async fn sqlite_pages_follow_what_comes_and_goes() {
    pages_follow_what_comes_and_goes(&Fresh::sqlite().await).await;
}

#[tokio::test]
async fn postgres_pages_follow_what_comes_and_goes() {
    pages_follow_what_comes_and_goes(&Fresh::postgres().await).await;
}

/// Pages by index are found by a ruler that follows the change feed: whatever came, went and was
/// sealed since the page before, they are those of the list as it is.
async fn pages_follow_what_comes_and_goes(fresh: &Fresh) {
    let store: &dyn Store = fresh.store.as_ref();
    let mut rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut ids: Vec<ResourceId> = Vec::new();
    for round in 0_u32..120 {
        let comes = rng.random_range(0..30_u32);
        let goes = rng.random_range(0..12_usize).min(ids.len());
        let gone: Vec<ResourceId> = (0..goes)
            .map(|_| ids.swap_remove(rng.random_range(0..ids.len())))
            .collect();
        let change = unit(move |tx| {
            let gone = gone.clone();
            Box::pin(async move {
                for stored in tx.get_many(&gone, Lock::ForUpdate).await? {
                    tx.delete(&user_type(), &stored)?;
                }
                let mut came = Vec::new();
                for number in 0..comes {
                    let id = ResourceId::new(tx.new_id());
                    let name = json!({ "userName": format!("u{round}-{number}") });
                    let document = Document::from_stored(present(name));
                    tx.insert(&user_type(), Some(connection(1)), id, &document)?;
                    came.push(id);
                }
                Ok(came)
            })
        });
        ids.extend(store.write(&main_tenant(), change).await.unwrap());
        ids.sort_unstable();
        if round % 3 == 0 {
            let seal = unit(|tx| Box::pin(async move { tx.seal(250).await }));
            store.write(&main_tenant(), seal).await.unwrap();
        }
        let owner = [None, Some(connection(1)), Some(connection(2))][rng.random_range(0..3)];
        let offset = rng.random_range(0..=ids.len());
        let count = rng.random_range(0..40_usize);
        let page = unit(move |tx| {
            Box::pin(async move {
                let users = user_type();
                let part = ListPart {
                    resource_type: &users,
                    filter: None,
                    sort: None,
                };
                tx.list(&ListQuery {
                    parts: &[part],
                    owner,
                    start: Start::Offset(offset),
                    count,
                })
                .await
            })
        });
        let page = store.read(&main_tenant(), page).await.unwrap();
        let all = if owner == Some(connection(2)) {
            &[]
        } else {
            ids.as_slice()
        };
        let expected: Vec<_> = all.iter().skip(offset).take(count).copied().collect();
        let found: Vec<_> = page.resources.iter().map(|stored| stored.id).collect();
        assert_eq!((page.total, found), (all.len(), expected), "round {round}");
    }
}

fn check(runtime: &Runtime, fresh: &Fresh, filling: u8) {
    let all = runtime.block_on(populated(fresh, filling));
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let run = runner.run(&asked(), |asked| {
        let matching = asked.matching(&all);
        let page = runtime.block_on(asked.answer(fresh, None));
        prop_assert_eq!(
            page.total,
            matching.len(),
            "the total of {:?} in {}",
            asked,
            filling
        );
        let (start, end) = asked.expected(matching.len());
        let found = ids(&page);
        prop_assert_eq!(
            &found,
            &matching[start..end],
            "the page of {:?} in {}",
            asked,
            filling
        );
        prop_assert_eq!(page.more, end < matching.len(), "more after {:?}", asked);
        // Every fourth time, which is often enough and takes two queries more.
        let beside = asked.offset % 4 == 0;
        if let (true, Some(first), Some(last)) =
            (beside, page.resources.first(), page.resources.last())
        {
            let next = runtime.block_on(asked.answer(fresh, Some((Way::Forward, last))));
            let far = matching.len().min(end + asked.count);
            prop_assert_eq!(
                ids(&next),
                &matching[end..far],
                "the page after {:?}",
                asked
            );
            prop_assert_eq!(
                next.more,
                far < matching.len(),
                "more after that of {:?}",
                asked
            );
            let back = runtime.block_on(asked.answer(fresh, Some((Way::Backward, first))));
            let far = start.saturating_sub(asked.count);
            prop_assert_eq!(
                ids(&back),
                &matching[far..start],
                "the page before {:?}",
                asked
            );
            prop_assert_eq!(back.more, far > 0, "more before that of {:?}", asked);
        }
        if let Some(most) = asked.examined_at_most(page.total) {
            prop_assert!(
                page.examined <= most,
                "{} read for {asked:?}",
                page.examined
            );
        }
        Ok(())
    });
    run.unwrap();
}

fn ids(page: &Page) -> Vec<ResourceId> {
    page.resources.iter().map(|stored| stored.id).collect()
}

/// A query as a client may write it.
#[derive(Debug, Clone)]
struct Asked {
    filter: Option<String>,
    sort: Option<(&'static str, SortOrder)>,
    owner: Option<ConnectionId>,
    groups_too: bool,
    offset: usize,
    count: usize,
}

/// What a type makes of it.
struct Part {
    resource_type: ResourceType,
    filter: Option<TypedFilter>,
    sort: Option<SortBy>,
}

impl Asked {
    fn parts(&self) -> Vec<Part> {
        let types = [Some(user_type()), self.groups_too.then(group_type)];
        let types = types.into_iter().flatten();
        let part = |resource_type: ResourceType| {
            let filter = self.filter.as_ref().map(|text| {
                let filter = Filter::parse(text).unwrap();
                let resolved = filter.resolve(&resource_type);
                resolved.unwrap_or_else(|_| TypedFilter::Or(Vec::new()))
            });
            let sort = self
                .sort
                .and_then(|(path, order)| SortBy::parse(path, order, &resource_type).ok());
            Part {
                resource_type,
                filter,
                sort,
            }
        };
        types.map(part).collect()
    }

    /// The page that is asked for, or the one beside a resource of it.
    async fn answer(&self, fresh: &Fresh, beside: Option<(Way, &Stored)>) -> Page {
        let beside = beside.map(|(way, stored)| (way, stored.clone()));
        let asked = Arc::new((self.clone(), self.parts(), beside));
        let list = unit(move |tx| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (asked, made, beside) = asked.as_ref();
                let parts = parts(made);
                let query = asked.query(&parts);
                let Some((way, stored)) = beside else {
                    return tx.list(&query).await;
                };
                let place = &query.place(stored)?;
                let (way, total) = (*way, 0);
                let start = Start::At(Seek { place, way, total });
                tx.list(&ListQuery { start, ..query }).await
            })
        });
        let store: &dyn Store = fresh.store.as_ref();
        store.read(&main_tenant(), list).await.unwrap()
    }

    fn query<'q>(&self, parts: &'q [ListPart<'q>]) -> ListQuery<'q> {
        ListQuery {
            parts,
            owner: self.owner,
            start: Start::Offset(self.offset),
            count: self.count,
        }
    }

    /// All matches in order, from documents that were read before, in the order of ids.
    fn matching(&self, all: &[(Stored, Map<String, Value>)]) -> Vec<ResourceId> {
        let parts = self.parts();
        let mut matching: Vec<&(Stored, Map<String, Value>)> = Vec::new();
        for part in &parts {
            matching.extend(all.iter().filter(|(stored, document)| {
                stored.kind == part.resource_type.name()
                    && self.owner.is_none_or(|owner| stored.owner == Some(owner))
                    && part
                        .filter
                        .as_ref()
                        .is_none_or(|it| filter::matches(it, document))
            }));
        }
        if let Some(by) = parts.iter().find_map(|part| part.sort.as_ref()) {
            matching.sort_by(|(left, one), (right, other)| {
                sort::compare(by, one, other).then(left.id.cmp(&right.id))
            });
        }
        matching.iter().map(|(stored, _)| stored.id).collect()
    }

    /// Of so many matches, which the page has.
    fn expected(&self, matching: usize) -> (usize, usize) {
        let start = self.offset.min(matching);
        (start, matching.min(start + self.count))
    }

    /// An equality on an indexed attribute reads what it answers with, and what a sort reads
    /// again.
    fn examined_at_most(&self, total: usize) -> Option<usize> {
        let mut words = self.filter.as_deref()?.splitn(3, ' ');
        let indexed = ["userName", "externalId", "displayName", "emails.value"];
        let is_indexed = indexed.contains(&words.next()?);
        let alone = words.next()? == "eq" && !self.filter.as_deref()?.contains(['(', '[']);
        let text = words.next()?;
        let alone = alone && text != "\"\"" && !text.contains(' ');
        let read_again = usize::from(self.sort.is_some()) * self.count.min(total);
        let no_groups = !self.groups_too;
        (is_indexed && alone && no_groups).then_some(total + read_again)
    }
}

fn parts(parts: &[Part]) -> Vec<ListPart<'_>> {
    let parts = parts.iter().map(|part| ListPart {
        resource_type: &part.resource_type,
        filter: part.filter.as_ref(),
        sort: part.sort.as_ref(),
    });
    parts.collect()
}

/// Folded alike and not, and in another order as UTF-16 than as UTF-8.
const TEXTS: [&str; 14] = [
    "",
    "a",
    "A",
    "ab",
    "Ab",
    "abc",
    "b",
    "Straße",
    "STRASSE",
    "é",
    "E\u{301}",
    "z",
    "\u{e000}",
    "\u{1f600}",
];

fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&TEXTS)
}

fn asked() -> impl Strategy<Value = Asked> {
    let sorts = [
        "userName",
        "displayName",
        "title",
        "externalId",
        "active",
        "emails",
        "emails.type",
        "name.familyName",
        "meta.created",
        "id",
    ];
    let order = prop::sample::select(&[SortOrder::Ascending, SortOrder::Descending]);
    let sort = prop::option::of((prop::sample::select(sorts.to_vec()), order));
    let filter = prop::option::weighted(0.9, condition());
    let owner = prop::option::of(1_u128..=2).prop_map(|owner| owner.map(connection));
    let page = prop_oneof![(0..60_usize, 0..30_usize), Just((0, 1_000))];
    let all = (filter, sort, owner, prop::bool::weighted(0.2), page);
    all.prop_map(|(filter, sort, owner, groups_too, page)| Asked {
        filter,
        sort,
        owner,
        groups_too,
        offset: page.0,
        count: page.1,
    })
}

fn condition() -> impl Strategy<Value = String> {
    let texts = vec![
        "userName",
        "externalId",
        "displayName",
        "title",
        "emails.value",
        "emails.type",
        "emails",
        "name.familyName",
    ];
    let in_brackets = prop_oneof![
        3 => compared(vec!["value", "type"]),
        1 => any::<bool>().prop_map(|primary| format!("primary eq {primary}")),
        1 => Just("value pr".to_owned()),
    ];
    let in_brackets = prop::collection::vec(in_brackets, 1..3).prop_map(|all| all.join(" and "));
    let dates = prop::sample::select(&["gt", "le", "ne"]);
    let leaf = prop_oneof![
        8 => compared(texts.clone()),
        1 => prop::sample::select(texts).prop_map(|path| format!("{path} pr")),
        1 => any::<bool>().prop_map(|active| format!("active eq {active}")),
        1 => (1..200_u128).prop_map(|id| format!("id eq \"{}\"", Uuid::from_u128(id))),
        1 => dates.prop_map(|it| format!("meta.created {it} \"2020-01-01T00:00:00Z\"")),
        2 => in_brackets.clone().prop_map(|inside| format!("emails[{inside}]")),
        1 => (in_brackets, compared(vec!["value"]))
            .prop_map(|(inside, compared)| format!("emails[{inside}].{compared}")),
    ];
    leaf.prop_recursive(3, 6, 3, |inner| {
        let some = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            3 => some.clone().prop_map(|all| format!("({})", all.join(" and "))),
            1 => some.prop_map(|all| format!("({})", all.join(" or "))),
            1 => inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

fn compared(paths: Vec<&'static str>) -> impl Strategy<Value = String> {
    let operators = [
        "eq", "eq", "eq", "ne", "co", "sw", "sw", "ew", "gt", "ge", "lt", "le",
    ];
    let operators = prop::sample::select(operators.to_vec());
    (prop::sample::select(paths), operators, text())
        .prop_map(|(path, operator, text)| format!("{path} {operator} {}", json!(text)))
}

/// A user without its name, which must be unique.
fn user() -> impl Strategy<Value = Map<String, Value>> {
    let email = (
        prop::option::of(text()),
        prop::option::of(prop::sample::select(&["work", "Home"])),
        prop::option::of(any::<bool>()),
    );
    let email = email.prop_map(
        |(value, kind, primary)| json!({ "value": value, "type": kind, "primary": primary }),
    );
    let attributes = (
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of(any::<bool>()),
        prop::collection::vec(email, 0..3),
    );
    attributes.prop_map(|(display, title, family, active, emails)| {
        let document = json!({
            "displayName": display,
            "title": title,
            "name": { "familyName": family },
            "active": active,
            "emails": emails,
        });
        present(document)
    })
}

/// Documents hold no nulls and no empty lists.
fn present(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else {
        return Map::new();
    };
    let kept = map.into_iter().filter_map(|(name, value)| match value {
        Value::Null => None,
        Value::Array(values) => {
            let values = values.into_iter().map(present);
            let values = values.filter(|value| !value.is_empty()).map(Value::Object);
            let values: Vec<Value> = values.collect();
            (!values.is_empty()).then_some((name, Value::Array(values)))
        }
        Value::Object(_) => {
            let inner = present(value);
            (!inner.is_empty()).then_some((name, Value::Object(inner)))
        }
        value => Some((name, value)),
    });
    kept.collect()
}

/// Random users and groups of two connections, as they are stored: others for each `filling`, and
/// the same whenever it is asked for.
async fn populated(fresh: &Fresh, filling: u8) -> Vec<(Stored, Map<String, Value>)> {
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[filling; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let mut draw = || user().new_tree(&mut runner).unwrap().current();
    let mut documents = Vec::new();
    for number in 0..USERS {
        let mut document = draw();
        // Both connections have the same names.
        let base = TEXTS[number as usize / 2 % TEXTS.len()];
        let name = match number as usize / 2 / TEXTS.len() {
            0 if !base.is_empty() => base.to_owned(),
            round => format!("{base}{round}"),
        };
        document.insert("userName".to_owned(), json!(name));
        if number % 3 == 0 {
            document.insert("externalId".to_owned(), json!(format!("{base}-{number}")));
        }
        documents.push((u128::from(number % 2 + 1), user_type(), document));
    }
    // Folded alike, names collide: the later one gets another.
    for at in 0..documents.len() {
        let folded = |document: &Map<String, Value>| {
            scim_core::text::fold(document["userName"].as_str().unwrap())
        };
        let (before, rest) = documents.split_at_mut(at);
        let (owner, _, document) = &mut rest[0];
        let name = folded(document);
        if before
            .iter()
            .any(|it| it.0 == *owner && folded(&it.2) == name)
        {
            document.insert("userName".to_owned(), json!(format!("{name}#{at}")));
        }
    }
    for number in 0..GROUPS {
        let mut document = draw();
        document.retain(|name, _| name == "displayName");
        document.insert("schemas".to_owned(), json!([GROUP_URN]));
        documents.push((u128::from(number % 2 + 1), group_type(), document));
    }
    let documents = Arc::new(documents);
    let add = unit(move |tx| {
        let documents = Arc::clone(&documents);
        Box::pin(async move {
            let mut added = Vec::new();
            for (number, (owner, resource_type, document)) in (1_u128..).zip(documents.iter()) {
                // In another order than they were made.
                let id = ResourceId::new(Uuid::from_u128(number * 77 % 191));
                let document = Document::from_stored(document.clone());
                let owner = Some(connection(*owner));
                added.push(tx.insert(resource_type, owner, id, &document)?);
            }
            Ok(added)
        })
    });
    let store: &dyn Store = fresh.store.as_ref();
    let mut added: Vec<Stored> = store.write(&main_tenant(), add).await.unwrap();
    added.sort_by_key(|stored| stored.id);
    let whole = |stored: Stored| {
        let document = whole(&stored).unwrap();
        (stored, document)
    };
    added.into_iter().map(whole).collect()
}

fn connection(number: u128) -> ConnectionId {
    ConnectionId(Uuid::from_u128(number))
}

/// How many resources a filter finds, and how many are read for that.
#[tokio::test]
async fn keys_narrow_what_is_read() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let add = unit(|tx| {
            Box::pin(async move {
                for number in 0..1_200 {
                    let name = format!("u{number:04}");
                    let mut document = present(json!({ "userName": name, "displayName": "Ann" }));
                    if number % 10 == 0 {
                        let emails = json!([{ "value": name }, { "value": format!("{name}+") }]);
                        document.insert("emails".to_owned(), emails);
                    }
                    let id = ResourceId::new(tx.new_id());
                    let document = Document::from_stored(document);
                    tx.insert(&user_type(), Some(connection(1)), id, &document)?;
                }
                Ok(())
            })
        });
        let store: &dyn Store = fresh.store.as_ref();
        store.write(&main_tenant(), add).await.unwrap();
        for (filter, total, examined) in [
            (r#"userName eq "U0007""#, 1, 1),
            (r#"userName sw "U000""#, 10, 10),
            (r#"userName gt "u1189""#, 10, 10),
            (r#"userName ge "u1189" and userName lt "u1195""#, 6, 11),
            (r#"userName le "u0009" and title pr"#, 0, 10),
            (r#"displayName eq "ann" and emails.value sw "u00""#, 10, 10),
            (r#"emails[type eq "work"].value sw "u00""#, 0, 10),
            ("emails.value pr", 120, 120),
            // What comes after the page is counted by its keys.
            (r#"displayName eq "ann""#, 1_200, 500),
            (r#"displayName sw "a""#, 1_200, 1_200),
            (r#"userName co "u""#, 1_200, 1_200),
            (r#"displayName eq "nobody""#, 0, 0),
            (r#"id eq "nothing""#, 0, 0),
            (r#"userName eq "\u0000""#, 0, 0),
            (r#"userName sw "u\u0000""#, 0, 1_200),
            (
                r#"userName gt "u1189\u0000" and userName sw "u11""#,
                10,
                100,
            ),
        ] {
            let asked = Asked {
                filter: Some(filter.to_owned()),
                sort: None,
                owner: None,
                groups_too: false,
                offset: 0,
                count: 10,
            };
            let page = asked.answer(&fresh, None).await;
            let shown = (page.total, page.examined, page.resources.len());
            assert_eq!(shown, (total, examined, total.min(10)), "{filter}");
        }
    }
}

/// A page of those whose key has a beginning reads no more than it has, when it is sorted by the same attribute.
#[tokio::test]
async fn a_beginning_in_its_own_order_reads_a_page() {
    for fresh in [Fresh::sqlite().await, Fresh::postgres().await] {
        let add = unit(|tx| {
            Box::pin(async move {
                for number in 0..1_200 {
                    let document = present(json!({ "userName": format!("U{number:04}") }));
                    let id = ResourceId::new(tx.new_id());
                    let document = Document::from_stored(document);
                    tx.insert(&user_type(), Some(connection(1)), id, &document)?;
                }
                Ok(())
            })
        });
        let store: &dyn Store = fresh.store.as_ref();
        store.write(&main_tenant(), add).await.unwrap();
        for (filter, order, offset, total, first) in [
            (
                r#"userName sw "u""#,
                SortOrder::Ascending,
                0,
                1_200,
                "U0000",
            ),
            (
                r#"userName sw "u""#,
                SortOrder::Descending,
                0,
                1_200,
                "U1199",
            ),
            (
                r#"userName sw "U01""#,
                SortOrder::Ascending,
                5,
                100,
                "U0105",
            ),
            (
                r#"userName sw "U01""#,
                SortOrder::Descending,
                5,
                100,
                "U0194",
            ),
        ] {
            let asked = Asked {
                filter: Some(filter.to_owned()),
                sort: Some(("userName", order)),
                owner: None,
                groups_too: false,
                offset,
                count: 10,
            };
            let page = asked.answer(&fresh, None).await;
            let name = page.resources[0].parse().unwrap();
            let shown = (
                page.total,
                page.examined,
                name.get("userName").unwrap().clone(),
            );
            assert_eq!(shown, (total, 10, json!(first)), "{filter}");
            let beside = (Way::Forward, page.resources.last().unwrap());
            let next = asked.answer(&fresh, Some(beside)).await;
            assert_eq!((next.resources.len(), next.more), (10, true), "{filter}");
        }
    }
}

/// Stores without an index may answer with [`answer`]: it says the same.
#[test]
fn the_plain_answer_is_the_evaluators() {
    let runtime = Runtime::new().unwrap();
    let fresh = runtime.block_on(Fresh::sqlite());
    let all = runtime.block_on(populated(&fresh, 0));
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let run = TestRunner::new(config).run(&asked(), |asked| {
        let made = asked.parts();
        let stored = all.iter().map(|(stored, _)| stored.clone());
        let page = answer(&asked.query(&parts(&made)), stored).unwrap();
        let matching = asked.matching(&all);
        let (start, end) = asked.expected(matching.len());
        prop_assert_eq!(page.total, matching.len());
        prop_assert_eq!(ids(&page), &matching[start..end]);
        prop_assert_eq!(page.more, end < matching.len());
        let stored = || all.iter().map(|(stored, _)| stored.clone());
        if let (Some(first), Some(last)) = (page.resources.first(), page.resources.last()) {
            let parts = parts(&made);
            let query = asked.query(&parts);
            let beside = |way, of: &Stored| {
                let place = &query.place(of).unwrap();
                let start = Start::At(Seek {
                    place,
                    way,
                    total: 7,
                });
                answer(&ListQuery { start, ..query }, stored()).unwrap()
            };
            let next = beside(Way::Forward, last);
            let far = matching.len().min(end + asked.count);
            prop_assert_eq!((next.total, ids(&next)), (7, matching[end..far].to_vec()));
            prop_assert_eq!(next.more, far < matching.len());
            let back = beside(Way::Backward, first);
            let far = start.saturating_sub(asked.count);
            prop_assert_eq!(ids(&back), &matching[far..start]);
            prop_assert_eq!(back.more, far > 0);
        }
        Ok(())
    });
    run.unwrap();
}
