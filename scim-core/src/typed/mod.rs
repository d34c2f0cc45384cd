//! Users and groups as Rust structs, for programs that would rather write
//! `user.name` than look a name up.
//!
//! A view is read from a [`Document`] with [`from_document`] and becomes one
//! with [`to_document`]; both work for any struct that serde knows, so that a
//! program can have views of its own resource types. Whole resources, with
//! `id` and `meta`, are read and written by serde alone.
//!
//! ```
//! use scim_core::{ResourceType, schema, typed::{self, EnterpriseUser, MultiValued, User}};
//!
//! let users = ResourceType::new("User", "/Users", schema::user())
//!     .extension(schema::enterprise_user())
//!     .build()?;
//!
//! let kim = User::new("kim")
//!     .with_name("Kim", "Lee")
//!     .with_email(MultiValued::new("kim@example.com").of_type("work").primary())
//!     .with_enterprise(EnterpriseUser { department: Some("Sales".into()), ..Default::default() });
//!
//! let document = typed::to_document(&kim, &users)?.document;
//! assert_eq!(document.get("userName"), Some(&"kim".into()));
//! assert_eq!(typed::from_document::<User>(&document)?, kim);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod common;
mod enterprise;
mod group;
mod user;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    error::Error,
    resource::{
        Document, Policy,
        validate::{New, parse_new},
    },
    schema::ResourceType,
};

pub use self::{
    common::{Meta, MultiValued, Reference},
    enterprise::{EnterpriseUser, Manager},
    group::Group,
    user::{Address, Name, User},
};

/// The view of a document. What it says of `id`, `meta` and members is empty,
/// because a document holds none of them.
pub fn from_document<T: DeserializeOwned>(document: &Document) -> Result<T, Error> {
    serde_json::from_value(Value::Object(document.as_map().clone()))
        .map_err(|error| Error::invalid_syntax(format!("the document has no such view: {error}")))
}

/// The document of a view, checked like the body of a POST by a client that
/// keeps to the RFCs. `schemas` is written here.
pub fn to_document<T: Serialize>(view: &T, resource_type: &ResourceType) -> Result<New, Error> {
    let mut body = serde_json::to_value(view)
        .map_err(|error| Error::invalid_syntax(format!("the view is no JSON: {error}")))?;
    if let Value::Object(map) = &mut body {
        let core = std::iter::once(resource_type.schema());
        let extensions = resource_type.extensions().iter().map(|it| &it.schema);
        let used = extensions.filter(|schema| map.contains_key(&schema.id));
        let urns: Vec<Value> = core
            .chain(used)
            .map(|schema| schema.id.as_str().into())
            .collect();
        map.insert("schemas".to_owned(), Value::Array(urns));
    }
    parse_new(resource_type, body, &Policy::strict())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{EnterpriseUser, Group, User, from_document, to_document};
    use crate::schema::{self, Attribute, ENTERPRISE_USER_URN, ResourceType, Schema, Type, common};

    /// A resource in which every attribute of the schema has a value.
    fn full(schema: &Schema) -> Map<String, Value> {
        let common = common().iter().filter(|common| common.name != "schemas");
        let all = common.chain(&schema.attributes);
        all.map(|attribute| (attribute.name.clone(), value(attribute)))
            .collect()
    }

    fn value(attribute: &Attribute) -> Value {
        let single = match attribute.kind {
            Type::Boolean => json!(true),
            Type::Integer | Type::Decimal => json!(1),
            Type::DateTime => json!("2026-01-31T08:00:00Z"),
            Type::String | Type::Reference | Type::Binary => json!("x"),
            Type::Complex => attribute
                .sub_attributes
                .iter()
                .map(|sub| (sub.name.clone(), value(sub)))
                .collect(),
        };
        if attribute.multi_valued {
            json!([single])
        } else {
            single
        }
    }

    #[test]
    fn every_attribute_of_the_schemas_has_a_field() {
        let mut resource = full(&schema::user());
        let enterprise = full(&Schema {
            attributes: schema::enterprise_user().attributes,
            ..schema::enterprise_user()
        });
        let enterprise: Map<String, Value> = enterprise
            .into_iter()
            .filter(|(name, _)| !["id", "externalId", "meta"].contains(&name.as_str()))
            .collect();
        resource.insert(ENTERPRISE_USER_URN.to_owned(), Value::Object(enterprise));
        resource.insert("schemas".to_owned(), json!([schema::USER_URN]));
        let resource = Value::Object(resource);
        let user: User = serde_json::from_value(resource.clone()).unwrap();
        assert_eq!(user.extensions, Map::new());
        assert_eq!(serde_json::to_value(&user).unwrap(), resource);

        let mut resource = full(&schema::group());
        resource.insert("schemas".to_owned(), json!([schema::GROUP_URN]));
        let resource = Value::Object(resource);
        let group: Group = serde_json::from_value(resource.clone()).unwrap();
        assert_eq!(group.extensions, Map::new());
        assert_eq!(serde_json::to_value(&group).unwrap(), resource);
    }

    #[test]
    fn other_extensions_are_kept() {
        let badge = Schema::from_json(
            r#"{"id": "urn:x:Badge", "attributes": [{"name": "color", "type": "string"}]}"#,
        );
        let users = ResourceType::new("User", "/Users", schema::user())
            .extension(badge.unwrap())
            .build()
            .unwrap();
        let mut kim = User::new("kim");
        kim.extensions
            .insert("urn:x:Badge".to_owned(), json!({"color": "red"}));
        let document = to_document(&kim, &users).unwrap().document;
        assert_eq!(
            document.to_string(),
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:x:Badge"],"userName":"kim","urn:x:Badge":{"color":"red"}}"#
        );
        let read: User = from_document(&document).unwrap();
        assert_eq!(read.extensions, kim.extensions);
    }

    #[test]
    fn views_are_checked() {
        let users = ResourceType::new("User", "/Users", schema::user())
            .build()
            .unwrap();
        let refused = |user: &User| to_document(user, &users).unwrap_err().to_string();
        assert_eq!(
            refused(&User::default()),
            "userName: the text is empty: send null to clear the attribute"
        );
        assert_eq!(
            refused(&User::new("kim").with_enterprise(EnterpriseUser::default())),
            format!("User has no attribute {ENTERPRISE_USER_URN:?}")
        );
    }
}
