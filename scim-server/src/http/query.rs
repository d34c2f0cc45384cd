//! The query part of a URL (RFC 7644 §3.4.2 and §3.9). Names that nobody knows are passed over.

use axum::http::request::Parts;
use scim_core::resource::project::Projection;
use scim_core::{ResourceType, SearchRequest, SortOrder};

use super::call::Call;
use crate::Error;
use crate::service::{ListRequest, Paging};

pub(super) const COUNT_DEFAULT: usize = 100;
pub(super) const COUNT_MAX: usize = 1_000;

/// The parameters that mean something here, each at most once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    pub(super) filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    cursor: Option<String>,
    count: Option<String>,
}

impl Query {
    /// What the answer is to contain. The two lists exclude each other (RFC 7644 §3.9).
    pub(super) fn projection(
        &self,
        call: &Call<'_>,
        resource_type: &ResourceType,
    ) -> Result<Projection, Error> {
        let names = |list: &Option<String>| list.as_ref().is_some_and(|list| !list.is_empty());
        if names(&self.attributes) && names(&self.excluded_attributes) {
            let reason = "send either attributes or excludedAttributes";
            return Err(scim_core::Error::invalid_value("attributes", reason).into());
        }
        let projection = Projection::parse(
            self.attributes.as_deref(),
            self.excluded_attributes.as_deref(),
            resource_type,
        )?;
        Ok(call.caller.shown(resource_type, projection))
    }

    /// Which resources are asked for. What is out of range is moved into it (RFC 7644 §3.4.2.4).
    pub(super) fn list(&self) -> Result<ListRequest, Error> {
        let start_index = integer("startIndex", self.start_index.as_deref())?;
        let count = match integer("count", self.count.as_deref())? {
            // RFC 9865 §2: a page by cursor has a positive size.
            Some(..1) if self.cursor.is_some() => return Err(Error::InvalidCount),
            Some(count) => usize::try_from(count.max(0)).unwrap_or(COUNT_MAX),
            None => COUNT_DEFAULT,
        };
        let paging = match (&self.cursor, start_index) {
            (Some(_), Some(_)) => {
                let reason = "send either startIndex or cursor";
                return Err(scim_core::Error::invalid_value("cursor", reason).into());
            }
            (Some(cursor), None) => {
                Paging::Cursor(Some(cursor.clone()).filter(|cursor| !cursor.is_empty()))
            }
            (None, start_index) => {
                let start_index = start_index.unwrap_or(1).max(1);
                Paging::Index(usize::try_from(start_index).unwrap_or(usize::MAX))
            }
        };
        let order = match &self.sort_order {
            Some(order) => SortOrder::parse(order)?,
            None => SortOrder::default(),
        };
        Ok(ListRequest {
            filter: self.filter.clone(),
            sort: self.sort_by.clone().map(|path| (path, order)),
            paging,
            count: count.min(COUNT_MAX),
        })
    }

    /// An export has all that matches, whole and in its own order; whoever asks for less learns it.
    pub(super) fn only_a_filter(&self) -> Result<(), Error> {
        let others = [
            ("attributes", &self.attributes),
            ("excludedAttributes", &self.excluded_attributes),
            ("sortBy", &self.sort_by),
            ("sortOrder", &self.sort_order),
            ("startIndex", &self.start_index),
            ("cursor", &self.cursor),
            ("count", &self.count),
        ];
        match others.into_iter().find(|(_, value)| value.is_some()) {
            Some((name, _)) => {
                let reason =
                    "this media type has all resources in one answer; send nothing but a filter";
                Err(scim_core::Error::invalid_value(name, reason).into())
            }
            None => Ok(()),
        }
    }

    /// The query of a URL.
    pub(super) fn of(parts: &Parts) -> Result<Query, Error> {
        if parts.uri.query().is_none_or(str::is_empty) {
            return Ok(Query::default());
        }
        // Decodes `%XX` and `+`.
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(pairs)) => Query::parse(pairs),
            Err(_) => Err(scim_core::Error::invalid_syntax("the query cannot be read").into()),
        }
    }

    fn parse(pairs: Vec<(String, String)>) -> Result<Query, Error> {
        let mut query = Query::default();
        for (name, value) in pairs {
            let place = match name.as_str() {
                "attributes" => &mut query.attributes,
                "excludedAttributes" => &mut query.excluded_attributes,
                "filter" => &mut query.filter,
                "sortBy" => &mut query.sort_by,
                "sortOrder" => &mut query.sort_order,
                "startIndex" => &mut query.start_index,
                "cursor" => &mut query.cursor,
                "count" => &mut query.count,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(scim_core::Error::invalid_value(&name, "send it once").into());
            }
        }
        Ok(query)
    }
}

