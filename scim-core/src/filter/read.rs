//! Text to a filter that can be evaluated, in one step.

use super::{Filter, FilterError, TypedFilter};
use crate::{
    error::Error,
    resource::{Policy, Repair, Repairs},
    schema::ResourceType,
};

/// Reads the filter of a query under a policy, and notes what it repairs. A
/// resource type that is strict overrides the policy.
///
/// ```
/// use scim_core::{Policy, ResourceType, filter, resource::Repair, schema};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let text = "externalId eq jyoung";
/// let (_, repairs) = filter::read(text, &users, &Policy::compatible())?;
/// assert!(repairs.contains(Repair::FilterUnquoted));
/// assert!(filter::read(text, &users, &Policy::strict()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read(
    text: &str,
    resource_type: &ResourceType,
    policy: &Policy,
) -> Result<(TypedFilter, Repairs), Error> {
    let strict = Policy::strict();
    let policy = if resource_type.is_strict() {
        &strict
    } else {
        policy
    };
    let resolved = |parsed: Result<Filter, FilterError>| {
        parsed
            .map_err(Error::from)
            .and_then(|filter| filter.resolve_under(resource_type, policy))
    };
    let mut repairs = Repairs::new();
    // The first complaint is about what was meant.
    let complaint = match resolved(Filter::parse(text)) {
        Ok(filter) => return Ok((filter, repairs)),
        Err(complaint) => complaint,
    };
    if policy.unquoted_filter_values
        && let Ok(filter) = resolved(Filter::parse_unquoted(text))
    {
        repairs.note(Repair::FilterUnquoted);
        return Ok((filter, repairs));
    }
    Err(complaint)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::{
        resource::Policy,
        schema::{self, ResourceType},
    };

    fn shown(text: &str, policy: &Policy) -> String {
        let user = ResourceType::new("User", "/Users", schema::user())
            .extension(schema::enterprise_user())
            .build()
            .unwrap();
        match read(text, &user, policy) {
            Ok((_, repairs)) => format!("accepted {}", serde_json::to_string(&repairs).unwrap()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn policies() {
        let refused = r#"is compared with true or false, not with "\"True\"""#;
        for (text, compatible, strict) in [
            (r#"userName eq "a""#, "accepted []", "accepted []"),
            (
                "userName eq a",
                r#"accepted ["filterUnquoted"]"#,
                "expected a value; write text in quotes at 12",
            ),
            (
                r#"department eq "d""#,
                "accepted []",
                r#"User has no attribute "department""#,
            ),
            (
                r#"active eq "True""#,
                "accepted []",
                &format!("active {refused}"),
            ),
            (
                r#"roles[primary eq "True"].value pr"#,
                "accepted []",
                &format!("roles.primary {refused}"),
            ),
            (
                "nick eq a",
                "expected a value; write text in quotes at 8",
                "expected a value; write text in quotes at 8",
            ),
        ] {
            assert_eq!(shown(text, &Policy::compatible()), compatible);
            assert_eq!(shown(text, &Policy::strict()), strict);
        }
    }
}
