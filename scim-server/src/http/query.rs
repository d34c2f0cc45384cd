//! The query part of a URL (RFC 7644 §3.4.2 and §3.9). Names that nobody knows are passed over.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use scim_core::ResourceType;
use scim_core::resource::project::Projection;

use crate::Error;
use crate::service::ListRequest;

const COUNT_DEFAULT: usize = 100;
pub(super) const COUNT_MAX: usize = 1_000;

/// The parameters that mean something here, each at most once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    pub(super) filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
}

impl Query {
    /// What the answer is to contain.
    pub(super) fn projection(&self, resource_type: &ResourceType) -> Result<Projection, Error> {
        let projection = Projection::parse(
            self.attributes.as_deref(),
            self.excluded_attributes.as_deref(),
            resource_type,
        )?;
        Ok(projection)
    }

    /// Which resources are asked for. What is out of range is moved into it (RFC 7644 §3.4.2.4).
    pub(super) fn list(&self) -> Result<ListRequest, Error> {
        let start_index = integer("startIndex", self.start_index.as_deref())?.unwrap_or(1);
        let count = match integer("count", self.count.as_deref())? {
            Some(count) => usize::try_from(count.max(0)).unwrap_or(COUNT_MAX),
            None => COUNT_DEFAULT,
        };
        Ok(ListRequest {
            filter: self.filter.clone(),
            start_index: usize::try_from(start_index.max(1)).unwrap_or(usize::MAX),
            count: count.min(COUNT_MAX),
        })
    }

    fn parse(pairs: Vec<(String, String)>) -> Result<Query, Error> {
        let mut query = Query::default();
        for (name, value) in pairs {
            let place = match name.as_str() {
                "attributes" => &mut query.attributes,
                "excludedAttributes" => &mut query.excluded_attributes,
                "filter" => &mut query.filter,
                "startIndex" => &mut query.start_index,
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

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Query, Error> {
        // Decodes `%XX` and `+`.
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(pairs)) => Query::parse(pairs),
            Err(_) => Err(scim_core::Error::invalid_syntax("the query cannot be read").into()),
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
            Ok(list) => format!(
                "{} +{} {}",
                list.start_index,
                list.count,
                list.filter.unwrap_or_default()
            ),
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
    fn a_name_stands_once() {
        check!("count=1&count=1", @"count: send it once");
        check!("foo=1&foo=2", @"1 +100");
    }
}
