//! In which order resources are listed (RFC 7644 §3.4.2.3).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Number, Value};

use crate::{
    error::Error,
    path::{AttributePath, KeyPath},
    resource::validate::is_primary,
    schema::{ResourceType, Returned, Type},
    text::{KEY_BYTES_MAX, date_time, fold},
};

/// Which way a list runs; `sortOrder` of a query.
///
/// ```
/// use scim_core::SortOrder;
///
/// assert_eq!(SortOrder::parse("Descending"), Ok(SortOrder::Descending));
/// assert_eq!(SortOrder::default().as_str(), "ascending");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortOrder {
    /// From the least value to the greatest.
    #[default]
    Ascending,
    /// From the greatest value to the least.
    Descending,
}

impl SortOrder {
    /// The word as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let known = [Self::Ascending, Self::Descending];
        let found = known
            .into_iter()
            .find(|order| order.as_str().eq_ignore_ascii_case(text));
        found.ok_or_else(|| Error::invalid_value("sortOrder", "expected ascending or descending"))
    }
}

/// The attribute by which resources are sorted, and the direction.
///
/// ```
/// use scim_core::{ResourceType, schema, sort::{SortBy, SortOrder, compare}};
/// use serde_json::json;
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let by = SortBy::parse("NAME.familyName", SortOrder::Ascending, &users)?;
///
/// let mut list = [
///     json!({"userName": "1"}),
///     json!({"userName": "2", "name": {"familyName": "berg"}}),
///     json!({"userName": "3", "name": {"familyName": "Adam"}}),
/// ];
/// list.sort_by(|left, right| {
///     compare(&by, left.as_object().unwrap(), right.as_object().unwrap())
/// });
/// let names = list.map(|user| user["userName"].as_str().unwrap().to_owned());
/// assert_eq!(names, ["3", "2", "1"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortBy {
    path: KeyPath,
    order: SortOrder,
}

impl SortBy {
    /// Reads `sortBy` and looks its names up. A complex attribute stands for
    /// its `value`.
    pub fn parse(
        path: &str,
        order: SortOrder,
        resource_type: &ResourceType,
    ) -> Result<Self, Error> {
        let refused = |reason: &str| Error::invalid_path(path, reason);
        let parsed = AttributePath::parse(path)?;
        if parsed.filter.is_some() {
            return Err(refused("a sort names an attribute without brackets"));
        }
        let resolved = parsed.resolve_short(resource_type)?;
        let ends = [resolved.attribute, resolved.sub];
        if ends
            .into_iter()
            .flatten()
            .any(|end| end.returned == Returned::Never)
        {
            return Err(refused("it is never returned, so nothing is sorted by it"));
        }
        let is_outside = resolved.extension.is_none()
            && resolved
                .attribute
                .is_some_and(|found| resource_type.is_outside_document(&found.name));
        if is_outside {
            return Err(refused("it is read from the resource itself"));
        }
        let path = resolved
            .key_path()
            .filter(|path| path.kind() != Type::Complex)
            .ok_or_else(|| refused("it has several parts; name the one to sort by"))?;
        Ok(Self { path, order })
    }

    /// Where the values are.
    pub const fn path(&self) -> &KeyPath {
        &self.path
    }

    /// The direction.
    pub const fn order(&self) -> SortOrder {
        self.order
    }

    /// What places a whole document, with `id` and `meta`, in the list. Keys
    /// are made once for each document and then compared with
    /// [`compare_keys`](Self::compare_keys).
    ///
    /// Of several values the primary one counts, or else the first.
    pub fn key(&self, document: &Map<String, Value>) -> SortKey {
        let values = self.path.attribute_values(document);
        let primary = values.iter().filter(|value| is_primary(value));
        primary
            .chain(&values)
            .flat_map(|value| self.path.sub_values(value))
            .find_map(|value| present(&self.path, value))
            .unwrap_or(SortKey::Missing)
    }

    /// The order of two documents by their keys.
    pub fn compare_keys(&self, left: &SortKey, right: &SortKey) -> Ordering {
        match self.order {
            SortOrder::Ascending => left.cmp(right),
            SortOrder::Descending => right.cmp(left),
        }
    }
}

/// The order of two whole documents, with `id` and `meta`. Those without a
/// value come last in ascending order and first in descending order.
///
/// Equal documents are for the caller to put in an order that stays, such as
/// that of their ids.
pub fn compare(by: &SortBy, left: &Map<String, Value>, right: &Map<String, Value>) -> Ordering {
    by.compare_keys(&by.key(left), &by.key(right))
}

