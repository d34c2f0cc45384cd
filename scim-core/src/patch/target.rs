//! What the path of an operation points to.

use super::request::Op;
use crate::error::Error;
use crate::filter::{Filter, TypedFilter};
use crate::path::AttributePath;
use crate::resource::value::Reader;
use crate::resource::{At, Repair, extension_of, is_password, with_colon};
use crate::schema::{Attribute, RowsAttribute, Schema};

/// Where an operation acts.
pub(super) enum Target<'a> {
    /// On what the policy says is to be passed over.
    Nothing,
    /// On what stays out of the document.
    Withheld(&'a Attribute),
    /// On the rows attribute: all of it, or what the filter selects.
    Members(&'a RowsAttribute, Option<Filter>),
    /// On all attributes of an extension.
    Extension(&'a Schema),
    /// On an attribute in the document.
    Attribute(Place<'a>),
}

/// An attribute, and which of its values and sub-attributes are meant.
pub(super) struct Place<'a> {
    pub(super) extension: Option<&'a Schema>,
    pub(super) attribute: &'a Attribute,
    pub(super) selection: Option<Selection>,
    pub(super) sub: Option<&'a Attribute>,
    /// The path as the request has it.
    pub(super) path: String,
}

/// The condition in the brackets of a path.
pub(super) struct Selection {
    pub(super) written: Box<Filter>,
    pub(super) typed: TypedFilter,
}

impl<'a> Place<'a> {
    pub(super) fn urn(&self) -> Option<&'a str> {
        self.extension.map(|schema| schema.id.as_str())
    }

    /// The name of the attribute for errors.
    pub(super) fn at(&self) -> At<'a> {
        At::of(self.urn(), &self.attribute.name)
    }

    /// Refuses `emails[…]` without a sub-attribute where the policy does.
    pub(super) fn ends_at_a_part(&self, reader: &Reader<'_>, op: Op) -> Result<(), Error> {
        let is_whole = self.selection.is_some() && self.sub.is_none();
        if op == Op::Remove || !is_whole || !self.attribute.is_complex() {
            return Ok(());
        }
        if reader.policy.whole_value_paths {
            return Ok(());
        }
        Err(Error::invalid_path(
            &self.path,
            "name the sub-attribute to change after the brackets",
        ))
    }
}

/// Finds what `path` points to.
pub(super) fn locate<'a>(reader: &mut Reader<'a>, path: &str, op: Op) -> Result<Target<'a>, Error> {
    if let Some(extension) = extension_of(reader, path) {
        return Ok(Target::Extension(&extension.schema));
    }
    let with_colon = with_colon(reader, path);
    let mut parsed = AttributePath::parse(with_colon.as_deref().unwrap_or(path))?;
    if let Some(urn) = &parsed.schema
        && let Some(extension) = extension_of(reader, urn)
    {
        parsed.schema = Some(extension.schema.id.clone());
    }
    let resource_type = reader.resource_type;
    if let Some(rows) = rows_of(reader, &parsed) {
        let read_only = resource_type
            .attribute(&rows.attribute)
            .is_some_and(Attribute::is_read_only);
        if read_only {
            return pass_over_read_only(reader, &rows.attribute);
        }
        if parsed.sub.is_some() {
            return Err(Error::invalid_path(
                path,
                format!("{} change as a whole", rows.attribute),
            ));
        }
        return Ok(Target::Members(rows, parsed.filter.map(|filter| *filter)));
    }
    let resolved = if reader.policy.short_extension_paths {
        parsed.resolve_short_under(resource_type, &reader.policy)
    } else {
        parsed.resolve_under(resource_type, &reader.policy)
    };
    let resolved = match resolved {
        Ok(resolved) => resolved,
        // Removing what cannot be there has already succeeded; anything else
        // is treated like an unknown attribute of a POST.
        Err(Error::InvalidPath { .. }) if reader.policy.ignore_unknown_attributes => {
            reader.repairs.note(Repair::UnknownAttributeIgnored);
            return Ok(Target::Nothing);
        }
        Err(error) => return Err(error),
    };
    if parsed.schema.is_none() && resolved.extension.is_some() {
        reader.repairs.note(Repair::ShortExtensionPath);
    }
    let Some(attribute) = resolved.attribute else {
        return match resolved.extension {
            Some(extension) => Ok(Target::Extension(extension)),
            None => Err(Error::no_target(path)),
        };
    };
    let server_writes = attribute.is_read_only()
        || resolved.sub.is_some_and(Attribute::is_read_only)
        || (resolved.extension.is_none()
            && (attribute.name == "schemas" || resource_type.is_outside_document(&attribute.name)));
    if server_writes {
        return pass_over_read_only(reader, &resolved.key());
    }
    if resource_type.withholds(attribute) {
        return Ok(Target::Withheld(attribute));
    }
    if is_password(attribute) {
        if op != Op::Remove {
            reader.repairs.note(Repair::PasswordDiscarded);
        }
        return Ok(Target::Nothing);
    }
    let selection = match (parsed.filter, resolved.filter) {
        (Some(written), Some(typed)) => Some(Selection { written, typed }),
        _ => None,
    };
    Ok(Target::Attribute(Place {
        extension: resolved.extension,
        attribute,
        selection,
        sub: resolved.sub,
        path: path.to_owned(),
    }))
}

fn rows_of<'a>(reader: &Reader<'a>, path: &AttributePath) -> Option<&'a RowsAttribute> {
    let rows = reader.resource_type.rows()?;
    let core = path
        .schema
        .as_ref()
        .is_none_or(|urn| urn.eq_ignore_ascii_case(&reader.resource_type.schema().id));
    (core && path.attribute.eq_ignore_ascii_case(&rows.attribute)).then_some(rows)
}

fn pass_over_read_only<'a>(reader: &mut Reader<'_>, at: &str) -> Result<Target<'a>, Error> {
    if !reader.policy.ignore_read_only {
        return Err(Error::mutability(at));
    }
    reader.repairs.note(Repair::ReadOnlyIgnored);
    Ok(Target::Nothing)
}
