//! A filter's names found in the schemas, and its values read by their
//! types.

use super::links::linked;
use super::{Comparison, Filter, Literal, Operand, Operator, TypedFilter, TypedPath};
use crate::{
    error::{Error, echo},
    path::{AttributePath, KeyPath, canonical},
    resource::Policy,
    schema::{Attribute, ResourceType, Returned, Schema, Type},
    text::{date_time, fold},
};

/// Resolves a filter on resources.
pub(crate) fn resolve(
    filter: &Filter,
    resource_type: &ResourceType,
    policy: &Policy,
) -> Result<TypedFilter, Error> {
    let names = Names::Resource(resource_type);
    typed(filter, &Scope { names, policy })
}

/// Resolves the filter in the brackets of `parent[…]`.
pub(crate) fn resolve_within(
    filter: &Filter,
    parent: &str,
    attribute: &Attribute,
    policy: &Policy,
) -> Result<TypedFilter, Error> {
    if !attribute.is_complex() && !attribute.multi_valued {
        return Err(Error::invalid_filter(format!(
            "{parent} has one simple value, so that brackets cannot select of it"
        )));
    }
    let names = Names::Brackets { parent, attribute };
    typed(filter, &Scope { names, policy })
}

/// Where a filter's names are looked up, and what is tolerated.
struct Scope<'a> {
    names: Names<'a>,
    policy: &'a Policy,
}

enum Names<'a> {
    Resource(&'a ResourceType),
    Brackets {
        parent: &'a str,
        attribute: &'a Attribute,
    },
}

fn typed(filter: &Filter, scope: &Scope<'_>) -> Result<TypedFilter, Error> {
    let all = |filters: &[Filter]| -> Result<Vec<TypedFilter>, Error> {
        filters.iter().map(|filter| typed(filter, scope)).collect()
    };
    if let Names::Resource(resource_type) = scope.names
        && let Some(linked) = linked(filter, resource_type)
    {
        return Ok(linked);
    }
    Ok(match filter {
        Filter::And(filters) => TypedFilter::And(all(filters)?),
        Filter::Or(filters) => TypedFilter::Or(all(filters)?),
        Filter::Not(filter) => TypedFilter::Not(Box::new(typed(filter, scope)?)),
        Filter::Values { path, filter } => {
            let (found, filter) = scope.values(path, filter)?;
            TypedFilter::Values {
                path: found,
                filter: Box::new(filter),
            }
        }
        // RFC 7643 §2.5: null is the absence of a value.
        Filter::Compare {
            path,
            operator: Operator::Eq,
            value: Literal::Null,
        } => TypedFilter::Not(Box::new(TypedFilter::Present(scope.whole(path)?))),
        Filter::Present(path)
        | Filter::Compare {
            path,
            operator: Operator::Ne,
            value: Literal::Null,
        } => TypedFilter::Present(scope.whole(path)?),
        Filter::Compare {
            path,
            operator,
            value,
        } => {
            let path = scope.simple(path)?;
            let operand = operand(&path.place, *operator, value, scope.policy)?;
            TypedFilter::Compare(Comparison {
                path,
                operator: *operator,
                operand,
            })
        }
    })
}

impl Scope<'_> {
    /// A path to plain values.
    fn simple(&self, path: &AttributePath) -> Result<TypedPath, Error> {
        let found = self.find(path)?;
        let sub = match found.sub {
            None if found.attribute.is_complex() => {
                Some(found.attribute.sub("value").ok_or_else(|| {
                    let name = &found.attribute.name;
                    Error::invalid_filter(format!(
                        "{name} has several parts; name the one to compare, as in {name}.{}",
                        first_part(found.attribute)
                    ))
                })?)
            }
            sub => sub,
        };
        self.path(path, &found, sub)
    }

    /// A path to values of any kind.
    fn whole(&self, path: &AttributePath) -> Result<TypedPath, Error> {
        let found = self.find(path)?;
        self.path(path, &found, found.sub)
    }

    /// The attribute before the brackets, and the filter in them.
    fn values(
        &self,
        path: &AttributePath,
        filter: &Filter,
    ) -> Result<(TypedPath, TypedFilter), Error> {
        let found = self.find(path)?;
        if found.sub.is_some() || path.filter.is_some() {
            return Err(Error::invalid_filter(format!(
                "brackets must follow an attribute, which {} is not",
                echo(&path.to_string())
            )));
        }
        let whole = self.path(path, &found, None)?;
        let filter = resolve_within(filter, whole.key(), found.attribute, self.policy)?;
        Ok((whole, filter))
    }

    fn path(
        &self,
        path: &AttributePath,
        found: &Found<'_>,
        sub: Option<&Attribute>,
    ) -> Result<TypedPath, Error> {
        let filter = match &path.filter {
            None => None,
            Some(filter) => {
                let parent = canonical(found.extension, found.attribute, None);
                let typed = resolve_within(filter, &parent, found.attribute, self.policy)?;
                Some(Box::new(typed))
            }
        };
        let place = match &self.names {
            Names::Resource(_) => KeyPath::new(found.extension, found.attribute, sub),
            Names::Brackets { parent, attribute } if attribute.is_complex() => {
                KeyPath::within(parent, found.attribute)
            }
            Names::Brackets { parent, attribute } => KeyPath::element(parent, attribute),
        };
        Ok(TypedPath { place, filter })
    }

    fn find(&self, path: &AttributePath) -> Result<Found<'_>, Error> {
        match &self.names {
            Names::Resource(resource_type) => find_in_resource(resource_type, path, self.policy),
            Names::Brackets { parent, attribute } => find_in_brackets(parent, attribute, path),
        }
    }
}

