//! Several requests in one, and their answers (RFC 7644 §3.7).

use std::collections::HashSet;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::fields::Fields;
use super::urn;
use crate::error::{Error, echo};

/// A bulk request. What the operations mean is for the server to find out;
/// that each has what its method needs is known.
///
/// ```
/// use scim_core::message::{BulkMethod, BulkRequest};
/// use serde_json::json;
///
/// let bulk = BulkRequest::parse(json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
///     "failOnErrors": 1,
///     "Operations": [
///         {"method": "POST", "path": "/Users", "bulkId": "kim", "data": {"userName": "kim"}},
///         {"method": "DELETE", "path": "/Users/1"},
///     ],
/// }), 1_000)?;
/// assert_eq!(bulk.operations[0].method, BulkMethod::Post);
/// assert_eq!(bulk.operations[0].bulk_id.as_deref(), Some("kim"));
/// # Ok::<(), scim_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BulkRequest {
    /// After how many failures the server stops; without it, or with 0, never.
    pub fail_on_errors: Option<u32>,
    /// The operations, in their order.
    pub operations: Vec<BulkOperation>,
}

/// One request of a bulk request.
///
/// ```
/// use scim_core::message::{BulkMethod, BulkOperation};
/// use serde_json::json;
///
/// let operation = BulkOperation {
///     method: BulkMethod::Put,
///     bulk_id: None,
///     version: None,
///     path: "/Groups/bulkId:team".into(),
///     data: Some(json!({"members": [{"value": "bulkId:kim"}]})),
/// };
/// assert_eq!(operation.references(), ["team", "kim"]);
/// let resolved = operation.resolved(&|name| (name == "team").then(|| "7".into()));
/// assert_eq!(resolved, Err("kim".into()));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct BulkOperation {
    /// What is to be done.
    pub method: BulkMethod,
    /// The client's name for a resource that is to be made; other operations
    /// refer to it as `bulkId:name`.
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    pub version: Option<String>,
    /// The path below the base URL: `/Users` or `/Users/{id}`.
    pub path: String,
    /// The body; none for DELETE.
    pub data: Option<Value>,
}

/// The methods that an operation of a bulk request may have.
///
/// ```
/// use scim_core::message::BulkMethod;
///
/// assert_eq!(BulkMethod::Patch.as_str(), "PATCH");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BulkMethod {
    /// Create.
    Post,
    /// Replace.
    Put,
    /// Modify.
    Patch,
    /// Delete.
    Delete,
}

impl BulkRequest {
    /// Reads a body with at most `operations_max` operations, which is what
    /// the service provider configuration calls `maxOperations`.
    pub fn parse(body: Value, operations_max: usize) -> Result<Self, Error> {
        let mut fields = Fields::of("a BulkRequest", body)?;
        fields.declares(urn::BULK_REQUEST)?;
        let fail_on_errors = match fields.whole_number("failOnErrors")? {
            None | Some(0) => None,
            Some(count) => match u32::try_from(count) {
                Ok(count) => Some(count),
                Err(_) => return Err(fields.expected("failOnErrors", "no negative number")),
            },
        };
        let Some(operations) = fields.list("Operations")? else {
            return Err(fields.expected("Operations", "an array, and is required"));
        };
        if operations.len() > operations_max {
            return Err(Error::TooMany {
                what: "operations",
                limit: operations_max,
            });
        }
        let operations = operations
            .into_iter()
            .map(BulkOperation::parse)
            .collect::<Result<Vec<_>, _>>()?;
        refuse_same_ids(&operations)?;
        Ok(Self {
            fail_on_errors,
            operations,
        })
    }
}

fn refuse_same_ids(operations: &[BulkOperation]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    let ids = operations
        .iter()
        .filter(|it| it.method == BulkMethod::Post)
        .filter_map(|it| it.bulk_id.as_deref());
    for id in ids {
        if !seen.insert(id) {
            return Err(Error::invalid_syntax(format!(
                "the bulkId {} is given to two resources",
                echo(id)
            )));
        }
    }
    Ok(())
}

