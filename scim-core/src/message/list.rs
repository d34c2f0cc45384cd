//! The answer to a query (RFC 7644 §3.4.2).

use serde::Serialize;
use serde::ser::Serializer;

use super::urn;

/// A page of resources.
///
/// `R` is whatever serialises to one resource: a JSON value, or text that is
/// JSON already.
///
/// ```
/// use scim_core::message::ListResponse;
/// use serde_json::json;
///
/// let page = ListResponse::new(7, vec![json!({"id": "1"})]).starting_at(7);
/// assert_eq!(
///     serde_json::to_string(&page)?,
///     r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":7,"startIndex":7,"itemsPerPage":1,"Resources":[{"id":"1"}]}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ListResponse<R> {
    /// How many resources the query selects, on all pages together.
    pub total_results: u64,
    /// The number of the first resource of this page, counted from 1; absent
    /// where the client pages by cursor.
    pub start_index: Option<u64>,
    /// The cursor of the next page (RFC 9865); absent on the last one.
    pub next_cursor: Option<String>,
    /// The cursor of the page before (RFC 9865).
    pub previous_cursor: Option<String>,
    /// The resources of this page.
    pub resources: Vec<R>,
}

impl<R> ListResponse<R> {
    /// The first page of `total_results` resources.
    pub const fn new(total_results: u64, resources: Vec<R>) -> Self {
        Self {
            total_results,
            start_index: Some(1),
            next_cursor: None,
            previous_cursor: None,
            resources,
        }
    }

    /// A page that begins at `start_index`.
    pub fn starting_at(self, start_index: u64) -> Self {
        Self {
            start_index: Some(start_index),
            ..self
        }
    }

    /// A page reached by cursor, which has no index.
    pub fn with_cursors(self, previous: Option<String>, next: Option<String>) -> Self {
        Self {
            start_index: None,
            previous_cursor: previous,
            next_cursor: next,
            ..self
        }
    }
}

impl<R: AsRef<str>> ListResponse<R> {
    /// The page as JSON, of resources that are JSON text already.
    ///
    /// ```
    /// use scim_core::message::ListResponse;
    ///
    /// let page = ListResponse::new(1, vec![r#"{"id":"1"}"#]);
    /// assert!(page.to_text()?.ends_with(r#""itemsPerPage":1,"Resources":[{"id":"1"}]}"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn to_text(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string(&self.head())?;
        let length: usize = self.resources.iter().map(|it| it.as_ref().len() + 1).sum();
        text.reserve(length + 16);
        // The closing brace comes after the resources.
        text.pop();
        text.push_str(",\"Resources\":[");
        for (place, resource) in self.resources.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(resource.as_ref());
        }
        text.push_str("]}");
        Ok(text)
    }
}

impl<R: Serialize> Serialize for ListResponse<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<'a, R> {
            #[serde(flatten)]
            head: Head<'a>,
            #[serde(rename = "Resources")]
            resources: &'a [R],
        }
        let whole = Whole {
            head: self.head(),
            resources: &self.resources,
        };
        whole.serialize(serializer)
    }
}

/// What stands before the resources.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    schemas: [&'static str; 1],
    total_results: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_index: Option<u64>,
    /// The number returned, not the number asked for: clients add it to
    /// `startIndex` to find the next page.
    items_per_page: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_cursor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<&'a str>,
}

impl<R> ListResponse<R> {
    fn head(&self) -> Head<'_> {
        Head {
            schemas: [urn::LIST_RESPONSE],
            total_results: self.total_results,
            start_index: self.start_index,
            items_per_page: self.resources.len(),
            previous_cursor: self.previous_cursor.as_deref(),
            next_cursor: self.next_cursor.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ListResponse;

    macro_rules! check {
        ($page:expr, @$shown:literal) => {
            insta::assert_snapshot!(serde_json::to_string(&$page).unwrap(), @$shown)
        };
    }

    #[test]
    fn no_match_is_an_empty_list() {
        check!(
            ListResponse::<u8>::new(0, vec![]),
            @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#
        );
    }

    #[test]
    fn a_cursor_replaces_the_index() {
        check!(
            ListResponse::new(9, vec![1, 2]).with_cursors(None, Some("n".into())),
            @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":9,"itemsPerPage":2,"nextCursor":"n","Resources":[1,2]}"#
        );
    }
}
