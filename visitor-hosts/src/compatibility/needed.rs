//! What hosts need of a person (`host/mapping.rs`), and from where a directory takes it.

use serde::Serialize;

/// An attribute that a host is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    /// The SCIM attribute, as the mapping page of the provider shows it.
    pub target: &'static str,
    /// How much a host needs it.
    pub need: Need,
    /// The source attribute in Microsoft Entra ID.
    pub entra: &'static str,
    /// The attribute of the Okta user profile.
    pub okta: &'static str,
    /// What hosts lack without it.
    pub lacking: &'static str,
    /// The paths under which it comes.
    pub(super) paths: &'static [&'static str],
}

/// How much a host needs an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Need {
    /// It is good to have.
    Optional,
    /// Something works worse without it.
    Recommended,
    /// Something does not work without it.
    Required,
}

/// All of them, in the order of the mapping sheet.
pub const NEEDED: [Needed; 15] = [
    Needed {
        target: "userName",
        need: Need::Required,
        entra: "userPrincipalName",
        okta: "userName",
        lacking: "hosts have no login name",
        paths: &["userName"],
    },
    Needed {
        target: "externalId",
        need: Need::Recommended,
        entra: "objectId",
        okta: "user.getInternalProperty(\"id\")",
        lacking: "a person whose login name changes is not recognised",
        paths: &["externalId"],
    },
    Needed {
        target: "active",
        need: Need::Required,
        entra: "Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")",
        okta: "(Deactivate Users)",
        lacking: "whoever leaves stays a host",
        paths: &["active"],
    },
    Needed {
        target: "name.givenName",
        need: Need::Required,
        entra: "givenName",
        okta: "firstName",
        lacking: "the kiosk cannot show given names",
        paths: &["name.givenName", "name.formatted"],
    },
    Needed {
        target: "name.familyName",
        need: Need::Required,
        entra: "surname",
        okta: "lastName",
        lacking: "the kiosk cannot show family names",
        paths: &["name.familyName", "name.formatted"],
    },
    Needed {
        target: "displayName",
        need: Need::Recommended,
        entra: "displayName",
        okta: "displayName",
        lacking: "the shown name is put together from its parts",
        paths: &["displayName"],
    },
    Needed {
        target: "emails[type eq \"work\"].value",
        need: Need::Required,
        entra: "mail",
        okta: "email",
        lacking: "hosts get no notice by e-mail when their visitors arrive",
        paths: &[
            "emails[work].value",
            "emails[].value",
            "emails.value",
            "emails[home].value",
            "emails[other].value",
        ],
    },
    Needed {
        target: "phoneNumbers[type eq \"mobile\"].value",
        need: Need::Optional,
        entra: "mobile",
        okta: "mobilePhone",
        lacking: "hosts get no text messages",
        paths: &["phoneNumbers[mobile].value"],
    },
    Needed {
        target: "phoneNumbers[type eq \"work\"].value",
        need: Need::Optional,
        entra: "telephoneNumber",
        okta: "primaryPhone",
        lacking: "the reception cannot call hosts at their desk",
        paths: &["phoneNumbers[work].value"],
    },
    Needed {
        target: "title",
        need: Need::Optional,
        entra: "jobTitle",
        okta: "title",
        lacking: "the kiosk shows no job titles",
        paths: &["title"],
    },
    Needed {
        target: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        need: Need::Optional,
        entra: "department",
        okta: "department",
        lacking: "hosts cannot be filtered by department",
        paths: &["enterprise:department", "department"],
    },
    Needed {
        target: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
        need: Need::Recommended,
        entra: "employeeId",
        okta: "employeeNumber",
        lacking: "hosts cannot be joined with the staff of the HR system",
        paths: &["enterprise:employeeNumber", "employeeNumber"],
    },
    Needed {
        target: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        need: Need::Optional,
        entra: "manager",
        okta: "managerId",
        lacking: "nobody can approve in the place of a host",
        paths: &[
            "enterprise:manager",
            "enterprise:manager.value",
            "enterprise:manager[].value",
            "manager",
            "manager.value",
        ],
    },
    Needed {
        target: "addresses[type eq \"other\"].formatted",
        need: Need::Optional,
        entra: "physicalDeliveryOfficeName",
        okta: "(an attribute of your own)",
        lacking: "hosts have no location",
        paths: &["addresses[other].formatted", "host:officeLocation"],
    },
    Needed {
        target: "preferredLanguage",
        need: Need::Optional,
        entra: "preferredLanguage",
        okta: "preferredLanguage",
        lacking: "notices go out in the language of the site",
        paths: &["preferredLanguage"],
    },
];

/// Which of [`NEEDED`] comes under this path.
pub(super) fn at(path: &str) -> impl Iterator<Item = usize> {
    let fits = move |needed: &Needed| {
        needed
            .paths
            .iter()
            .any(|known| known.eq_ignore_ascii_case(path))
    };
    let all: Vec<usize> = NEEDED
        .iter()
        .enumerate()
        .filter(|(_, needed)| fits(needed))
        .map(|(place, _)| place)
        .collect();
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_attributes() {
        let found = |path| {
            at(path)
                .map(|place| NEEDED[place].target)
                .collect::<Vec<_>>()
        };
        assert_eq!(found("emails[].value"), ["emails[type eq \"work\"].value"]);
        assert_eq!(found("name.formatted").len(), 2);
        assert_eq!(found("nickName"), [""; 0]);
    }
}
