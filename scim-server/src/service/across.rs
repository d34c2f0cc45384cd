//! One filter and one sort, read for each of the resource types that a list covers.
//!
//! What a type does not have counts there as an attribute without a value (RFC 7644 §3.4.2.1); a
//! condition that no type understands is refused.

use scim_core::filter::{Comparison, Literal, Operator};
use scim_core::{Filter, Policy, ResourceType, SortBy, SortOrder, TypedFilter};
use serde_json::{Map, json};

use crate::Error;

/// A resource type, and what is tolerated in what is asked of it.
pub(super) struct Reader<'a> {
    pub(super) resource_type: &'a ResourceType,
    pub(super) policy: Policy,
}

/// The filter for each type; `None` where all resources match.
pub(super) fn filters(
    text: &str,
    readers: &[Reader<'_>],
) -> Result<Vec<Option<TypedFilter>>, Error> {
    let parsed = Filter::parse(text).map_err(scim_core::Error::from);
    let found = match parsed
        .map_err(Error::from)
        .and_then(|it| read(&it, readers))
    {
        Ok(found) => found,
        // The first complaint is about what was meant.
        Err(complaint) => {
            let unquoted = readers.iter().all(|it| it.policy.unquoted_filter_values);
            let lenient = unquoted.then(|| Filter::parse_unquoted(text));
            let lenient = lenient.and_then(Result::ok);
            lenient
                .and_then(|filter| read(&filter, readers).ok())
                .ok_or(complaint)?
        }
    };
    let narrowing = |filter| (filter != always()).then_some(filter);
    Ok(found.into_iter().map(narrowing).collect())
}

/// The sort for each type; `None` where the type does not have the attribute.
pub(super) fn sorts(
    path: &str,
    order: SortOrder,
    readers: &[Reader<'_>],
) -> Result<Vec<Option<SortBy>>, Error> {
    let parsed = readers
        .iter()
        .map(|reader| SortBy::parse(path, order, reader.resource_type));
    where_understood(parsed)
}

fn read(filter: &Filter, readers: &[Reader<'_>]) -> Result<Vec<TypedFilter>, Error> {
    match filter {
        Filter::And(filters) => combined(filters, readers, and),
        Filter::Or(filters) => combined(filters, readers, or),
        Filter::Not(filter) => Ok(read(filter, readers)?.into_iter().map(not).collect()),
        condition => {
            let resolved = readers.iter().map(|reader| {
                let resolved = condition.resolve_under(reader.resource_type, &reader.policy)?;
                Ok(decided(resolved, reader.resource_type))
            });
            let understood = where_understood(resolved)?.into_iter();
            let filters = understood.map(|it| it.unwrap_or_else(|| without_value(condition)));
            Ok(filters.collect())
        }
    }
}

fn combined(
    filters: &[Filter],
    readers: &[Reader<'_>],
    combine: impl Fn(Vec<TypedFilter>) -> TypedFilter,
) -> Result<Vec<TypedFilter>, Error> {
    let mut of_types: Vec<Vec<TypedFilter>> = readers.iter().map(|_| Vec::new()).collect();
    for filter in filters {
        for (of_type, filter) in of_types.iter_mut().zip(read(filter, readers)?) {
            of_type.push(filter);
        }
    }
    Ok(of_types.into_iter().map(combine).collect())
}

/// What each type made of something, `None` where it does not understand it; the first complaint
/// where none does.
fn where_understood<T>(
    results: impl Iterator<Item = Result<T, scim_core::Error>>,
) -> Result<Vec<Option<T>>, Error> {
    let mut complaint = None;
    let mut understood = Vec::new();
    for result in results {
        match result {
            Ok(found) => understood.push(Some(found)),
            Err(error) => {
                complaint.get_or_insert(error);
                understood.push(None);
            }
        }
    }
    match complaint {
        Some(complaint) if understood.iter().all(Option::is_none) => Err(complaint.into()),
        _ => Ok(understood),
    }
}

/// A condition on an attribute that has no value.
fn without_value(condition: &Filter) -> TypedFilter {
    let holds = match condition {
        Filter::Compare {
            operator, value, ..
        } => match operator {
            Operator::Ne => *value != Literal::Null,
            Operator::Eq => *value == Literal::Null,
            _ => false,
        },
        _ => false,
    };
    if holds { always() } else { never() }
}

/// All resources of a type have the same `meta.resourceType`.
fn decided(filter: TypedFilter, resource_type: &ResourceType) -> TypedFilter {
    match &filter {
        TypedFilter::Compare(Comparison { path, .. }) if path.key() == "meta.resourceType" => {
            let meta = json!({ "resourceType": resource_type.name() });
            let document = Map::from_iter([("meta".to_owned(), meta)]);
            if scim_core::filter::matches(&filter, &document) {
                always()
            } else {
                never()
            }
        }
        _ => filter,
    }
}

/// Holds for every resource.
fn always() -> TypedFilter {
    TypedFilter::And(Vec::new())
}

/// Holds for none, which a store sees without reading.
fn never() -> TypedFilter {
    TypedFilter::Or(Vec::new())
}

fn and(mut filters: Vec<TypedFilter>) -> TypedFilter {
    if filters.contains(&never()) {
        return never();
    }
    filters.retain(|filter| *filter != always());
    single(filters).unwrap_or_else(TypedFilter::And)
}

fn or(mut filters: Vec<TypedFilter>) -> TypedFilter {
    if filters.contains(&always()) {
        return always();
    }
    filters.retain(|filter| *filter != never());
    single(filters).unwrap_or_else(TypedFilter::Or)
}

fn not(filter: TypedFilter) -> TypedFilter {
    match filter {
        filter if filter == always() => never(),
        filter if filter == never() => always(),
        filter => TypedFilter::Not(Box::new(filter)),
    }
}

/// The only one, or all of them.
fn single(mut filters: Vec<TypedFilter>) -> Result<TypedFilter, Vec<TypedFilter>> {
    match filters.len() {
        1 => filters.pop().ok_or(filters),
        _ => Err(filters),
    }
}

#[cfg(test)]
mod tests {
    use scim_core::{Policy, ResourceType, SortOrder, TypedFilter, schema};

    use super::{Reader, filters, sorts};

    fn types() -> [ResourceType; 2] {
        let users = ResourceType::new("User", "/Users", schema::user()).build();
        let groups = ResourceType::new("Group", "/Groups", schema::group()).build();
        [users.unwrap(), groups.unwrap()]
    }

    /// What is asked of users, and of groups.
    fn read(text: &str) -> String {
        let types = types();
        let readers = types.each_ref().map(|resource_type| Reader {
            resource_type,
            policy: Policy::compatible(),
        });
        let shown = |filter: Option<TypedFilter>| match filter {
            None => "all".to_owned(),
            Some(TypedFilter::Or(filters)) if filters.is_empty() => "none".to_owned(),
            Some(filter) => format!("{} conditions", filter.conditions()),
        };
        match filters(text, &readers) {
            Ok(filters) => {
                let filters: Vec<_> = filters.into_iter().map(shown).collect();
                filters.join(", ")
            }
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($filter:expr, @$shown:literal) => { insta::assert_snapshot!(read($filter), @$shown) };
    }

    #[test]
    fn what_both_have() {
        check!(r#"displayName eq "a" or externalId eq "b""#, @"2 conditions, 2 conditions");
        check!("displayName eq a", @"1 conditions, 1 conditions");
    }
    #[test]
    fn what_one_has_has_no_value_in_the_other() {
        check!(r#"userName eq "a""#, @"1 conditions, none");
        check!(r#"userName ne "a""#, @"1 conditions, all");
        check!("userName pr", @"1 conditions, none");
        check!("not (userName pr)", @"1 conditions, all");
        check!("userName eq null", @"1 conditions, all");
        check!("userName ne null", @"1 conditions, none");
        check!(r#"emails[type eq "work"]"#, @"2 conditions, none");
        check!(r#"userName eq "a" or displayName eq "a""#, @"2 conditions, 1 conditions");
        check!(r#"userName eq "a" and displayName eq "a""#, @"2 conditions, none");
    }
    #[test]
    fn the_type_decides_at_once() {
        check!(r#"meta.resourceType eq "User""#, @"all, none");
        check!(r#"meta.resourceType ne "User""#, @"none, all");
        check!(r#"meta.resourceType eq "Group" and displayName pr"#, @"none, 1 conditions");
        check!(r#"meta.resourceType eq "Host""#, @"none, none");
    }
    #[test]
    fn what_nobody_understands() {
        check!(r#"nick eq "a""#, @r#"User has no attribute "nick""#);
        check!(r#"displayName pr and nick pr"#, @r#"User has no attribute "nick""#);
        check!("displayName", @"expected an operator such as eq or pr at 11");
    }
    #[test]
    fn sorts_too() {
        let types = types();
        let readers = types.each_ref().map(|resource_type| Reader {
            resource_type,
            policy: Policy::compatible(),
        });
        let sorted = |path| {
            let sorts = sorts(path, SortOrder::Ascending, &readers);
            sorts.map(|sorts| sorts.iter().map(Option::is_some).collect::<Vec<_>>())
        };
        assert_eq!(sorted("displayName").unwrap(), [true, true]);
        assert_eq!(sorted("name.familyName").unwrap(), [true, false]);
        let complaint = sorted("nick").unwrap_err().to_string();
        insta::assert_snapshot!(complaint, @r#"the path "nick" cannot be used: User has no attribute "nick""#);
    }
}