impl BulkOperation {
    fn parse(operation: Value) -> Result<Self, Error> {
        let mut fields = Fields::of("an operation of a BulkRequest", operation)?;
        let Some(method) = fields.text("method")? else {
            return Err(fields.expected("method", "required"));
        };
        let method = BulkMethod::parse(&method)?;
        let Some(path) = fields.text("path")?.filter(|path| path.starts_with('/')) else {
            return Err(fields.expected("path", "a path that begins with a slash"));
        };
        let bulk_id = fields.text("bulkId")?;
        if method == BulkMethod::Post && bulk_id.as_ref().is_none_or(String::is_empty) {
            return Err(fields.expected("bulkId", "required for POST"));
        }
        let data = fields.take("data");
        if method != BulkMethod::Delete && data.is_none() {
            let needed = format!("required for {}", method.as_str());
            return Err(fields.expected("data", &needed));
        }
        Ok(Self {
            method,
            bulk_id,
            version: fields.text("version")?,
            path,
            data: data.filter(|_| method != BulkMethod::Delete),
        })
    }
}

impl BulkMethod {
    /// The method as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        [Self::Post, Self::Put, Self::Patch, Self::Delete]
            .into_iter()
            .find(|method| text.eq_ignore_ascii_case(method.as_str()))
            .ok_or_else(|| {
                Error::invalid_syntax(format!(
                    "method is POST, PUT, PATCH or DELETE, not {}",
                    echo(text)
                ))
            })
    }
}

impl Serialize for BulkRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[urn::BULK_REQUEST])?;
        if let Some(count) = self.fail_on_errors {
            map.serialize_entry("failOnErrors", &count)?;
        }
        map.serialize_entry("Operations", &self.operations)?;
        map.end()
    }
}

impl Serialize for BulkOperation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("method", self.method.as_str())?;
        if let Some(bulk_id) = &self.bulk_id {
            map.serialize_entry("bulkId", bulk_id)?;
        }
        if let Some(version) = &self.version {
            map.serialize_entry("version", version)?;
        }
        map.serialize_entry("path", &self.path)?;
        if let Some(data) = &self.data {
            map.serialize_entry("data", data)?;
        }
        map.end()
    }
}

/// The answer to a bulk request: one result for each operation that was
/// tried.
///
/// `R` is whatever serialises to the body of a single answer.
///
/// ```
/// use scim_core::{Error, message::{BulkMethod, BulkResponse, BulkResult, ErrorBody}};
///
/// let refused = ErrorBody::from(&Error::invalid_value("userName", "a value is required"));
/// let answer = BulkResponse::new(vec![BulkResult {
///     bulk_id: Some("kim".into()),
///     response: Some(refused),
///     ..BulkResult::new(BulkMethod::Post, 400)
/// }]);
/// let json = serde_json::to_value(&answer)?;
/// assert_eq!(json["Operations"][0]["status"], "400");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkResponse<R> {
    /// The results, in the order of the operations.
    pub operations: Vec<BulkResult<R>>,
}

/// What came of one operation.
///
/// ```
/// use scim_core::message::{BulkMethod, BulkResult};
/// use serde_json::{Value, json};
///
/// let deleted = BulkResult::<Value> {
///     location: Some("https://scim.example/Users/1".into()),
///     ..BulkResult::new(BulkMethod::Delete, 204)
/// };
/// assert_eq!(json!(deleted)["status"], "204");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkResult<R> {
    /// The method of the operation.
    pub method: BulkMethod,
    /// The `bulkId` of the operation.
    pub bulk_id: Option<String>,
    /// The address of the resource; absent only if a POST failed.
    pub location: Option<String>,
    /// The version of the resource afterwards.
    pub version: Option<String>,
    /// The HTTP status that the operation alone would have been answered
    /// with.
    pub status: u16,
    /// The body of that answer; required for failures.
    pub response: Option<R>,
}

impl<R> BulkResponse<R> {
    /// An answer of these results.
    pub const fn new(operations: Vec<BulkResult<R>>) -> Self {
        Self { operations }
    }
}

impl<R> BulkResult<R> {
    /// A result that says no more than this.
    pub const fn new(method: BulkMethod, status: u16) -> Self {
        Self {
            method,
            bulk_id: None,
            location: None,
            version: None,
            status,
            response: None,
        }
    }
}

impl<R: Serialize> Serialize for BulkResponse<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[urn::BULK_RESPONSE])?;
        map.serialize_entry("Operations", &self.operations)?;
        map.end()
    }
}