/// The value by which a document is placed, in the form in which it is
/// compared. The order of the variants places resources of several types, in
/// which one path may mean different things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// False comes before true.
    Boolean(bool),
    /// A number.
    Number(NumberKey),
    /// A point in time.
    DateTime(Timestamp),
    /// Text; folded unless its case matters, and cut at [`KEY_BYTES_MAX`] bytes.
    Text(String),
    /// No value, which counts as greater than every value.
    Missing,
}

impl SortKey {
    /// The key as text, for a place in a list that a client is to come back to.
    ///
    /// ```
    /// use scim_core::sort::SortKey;
    ///
    /// let key = SortKey::Text("adam".into());
    /// assert_eq!(SortKey::decode(&key.encode()), Some(key));
    /// assert_eq!(SortKey::decode("adam"), None);
    /// ```
    pub fn encode(&self) -> String {
        match self {
            Self::Boolean(value) => format!("b{value}"),
            Self::Number(NumberKey { near, whole }) => format!("n{:x}:{whole}", near.to_bits()),
            Self::DateTime(at) => format!("d{at}"),
            Self::Text(text) => format!("t{text}"),
            Self::Missing => "-".to_owned(),
        }
    }

    /// The key that was [encoded](Self::encode).
    pub fn decode(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        let variant = chars.next()?;
        let rest = chars.as_str();
        match variant {
            'b' => rest.parse().ok().map(Self::Boolean),
            'n' => {
                let (near, whole) = rest.split_once(':')?;
                let near = f64::from_bits(u64::from_str_radix(near, 16).ok()?);
                let whole = whole.parse().ok()?;
                Some(Self::Number(NumberKey { near, whole }))
            }
            'd' => rest.parse().ok().map(Self::DateTime),
            't' => Some(Self::Text(rest.to_owned())),
            '-' => rest.is_empty().then_some(Self::Missing),
            _ => None,
        }
    }
}

fn present(path: &KeyPath, value: &Value) -> Option<SortKey> {
    match value {
        Value::String(text) if path.kind() == Type::DateTime => {
            date_time(text).map(SortKey::DateTime)
        }
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if path.case_exact() => Some(SortKey::Text(beginning(text))),
        Value::String(text) => Some(SortKey::Text(beginning(&fold(text)))),
        Value::Bool(value) => Some(SortKey::Boolean(*value)),
        Value::Number(number) => NumberKey::of(number).map(SortKey::Number),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// As much of a text as an index would hold: so that a place in a list, which clients carry, stays
/// short.
fn beginning(text: &str) -> String {
    let end = text.floor_char_boundary(KEY_BYTES_MAX);
    text.get(..end).unwrap_or_default().to_owned()
}

/// A number with a total order, in which whole numbers beyond the precision
/// of a float are still told apart.
#[derive(Debug, Clone, Copy)]
pub struct NumberKey {
    near: f64,
    whole: i128,
}

impl NumberKey {
    fn of(number: &Number) -> Option<Self> {
        // 0.0 and -0.0 are one number.
        let near = number.as_f64()? + 0.0;
        let whole = number.as_i64().map(i128::from);
        let whole = whole.or_else(|| number.as_u64().map(i128::from));
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it decides only between numbers whose floats are equal, and whole"
        )]
        let whole = whole.unwrap_or(near as i128);
        Some(Self { near, whole })
    }
}

impl Ord for NumberKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let near = self.near.total_cmp(&other.near);
        near.then(self.whole.cmp(&other.whole))
    }
}

