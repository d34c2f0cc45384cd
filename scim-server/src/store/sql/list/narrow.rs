//! Which rows can match a filter at all: what the key tables say about it.
//!
//! A key narrows the search where the filter cannot hold without it. One that finds a single row,
//! or is alone, is simply used. Otherwise each is asked for its ids, up to [`PROBE`], and the one
//! with the fewest wins; where all have more, reading in the order of ids costs less.

use std::collections::BTreeSet;
use std::ops::Bound;

use scim_core::filter::{Comparison, Operator};
use scim_core::path::KeyPath;
use scim_core::schema::Type;
use scim_core::{ResourceId, ResourceType, TypedFilter};

use crate::Error;
use crate::store::sql::Scope;
use crate::store::sql::resources::Candidates;
use crate::store::sql::statement::{Row, Statement};
use crate::store::{ConnectionId, ListPart};

/// Ids that a key is asked for at most.
const PROBE: usize = 1_000;
/// So few that no other key is asked.
const FEW: usize = 50;

/// How the rows are found.
pub(super) enum Narrowed {
    /// None can match.
    Nothing,
    /// By this statement, in the order of ids.
    Statement(Candidates),
    /// By this statement, which asks for all that the filter does: whatever it finds matches.
    Exactly(Candidates),
    /// They are these, in order.
    Ids(Vec<ResourceId>),
}

pub(super) async fn narrow(
    scope: &mut Scope<'_>,
    owner: Option<ConnectionId>,
    part: &ListPart<'_>,
) -> Result<Narrowed, Error> {
    if let Some(ids) = part.filter.and_then(among) {
        let mut ids: Vec<ResourceId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        ids.sort_unstable();
        return Ok(Narrowed::Ids(ids));
    }
    let mut conditions = Vec::new();
    match part.filter {
        None => {}
        Some(TypedFilter::Or(filters)) if filters.is_empty() => return Ok(Narrowed::Nothing),
        Some(filter) => gather(filter, &mut conditions),
    }
    if let Some(id) = conditions.iter().find(|condition| condition.key == "id")
        && let Some(value) = id.equal()
    {
        return Ok(match value.parse() {
            Ok(id) => Narrowed::Statement(Candidates::Id(id)),
            Err(_) => Narrowed::Nothing,
        });
    }
    // No text that is stored holds U+0000, and PostgreSQL does not take it as an argument.
    if conditions
        .iter()
        .any(|it| it.equal().is_some() && it.has_nul())
    {
        return Ok(Narrowed::Nothing);
    }
    conditions.retain(|condition| !condition.has_nul());
    let mut indexed: Vec<(&'static str, Condition<'_>)> = conditions
        .into_iter()
        .filter_map(|condition| Some((table(part.resource_type, condition.key)?, condition)))
        .collect();
    let finds_one = |(table, condition): &(_, Condition<'_>)| {
        *table == "unique_key" && condition.equal().is_some()
    };
    if let Some(found) = indexed.iter().position(finds_one) {
        indexed = vec![indexed.swap_remove(found)];
    }
    if let [(table, condition)] = indexed.as_slice()
        && let Some(statement) = condition.statement(table)
    {
        return Ok(match part.filter {
            // An empty text is a key like any other, and no value to the evaluator.
            Some(filter) if is_equality(filter) && condition.equal() != Some("") => {
                Narrowed::Exactly(statement)
            }
            _ => Narrowed::Statement(statement),
        });
    }
    fewest(scope, owner, part.resource_type.name(), &indexed).await
}

async fn fewest(
    scope: &mut Scope<'_>,
    owner: Option<ConnectionId>,
    kind: &str,
    indexed: &[(&'static str, Condition<'_>)],
) -> Result<Narrowed, Error> {
    let mut best: Option<Vec<ResourceId>> = None;
    for (table, condition) in indexed {
        let found = ids(scope, owner, kind, table, condition).await?;
        if found.len() <= best.as_ref().map_or(PROBE, Vec::len) {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| best.len() <= FEW) {
            break;
        }
    }
    if let Some(mut ids) = best {
        // One resource may have several keys in a range.
        ids.sort_unstable();
        ids.dedup();
        return Ok(Narrowed::Ids(ids));
    }
    // Many have the key, but not all.
    let equal = indexed.iter().find_map(|(table, it)| it.statement(table));
    Ok(Narrowed::Statement(equal.unwrap_or(Candidates::All)))
}