struct Found<'t> {
    extension: Option<&'t Schema>,
    attribute: &'t Attribute,
    sub: Option<&'t Attribute>,
}

fn find_in_resource<'t>(
    resource_type: &'t ResourceType,
    path: &AttributePath,
    policy: &Policy,
) -> Result<Found<'t>, Error> {
    let found = if policy.short_extension_paths {
        path.find_short(resource_type)
    } else {
        path.find(resource_type)
    };
    let found = found.map_err(|unresolved| Error::invalid_filter(unresolved.0))?;
    let Some(attribute) = found.attribute else {
        return Err(Error::invalid_filter(format!(
            "{} is a schema; name one of its attributes",
            echo(&path.to_string())
        )));
    };
    let name = &attribute.name;
    if found.extension.is_none() && resource_type.is_outside_document(name) {
        return Err(Error::invalid_filter(format!(
            "{name} can only be asked whether somebody is in it, as in {name}[value eq \"ID\"]"
        )));
    }
    let ends = [Some(attribute), found.sub];
    if ends
        .into_iter()
        .flatten()
        .any(|end| end.returned == Returned::Never)
    {
        return Err(Error::invalid_filter(format!(
            "{name} cannot be filtered on: it is never returned"
        )));
    }
    Ok(Found {
        extension: found.extension,
        attribute,
        sub: found.sub,
    })
}

fn find_in_brackets<'t>(
    parent: &str,
    attribute: &'t Attribute,
    path: &AttributePath,
) -> Result<Found<'t>, Error> {
    if path.schema.is_some() || path.sub.is_some() || path.filter.is_some() {
        return Err(Error::invalid_filter(format!(
            "in the brackets of {parent}, {} must be the name of a sub-attribute",
            echo(&path.to_string())
        )));
    }
    let found = if attribute.is_complex() {
        attribute.sub(&path.attribute)
    } else {
        // The values of a simple attribute are called `value`
        // (RFC 7643 §2.4).
        path.attribute
            .eq_ignore_ascii_case("value")
            .then_some(attribute)
    };
    match found {
        Some(attribute) => Ok(Found {
            extension: None,
            attribute,
            sub: None,
        }),
        None => Err(Error::invalid_filter(format!(
            "{parent} has no sub-attribute {}",
            echo(&path.attribute)
        ))),
    }
}

fn first_part(attribute: &Attribute) -> &str {
    attribute
        .sub_attributes
        .first()
        .map_or("value", |sub| sub.name.as_str())
}

