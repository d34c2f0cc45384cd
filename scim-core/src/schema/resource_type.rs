//! One kind of resource: its schemas, and which of its attributes are kept
//! in a special way (RFC 7643 §6).

use std::sync::Arc;

use super::{Attribute, ResourceTypeBuilder, Schema, attribute, common};
use crate::path::{CompositePath, KeyPath};

/// A kind of resource that a server offers.
///
/// ```
/// use scim_core::{ResourceType, schema};
///
/// let user = ResourceType::new("User", "/Users", schema::user())
///     .extension(schema::enterprise_user())
///     .unique(["userName"])
///     .indexed(["emails.value"])
///     .reverse("groups", "members")
///     .build()?;
/// assert_eq!(user.unique()[0].key(), "userName");
/// # Ok::<(), scim_core::SchemaError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ResourceType {
    pub(super) name: String,
    pub(super) endpoint: String,
    pub(super) description: String,
    pub(super) schema: Arc<Schema>,
    pub(super) extensions: Vec<Extension>,
    pub(super) unique: Vec<KeyPath>,
    pub(super) indexed: Vec<KeyPath>,
    pub(super) composites: Vec<CompositePath>,
    pub(super) rows: Option<RowsAttribute>,
    pub(super) reverse: Option<ReverseAttribute>,
    pub(super) withheld: Vec<String>,
    pub(super) strict: bool,
    pub(super) shown_whole: bool,
}

/// A schema that adds attributes to a resource type.
#[derive(Debug, Clone)]
pub struct Extension {
    /// The schema.
    pub schema: Arc<Schema>,
    /// Whether every resource must have it.
    pub required: bool,
}

/// A multi-valued reference whose values are rows of their own, because
/// there can be a hundred thousand of them (`members`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsAttribute {
    /// The attribute in the schema's spelling.
    pub attribute: String,
    /// The names of the resource types that it may refer to.
    pub member_types: Vec<String>,
}

/// An attribute that is filled in when a resource is read: the resources
/// that refer to it (`groups`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReverseAttribute {
    /// The attribute in the schema's spelling.
    pub attribute: String,
    /// The rows attribute, of another resource type, whose owners it lists.
    pub of_rows: String,
}

impl ResourceType {
    /// Begins a resource type; `endpoint` is its path below the base URL.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a resource type exists only after build() has checked its paths"
    )]
    pub fn new(name: &str, endpoint: &str, schema: impl Into<Arc<Schema>>) -> ResourceTypeBuilder {
        ResourceTypeBuilder::new(name, endpoint, schema.into())
    }

    /// The name, which is also the `id` and `meta.resourceType`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path below the base URL, with its slash.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What the resources are.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The core schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The extensions, in their order.
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The core schema, then the extensions'.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        let extensions = self.extensions.iter().map(|extension| &extension.schema);
        std::iter::once(&self.schema).chain(extensions)
    }

    /// The extension with this URN in any case.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions
            .iter()
            .find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }

    /// The attribute of the core schema, or the common one, with this name in
    /// any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.schema
            .attribute(name)
            .or_else(|| attribute::find(common(), name))
    }

    /// The common attributes (RFC 7643 §3.1), then those of the core schema;
    /// extensions are separate objects in a resource and not among them.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        common()
            .iter()
            .filter(|known| self.schema.attribute(&known.name).is_none())
            .chain(&self.schema.attributes)
    }

    /// The only extension that has an attribute with this name, for clients
    /// that leave the URN away.
    pub fn extension_with(&self, name: &str) -> Option<(&Arc<Schema>, &Attribute)> {
        let mut having = self.extensions.iter().filter_map(|extension| {
            let attribute = extension.schema.attribute(name)?;
            Some((&extension.schema, attribute))
        });
        let found = having.next()?;
        having.next().is_none().then_some(found)
    }

    /// The paths whose values no two resources of one owner may share.
    pub fn unique(&self) -> &[KeyPath] {
        &self.unique
    }

    /// The paths that can be looked up quickly, in addition to
    /// [`unique`](Self::unique).
    pub fn indexed(&self) -> &[KeyPath] {
        &self.indexed
    }

    /// The keys that are joined of several values; see
    /// [`ResourceTypeBuilder::indexed`].
    pub fn composites(&self) -> &[CompositePath] {
        &self.composites
    }

    /// The attribute whose values are rows of their own.
    pub fn rows(&self) -> Option<&RowsAttribute> {
        self.rows.as_ref()
    }

    /// The attribute that is filled in when a resource is read.
    pub fn reverse(&self) -> Option<&ReverseAttribute> {
        self.reverse.as_ref()
    }

    /// Whether the values of this core attribute are not in the document:
    /// the rows and the reverse attribute.
    pub fn is_outside_document(&self, attribute: &str) -> bool {
        let rows = self.rows.as_ref().map(|rows| &rows.attribute);
        let reverse = self.reverse.as_ref().map(|reverse| &reverse.attribute);
        [rows, reverse]
            .into_iter()
            .flatten()
            .any(|outside| outside.eq_ignore_ascii_case(attribute))
    }

    /// Whether an answer without `attributes` and `excludedAttributes` shows
    /// everything that a document holds: no attribute that can be stored is
    /// returned on request or never (RFC 7643 §7). Such an answer can be
    /// written from the stored text.
    ///
    /// ```
    /// use scim_core::{ResourceType, schema};
    ///
    /// // A password is never stored.
    /// let user = ResourceType::new("User", "/Users", schema::user()).build()?;
    /// assert!(user.is_shown_whole());
    /// # Ok::<(), scim_core::SchemaError>(())
    /// ```
    pub fn is_shown_whole(&self) -> bool {
        self.shown_whole
    }

    /// Whether anything that a request may say stays out of the document.
    pub const fn withholds_any(&self) -> bool {
        !self.withheld.is_empty()
    }

    /// Whether what a request says of this attribute stays out of the
    /// document.
    pub fn withholds(&self, attribute: &Attribute) -> bool {
        self.withheld.contains(&attribute.name)
    }

    /// Whether requests are read without any tolerance.
    pub fn is_strict(&self) -> bool {
        self.strict
    }
}
