//! How a program defines a resource type.

use std::sync::Arc;

use super::{
    Attribute, Extension, ResourceType, Returned, ReverseAttribute, RowsAttribute, Schema,
    SchemaError,
};
use crate::resource::is_password;
use crate::{
    error::Error,
    path::{AttributePath, CompositePath, KeyPath},
};

/// A resource type in the making; see [`ResourceType::new`].
///
/// ```
/// use scim_core::{ResourceType, schema};
///
/// let users = ResourceType::new("User", "/Users", schema::user())
///     .extension(schema::enterprise_user())
///     .unique(["userName"])
///     .indexed(["emails.value"])
///     .build()?;
/// assert_eq!(users.endpoint(), "/Users");
/// let misspelt = ResourceType::new("User", "/Users", schema::user()).indexed(["emials"]);
/// assert!(misspelt.build().is_err());
/// # Ok::<(), scim_core::SchemaError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ResourceTypeBuilder {
    name: String,
    endpoint: String,
    description: String,
    schema: Arc<Schema>,
    extensions: Vec<Extension>,
    unique: Vec<String>,
    indexed: Vec<String>,
    rows: Option<RowsAttribute>,
    reverse: Option<ReverseAttribute>,
    withheld: Vec<String>,
    strict: bool,
}

impl ResourceTypeBuilder {
    pub(super) fn new(name: &str, endpoint: &str, schema: Arc<Schema>) -> Self {
        Self {
            name: name.to_owned(),
            endpoint: format!("/{}", endpoint.trim_start_matches('/')),
            description: schema.description.clone(),
            schema,
            extensions: Vec::new(),
            unique: Vec::new(),
            indexed: Vec::new(),
            rows: None,
            reverse: None,
            withheld: Vec::new(),
            strict: false,
        }
    }

    /// Says what the resources are; without it, the schema's description is
    /// taken.
    pub fn description(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// Adds an extension that a resource may have.
    pub fn extension(mut self, schema: impl Into<Arc<Schema>>) -> Self {
        self.extensions.push(Extension {
            schema: schema.into(),
            required: false,
        });
        self
    }

    /// Adds an extension that every resource must have.
    pub fn required_extension(mut self, schema: impl Into<Arc<Schema>>) -> Self {
        self.extensions.push(Extension {
            schema: schema.into(),
            required: true,
        });
        self
    }

    /// Names the paths whose values no two resources of one owner share.
    pub fn unique<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.unique.extend(paths.into_iter().map(str::to_owned));
        self
    }

    /// Names the paths that get lookup keys. Paths of single values that are
    /// joined by `+`, as in `status + dueAt`, get one key together: see
    /// [`CompositePath`].
    pub fn indexed<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.indexed.extend(paths.into_iter().map(str::to_owned));
        self
    }

    /// Keeps the values of a multi-valued reference as rows of their own.
    pub fn rows<'a>(
        mut self,
        attribute: &str,
        member_types: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.rows = Some(RowsAttribute {
            attribute: attribute.to_owned(),
            member_types: member_types.into_iter().map(str::to_owned).collect(),
        });
        self
    }

    /// Fills in `attribute` when a resource is read: with the owners of the
    /// rows, called `of_rows` there, that refer to it.
    pub fn reverse(mut self, attribute: &str, of_rows: &str) -> Self {
        self.reverse = Some(ReverseAttribute {
            attribute: attribute.to_owned(),
            of_rows: of_rows.to_owned(),
        });
        self
    }

    /// Names attributes that never come into a document: what a request says
    /// of them is given apart, to be kept elsewhere. For secrets, which are
    /// `writeOnly` and returned `never`.
    ///
    /// ```
    /// use scim_core::{Policy, ResourceType, resource::validate, schema};
    /// use serde_json::json;
    ///
    /// let users = ResourceType::new("User", "/Users", schema::user())
    ///     .withheld(["password"])
    ///     .build()?;
    /// let body = json!({"schemas": [schema::USER_URN], "userName": "kim", "password": "x"});
    /// let kim = validate::parse_new(&users, body, &Policy::strict())?;
    /// assert_eq!(kim.withheld["password"], "x");
    /// assert!(kim.document.get("password").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn withheld<'a>(mut self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.withheld.extend(names.into_iter().map(str::to_owned));
        self
    }

    /// Reads requests for this type without any tolerance, whatever the
    /// policy of the connection.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Checks every path against the schemas.
    pub fn build(self) -> Result<ResourceType, SchemaError> {
        let mut built = ResourceType {
            name: self.name,
            endpoint: self.endpoint,
            description: self.description,
            schema: self.schema,
            extensions: self.extensions,
            unique: Vec::new(),
            indexed: Vec::new(),
            composites: Vec::new(),
            rows: None,
            reverse: None,
            withheld: self.withheld,
            strict: self.strict,
            shown_whole: false,
        };
        refuse_same_schemas(&built)?;
        for name in &built.withheld {
            key_paths(&built, std::slice::from_ref(name))?;
        }
        let shown_whole = built.schemas().all(|schema| is_shown_whole(schema));
        built.shown_whole = shown_whole;
        built.unique = key_paths(&built, &self.unique)?;
        let (joined, single): (Vec<String>, Vec<String>) = self
            .indexed
            .into_iter()
            .partition(|text| text.contains('+'));
        built.indexed = key_paths(&built, &single)?;
        built.composites = joined
            .iter()
            .map(|text| composite(&built, text))
            .collect::<Result<_, _>>()?;
        if let Some(mut rows) = self.rows {
            rows.attribute = list_of_references(&built, &rows.attribute)?;
            built.rows = Some(rows);
        }
        if let Some(mut reverse) = self.reverse {
            reverse.attribute = list_of_references(&built, &reverse.attribute)?;
            built.reverse = Some(reverse);
        }
        Ok(built)
    }
}

