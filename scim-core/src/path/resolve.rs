//! What a path means for a resource type.

use super::{AttributePath, KeyPath, key::canonical};
use crate::{
    error::{Error, echo},
    filter::{TypedFilter, resolve_within},
    resource::Policy,
    schema::{Attribute, ResourceType, Schema},
};

/// A path whose names were found in the schemas of a resource type.
///
/// ```
/// use scim_core::{AttributePath, ResourceType, schema};
///
/// let users = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let path = AttributePath::parse(r#"EMAILS[type eq "work"].VALUE"#)?;
/// let resolved = path.resolve(&users)?;
/// assert_eq!(resolved.key(), "emails.value");
/// assert!(resolved.filter.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPath<'t> {
    /// The extension, if the attribute is not one of the core schema.
    pub extension: Option<&'t Schema>,
    /// The attribute; none stands for the whole extension.
    pub attribute: Option<&'t Attribute>,
    /// The condition on the attribute's values; see
    /// [`matches_value`](crate::filter::matches_value).
    pub filter: Option<TypedFilter>,
    /// The sub-attribute.
    pub sub: Option<&'t Attribute>,
}

impl ResolvedPath<'_> {
    /// The canonical text without the condition: `emails.value`.
    pub fn key(&self) -> String {
        match (self.extension, self.attribute) {
            (extension, Some(attribute)) => canonical(extension, attribute, self.sub),
            (Some(extension), None) => extension.id.clone(),
            (None, None) => String::new(),
        }
    }

    /// The path to the plain values: that of `value` where a complex
    /// attribute is named as a whole. None if there are no plain values.
    pub fn key_path(&self) -> Option<KeyPath> {
        let attribute = self.attribute?;
        let sub = match self.sub {
            None if attribute.is_complex() => Some(attribute.sub("value")?),
            sub => sub,
        };
        Some(KeyPath::new(self.extension, attribute, sub))
    }

    /// The definition of what the path ends at; none for an extension.
    pub fn target(&self) -> Option<&Attribute> {
        self.sub.or(self.attribute)
    }
}

impl AttributePath {
    /// Looks the names up. An attribute of an extension needs the URN.
    pub fn resolve<'t>(&self, resource_type: &'t ResourceType) -> Result<ResolvedPath<'t>, Error> {
        self.resolve_under(resource_type, &Policy::compatible())
    }

    /// The same, with the policy for what stands in brackets.
    pub(crate) fn resolve_under<'t>(
        &self,
        resource_type: &'t ResourceType,
        policy: &Policy,
    ) -> Result<ResolvedPath<'t>, Error> {
        let found = self
            .find(resource_type)
            .map_err(|unresolved| self.refused(unresolved))?;
        self.finish(&found, policy)
    }

    /// Looks the names up. An attribute that only one extension has, and the
    /// core schema has not, is found without the URN.
    pub fn resolve_short<'t>(
        &self,
        resource_type: &'t ResourceType,
    ) -> Result<ResolvedPath<'t>, Error> {
        self.resolve_short_under(resource_type, &Policy::compatible())
    }

    /// The same, with the policy for what stands in brackets.
    pub(crate) fn resolve_short_under<'t>(
        &self,
        resource_type: &'t ResourceType,
        policy: &Policy,
    ) -> Result<ResolvedPath<'t>, Error> {
        let found = self
            .find_short(resource_type)
            .map_err(|unresolved| self.refused(unresolved))?;
        self.finish(&found, policy)
    }

    pub(crate) fn find_short<'t>(
        &self,
        resource_type: &'t ResourceType,
    ) -> Result<Found<'t>, Unresolved> {
        self.find(resource_type).or_else(|unresolved| {
            let short = self.schema.is_none().then_some(self.attribute.as_str());
            let (schema, attribute) = short
                .and_then(|name| resource_type.extension_with(name))
                .ok_or(unresolved)?;
            self.with_sub(Some(schema), attribute)
        })
    }

    pub(crate) fn find<'t>(
        &self,
        resource_type: &'t ResourceType,
    ) -> Result<Found<'t>, Unresolved> {
        let extension = self.as_urn().and_then(|urn| resource_type.extension(&urn));
        if let Some(extension) = extension {
            return Ok(Found {
                extension: Some(&extension.schema),
                attribute: None,
                sub: None,
            });
        }
        let unknown = || {
            Unresolved(format!(
                "{} has no attribute {}",
                resource_type.name(),
                echo(&self.attribute)
            ))
        };
        match &self.schema {
            Some(urn) if !urn.eq_ignore_ascii_case(&resource_type.schema().id) => {
                let extension = resource_type.extension(urn).ok_or_else(|| {
                    Unresolved(format!(
                        "{} has no schema {}",
                        resource_type.name(),
                        echo(urn)
                    ))
                })?;
                let attribute = extension.schema.attribute(&self.attribute);
                self.with_sub(Some(&extension.schema), attribute.ok_or_else(unknown)?)
            }
            _ => {
                let attribute = resource_type.attribute(&self.attribute);
                self.with_sub(None, attribute.ok_or_else(unknown)?)
            }
        }
    }

    fn with_sub<'t>(
        &self,
        extension: Option<&'t Schema>,
        attribute: &'t Attribute,
    ) -> Result<Found<'t>, Unresolved> {
        let sub = match &self.sub {
            None => None,
            Some(name) => Some(attribute.sub(name).ok_or_else(|| {
                Unresolved(format!(
                    "{} has no sub-attribute {}",
                    attribute.name,
                    echo(name)
                ))
            })?),
        };
        Ok(Found {
            extension,
            attribute: Some(attribute),
            sub,
        })
    }

    fn finish<'t>(&self, found: &Found<'t>, policy: &Policy) -> Result<ResolvedPath<'t>, Error> {
        let filter = match (&self.filter, found.attribute) {
            (Some(filter), Some(attribute)) => {
                let parent = canonical(found.extension, attribute, None);
                Some(resolve_within(filter, &parent, attribute, policy)?)
            }
            _ => None,
        };
        Ok(ResolvedPath {
            extension: found.extension,
            attribute: found.attribute,
            filter,
            sub: found.sub,
        })
    }

    fn refused(&self, unresolved: Unresolved) -> Error {
        Error::invalid_path(&self.to_string(), unresolved.0)
    }
}