/// The first ids that a condition finds, one more than [`PROBE`] at most.
async fn ids(
    scope: &mut Scope<'_>,
    owner: Option<ConnectionId>,
    kind: &str,
    table: &'static str,
    condition: &Condition<'_>,
) -> Result<Vec<ResourceId>, Error> {
    let mut statement = Statement::new(format!(
        "SELECT k.id\n\
         FROM {table} k\n\
         WHERE k.tenant_id = $1 AND k.kind = $2 AND k.attribute = $3"
    ))
    .bind(scope.tenant)
    .bind(kind)
    .bind(condition.key);
    if let (Some(owner), "unique_key") = (owner, table) {
        statement = statement.text(" AND k.scope = ").arg(owner.0);
    }
    statement = match &condition.from {
        Bound::Included(value) => statement.text(" AND k.value >= ").arg(value.as_str()),
        Bound::Excluded(value) => statement.text(" AND k.value > ").arg(value.as_str()),
        Bound::Unbounded => statement,
    };
    statement = match &condition.to {
        Bound::Included(value) => statement.text(" AND k.value <= ").arg(value.as_str()),
        Bound::Excluded(value) => statement.text(" AND k.value < ").arg(value.as_str()),
        Bound::Unbounded => statement,
    };
    let statement = statement.limit(PROBE + 1);
    let mut rows = scope.fetch(table, statement).await?;
    let ids = rows.iter_mut().map(Row::uuid);
    ids.map(|id| Ok(ResourceId::new(id?))).collect()
}

/// The table that has the keys of a path, if their order is that of its values.
fn table(resource_type: &ResourceType, key: &str) -> Option<&'static str> {
    let has = |paths: &[KeyPath]| {
        let mut paths = paths.iter().filter(|path| path.key() == key);
        paths.any(|path| matches!(path.kind(), Type::String | Type::Reference))
    };
    if has(resource_type.unique()) {
        Some("unique_key")
    } else if has(resource_type.indexed()) {
        Some("lookup_key")
    } else {
        None
    }
}

/// A range in which every match has a key.
struct Condition<'f> {
    key: &'f str,
    from: Bound<String>,
    to: Bound<String>,
}

impl Condition<'_> {
    /// The only value of the range.
    fn equal(&self) -> Option<&str> {
        match (&self.from, &self.to) {
            (Bound::Included(from), Bound::Included(to)) if from == to => Some(from),
            _ => None,
        }
    }

    fn has_nul(&self) -> bool {
        [&self.from, &self.to].into_iter().any(|bound| match bound {
            Bound::Included(value) | Bound::Excluded(value) => value.contains('\0'),
            Bound::Unbounded => false,
        })
    }

    fn statement(&self, table: &'static str) -> Option<Candidates> {
        Some(Candidates::Key {
            table,
            attribute: self.key.to_owned(),
            value: self.equal()?.to_owned(),
        })
    }
}

/// Is the filter an equality, and nothing else? A key of text is what the evaluator compares.
fn is_equality(filter: &TypedFilter) -> bool {
    matches!(
        filter,
        TypedFilter::Compare(Comparison { path, operator: Operator::Eq, .. }) if path.filter.is_none()
    )
}

/// The ids among which every resource of the answer is.
fn among(filter: &TypedFilter) -> Option<&BTreeSet<String>> {
    let ids = filter.conjuncts().into_iter().filter_map(|it| match it {
        TypedFilter::Ids(ids) => Some(ids),
        _ => None,
    });
    ids.min_by_key(|ids| ids.len())
}

/// The conditions that must all hold.
fn gather<'f>(filter: &'f TypedFilter, conditions: &mut Vec<Condition<'f>>) {
    match filter {
        TypedFilter::And(filters) => filters.iter().for_each(|it| gather(it, conditions)),
        TypedFilter::Values { filter, .. } => gather(filter, conditions),
        TypedFilter::Compare(comparison) => {
            // `ne` also holds where there is no value at all.
            if comparison.operator == Operator::Ne {
                return;
            }
            conditions.extend(range(comparison));
            if let Some(brackets) = &comparison.path.filter {
                gather(brackets, conditions);
            }
        }
        TypedFilter::Present(path) => {
            conditions.push(Condition {
                key: path.key(),
                from: Bound::Unbounded,
                to: Bound::Unbounded,
            });
            if let Some(brackets) = &path.filter {
                gather(brackets, conditions);
            }
        }
        TypedFilter::Or(_)
        | TypedFilter::Not(_)
        | TypedFilter::Linked { .. }
        | TypedFilter::Ids(_) => {}
    }
}