/// The same, sent as a body (RFC 7644 §3.4.3).
impl From<SearchRequest> for Query {
    fn from(search: SearchRequest) -> Query {
        let list = |names: Vec<String>| (!names.is_empty()).then(|| names.join(","));
        Query {
            attributes: list(search.attributes),
            excluded_attributes: list(search.excluded_attributes),
            filter: search.filter,
            sort_by: search.sort_by,
            sort_order: Some(search.sort_order.as_str().to_owned()),
            start_index: search.start_index.map(|number| number.to_string()),
            cursor: search.cursor,
            count: search.count.map(|number| number.to_string()),
        }
    }
}

fn integer(name: &str, text: Option<&str>) -> Result<Option<i64>, Error> {
    let Some(text) = text else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => {
            let reason = format!("{} is no integer", scim_core::error::echo(text));
            Err(scim_core::Error::invalid_value(name, reason).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(query: &str) -> String {
        let uri = format!("/Users?{query}").parse().unwrap();
        let axum::extract::Query(pairs) = axum::extract::Query::try_from_uri(&uri).unwrap();
        match Query::parse(pairs).and_then(|query| query.list()) {
            Ok(list) => {
                let sort = list
                    .sort
                    .map(|(path, order)| format!("{path} {}", order.as_str()));
                let rest = [list.filter, sort].into_iter().flatten();
                let rest: Vec<String> = rest.collect();
                let from = match list.paging {
                    Paging::Index(index) => index.to_string(),
                    Paging::Cursor(cursor) => format!("{cursor:?}"),
                };
                format!("{from} +{} {}", list.count, rest.join(" by "))
            }
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($query:expr, @$shown:literal) => { insta::assert_snapshot!(list($query), @$shown) };
    }

    #[test]
    fn pages_have_bounds() {
        check!("", @"1 +100");
        check!("startIndex=0&count=-1", @"1 +0");
        check!("startIndex=-9223372036854775808&count=0", @"1 +0");
        check!("startIndex=101&count=1001", @"101 +1000");
        check!("startIndex=9223372036854775807&count=9223372036854775807", @"9223372036854775807 +1000");
    }
    #[test]
    fn a_cursor_takes_the_place_of_an_index() {
        check!("cursor", @"None +100");
        check!("cursor=&count=2", @"None +2");
        check!("cursor=abc&count=5000", @r#"Some("abc") +1000"#);
        check!("cursor&count=0", @"a page by cursor has a count of 1 or more");
        check!("cursor&count=-1", @"a page by cursor has a count of 1 or more");
        check!("cursor&startIndex=1", @"cursor: send either startIndex or cursor");
    }
    #[test]
    fn numbers_are_integers() {
        check!("startIndex=one", @r#"startIndex: "one" is no integer"#);
        check!("count=1.5", @r#"count: "1.5" is no integer"#);
        check!("count=", @r#"count: "" is no integer"#);
        check!("count=9223372036854775808", @r#"count: "9223372036854775808" is no integer"#);
    }
    #[test]
    fn plus_and_percent_are_decoded() {
        check!("filter=userName+eq+%22a%2Bb%22", @r#"1 +100 userName eq "a+b""#);
    }
    #[test]
    fn sorts_have_a_direction() {
        check!("sortBy=title", @"1 +100 title ascending");
        check!("sortBy=title&sortOrder=Descending", @"1 +100 title descending");
        check!("sortOrder=descending", @"1 +100");
        check!("sortBy=title&sortOrder=up", @"sortOrder: expected ascending or descending");
    }
    #[test]
    fn a_name_stands_once() {
        check!("count=1&count=1", @"count: send it once");
        check!("foo=1&foo=2", @"1 +100");
    }
}
