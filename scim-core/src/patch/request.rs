//! What a PATCH body says (RFC 7644 §3.5.2), before any schema is known.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::error::{Error, echo};
use crate::message::urn;

/// How many operations one request may hold.
pub const OPERATIONS_MAX: usize = 1_000;

/// The operations of a PATCH body, in order.
///
/// The structure is refused here. Departures that a
/// [`Policy`](crate::resource::Policy) may allow are kept as they came and
/// judged by [`apply`](fn@super::apply).
///
/// ```
/// use scim_core::patch::PatchRequest;
/// use serde_json::json;
///
/// let request = PatchRequest::parse(json!({
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
///     "Operations": [{"op": "replace", "path": "active", "value": false}],
/// }))?;
/// assert_eq!(request.operations().len(), 1);
/// # Ok::<(), scim_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRequest {
    declared: bool,
    operations: Vec<Operation>,
}

/// One operation.
///
/// ```
/// use scim_core::patch::{Operation, PatchRequest};
/// use serde_json::json;
///
/// let request = PatchRequest::new(vec![
///     Operation::replace("active", json!(false)),
///     Operation::remove("title"),
/// ]);
/// let body = serde_json::to_value(&request).unwrap();
/// assert_eq!(body["Operations"][1], json!({"op": "remove", "path": "title"}));
/// assert_eq!(PatchRequest::parse(body)?, request);
/// # Ok::<(), scim_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What is to be done.
    pub op: Op,
    /// Whether `op` was written in lower case, as the RFC has it.
    pub op_exact: bool,
    /// Where; `None` means that the keys of `value` say it.
    pub path: Option<String>,
    /// `Some(Value::Null)` where the body says `null`.
    pub value: Option<Value>,
}

/// What an operation does.
///
/// ```
/// use scim_core::patch::{Op, Operation};
///
/// assert_eq!(Operation::remove("title").op, Op::Remove);
/// assert_eq!(Op::Remove.as_str(), "remove");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// RFC 7644 §3.5.2.1
    Add,
    /// RFC 7644 §3.5.2.2
    Remove,
    /// RFC 7644 §3.5.2.3
    Replace,
}

impl PatchRequest {
    /// Reads a body.
    pub fn parse(body: Value) -> Result<Self, Error> {
        let Value::Object(body) = body else {
            return Err(Error::invalid_syntax(
                "a PATCH body is an object with schemas and Operations",
            ));
        };
        let mut declared = false;
        let mut operations = None;
        for (name, value) in body {
            if name.eq_ignore_ascii_case("schemas") {
                declared = names_patch_op(&value);
            } else if name.eq_ignore_ascii_case("Operations") {
                operations = Some(value);
            }
        }
        let Some(Value::Array(operations)) = operations else {
            return Err(Error::invalid_syntax(
                "a PATCH body has an array of Operations",
            ));
        };
        if operations.len() > OPERATIONS_MAX {
            return Err(Error::TooMany {
                what: "operations",
                limit: OPERATIONS_MAX,
            });
        }
        let operations = operations
            .into_iter()
            .map(Operation::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            declared,
            operations,
        })
    }

    /// A request of these operations, for a client to send.
    pub const fn new(operations: Vec<Operation>) -> Self {
        Self {
            declared: true,
            operations,
        }
    }

    /// Whether `schemas` holds the `PatchOp` URN.
    pub const fn is_declared(&self) -> bool {
        self.declared
    }

    /// The operations in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }
}

fn names_patch_op(schemas: &Value) -> bool {
    let is_patch_op = |value: &Value| matches!(value, Value::String(text) if text.eq_ignore_ascii_case(urn::PATCH_OP));
    match schemas {
        Value::Array(schemas) => schemas.iter().any(is_patch_op),
        other => is_patch_op(other),
    }
}

impl Operation {
    /// An operation that adds `value` at `path`.
    pub fn add(path: &str, value: Value) -> Self {
        Self::of(Op::Add, path, Some(value))
    }

    /// An operation that removes what is at `path`.
    pub fn remove(path: &str) -> Self {
        Self::of(Op::Remove, path, None)
    }

    /// An operation that replaces what is at `path` by `value`.
    pub fn replace(path: &str, value: Value) -> Self {
        Self::of(Op::Replace, path, Some(value))
    }

    fn of(op: Op, path: &str, value: Option<Value>) -> Self {
        Self {
            op,
            op_exact: true,
            path: Some(path.to_owned()),
            value,
        }
    }

