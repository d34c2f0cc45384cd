//! What holds for every user, however it came to be.

use std::sync::LazyLock;

use proptest::prelude::{
    BoxedStrategy, Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use scim_core::patch::{Operation, PatchRequest, apply};
use scim_core::resource::project::{Projection, project};
use scim_core::resource::{Document, Policy, parse_replacement, validate};
use scim_core::schema::{Attribute, ENTERPRISE_USER_URN, Schema, Type};
use scim_core::typed::{self, User};
use scim_core::{ResourceType, schema};
use serde_json::{Map, Value, json};

static USER: LazyLock<ResourceType> = LazyLock::new(|| {
    ResourceType::new("User", "/Users", schema::user())
        .extension(schema::enterprise_user())
        .reverse("groups", "members")
        .build()
        .unwrap()
});

/// Some attributes of a schema with values that fit; `null` and empty ones
/// are among them.
fn attributes(schema: &Schema) -> BoxedStrategy<Map<String, Value>> {
    schema
        .attributes
        .iter()
        .fold(Just(Map::new()).boxed(), |all, attribute| {
            let name = attribute.name.clone();
            let value = proptest::option::weighted(0.3, value(attribute));
            (all, value)
                .prop_map(move |(mut all, value)| {
                    all.extend(value.map(|value| (name.clone(), value)));
                    all
                })
                .boxed()
        })
}

fn value(attribute: &Attribute) -> BoxedStrategy<Value> {
    let single = match attribute.kind {
        Type::Boolean if attribute.name == "primary" => Just(json!(false)).boxed(),
        Type::Boolean => prop_oneof![
            any::<bool>().prop_map(Value::from),
            Just(json!("True")),
            Just(json!("false"))
        ]
        .boxed(),
        Type::Integer | Type::Decimal => any::<i32>().prop_map(Value::from).boxed(),
        Type::DateTime => Just(json!("2026-01-31T08:00:00Z")).boxed(),
        Type::Binary => Just(json!("YWJj")).boxed(),
        Type::String | Type::Reference => "[abA\u{e4} ]{0,3}".prop_map(Value::from).boxed(),
        Type::Complex => {
            let parts = Schema {
                attributes: attribute.sub_attributes.clone(),
                ..schema::user()
            };
            attributes(&parts).prop_map(Value::Object).boxed()
        }
    };
    let single = prop_oneof![9 => single, 1 => Just(Value::Null)];
    if attribute.multi_valued {
        proptest::collection::vec(single, 0..4)
            .prop_map(Value::Array)
            .boxed()
    } else {
        single.boxed()
    }
}

fn body() -> impl Strategy<Value = Value> {
    let core = attributes(&schema::user());
    let extension = proptest::option::of(attributes(&schema::enterprise_user()));
    (core, extension).prop_map(|(mut core, extension)| {
        core.insert("schemas".to_owned(), json!([schema::USER_URN]));
        core.insert("userName".to_owned(), json!("ann"));
        core.extend(extension.map(|it| (ENTERPRISE_USER_URN.to_owned(), Value::Object(it))));
        Value::Object(core)
    })
}

fn document(body: Value) -> Document {
    validate::parse_new(&USER, body, &Policy::compatible())
        .unwrap()
        .document
}

/// The document as a GET answers it.
fn shown(document: &Document) -> Map<String, Value> {
    let mut whole = document.as_map().clone();
    whole.insert("id".to_owned(), json!("1"));
    whole.insert("groups".to_owned(), json!([{"value": "2"}]));
    whole.insert("meta".to_owned(), json!({"resourceType": "User"}));
    project(&whole, &USER, &Projection::default())
}

/// A `replace` or `remove` whose path selects by nothing that it changes.
fn operation() -> impl Strategy<Value = Operation> {
    let paths = USER.schemas().flat_map(|schema| {
        let prefix = match schema.id.as_str() {
            ENTERPRISE_USER_URN => format!("{}:", schema.id),
            _ => String::new(),
        };
        schema.attributes.iter().flat_map(move |attribute| {
            let path = format!("{prefix}{}", attribute.name);
            let mut all = vec![(path.clone(), attribute.clone())];
            for sub in &attribute.sub_attributes {
                all.push((format!("{path}.{}", sub.name), sub.clone()));
                if attribute.multi_valued && sub.name != "type" {
                    let path = format!("{path}[type eq \"a\"].{}", sub.name);
                    all.push((path, sub.clone()));
                }
            }
            all
        })
    });
    let operations: Vec<_> = paths
        .map(|(path, attribute)| {
            prop_oneof![
                1 => Just(Operation::remove(&path)),
                3 => value(&attribute).prop_map(move |value| Operation::replace(&path, value)),
            ]
            .boxed()
        })
        .collect();
    proptest::strategy::Union::new(operations)
}

proptest! {
    #[test]
    fn put_of_what_get_answered_changes_nothing(body in body()) {
        let document = document(body);
        let put = Value::Object(shown(&document));
        let again = parse_replacement(&USER, &document, put, &Policy::compatible()).unwrap();
        prop_assert!(!again.changed, "{}\n{}", document, again.document);
    }

    #[test]
    fn a_put_tells_whether_it_changes(before in body(), after in body()) {
        let before = document(before);
        let put = parse_replacement(&USER, &before, after, &Policy::compatible()).unwrap();
        prop_assert_eq!(put.changed, put.document != before);
    }

    #[test]
    fn replace_and_remove_do_the_same_twice(before in body(), operation in operation()) {
        let before = document(before);
        let request = PatchRequest::new(vec![operation]);
        let policy = Policy::compatible();
        if let Ok(once) = apply(&USER, before.clone(), &request, &policy) {
            prop_assert_eq!(once.changed, once.document != before);
            let twice = apply(&USER, once.document.clone(), &request, &policy).unwrap();
            prop_assert!(!twice.changed, "{}\n{}", once.document, twice.document);
            let put = Value::Object(shown(&once.document));
            let put = parse_replacement(&USER, &once.document, put, &policy).unwrap();
            prop_assert!(!put.changed, "{}\n{}", once.document, put.document);
        }
    }

    #[test]
    fn views_are_the_document(body in body()) {
        let document = document(body);
        let view: User = typed::from_document(&document).unwrap();
        let again = typed::to_document(&view, &USER).unwrap();
        prop_assert_eq!(again.document, document);
        prop_assert!(again.repairs.is_empty());
    }
}