impl PartialOrd for NumberKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for NumberKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for NumberKey {}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{NumberKey, SortBy, SortKey, SortOrder, compare};
    use crate::schema::{self, ResourceType, Schema};

    fn user() -> ResourceType {
        let visits = r#"{"id": "urn:x:Visits", "attributes": [
            {"name": "count", "type": "integer"}, {"name": "ratio", "type": "decimal"}]}"#;
        ResourceType::new("User", "/Users", schema::user())
            .extension(schema::enterprise_user())
            .extension(Schema::from_json(visits).unwrap())
            .reverse("groups", "members")
            .build()
            .unwrap()
    }

    /// The documents, named by their places in the input, in their order.
    fn sorted(path: &str, order: SortOrder, documents: &Value) -> String {
        let by = match SortBy::parse(path, order, &user()) {
            Ok(by) => by,
            Err(error) => return error.to_string(),
        };
        let documents = documents.as_array().unwrap();
        let mut numbered: Vec<_> = documents.iter().enumerate().collect();
        numbered.sort_by(|(_, left), (_, right)| {
            compare(&by, left.as_object().unwrap(), right.as_object().unwrap())
        });
        let places: Vec<String> = numbered.iter().map(|(at, _)| at.to_string()).collect();
        places.join(" ")
    }

    macro_rules! check {
        ($path:expr, $documents:tt, @$shown:literal) => {
            insta::assert_snapshot!(sorted($path, SortOrder::Ascending, &json!($documents)), @$shown)
        };
    }
    macro_rules! descending {
        ($path:expr, $documents:tt, @$shown:literal) => {
            insta::assert_snapshot!(sorted($path, SortOrder::Descending, &json!($documents)), @$shown)
        };
    }

    #[test]
    fn keys_come_back_from_text() {
        let number = |json: &str| {
            let number = NumberKey::of(&serde_json::from_str(json).unwrap());
            SortKey::Number(number.unwrap())
        };
        for key in [
            SortKey::Boolean(true),
            SortKey::Boolean(false),
            number("0.1"),
            number("-0.0"),
            number("1e308"),
            number("18446744073709551615"),
            number("-9223372036854775808"),
            SortKey::DateTime("2026-01-01T00:00:00.123456789Z".parse().unwrap()),
            SortKey::Text(String::new()),
            SortKey::Text("t: ß\n".to_owned()),
            SortKey::Missing,
        ] {
            assert_eq!(SortKey::decode(&key.encode()), Some(key));
        }
        for text in ["", "x", "-x", "byes", "n1", "n1:x", "dnever"] {
            assert_eq!(SortKey::decode(text), None, "{text:?}");
        }
    }
    #[test]
    fn text_is_folded_unless_case_exact() {
        check!("userName", [{"userName": "b"}, {"userName": "C"}, {"userName": "A"}], @"2 0 1");
        check!("externalId", [{"externalId": "b"}, {"externalId": "C"}, {"externalId": "A"}], @"2 1 0");
        check!("displayName", [{"displayName": "STRASSF"}, {"displayName": "straße"}], @"1 0");
    }
    #[test]
    fn missing_values_have_their_end() {
        check!("title", [{}, {"title": "b"}, {"title": ""}, {"title": "a"}], @"3 1 0 2");
        descending!("title", [{"title": "a"}, {}, {"title": "b"}, {"title": null}], @"1 3 2 0");
    }
    #[test]
    fn types_have_their_own_order() {
        check!("active", [{"active": true}, {}, {"active": false}], @"2 0 1");
        check!("urn:x:Visits:count", [
            {"urn:x:Visits": {"count": 10}}, {"urn:x:Visits": {"count": 9}},
            {"urn:x:Visits": {"count": 9_007_199_254_740_993_i64}},
            {"urn:x:Visits": {"count": 9_007_199_254_740_992_i64}}
        ], @"1 0 3 2");
        check!("ratio", [
            {"urn:x:Visits": {"ratio": 1.5}}, {"urn:x:Visits": {"ratio": 1}}, {"urn:x:Visits": {"ratio": -2.5}}
        ], @"2 1 0");
        check!("meta.created", [
            {"meta": {"created": "2026-01-31T09:00:00+01:00"}}, {"meta": {"created": "2026-01-31T08:30:00Z"}},
            {"meta": {"created": "2026-01-31T07:59:00Z"}}
        ], @"2 0 1");
    }
    #[test]
    fn of_many_values_the_primary_counts_or_the_first() {
        check!("emails", [
            {"emails": [{"value": "b"}, {"value": "a"}]},
            {"emails": [{"value": "x"}, {"value": "a", "primary": true}]},
            {"emails": [{"type": "work"}, {"value": "aa"}]}
        ], @"1 2 0");
        check!("emails.type", [{"emails": [{"type": "work"}]}, {"emails": [{"type": "home"}]}], @"1 0");
    }
    #[test]
    fn what_nothing_is_sorted_by() {
        check!("nick", [], @r#"the path "nick" cannot be used: User has no attribute "nick""#);
        check!("name", [], @r#"the path "name" cannot be used: it has several parts; name the one to sort by"#);
        check!("password", [], @r#"the path "password" cannot be used: it is never returned, so nothing is sorted by it"#);
        check!("groups.value", [], @r#"the path "groups.value" cannot be used: it is read from the resource itself"#);
        check!("emails[type eq \"work\"].value", [], @r#"the path "emails[type eq \"work\"].value" cannot be used: a sort names an attribute without brackets"#);
        check!("urn:x:Visits", [], @r#"the path "urn:x:Visits" cannot be used: it has several parts; name the one to sort by"#);
    }
    #[test]
    fn orders_are_read_in_any_case() {
        assert_eq!(SortOrder::parse("DESCENDING"), Ok(SortOrder::Descending));
        assert_eq!(
            SortOrder::parse("up").unwrap_err().to_string(),
            "sortOrder: expected ascending or descending"
        );
    }
}