/// Its name could not be found in the stored text if it held a bracket; no URN does.
fn is_shown_whole(schema: &Schema) -> bool {
    fn shown(attribute: &Attribute) -> bool {
        let itself = match attribute.returned {
            Returned::Always | Returned::Default => true,
            Returned::Never | Returned::Request => is_password(attribute),
        };
        itself && attribute.sub_attributes.iter().all(shown)
    }
    !schema.id.contains(']') && schema.attributes.iter().all(shown)
}

fn refuse_same_schemas(built: &ResourceType) -> Result<(), SchemaError> {
    let mut seen: Vec<&str> = Vec::new();
    for schema in built.schemas() {
        if seen.iter().any(|urn| urn.eq_ignore_ascii_case(&schema.id)) {
            return Err(SchemaError::SchemaTwice {
                resource_type: built.name.clone(),
                urn: schema.id.clone(),
            });
        }
        seen.push(&schema.id);
    }
    Ok(())
}

fn key_paths(built: &ResourceType, paths: &[String]) -> Result<Vec<KeyPath>, SchemaError> {
    let resolve = |text: &String| {
        let unknown = |error: Error| unknown_path(built, text, error.to_string());
        let path = AttributePath::parse(text).map_err(unknown)?;
        let resolved = path.resolve(built).map_err(unknown)?;
        resolved
            .key_path()
            .ok_or_else(|| unknown_path(built, text, "it has no single value to compare"))
    };
    paths.iter().map(resolve).collect()
}

fn composite(built: &ResourceType, text: &str) -> Result<CompositePath, SchemaError> {
    let parts: Vec<String> = text.split('+').map(|part| part.trim().to_owned()).collect();
    let paths = key_paths(built, &parts)?;
    match paths.iter().find(|path| path.is_list(built)) {
        Some(path) => Err(unknown_path(
            built,
            text,
            format!("{path} has several values, of which none can be joined with others"),
        )),
        None => Ok(CompositePath::new(paths)),
    }
}

fn list_of_references(built: &ResourceType, name: &str) -> Result<String, SchemaError> {
    match built.schema.attribute(name) {
        Some(found) if found.multi_valued && found.sub("value").is_some() => Ok(found.name.clone()),
        Some(_) => Err(unknown_path(
            built,
            name,
            "it must be multi-valued and have the sub-attribute value",
        )),
        None => Err(unknown_path(
            built,
            name,
            "its core schema has no such attribute",
        )),
    }
}

fn unknown_path(built: &ResourceType, path: &str, reason: impl Into<String>) -> SchemaError {
    SchemaError::UnknownPath {
        resource_type: built.name.clone(),
        path: path.to_owned(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ResourceType, ResourceTypeBuilder};
    use crate::schema;

    fn user() -> ResourceTypeBuilder {
        ResourceType::new("User", "Users", schema::user()).extension(schema::enterprise_user())
    }

    #[test]
    fn paths_come_out_in_the_schemas_spelling() {
        let employee = format!("{}:EMPLOYEENUMBER", schema::ENTERPRISE_USER_URN);
        let built = user()
            .unique(["USERNAME", "externalid"])
            .indexed(["emails", "EMAILS.VALUE", "meta.lastmodified", &employee])
            .reverse("GROUPS", "members")
            .build()
            .unwrap();
        let keys = |paths: &[crate::KeyPath]| -> Vec<String> {
            paths.iter().map(|path| path.key().to_owned()).collect()
        };
        assert_eq!(built.endpoint(), "/Users");
        assert_eq!(keys(built.unique()), ["userName", "externalId"]);
        assert_eq!(
            keys(built.indexed()),
            [
                "emails.value",
                "emails.value",
                "meta.lastModified",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
            ]
        );
        assert!(built.is_outside_document("Groups"));
        assert_eq!(built.reverse().unwrap().attribute, "groups");
    }

    #[test]
    fn mistakes_are_found_when_building() {
        let refused = |builder: ResourceTypeBuilder| builder.build().unwrap_err().to_string();
        for builder in [
            user().unique(["nickname2"]),
            user().indexed(["name"]),
            user().indexed(["emails["]),
            user().indexed([schema::ENTERPRISE_USER_URN]),
            user().indexed(["userName + emails"]),
            user().indexed(["userName +"]),
            user().rows("userName", ["User"]),
            user().reverse("members", "members"),
        ] {
            let text = refused(builder);
            assert!(
                text.starts_with("the resource type User has no attribute for"),
                "{text}"
            );
        }
        assert_eq!(
            refused(user().extension(schema::enterprise_user())),
            "the resource type User has the schema \
             urn:ietf:params:scim:schemas:extension:enterprise:2.0:User twice"
        );
    }
}
