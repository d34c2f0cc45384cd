//! What the benchmarks work on: filters that clients send, a user of 2 KB,
//! and groups.

use scim_core::{ResourceType, schema};
use serde_json::{Value, json};

/// Ten filters, from the shortest that directories send to a long one.
pub const FILTERS: [&str; 10] = [
    r#"userName eq "kim.lee@example.com""#,
    r#"externalId eq "0190f3c2-1111-7000-8000-000000000001""#,
    r#"active eq true"#,
    r#"title pr"#,
    r#"name.familyName co "O'Malley""#,
    r#"userName sw "J" and active eq false"#,
    r#"meta.lastModified ge "2026-01-31T08:00:00Z""#,
    r#"emails[type eq "work" and value co "@example.com"]"#,
    r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
    r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Sales" and not (title eq "Intern" or nickName pr)"#,
];

/// Users with the enterprise extension.
pub fn users() -> ResourceType {
    ResourceType::new("User", "/Users", schema::user())
        .extension(schema::enterprise_user())
        .unique(["userName", "externalId"])
        .indexed(["emails.value"])
        .reverse("groups", "members")
        .build()
        .expect("the paths are those of the schemas")
}

/// Groups whose members are rows of a database: a document holds none, and a
/// PATCH of members is a list of changes. So the servers have them.
pub fn groups() -> ResourceType {
    ResourceType::new("Group", "/Groups", schema::group())
        .unique(["externalId"])
        .indexed(["displayName"])
        .rows("members", ["User", "Group"])
        .build()
        .expect("the paths are those of the schema")
}

/// Groups whose members stand in the document, as any list of values.
pub fn groups_with_members_inside() -> ResourceType {
    ResourceType::new("Group", "/Groups", schema::group())
        .build()
        .expect("the path is that of the schema")
}

/// The body of a POST of a group with so many members.
pub fn group(members: usize) -> Value {
    json!({
        "schemas": [schema::GROUP_URN],
        "displayName": "Guides",
        "members": (0..members).map(member).collect::<Vec<_>>(),
    })
}

/// A member by number.
pub fn member(number: usize) -> Value {
    json!({ "value": member_id(number) })
}

/// The id of a member.
pub fn member_id(number: usize) -> String {
    format!("0190f3c2-2222-7000-8000-{number:012x}")
}

/// The body of a POST, of about 2 KB.
pub fn user() -> Value {
    let address = |kind: &str, number: u8| {
        json!({
            "type": kind, "streetAddress": format!("{number} Universal City Plaza, Building {number}"),
            "locality": "Hollywood", "region": "CA", "postalCode": "91608", "country": "US",
            "formatted": format!("{number} Universal City Plaza\nHollywood, CA 91608 USA"),
        })
    };
    json!({
        "schemas": [schema::USER_URN, schema::ENTERPRISE_USER_URN],
        "externalId": "0190f3c2-1111-7000-8000-000000000001",
        "userName": "kim.lee@example.com",
        "name": {
            "formatted": "Ms. Kim J Lee, III", "familyName": "Lee", "givenName": "Kim",
            "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III",
        },
        "displayName": "Kim Lee", "nickName": "Kimmy", "title": "Tour Guide",
        "profileUrl": "https://login.example.com/kimlee", "userType": "Employee",
        "preferredLanguage": "en-US", "locale": "en-US", "timezone": "America/Los_Angeles",
        "active": true,
        "emails": [
            {"value": "kim.lee@example.com", "type": "work", "primary": true},
            {"value": "kimmy@home.example.org", "type": "home"},
        ],
        "phoneNumbers": [
            {"value": "tel:+1-555-555-5555", "type": "work"},
            {"value": "tel:+1-555-555-4444", "type": "mobile"},
            {"value": "tel:+1-555-555-3333", "type": "home", "display": "after five only"},
        ],
        "ims": [{"value": "someaimhandle", "type": "aim"}],
        "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F", "type": "photo"}],
        "addresses": [address("work", 100), address("home", 45)],
        "roles": [{"value": "guide"}, {"value": "driver", "primary": false, "display": "Driver of the tram"}],
        "entitlements": [{"value": "parking", "display": "The garage below the east wing"}, {"value": "canteen", "display": "The canteen on the second floor"}],
        schema::ENTERPRISE_USER_URN: {
            "employeeNumber": "701984", "costCenter": "4130", "organization": "Universal Studios",
            "division": "Theme Park", "department": "Tour Operations",
            "manager": {"value": "0190f3c2-1111-7000-8000-000000000002"},
        },
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_user_has_about_two_kilobytes() {
        let bytes = super::user().to_string().len();
        assert!((1_900..=2_200).contains(&bytes), "{bytes}");
    }
}
