//! PATCH, as tables: a document, operations, and what comes of them.

mod entra;
mod interop;
mod members;
mod model;
mod okta;
mod others;
mod properties;
mod rfc;
mod strict;

use std::sync::LazyLock;

use scim_core::patch::{PatchRequest, Patched, apply};
use scim_core::resource::{Document, Policy, validate};
use scim_core::{Error, ResourceType, schema};
use serde_json::{Value, json};

pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) static USER: LazyLock<ResourceType> = LazyLock::new(|| {
    ResourceType::new("User", "/Users", schema::user())
        .extension(schema::enterprise_user())
        .unique(["userName", "externalId"])
        .reverse("groups", "members")
        .build()
        .unwrap()
});

pub(crate) fn group() -> ResourceType {
    ResourceType::new("Group", "/Groups", schema::group())
        .rows("members", ["User", "Group"])
        .build()
        .unwrap()
}

/// A document of the user `ann` with these attributes besides.
pub(crate) fn ann(attributes: &Value) -> Document {
    let mut body = json!({"schemas": [schema::USER_URN], "userName": "ann"});
    let all = body.as_object_mut().unwrap();
    for (name, value) in attributes.as_object().unwrap() {
        all.insert(name.clone(), value.clone());
    }
    validate::parse_new(&USER, body, &Policy::compatible())
        .unwrap()
        .document
}

pub(crate) fn patch(
    resource_type: &ResourceType,
    document: Document,
    operations: &Value,
    policy: &Policy,
) -> Result<Patched, Error> {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    });
    apply(resource_type, document, &PatchRequest::parse(body)?, policy)
}

/// The document without what never changes, then the repairs; or the error.
pub(crate) fn shown(result: Result<Patched, Error>) -> String {
    match result {
        Ok(patched) => {
            let mut map = patched.document.into_map();
            map.shift_remove("schemas");
            if map.get("userName") == Some(&json!("ann")) {
                map.shift_remove("userName");
            }
            let document = Value::Object(map)
                .to_string()
                .replace(ENTERPRISE, "enterprise");
            let repairs = serde_json::to_string(&patched.repairs).unwrap();
            let same = if patched.changed { "" } else { "unchanged " };
            match repairs.as_str() {
                "[]" => format!("{same}{document}"),
                repairs => format!("{same}{document} {}", repairs.replace('"', "")),
            }
        }
        Err(error) => {
            let keyword = error.scim_type().map_or("-", |it| it.as_str());
            format!("{keyword}: {error}").replace(ENTERPRISE, "enterprise")
        }
    }
}

/// `check!(attributes of ann, operations, @what is shown)`
macro_rules! check {
    ($before:tt, $operations:tt, @$shown:literal) => {
        $crate::check!($before, $operations, scim_core::resource::Policy::compatible(), @$shown)
    };
    ($before:tt, $operations:tt, $policy:expr, @$shown:literal) => {
        insta::assert_snapshot!(
            $crate::shown($crate::patch(
                &$crate::USER,
                $crate::ann(&serde_json::json!($before)),
                &serde_json::json!($operations),
                &$policy,
            )),
            @$shown
        )
    };
}
pub(crate) use check;

/// The same under the default policy, and the same again under the one that
/// is made for the directory.
macro_rules! check_also {
    ($preset:expr, $before:tt, $operations:tt, @$shown:literal) => {
        let under = |policy| {
            $crate::shown($crate::patch(
                &$crate::USER,
                $crate::ann(&serde_json::json!($before)),
                &serde_json::json!($operations),
                &policy,
            ))
        };
        assert_eq!(under($preset), under(scim_core::resource::Policy::compatible()));
        $crate::check!($before, $operations, @$shown);
    };
}
pub(crate) use check_also;