fn range(comparison: &Comparison) -> Option<Condition<'_>> {
    let value = comparison.operand.as_text()?.to_owned();
    let (from, to) = match comparison.operator {
        Operator::Eq => (Bound::Included(value.clone()), Bound::Included(value)),
        Operator::Sw => {
            let end = after_all_with(&value).map_or(Bound::Unbounded, Bound::Excluded);
            (Bound::Included(value), end)
        }
        Operator::Gt => (Bound::Excluded(value), Bound::Unbounded),
        Operator::Ge => (Bound::Included(value), Bound::Unbounded),
        Operator::Lt => (Bound::Unbounded, Bound::Excluded(value)),
        Operator::Le => (Bound::Unbounded, Bound::Included(value)),
        Operator::Co | Operator::Ew | Operator::Ne => return None,
    };
    let key = comparison.path.key();
    Some(Condition { key, from, to })
}

/// The least text that comes after every text with this beginning, byte by byte.
pub(super) fn after_all_with(beginning: &str) -> Option<String> {
    let mut text = beginning.to_owned();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::ops::Bound;

    use scim_core::Filter;

    use super::{after_all_with, gather, table};
    use crate::store::contract::user_type;

    /// The conditions that have a key table.
    fn shown(filter: &str) -> String {
        let resource_type = user_type();
        let filter = Filter::parse(filter).unwrap().resolve(&resource_type);
        let filter = filter.unwrap();
        let mut conditions = Vec::new();
        gather(&filter, &mut conditions);
        let mut shown = Vec::new();
        for condition in conditions {
            let Some(table) = table(&resource_type, condition.key) else {
                continue;
            };
            let from = match &condition.from {
                Bound::Included(value) => format!("[{value}"),
                Bound::Excluded(value) => format!("({value}"),
                Bound::Unbounded => "(".to_owned(),
            };
            let to = match &condition.to {
                Bound::Included(value) => format!("{value}]"),
                Bound::Excluded(value) => format!("{value})"),
                Bound::Unbounded => ")".to_owned(),
            };
            shown.push(format!("{table} {} {from}, {to}", condition.key));
        }
        shown.join("; ")
    }

    macro_rules! check {
        ($filter:expr, @$shown:literal) => { insta::assert_snapshot!(shown($filter), @$shown) };
    }

    #[test]
    fn comparisons_are_ranges() {
        check!(r#"userName eq "A""#, @"unique_key userName [a, a]");
        check!(r#"displayName sw "Ab""#, @"lookup_key displayName [ab, ac)");
        check!(r#"displayName gt "a""#, @"lookup_key displayName (a, )");
        check!(r#"displayName ge "a""#, @"lookup_key displayName [a, )");
        check!(r#"displayName lt "a""#, @"lookup_key displayName (, a)");
        check!(r#"displayName le "a""#, @"lookup_key displayName (, a]");
        check!("displayName pr", @"lookup_key displayName (, )");
    }
    #[test]
    fn all_parts_of_a_conjunction() {
        check!(r#"title eq "x" and displayName eq "a" and userName sw "b""#, @"lookup_key displayName [a, a]; unique_key userName [b, c)");
        check!(r#"emails[type eq "work" and value sw "a"]"#, @"lookup_key emails.value [a, b)");
        check!(r#"emails[value eq "a"].type ne "work""#, @"");
        check!(r#"emails[value eq "a"].type pr"#, @"lookup_key emails.value [a, a]");
    }
    #[test]
    fn nothing_that_need_not_hold() {
        check!(r#"userName ne "a""#, @"");
        check!(r#"userName co "a""#, @"");
        check!(r#"userName eq "a" or displayName eq "b""#, @"");
        check!(r#"not (displayName pr)"#, @"");
        check!("active eq true", @"");
    }
    #[test]
    fn the_end_of_a_beginning() {
        for (beginning, end) in [
            ("a", Some("b")),
            ("az", Some("a{")),
            ("\u{7f}", Some("\u{80}")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("a\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
            ("", None),
        ] {
            assert_eq!(after_all_with(beginning).as_deref(), end, "{beginning:?}");
        }
    }
}
