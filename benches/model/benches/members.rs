//! How long lists of 100 and of 10,000 members take.

use std::hint::black_box;

use criterion::Criterion;
use scim_benches::{group, groups, groups_with_members_inside, member, member_id};
use scim_core::Policy;
use scim_core::message::ListResponse;
use scim_core::patch::{Operation, PatchRequest, apply};
use scim_core::resource::validate::parse_new;
use serde_json::json;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for members in [100, 10_000] {
        as_rows(&mut criterion, members);
        inside(&mut criterion, members);
        criterion.bench_function(&format!("print a list of {members}"), |bencher| {
            let resources: Vec<_> = (0..members).map(member).collect();
            let list = ListResponse::new(members as u64, resources);
            bencher.iter(|| serde_json::to_string(black_box(&list)).map(|text| text.len()));
        });
    }
    criterion.final_summary();
}

fn as_rows(criterion: &mut Criterion, members: usize) {
    let groups = groups();
    let policy = Policy::compatible();
    criterion.bench_function(&format!("validate a group with {members}"), |bencher| {
        bencher.iter_with_setup(|| group(members), |body| parse_new(&groups, body, &policy));
    });
    let document = parse_new(&groups, group(0), &policy)
        .expect("it is a group")
        .document;
    let all: Vec<_> = (0..members).map(member).collect();
    let request = PatchRequest::new(vec![Operation::add("members", json!(all))]);
    criterion.bench_function(&format!("PATCH that adds {members} rows"), |bencher| {
        bencher.iter_with_setup(
            || document.clone(),
            |document| apply(&groups, document, &request, &policy),
        );
    });
}

fn inside(criterion: &mut Criterion, members: usize) {
    let groups = groups_with_members_inside();
    let policy = Policy::compatible();
    let document = parse_new(&groups, group(members), &policy)
        .expect("it is a group")
        .document;
    let path = format!("members[value eq \"{}\"]", member_id(members / 2));
    let shapes = [
        (
            "adds one to",
            Operation::add("members", json!([member(members)])),
        ),
        ("removes one of", Operation::remove(&path)),
    ];
    for (what, operation) in shapes {
        let request = PatchRequest::new(vec![operation]);
        criterion.bench_function(&format!("PATCH that {what} {members} inside"), |bencher| {
            bencher.iter_with_setup(
                || document.clone(),
                |document| apply(&groups, document, &request, &policy),
            );
        });
    }
}
