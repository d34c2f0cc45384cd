//! Whether a resource is one that a filter selects. A store that turns
//! filters into queries must give the same answers.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::{Comparison, Operand, Operator, TypedFilter, TypedPath};
use crate::text::{date_time, fold};

/// Whether a whole document, with `id` and `meta`, fulfils the filter.
///
/// A comparison holds if it holds for one of several values. `ne` and `not`
/// also hold for a document that has no value.
pub fn matches(filter: &TypedFilter, document: &Map<String, Value>) -> bool {
    match filter {
        TypedFilter::And(filters) => filters.iter().all(|filter| matches(filter, document)),
        TypedFilter::Or(filters) => filters.iter().any(|filter| matches(filter, document)),
        TypedFilter::Not(filter) => !matches(filter, document),
        // Nothing in the document says so.
        TypedFilter::Linked { .. } => false,
        TypedFilter::Ids(ids) => {
            let id = document.get("id").and_then(Value::as_str);
            id.is_some_and(|id| ids.contains(id))
        }
        TypedFilter::Compare(comparison) => compares(comparison, document),
        TypedFilter::Present(path) => {
            let values = selected(path, document);
            values.iter().any(|value| is_value(value))
        }
        TypedFilter::Values { path, filter } => {
            let values = selected(path, document);
            values.iter().any(|value| matches_value(filter, value))
        }
    }
}

/// Whether one value of an attribute fulfils the condition in brackets that
/// was resolved for it. A plain value is its own `value`.
pub fn matches_value(filter: &TypedFilter, value: &Value) -> bool {
    match value {
        Value::Object(object) => matches(filter, object),
        plain => matches(
            filter,
            &Map::from_iter([("value".to_owned(), plain.clone())]),
        ),
    }
}

fn selected<'d>(path: &TypedPath, document: &'d Map<String, Value>) -> Vec<&'d Value> {
    let values = path.place.attribute_values(document).into_iter();
    let kept = values.filter(|value| match &path.filter {
        None => true,
        Some(filter) => matches_value(filter, value),
    });
    kept.flat_map(|value| path.place.sub_values(value))
        .collect()
}

/// Null and the empty list are no values (RFC 7643 §2.5).
fn is_value(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(object) => object.values().any(is_value),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compares(comparison: &Comparison, document: &Map<String, Value>) -> bool {
    let Comparison {
        path,
        operator,
        operand,
    } = comparison;
    let values = selected(path, document);
    let mut values = values
        .into_iter()
        .filter(|value| is_value(value))
        .peekable();
    if *operator == Operator::Ne && values.peek().is_none() {
        return true;
    }
    values.any(|value| compare(value, *operator, operand))
}

fn compare(value: &Value, operator: Operator, operand: &Operand) -> bool {
    let ordering = match (operand, value) {
        (Operand::Folded(wanted), Value::String(text)) => {
            return compare_text(&fold(text), operator, wanted);
        }
        (Operand::Exact(wanted), Value::String(text)) => {
            return compare_text(text, operator, wanted);
        }
        (Operand::Boolean(wanted), Value::Bool(value)) => Some(value.cmp(wanted)),
        (Operand::Number(wanted), Value::Number(value)) => compare_numbers(value, wanted),
        (Operand::DateTime(wanted), Value::String(text)) => {
            date_time(text).map(|value| value.cmp(wanted))
        }
        _ => None,
    };
    match ordering {
        Some(ordering) => holds(operator, ordering),
        // A value of another type differs from every operand.
        None => operator == Operator::Ne,
    }
}

fn compare_text(text: &str, operator: Operator, wanted: &str) -> bool {
    match operator {
        Operator::Co => text.contains(wanted),
        Operator::Sw => text.starts_with(wanted),
        Operator::Ew => text.ends_with(wanted),
        Operator::Eq | Operator::Ne | Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
            holds(operator, text.cmp(wanted))
        }
    }
}

fn compare_numbers(value: &Number, wanted: &Number) -> Option<Ordering> {
    match (value.as_i64(), wanted.as_i64()) {
        (Some(value), Some(wanted)) => Some(value.cmp(&wanted)),
        _ => value.as_f64()?.partial_cmp(&wanted.as_f64()?),
    }
}

