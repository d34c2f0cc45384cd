//! How long it takes to do something with a user of 2 KB.

use std::hint::black_box;

use criterion::Criterion;
use scim_benches::{FILTERS, user, users};
use scim_core::patch::{Operation, PatchRequest, apply};
use scim_core::resource::project::{Projection, project};
use scim_core::resource::validate::parse_new;
use scim_core::{Filter, Policy, filter, json::check_limits, schema};
use serde_json::{Value, json};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let users = users();
    let policy = Policy::compatible();
    let text = user().to_string();
    let document = parse_new(&users, user(), &policy)
        .expect("it is a user")
        .document;

    criterion.bench_function("check the limits of the JSON", |bencher| {
        bencher.iter(|| check_limits(black_box(text.as_bytes()), 32, 10_000));
    });
    criterion.bench_function("parse the JSON", |bencher| {
        bencher.iter(|| serde_json::from_str::<Value>(black_box(&text)).is_ok());
    });
    criterion.bench_function("validate", |bencher| {
        bencher.iter_with_setup(user, |body| parse_new(&users, body, &policy));
    });
    criterion.bench_function("evaluate ten filters", |bencher| {
        let filters = FILTERS.map(|text| {
            let filter = Filter::parse(text).expect("it is a filter");
            filter
                .resolve(&users)
                .expect("its attributes are those of a user")
        });
        bencher.iter(|| {
            let matching = filters.iter();
            matching
                .filter(|it| filter::matches(it, black_box(document.as_map())))
                .count()
        });
    });
    for (name, operations) in patches() {
        let request = PatchRequest::new(operations);
        criterion.bench_function(&format!("PATCH: {name}"), |bencher| {
            bencher.iter_with_setup(
                || document.clone(),
                |document| apply(&users, document, &request, &policy),
            );
        });
    }
    criterion.bench_function("project all", |bencher| {
        let all = Projection::default();
        bencher.iter(|| project(black_box(document.as_map()), &users, &all));
    });
    criterion.bench_function("project three attributes", |bencher| {
        let some = Projection::parse(Some("userName,active,emails.value"), None, &users);
        let some = some.expect("its attributes are those of a user");
        bencher.iter(|| project(black_box(document.as_map()), &users, &some));
    });
    criterion.final_summary();
}

/// The shapes that directories send.
fn patches() -> [(&'static str, Vec<Operation>); 5] {
    let work_email = Operation::replace("emails[type eq \"work\"].value", json!("k@example.com"));
    let fax = Operation::add("phoneNumbers", json!([{"value": "tel:1", "type": "fax"}]));
    let department = format!("{}:department", schema::ENTERPRISE_USER_URN);
    [
        (
            "an attribute",
            vec![Operation::replace("displayName", json!("Lee, Kim"))],
        ),
        ("a value path", vec![work_email.clone()]),
        (
            "an extension",
            vec![Operation::replace(&department, json!("Sales"))],
        ),
        ("a value more", vec![fax.clone()]),
        (
            "four operations",
            vec![
                Operation::replace("active", json!(false)),
                work_email,
                fax,
                Operation::remove("title"),
            ],
        ),
    ]
}
