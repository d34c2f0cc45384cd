//! Filters: no text harms the parser, what was printed reads back as the
//! same, and every filter that resolves can be evaluated.
#![no_main]

mod types;

use libfuzzer_sys::fuzz_target;
use scim_core::{Filter, Policy, filter};
use serde_json::Value;

fuzz_target!(|text: &str| {
    for parsed in [Filter::parse(text), Filter::parse_unquoted(text)] {
        let Ok(parsed) = parsed else { continue };
        let printed = parsed.to_string();
        // Printing adds spaces and parentheses, perhaps beyond the limit.
        if printed.len() <= filter::FILTER_BYTES_MAX {
            assert_eq!(Filter::parse(&printed).as_ref(), Ok(&parsed), "{printed}");
        }
    }
    for policy in [Policy::compatible(), Policy::strict()] {
        if let Ok((typed, _)) = filter::read(text, &types::USER, &policy) {
            if let Value::Object(user) = &*types::ANN {
                let _ = filter::matches(&typed, user);
            }
            let _ = typed.narrowing();
        }
    }
});