fn holds(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        // Only text has parts; resolving refuses the others.
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::matches;
    use crate::{
        filter::Filter,
        schema::{self, ResourceType, Schema},
    };

    fn selected(text: &str) -> bool {
        let user = ResourceType::new("User", "/Users", schema::user())
            .extension(schema::enterprise_user())
            .reverse("groups", "members")
            .build()
            .unwrap();
        let document = json!({
            "id": "0190f3c2-1111-7000-8000-000000000001",
            "externalId": "E-1",
            "userName": "Kim@Example.com",
            "name": {"givenName": "Zoë", "familyName": "Straße"},
            "active": true,
            "emails": [
                {"value": "kim@example.com", "type": "work", "primary": true},
                {"value": "kim@home.example", "type": "home"},
            ],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
                "department": "Sales",
                "manager": {"value": "0190f3c2-1111-7000-8000-000000000002"},
            },
            "meta": {
                "resourceType": "User",
                "lastModified": "2026-01-31T08:00:00.5Z",
            },
        });
        let filter = Filter::parse(text).unwrap().resolve(&user).unwrap();
        matches(&filter, document.as_object().unwrap())
    }

    fn check(cases: &[(&str, bool)]) {
        for (text, expected) in cases {
            assert_eq!(selected(text), *expected, "{text}");
        }
    }

    #[test]
    fn text_is_compared_folded_unless_case_exact() {
        check(&[
            (r#"userName eq "kim@example.COM""#, true),
            (r#"userName eq "kim""#, false),
            (r#"name.givenName eq "ZOE\u0308""#, true),
            (r#"name.familyName eq "STRASSE""#, true),
            (r#"externalId eq "E-1""#, true),
            (r#"externalId eq "e-1""#, false),
            (r#"userName sw "KIM""#, true),
            (r#"userName ew "COM""#, true),
            (r#"userName co "@EX""#, true),
            (r#"externalId co "e""#, false),
            (r#"userName gt "kilo""#, true),
            (r#"userName le "kilo""#, false),
            (r#"userName ne "kim@example.com""#, false),
        ]);
    }

    #[test]
    fn one_of_several_values_is_enough() {
        check(&[
            (r#"emails.value eq "kim@home.example""#, true),
            (r#"emails eq "kim@home.example""#, true),
            (r#"emails.type eq "work" and emails.value co "home""#, true),
            (r#"emails[type eq "work" and value co "home"]"#, false),
            (r#"emails[type eq "home" and value co "home"]"#, true),
            (r#"emails[type eq "work"].value eq "kim@example.com""#, true),
            (
                r#"emails[type eq "home"].value eq "kim@example.com""#,
                false,
            ),
            (r#"emails[type eq "other"].value pr"#, false),
            (r#"emails[not (type eq "work")]"#, true),
            (r#"not (emails.type eq "work")"#, false),
            (r#"emails.type ne "work""#, true),
            (r#"emails[primary eq "True"]"#, true),
        ]);
    }

    #[test]
    fn a_missing_value_differs() {
        check(&[
            ("title pr", false),
            ("emails pr", true),
            ("name pr", true),
            (r#"title eq "x""#, false),
            (r#"title ne "x""#, true),
            (r#"not (title eq "x")"#, true),
            ("title eq null", true),
            ("title ne null", false),
            ("userName eq null", false),
            (r#"title lt "x""#, false),
            (r#"title eq """#, false),
        ]);
    }

    #[test]
    fn other_types() {
        check(&[
            ("active eq true", true),
            (r#"active eq "False""#, false),
            ("active ne false", true),
            (
                r#"meta.lastModified eq "2026-01-31T09:00:00.500+01:00""#,
                true,
            ),
            (r#"meta.lastModified gt "2026-01-31T08:00:00Z""#, true),
            (r#"meta.lastModified lt "2026-01-31T08:00:00Z""#, false),
            (r#"meta.lastModified sw "2026-01""#, true),
            (r#"meta.resourceType eq "User""#, true),
            (r#"id eq "0190f3c2-1111-7000-8000-000000000001""#, true),
        ]);
    }

    #[test]
    fn numbers_are_compared_as_numbers() {
        let schema = Schema::from_json(
            r#"{"id": "urn:example:Badge", "attributes": [
                {"name": "number", "type": "integer"}, {"name": "weight", "type": "decimal"}]}"#,
        );
        let badge = ResourceType::new("Badge", "/Badges", schema.unwrap())
            .build()
            .unwrap();
        // Doubles do not tell this number from the next one.
        let document = json!({"number": 9_007_199_254_740_993_i64, "weight": 1.5});
        for (text, expected) in [
            ("number eq 9007199254740993", true),
            ("number gt 9007199254740992", true),
            ("number lt 10", false),
            ("weight eq 1.50", true),
            ("weight gt 1", true),
            ("weight lt 10", true),
            ("weight ne 1.5", false),
        ] {
            let filter = Filter::parse(text).unwrap().resolve(&badge).unwrap();
            let selected = matches(&filter, document.as_object().unwrap());
            assert_eq!(selected, expected, "{text}");
        }
    }

    #[test]
    fn extensions_need_no_urn() {
        let urn = schema::ENTERPRISE_USER_URN;
        check(&[
            (&format!(r#"{urn}:department eq "sales""#), true),
            (
                &format!(r#"{}:Department eq "sales""#, urn.to_lowercase()),
                true,
            ),
            (r#"department eq "sales""#, true),
            (r#"manager eq "0190f3c2-1111-7000-8000-000000000002""#, true),
            (&format!("{urn}:manager.value pr"), true),
            (&format!(r#"{}:userName sw "kim""#, schema::USER_URN), true),
        ]);
    }

    #[test]
    fn logic() {
        check(&[
            (r#"userName pr and (title pr or active eq true)"#, true),
            (r#"title pr or active eq false"#, false),
            (r#"not (title pr or active eq false)"#, true),
        ]);
    }
}