/// The definitions behind the names of a path.
pub(crate) struct Found<'t> {
    pub(crate) extension: Option<&'t Schema>,
    pub(crate) attribute: Option<&'t Attribute>,
    pub(crate) sub: Option<&'t Attribute>,
}

/// Why a name was not found.
pub(crate) struct Unresolved(pub(crate) String);

#[cfg(test)]
mod tests {
    use crate::{
        path::AttributePath,
        schema::{self, ResourceType},
    };

    fn user() -> ResourceType {
        ResourceType::new("User", "/Users", schema::user())
            .extension(schema::enterprise_user())
            .build()
            .unwrap()
    }

    fn shown(text: &str) -> String {
        match AttributePath::parse(text).unwrap().resolve(&user()) {
            Ok(resolved) => resolved.key(),
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($path:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown($path), @$shown)
        };
    }

    #[test]
    fn names_get_the_schemas_spelling() {
        check!("USERNAME", @"userName");
        check!("EMAILS[TYPE eq \"work\"].VALUE", @"emails.value");
        check!("META.LASTMODIFIED", @"meta.lastModified");
        check!("urn:ietf:params:scim:schemas:core:2.0:user:name.GIVENNAME", @"name.givenName");
        check!("URN:IETF:params:scim:schemas:extension:enterprise:2.0:user:MANAGER.value", @"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value");
        check!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:USER", @"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User");
    }

    #[test]
    fn unknown_names() {
        check!("nick", @r#"the path "nick" cannot be used: User has no attribute "nick""#);
        check!("emails.nick", @r#"the path "emails.nick" cannot be used: emails has no sub-attribute "nick""#);
        check!("urn:x:User:nick", @r#"the path "urn:x:User:nick" cannot be used: User has no schema "urn:x:User""#);
        check!("emails[nick pr]", @r#"emails has no sub-attribute "nick""#);
        check!("manager", @r#"the path "manager" cannot be used: User has no attribute "manager""#);
    }

    #[test]
    fn short_paths_reach_extensions() {
        let user = user();
        let path = AttributePath::parse("Manager.Value").unwrap();
        let resolved = path.resolve_short(&user).unwrap();
        assert_eq!(
            resolved.key(),
            format!("{}:manager.value", schema::ENTERPRISE_USER_URN)
        );
        assert_eq!(resolved.target().unwrap().name, "value");
    }

    #[test]
    fn key_paths_end_at_plain_values() {
        let user = user();
        let key = |text: &str| {
            let path = AttributePath::parse(text).unwrap();
            let key = path.resolve(&user).unwrap().key_path();
            key.map(|key| key.to_string())
        };
        assert_eq!(key("emails").as_deref(), Some("emails.value"));
        assert_eq!(key("userName").as_deref(), Some("userName"));
        assert_eq!(key("name"), None);
        assert_eq!(key(schema::ENTERPRISE_USER_URN), None);
    }
}
