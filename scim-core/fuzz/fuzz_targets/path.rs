//! Attribute paths: no text harms the parser, what was printed reads back as
//! the same, and a path that resolves can be used everywhere.
#![no_main]

mod types;

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use scim_core::path::PATH_BYTES_MAX;
use scim_core::resource::project::{Projection, project};
use scim_core::sort::{SortBy, SortOrder};
use scim_core::{AttributePath, ResourceType};
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Value::Object(ann) = &*types::ANN else {
        return;
    };
    if let Ok(path) = AttributePath::parse(text) {
        let printed = path.to_string();
        if printed.len() <= PATH_BYTES_MAX {
            assert_eq!(
                AttributePath::parse(&printed).as_ref(),
                Ok(&path),
                "{printed}"
            );
        }
        for resolved in [path.resolve(&types::USER), path.resolve_short(&types::USER)] {
            if let Ok(resolved) = resolved {
                let _ = resolved.key_path().map(|key| key.values(ann).len());
            }
        }
    }
    if let Ok(by) = SortBy::parse(text, SortOrder::Ascending, &types::USER) {
        let key = by.key(ann);
        assert!(by.compare_keys(&key, &key).is_eq());
    }
    if let Ok(projection) = Projection::parse(Some(text), Some(text), &types::USER) {
        let _ = project(ann, &types::USER, &projection);
    }
    let schema = Arc::clone(types::USER.schema());
    let indexed = ResourceType::new("User", "/Users", schema).indexed([text]);
    let _ = indexed.build();
});
