//! PATCH: bytes that are JSON are a body, which must not harm the reader nor
//! the document; other bytes become operations, which must do what the plain
//! model of `tests/patch/model.rs` does.
#![no_main]

#[path = "../../tests/patch/model.rs"]
mod model;
mod types;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scim_core::json::check_limits;
use scim_core::patch::{PatchRequest, apply};
use scim_core::resource::validate;
use scim_core::{Document, Policy, ResourceType, schema};
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    if bytes.first() != Some(&b'{') {
        // Longer inputs say nothing more, and cost.
        model::check(bytes.get(..256).unwrap_or(bytes));
        return;
    }
    if check_limits(bytes, 32, 10_000).is_err() {
        return;
    }
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let Ok(request) = PatchRequest::parse(body) else {
        return;
    };
    for (resource_type, before) in [(&*types::USER, &*ANN), (&*types::GROUP, &*GROUP)] {
        for policy in [Policy::compatible(), Policy::strict(), Policy::interop()] {
            if let Ok(patched) = apply(resource_type, before.clone(), &request, &policy) {
                types::is_canonical(&patched.document);
                assert_eq!(patched.changed, patched.document != *before);
            }
        }
    }
});

static ANN: LazyLock<Document> = LazyLock::new(|| document(&types::USER, types::ANN.clone()));

static GROUP: LazyLock<Document> = LazyLock::new(|| {
    let body = json!({"schemas": [schema::GROUP_URN], "displayName": "a"});
    document(&types::GROUP, body)
});

fn document(resource_type: &ResourceType, body: Value) -> Document {
    let new = validate::parse_new(resource_type, body, &Policy::compatible());
    new.expect("the body is right").document
}
