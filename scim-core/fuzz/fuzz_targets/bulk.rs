//! Bulk requests: no JSON harms the reader, and what was printed reads back
//! as the same, with the same limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_core::json::check_limits;
use scim_core::message::{BulkMethod, BulkRequest};
use scim_core::patch::PatchRequest;
use serde_json::Value;

const OPERATIONS_MAX: usize = 8;

fuzz_target!(|bytes: &[u8]| {
    if check_limits(bytes, 32, 10_000).is_err() {
        return;
    }
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let Ok(bulk) = BulkRequest::parse(body, OPERATIONS_MAX) else {
        return;
    };
    assert!(bulk.operations.len() <= OPERATIONS_MAX);
    let printed = serde_json::to_value(&bulk).expect("its keys are text");
    assert_eq!(
        BulkRequest::parse(printed.clone(), OPERATIONS_MAX).as_ref(),
        Ok(&bulk),
        "{printed}"
    );
    for operation in bulk.operations {
        assert!(operation.path.starts_with('/'));
        assert_eq!(
            operation.data.is_none(),
            operation.method == BulkMethod::Delete
        );
        if let Some(data) = operation.data {
            let _ = PatchRequest::parse(data);
        }
    }
});