impl<R: Serialize> Serialize for BulkResult<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(location) = &self.location {
            map.serialize_entry("location", location)?;
        }
        map.serialize_entry("method", self.method.as_str())?;
        if let Some(bulk_id) = &self.bulk_id {
            map.serialize_entry("bulkId", bulk_id)?;
        }
        if let Some(version) = &self.version {
            map.serialize_entry("version", version)?;
        }
        map.serialize_entry("status", &self.status.to_string())?;
        if let Some(response) = &self.response {
            map.serialize_entry("response", response)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{BulkMethod, BulkRequest, BulkResponse, BulkResult};
    use crate::message::urn;

    fn shown(body: Value) -> String {
        match BulkRequest::parse(body, 2) {
            Ok(bulk) => {
                let written = serde_json::to_value(&bulk).unwrap();
                assert_eq!(BulkRequest::parse(written.clone(), 2), Ok(bulk));
                written["Operations"].to_string()
            }
            Err(error) => error.to_string(),
        }
    }

    fn with(operations: &Value) -> String {
        shown(json!({"schemas": [urn::BULK_REQUEST], "Operations": operations}))
    }

    macro_rules! check {
        ($operations:tt, @$shown:literal) => {
            insta::assert_snapshot!(with(&json!($operations)), @$shown)
        };
    }

    #[test]
    fn every_method() {
        check!([{"method": "post", "path": "/Users", "bulkId": "a", "data": {}},
                {"METHOD": "DELETE", "path": "/Users/1", "version": "W/\"1\"", "data": {}}],
            @r#"[{"method":"POST","bulkId":"a","path":"/Users","data":{}},{"method":"DELETE","version":"W/\"1\"","path":"/Users/1"}]"#);
        check!([{"method": "PUT", "path": "/Users/1", "data": {}}, {"method": "PATCH", "path": "/Users/bulkId:a", "data": {}}],
            @r#"[{"method":"PUT","path":"/Users/1","data":{}},{"method":"PATCH","path":"/Users/bulkId:a","data":{}}]"#);
    }
    #[test]
    fn what_a_method_needs() {
        check!([{"path": "/Users"}], @"method of an operation of a BulkRequest is required");
        check!([{"method": "GET", "path": "/Users"}], @r#"method is POST, PUT, PATCH or DELETE, not "GET""#);
        check!([{"method": "POST", "path": "Users"}], @"path of an operation of a BulkRequest is a path that begins with a slash");
        check!([{"method": "POST", "path": "/Users", "data": {}}], @"bulkId of an operation of a BulkRequest is required for POST");
        check!([{"method": "PUT", "path": "/Users/1", "data": null}], @"data of an operation of a BulkRequest is required for PUT");
        check!([1], @"an operation of a BulkRequest is a JSON object");
    }
    #[test]
    fn two_resources_of_one_name() {
        check!([{"method": "POST", "path": "/Users", "bulkId": "a", "data": {}}, {"method": "POST", "path": "/Users", "bulkId": "a", "data": {}}],
            @r#"the bulkId "a" is given to two resources"#);
    }
    #[test]
    fn operations_are_counted_first() {
        check!([1, 2, 3], @"too many operations: at most 2 in one request");
    }
    #[test]
    fn the_message_itself() {
        let of = |members: Value| {
            let mut body = json!({"schemas": [urn::BULK_REQUEST], "Operations": []});
            let map = body.as_object_mut().unwrap();
            map.extend(members.as_object().unwrap().clone());
            shown(body)
        };
        insta::assert_snapshot!(of(json!({})), @"[]");
        insta::assert_snapshot!(of(json!({"schemas": []})), @"schemas of a BulkRequest holds urn:ietf:params:scim:api:messages:2.0:BulkRequest");
        insta::assert_snapshot!(of(json!({"Operations": null})), @"Operations of a BulkRequest is an array, and is required");
        insta::assert_snapshot!(of(json!({"failOnErrors": null})), @"[]");
        insta::assert_snapshot!(of(json!({"failOnErrors": 0})), @"[]");
        insta::assert_snapshot!(of(json!({"failOnErrors": -1})), @"failOnErrors of a BulkRequest is no negative number");
    }
    #[test]
    fn results() {
        let made = BulkResult {
            bulk_id: Some("a".into()),
            location: Some("https://x/Users/1".into()),
            version: Some("W/\"1\"".into()),
            ..BulkResult::<Value>::new(BulkMethod::Post, 201)
        };
        let refused = BulkResult {
            response: Some(json!({"detail": "…"})),
            ..BulkResult::new(BulkMethod::Delete, 404)
        };
        insta::assert_snapshot!(
            serde_json::to_string(&BulkResponse::new(vec![made, refused])).unwrap(),
            @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"location":"https://x/Users/1","method":"POST","bulkId":"a","version":"W/\"1\"","status":"201"},{"method":"DELETE","status":"404","response":{"detail":"…"}}]}"#
        );
    }
}