    fn parse(operation: Value) -> Result<Self, Error> {
        let Value::Object(operation) = operation else {
            return Err(Error::invalid_syntax(
                "an operation is an object with op, path and value",
            ));
        };
        let Members { op, path, value } = Members::read(operation);
        let Some(Value::String(op_text)) = op else {
            return Err(Error::invalid_syntax(
                "an operation has an op: add, remove or replace",
            ));
        };
        let op = Op::parse(&op_text)?;
        let path = match path {
            None | Some(Value::Null) => None,
            // An empty path is how some clients write "no path".
            Some(Value::String(path)) if path.trim().is_empty() => None,
            Some(Value::String(path)) => Some(path),
            Some(_) => return Err(Error::invalid_syntax("the path of an operation is text")),
        };
        if value.is_none() && op != Op::Remove {
            let target = path.as_deref().unwrap_or("value");
            return Err(Error::invalid_value(
                target,
                format!("the operation {} needs a value", op.as_str()),
            ));
        }
        if path.is_none() && op == Op::Remove {
            // RFC 7644 §3.5.2.2
            return Err(Error::no_target(""));
        }
        Ok(Self {
            op_exact: op_text == op.as_str(),
            op,
            path,
            value,
        })
    }
}

impl Op {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }

    fn parse(text: &str) -> Result<Self, Error> {
        [Self::Add, Self::Remove, Self::Replace]
            .into_iter()
            .find(|op| text.eq_ignore_ascii_case(op.as_str()))
            .ok_or_else(|| {
                Error::invalid_syntax(format!("op is add, remove or replace, not {}", echo(text)))
            })
    }
}

impl Serialize for PatchRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[urn::PATCH_OP])?;
        map.serialize_entry("Operations", &self.operations)?;
        map.end()
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("op", self.op.as_str())?;
        if let Some(path) = &self.path {
            map.serialize_entry("path", path)?;
        }
        if let Some(value) = &self.value {
            map.serialize_entry("value", value)?;
        }
        map.end()
    }
}

/// The members of an operation, whatever the case of their names.
#[derive(Default)]
struct Members {
    op: Option<Value>,
    path: Option<Value>,
    value: Option<Value>,
}

impl Members {
    fn read(operation: Map<String, Value>) -> Self {
        let mut members = Self::default();
        for (name, value) in operation {
            match name.to_ascii_lowercase().as_str() {
                "op" => members.op = Some(value),
                "path" => members.path = Some(value),
                "value" => members.value = Some(value),
                _ => {}
            }
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::PatchRequest;

    fn shown(body: Value) -> String {
        match PatchRequest::parse(body) {
            Ok(request) => {
                let operations: Vec<_> = request
                    .operations()
                    .iter()
                    .map(|it| format!("{:?} {:?} {:?}", it.op, it.path, it.value))
                    .collect();
                format!(
                    "declared={} {}",
                    request.is_declared(),
                    operations.join("; ")
                )
            }
            Err(error) => format!(
                "{}: {error}",
                error.scim_type().map_or("-", |it| it.as_str())
            ),
        }
    }

    fn one(operation: &Value) -> String {
        shown(json!({"Operations": [operation]}))
    }

    macro_rules! check {
        ($shown:expr, @$expected:literal) => { insta::assert_snapshot!($shown, @$expected) };
    }

    #[test]
    fn capital_ops_are_read() {
        check!(one(&json!({"op": "Replace", "path": "active", "value": "False"})), @r#"declared=false Replace Some("active") Some(String("False"))"#);
    }
    #[test]
    fn names_of_members_match_in_any_case() {
        check!(
            shown(json!({"SCHEMAS": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "operations": [{"Op": "add", "Path": null, "Value": {}}]})),
            @r"declared=true Add None Some(Object {})"
        );
    }
    #[test]
    fn another_schema_declares_nothing() {
        check!(shown(json!({"schemas": ["urn:example:X"], "Operations": []})), @"declared=false ");
        check!(shown(json!({"schemas": null, "Operations": []})), @"declared=false ");
    }
    #[test]
    fn no_operations_is_no_change() {
        check!(shown(json!({"Operations": []})), @"declared=false ");
    }
    #[test]
    fn operations_are_needed() {
        check!(shown(json!({})), @"invalidSyntax: a PATCH body has an array of Operations");
    }
    #[test]
    fn body_is_an_object() {
        check!(shown(json!([])), @"invalidSyntax: a PATCH body is an object with schemas and Operations");
    }
    #[test]
    fn unknown_op() {
        check!(one(&json!({"op": "move"})), @r#"invalidSyntax: op is add, remove or replace, not "move""#);
    }
    #[test]
    fn missing_op() {
        check!(one(&json!({"path": "active"})), @"invalidSyntax: an operation has an op: add, remove or replace");
    }
    #[test]
    fn missing_value() {
        check!(one(&json!({"op": "add", "path": "title"})), @"invalidValue: title: the operation add needs a value");
    }
    #[test]
    fn remove_needs_a_path() {
        check!(one(&json!({"op": "remove", "value": {"members": []}})), @r#"noTarget: the path "" selects no value of this resource"#);
    }
    #[test]
    fn operations_are_counted_first() {
        check!(shown(json!({"Operations": vec![0; 1001]})), @"-: too many operations: at most 1000 in one request");
    }
}
