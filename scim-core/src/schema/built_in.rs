//! The schemas that every SCIM server knows (RFC 7643 §3.1, §4 and §8.7.1).

use std::sync::LazyLock;

use super::{Attribute, Mutability, Returned, Schema, Type, Uniqueness};

/// The URN of the core schema of users.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of the core schema of groups.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The URN of the extension for users of an organisation.
pub const ENTERPRISE_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The schema of users (RFC 7643 §4.1).
pub fn user() -> Schema {
    read(include_str!("user.json"))
}

/// The schema of groups (RFC 7643 §4.2).
pub fn group() -> Schema {
    read(include_str!("group.json"))
}

/// The enterprise extension of users (RFC 7643 §4.3).
pub fn enterprise_user() -> Schema {
    read(include_str!("enterprise_user.json"))
}

/// The attributes that every resource has, although no schema lists them:
/// `schemas`, `id`, `externalId` and `meta` (RFC 7643 §3 and §3.1).
pub fn common() -> &'static [Attribute] {
    static COMMON: LazyLock<[Attribute; 4]> =
        LazyLock::new(|| [schemas(), id(), external_id(), meta()]);
    &*COMMON
}

#[expect(
    clippy::expect_used,
    reason = "the documents are part of the program, and a test reads each of them"
)]
fn read(json: &str) -> Schema {
    Schema::from_json(json).expect("the built-in schemas are well-formed")
}

fn schemas() -> Attribute {
    Attribute {
        description: "The URNs of the schemas whose attributes the resource has".to_owned(),
        multi_valued: true,
        required: true,
        returned: Returned::Always,
        reference_types: vec!["uri".to_owned()],
        ..Attribute::new("schemas", Type::Reference)
    }
}

fn id() -> Attribute {
    Attribute {
        description: "The identifier that the server gave to the resource".to_owned(),
        required: true,
        case_exact: true,
        mutability: Mutability::ReadOnly,
        returned: Returned::Always,
        uniqueness: Uniqueness::Server,
        ..Attribute::new("id", Type::String)
    }
}

fn external_id() -> Attribute {
    Attribute {
        description: "The identifier that the client gave to the resource".to_owned(),
        case_exact: true,
        ..Attribute::new("externalId", Type::String)
    }
}

fn meta() -> Attribute {
    let read_only = |name: &str, kind: Type, description: &str| Attribute {
        description: description.to_owned(),
        mutability: Mutability::ReadOnly,
        case_exact: kind.is_text(),
        ..Attribute::new(name, kind)
    };
    Attribute {
        sub_attributes: vec![
            read_only(
                "resourceType",
                Type::String,
                "The name of the resource type",
            ),
            read_only("created", Type::DateTime, "When the resource was made"),
            read_only(
                "lastModified",
                Type::DateTime,
                "When the resource was last changed",
            ),
            Attribute {
                reference_types: vec!["uri".to_owned()],
                ..read_only("location", Type::Reference, "The address of the resource")
            },
            read_only("version", Type::String, "The entity tag of the resource"),
        ],
        ..read_only(
            "meta",
            Type::Complex,
            "What the server knows about the resource",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{ENTERPRISE_USER_URN, GROUP_URN, USER_URN, common, enterprise_user, group, user};
    use crate::schema::{Attribute, Mutability, Returned, Schema, Type, Uniqueness, attribute};

    fn names(attributes: &[Attribute]) -> String {
        let names: Vec<&str> = attributes.iter().map(|found| found.name.as_str()).collect();
        names.join(" ")
    }

    #[test]
    fn the_documents_are_well_formed_and_come_back_the_same() {
        for (schema, urn) in [
            (user(), USER_URN),
            (group(), GROUP_URN),
            (enterprise_user(), ENTERPRISE_USER_URN),
        ] {
            assert_eq!(schema.id, urn);
            let json = serde_json::to_string(&schema).unwrap();
            assert_eq!(Schema::from_json(&json).unwrap(), schema);
            for found in schema
                .attributes
                .iter()
                .flat_map(|top| std::iter::once(top).chain(&top.sub_attributes))
            {
                assert!(!found.description.is_empty(), "{}", found.name);
                assert_eq!(
                    found.kind == Type::Reference,
                    !found.reference_types.is_empty(),
                    "{}",
                    found.name
                );
            }
        }
        attribute::check_all("common", common()).unwrap();
    }

    #[test]
    fn users_have_the_attributes_of_the_rfc() {
        assert_eq!(
            names(&user().attributes),
            "userName name displayName nickName profileUrl title userType preferredLanguage \
             locale timezone active password emails phoneNumbers ims photos addresses groups \
             entitlements roles x509Certificates"
        );
        assert_eq!(
            names(&enterprise_user().attributes),
            "employeeNumber costCenter organization division department manager"
        );
        assert_eq!(
            names(&group().attribute("members").unwrap().sub_attributes),
            "value $ref type display"
        );
        assert_eq!(names(common()), "schemas id externalId meta");
    }

    #[test]
    fn special_attributes_are_special() {
        let user = user();
        let user_name = user.attribute("username").unwrap();
        assert!(user_name.required && !user_name.case_exact);
        assert_eq!(user_name.uniqueness, Uniqueness::Server);
        let password = user.attribute("password").unwrap();
        assert_eq!(password.mutability, Mutability::WriteOnly);
        assert_eq!(password.returned, Returned::Never);
        assert!(user.attribute("groups").unwrap().is_read_only());
    }
}
