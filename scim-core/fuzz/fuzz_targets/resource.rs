//! Bodies of POST and PUT: no JSON harms the reader, and what a GET answers
//! can be sent back without changing anything.
#![no_main]

mod types;

use libfuzzer_sys::fuzz_target;
use scim_core::Policy;
use scim_core::json::check_limits;
use scim_core::resource::project::{Projection, project};
use scim_core::resource::{keys, parse_replacement, validate};
use scim_core::typed::{self, Group, User};
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    if check_limits(bytes, 32, 10_000).is_err() {
        return;
    }
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    for resource_type in [&*types::USER, &*types::GROUP] {
        for policy in [Policy::compatible(), Policy::strict()] {
            let Ok(new) = validate::parse_new(resource_type, body.clone(), &policy) else {
                continue;
            };
            types::is_canonical(&new.document);
            let _ = keys::keys(resource_type, &new.document);
            let mut whole = new.document.as_map().clone();
            whole.insert("id".to_owned(), json!("1"));
            let shown = project(&whole, resource_type, &Projection::default());
            let put =
                parse_replacement(resource_type, &new.document, Value::Object(shown), &policy);
            assert!(put.is_ok_and(|put| !put.changed), "{}", new.document);
            if resource_type.name() == "User" {
                let user = typed::from_document::<User>(&new.document);
                let again = user.and_then(|user| typed::to_document(&user, resource_type));
                assert_eq!(again.map(|again| again.document), Ok(new.document));
            } else {
                assert!(typed::from_document::<Group>(&new.document).is_ok());
            }
        }
    }
});
