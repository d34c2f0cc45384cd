//! A query that is sent by POST to `.search` (RFC 7644 §3.4.3), so that what
//! it looks for stands in no address.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::fields::Fields;
use super::urn;
use crate::error::Error;
use crate::sort::SortOrder;

/// What a query asks for, as it was written: the filter and the paths are
/// read when the resource type is known.
///
/// ```
/// use scim_core::message::SearchRequest;
/// use serde_json::json;
///
/// let search = SearchRequest::parse(json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
///     "attributes": ["userName"],
///     "filter": "userName sw \"k\"",
///     "count": 10,
/// }))?;
/// assert_eq!(search.filter.as_deref(), Some(r#"userName sw "k""#));
/// assert_eq!(SearchRequest::parse(serde_json::to_value(&search).unwrap())?, search);
/// # Ok::<(), scim_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// The paths that the answer is to contain; empty asks for the default.
    pub attributes: Vec<String>,
    /// The paths that the answer is not to contain.
    pub excluded_attributes: Vec<String>,
    /// Which resources are wanted.
    pub filter: Option<String>,
    /// The path to sort by.
    pub sort_by: Option<String>,
    /// The direction in which to sort.
    pub sort_order: SortOrder,
    /// The number of the first resource wanted. Less than 1 means 1.
    pub start_index: Option<i64>,
    /// How many resources a page is to have. Less than 0 means 0.
    pub count: Option<i64>,
    /// Where to continue (RFC 9865); empty asks for the first page.
    pub cursor: Option<String>,
}

impl SearchRequest {
    /// Reads a body.
    pub fn parse(body: Value) -> Result<Self, Error> {
        let mut fields = Fields::of("a SearchRequest", body)?;
        fields.declares(urn::SEARCH_REQUEST)?;
        let sort_order = match fields.text("sortOrder")? {
            Some(order) => SortOrder::parse(&order)?,
            None => SortOrder::default(),
        };
        Ok(Self {
            attributes: fields.texts("attributes")?,
            excluded_attributes: fields.texts("excludedAttributes")?,
            filter: fields.text("filter")?,
            sort_by: fields.text("sortBy")?,
            sort_order,
            start_index: fields.whole_number("startIndex")?,
            count: fields.whole_number("count")?,
            cursor: fields.text("cursor")?,
        })
    }
}

impl Serialize for SearchRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[urn::SEARCH_REQUEST])?;
        if !self.attributes.is_empty() {
            map.serialize_entry("attributes", &self.attributes)?;
        }
        if !self.excluded_attributes.is_empty() {
            map.serialize_entry("excludedAttributes", &self.excluded_attributes)?;
        }
        if let Some(filter) = &self.filter {
            map.serialize_entry("filter", filter)?;
        }
        if let Some(sort_by) = &self.sort_by {
            map.serialize_entry("sortBy", sort_by)?;
            map.serialize_entry("sortOrder", self.sort_order.as_str())?;
        }
        if let Some(start_index) = self.start_index {
            map.serialize_entry("startIndex", &start_index)?;
        }
        if let Some(count) = self.count {
            map.serialize_entry("count", &count)?;
        }
        if let Some(cursor) = &self.cursor {
            map.serialize_entry("cursor", cursor)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::SearchRequest;
    use crate::message::urn;

    /// What a body with these members says, written again.
    fn shown(members: Value) -> String {
        let Value::Object(mut members) = members else {
            return String::new();
        };
        members.insert("schemas".to_owned(), json!([urn::SEARCH_REQUEST]));
        match SearchRequest::parse(Value::Object(members)) {
            Ok(search) => {
                let mut written = serde_json::to_value(&search).unwrap();
                assert_eq!(SearchRequest::parse(written.clone()), Ok(search));
                written.as_object_mut().unwrap().shift_remove("schemas");
                written.to_string()
            }
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($members:tt, @$shown:literal) => {
            insta::assert_snapshot!(shown(json!($members)), @$shown)
        };
    }

    #[test]
    fn all_members_in_any_case() {
        check!(
            {"ATTRIBUTES": ["userName"], "excludedAttributes": ["emails"], "Filter": "title pr",
             "sortby": "title", "sortOrder": "Descending", "startIndex": -1, "count": 0, "cursor": ""},
            @r#"{"attributes":["userName"],"excludedAttributes":["emails"],"filter":"title pr","sortBy":"title","sortOrder":"descending","startIndex":-1,"count":0,"cursor":""}"#
        );
    }
    #[test]
    fn nothing_in_particular() {
        check!({"filter": null, "sortOrder": "ascending", "unknown": 1}, @"{}");
    }
    #[test]
    fn members_of_another_kind() {
        check!({"count": "10"}, @"count of a SearchRequest is a whole number");
        check!({"count": 1.5}, @"count of a SearchRequest is a whole number");
        check!({"filter": ["x"]}, @"filter of a SearchRequest is text");
        check!({"attributes": "userName"}, @"attributes of a SearchRequest is an array");
        check!({"attributes": [1]}, @"attributes of a SearchRequest is an array of texts");
        check!({"sortOrder": "up"}, @"sortOrder: expected ascending or descending");
    }
    #[test]
    fn other_messages() {
        let refused = |body: Value| SearchRequest::parse(body).unwrap_err().to_string();
        assert_eq!(refused(json!([])), "a SearchRequest is a JSON object");
        assert_eq!(
            refused(json!({"schemas": [urn::PATCH_OP]})),
            "schemas of a SearchRequest holds urn:ietf:params:scim:api:messages:2.0:SearchRequest"
        );
    }
}