fn operand(
    place: &KeyPath,
    operator: Operator,
    literal: &Literal,
    policy: &Policy,
) -> Result<Operand, Error> {
    let refused_operator = |kind: Type| {
        Error::invalid_filter(format!(
            "{} is a {} and cannot be compared with {operator}",
            place.key(),
            kind.as_str()
        ))
    };
    let kind = place.kind();
    let unsupported = match kind {
        Type::Boolean | Type::Binary => operator.is_ordering() || operator.is_substring(),
        Type::Integer | Type::Decimal => operator.is_substring(),
        Type::Complex => true,
        Type::String | Type::Reference | Type::DateTime => false,
    };
    if unsupported {
        return Err(refused_operator(kind));
    }
    match (kind, literal) {
        (Type::String | Type::Reference | Type::Binary, Literal::String(text)) => {
            Some(if place.case_exact() {
                Operand::Exact(text.clone())
            } else {
                Operand::Folded(fold(text))
            })
        }
        (Type::Boolean, Literal::Boolean(value)) => Some(Operand::Boolean(*value)),
        // Entra writes `roles[primary eq "True"]`.
        (Type::Boolean, Literal::String(text)) if policy.string_booleans => {
            boolean(text).map(Operand::Boolean)
        }
        (Type::Integer | Type::Decimal, Literal::Number(number)) => {
            Some(Operand::Number(number.clone()))
        }
        (Type::DateTime, Literal::String(text)) if operator.is_substring() => {
            Some(Operand::Exact(text.clone()))
        }
        (Type::DateTime, Literal::String(text)) => date_time(text).map(Operand::DateTime),
        _ => None,
    }
    .ok_or_else(|| {
        Error::invalid_filter(format!(
            "{} is compared with {}, not with {}",
            place.key(),
            expected(kind),
            echo(&literal.to_string())
        ))
    })
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn expected(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference | Type::Binary | Type::Complex => "text in quotes",
        Type::Boolean => "true or false",
        Type::Integer | Type::Decimal => "a number",
        Type::DateTime => "a dateTime such as \"2026-01-31T08:00:00Z\"",
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        filter::Filter,
        schema::{self, ResourceType, Schema},
    };

    fn shown(text: &str) -> String {
        let user = ResourceType::new("User", "/Users", schema::user())
            .extension(schema::enterprise_user())
            .extension(visits())
            .reverse("groups", "members")
            .build()
            .unwrap();
        match Filter::parse(text).unwrap().resolve(&user) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    fn visits() -> Schema {
        Schema::from_json(
            r#"{"id": "urn:x:Visits", "attributes": [
                {"name": "count", "type": "integer"},
                {"name": "ratio", "type": "decimal"},
                {"name": "division", "type": "string"},
                {"name": "tags", "type": "string", "multiValued": true}]}"#,
        )
        .unwrap()
    }

    macro_rules! check {
        ($filter:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown($filter), @$shown)
        };
    }

    #[test]
    fn names() {
        check!("USERNAME pr", @"accepted");
        check!("nick pr", @r#"User has no attribute "nick""#);
        check!("name.nick pr", @r#"name has no sub-attribute "nick""#);
        check!("userName.value pr", @r#"userName has no sub-attribute "value""#);
        check!("urn:y:User:a pr", @r#"User has no schema "urn:y:User""#);
        check!("urn:x:Visits:count gt 3", @"accepted");
        check!("urn:x:Visits pr", @r#""urn:x:Visits" is a schema; name one of its attributes"#);
        check!("name eq \"x\"", @"name has several parts; name the one to compare, as in name.formatted");
    }

    #[test]
    fn short_names_must_have_one_meaning() {
        check!("count eq 1", @"accepted");
        check!("division pr", @r#"User has no attribute "division""#);
    }

    #[test]
    fn brackets() {
        check!("emails[nick pr]", @r#"emails has no sub-attribute "nick""#);
        check!("emails[emails.type pr]", @r#"in the brackets of emails, "emails.type" must be the name of a sub-attribute"#);
        check!("userName[value eq \"x\"]", @"userName has one simple value, so that brackets cannot select of it");
        check!("tags[value eq \"x\"]", @"accepted");
        check!("tags[type eq \"x\"]", @r#"urn:x:Visits:tags has no sub-attribute "type""#);
    }

    #[test]
    fn values_fit_their_types() {
        check!("userName eq 1", @r#"userName is compared with text in quotes, not with "1""#);
        check!("active eq \"yes\"", @r#"active is compared with true or false, not with "\"yes\"""#);
        check!("active gt true", @"active is a boolean and cannot be compared with gt");
        check!("emails.primary co true", @"emails.primary is a boolean and cannot be compared with co");
        check!("x509Certificates.value lt \"x\"", @"x509Certificates.value is a binary and cannot be compared with lt");
        check!("x509Certificates eq \"x\"", @"accepted");
        check!("count eq \"1\"", @r#"urn:x:Visits:count is compared with a number, not with "\"1\"""#);
        check!("ratio sw 1", @"urn:x:Visits:ratio is a decimal and cannot be compared with sw");
        check!("meta.created gt \"soon\"", @r#"meta.created is compared with a dateTime such as "2026-01-31T08:00:00Z", not with "\"soon\"""#);
        check!("userName gt null", @r#"userName is compared with text in quotes, not with "null""#);
    }

    #[test]
    fn what_is_not_in_the_document_cannot_be_searched() {
        check!("groups pr", @r#"groups can only be asked whether somebody is in it, as in groups[value eq "ID"]"#);
        check!("groups.display eq \"x\"", @r#"groups can only be asked whether somebody is in it, as in groups[value eq "ID"]"#);
        check!("groups[value sw \"x\"]", @r#"groups can only be asked whether somebody is in it, as in groups[value eq "ID"]"#);
        check!("password pr", @"password cannot be filtered on: it is never returned");
    }

    #[test]
    fn long_names_are_cut() {
        assert!(shown(&format!("{} pr", "x".repeat(5000))).len() < 200);
    }
}
