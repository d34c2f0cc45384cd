//! How the operations of a PATCH change a document: in order, and all or none.

use serde_json::{Map, Value};

use super::members::{Gathering, MemberChanges};
use super::request::{Op, Operation, PatchRequest};
use super::target::{Target, locate};
use super::{multi, single};
use crate::error::Error;
use crate::message::urn;
use crate::resource::value::Reader;
use crate::resource::{At, Document, Policy, Repair, Repairs, immutable_kept, validate};
use crate::schema::{Attribute, ResourceType, Schema};

/// What a PATCH comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Patched {
    /// The document afterwards.
    pub document: Document,
    /// What is to be done to the rows attribute.
    pub members: MemberChanges,
    /// What the request says of attributes that stay out of the document;
    /// `null` where it removes one.
    pub withheld: Map<String, Value>,
    /// What was put right in the request.
    pub repairs: Repairs,
    /// Whether the request names members and nothing else, with or without effect.
    pub members_only: bool,
    /// Whether the document differs; a request without effect changes neither
    /// version nor `lastModified`.
    pub changed: bool,
}

/// Does all operations, or answers why one of them cannot be done.
///
/// ```
/// use scim_core::{ResourceType, patch::{PatchRequest, apply}, resource::{Policy, validate}, schema};
/// use serde_json::json;
///
/// let user = ResourceType::new("User", "/Users", schema::user()).build()?;
/// let body = json!({"schemas": [schema::USER_URN], "userName": "ann", "active": true});
/// let ann = validate::parse_new(&user, body, &Policy::compatible())?.document;
///
/// let request = PatchRequest::parse(json!({
///     "Operations": [{"op": "Replace", "path": "active", "value": "False"}],
/// }))?;
/// let patched = apply(&user, ann, &request, &Policy::compatible())?;
/// assert!(patched.changed);
/// assert_eq!(patched.document.get("active"), Some(&json!(false)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn apply(
    resource_type: &ResourceType,
    document: Document,
    request: &PatchRequest,
    policy: &Policy,
) -> Result<Patched, Error> {
    let mut patching = Patching::of(resource_type, document.clone(), policy);
    patching.check_request(request)?;
    for operation in request.operations() {
        patching.operate(operation)?;
    }
    patching.finish(document)
}

/// What a PATCH says of attributes that stay out of the document, before it is
/// known to what it is applied. Operations that cannot be done without knowing
/// it are left out: such attributes are none of theirs.
pub fn withheld(
    resource_type: &ResourceType,
    request: &PatchRequest,
    policy: &Policy,
) -> Map<String, Value> {
    let mut patching = Patching::of(resource_type, Document::default(), policy);
    for operation in request.operations() {
        let _ = patching.operate(operation);
    }
    patching.withheld
}

struct Patching<'a> {
    reader: Reader<'a>,
    document: Document,
    members: Gathering,
    names_members: bool,
    names_others: bool,
    withheld: Map<String, Value>,
}

impl<'a> Patching<'a> {
    fn of(resource_type: &'a ResourceType, document: Document, policy: &Policy) -> Patching<'a> {
        Patching {
            reader: Reader::new(resource_type, policy),
            document,
            members: Gathering::default(),
            names_members: false,
            names_others: false,
            withheld: Map::new(),
        }
    }

    fn check_request(&mut self, request: &PatchRequest) -> Result<(), Error> {
        let Reader {
            policy, repairs, ..
        } = &mut self.reader;
        if !request.is_declared() {
            if !policy.undeclared_patch_op {
                return Err(Error::invalid_syntax(format!(
                    "schemas of a PATCH body holds {}",
                    urn::PATCH_OP
                )));
            }
            repairs.note(Repair::PatchOpUndeclared);
        }
        if request.operations().is_empty() {
            if !policy.empty_operations {
                return Err(Error::invalid_syntax(
                    "a PATCH body has at least one of Operations",
                ));
            }
            repairs.note(Repair::EmptyOperations);
        }
        Ok(())
    }

    fn operate(&mut self, operation: &Operation) -> Result<(), Error> {
        if !operation.op_exact {
            if !self.reader.policy.op_any_case {
                return Err(Error::invalid_syntax(format!(
                    "op is written {}",
                    operation.op.as_str()
                )));
            }
            self.reader.repairs.note(Repair::OpCase);
        }
        match (&operation.path, &operation.value) {
            (Some(path), value) => {
                let target = locate(&mut self.reader, path, operation.op)?;
                self.change(&target, operation.op, value.clone())
            }
            (None, _) if !self.reader.policy.patch_without_path => Err(Error::invalid_syntax(
                "an operation has a path that says what to change",
            )),
            (None, Some(Value::Object(attributes))) => {
                self.change_keys(None, attributes, operation.op)
            }
            (None, _) => Err(Error::invalid_syntax(
                "without a path, the value of an operation is an object of attributes",
            )),
        }
    }

    /// An operation without a path: every key is one.
    fn change_keys(
        &mut self,
        extension: Option<&Schema>,
        attributes: &Map<String, Value>,
        op: Op,
    ) -> Result<(), Error> {
        for (key, value) in attributes {
            let is_path = key.contains(['.', ':', '[']);
            let is_extension = is_path && self.reader.resource_type.extension(key).is_some();
            let path = match extension {
                Some(schema) => format!("{}:{key}", schema.id),
                None => key.clone(),
            };
            let target = if is_path && !is_extension && !self.reader.policy.dotted_keys {
                self.reader.unknown(key)?;
                Target::Nothing
            } else {
                match locate(&mut self.reader, &path, op) {
                    // A key that is no path at all is an unknown attribute.
                    Err(Error::InvalidPath { .. }) => {
                        self.reader.unknown(key)?;
                        Target::Nothing
                    }
                    found => found?,
                }
            };
            if is_path && !matches!(target, Target::Nothing | Target::Extension(_)) {
                self.reader.repairs.note(if key.contains(':') {
                    Repair::UrnFlattening
                } else {
                    Repair::DottedKey
                });
            }
            self.change(&target, op, Some(value.clone()))?;
        }
        Ok(())
    }

    fn change(&mut self, target: &Target<'_>, op: Op, value: Option<Value>) -> Result<(), Error> {
        match target {
            Target::Nothing => {}
            Target::Members(..) => self.names_members = true,
            Target::Withheld(_) | Target::Extension(_) | Target::Attribute(_) => {
                self.names_others = true;
            }
        }
        match target {
            Target::Nothing => Ok(()),
            Target::Withheld(attribute) => self.withhold(attribute, op, value),
            Target::Members(rows, filter) => {
                self.members
                    .change(&mut self.reader, rows, filter.as_ref(), op, value)
            }
            Target::Extension(schema) => self.change_extension(schema, op, value),
            Target::Attribute(place) if place.attribute.multi_valued => {
                multi::change(&mut self.reader, &mut self.document, place, op, value)
            }
            Target::Attribute(place) => {
                let value = value.unwrap_or(Value::Null);
                single::change(&mut self.reader, &mut self.document, place, op, value)
            }
        }
    }

    fn withhold(
        &mut self,
        attribute: &Attribute,
        op: Op,
        value: Option<Value>,
    ) -> Result<(), Error> {
        let value = match (op, value) {
            (Op::Add | Op::Replace, Some(value)) => {
                let at = At::of(None, &attribute.name);
                let value = self.reader.attribute(attribute, at, value)?;
                value.unwrap_or(Value::Null)
            }
            _ => Value::Null,
        };
        self.withheld.insert(attribute.name.clone(), value);
        Ok(())
    }

    fn change_extension(
        &mut self,
        schema: &Schema,
        op: Op,
        value: Option<Value>,
    ) -> Result<(), Error> {
        match (op, value) {
            (Op::Add | Op::Replace, Some(Value::Object(attributes))) => {
                self.change_keys(Some(schema), &attributes, op)
            }
            (Op::Add, Some(Value::Null)) => Ok(()),
            (Op::Remove, _) | (Op::Replace, None | Some(Value::Null)) => {
                for attribute in &schema.attributes {
                    if !attribute.is_read_only() {
                        self.document.remove(Some(&schema.id), &attribute.name);
                    }
                }
                Ok(())
            }
            (Op::Add | Op::Replace, _) => {
                Err(Error::invalid_value(&schema.id, "expected an object"))
            }
        }
    }

    fn finish(mut self, before: Document) -> Result<Patched, Error> {
        let resource_type = self.reader.resource_type;
        self.document.declare_schemas(resource_type);
        let changed = self.document != before;
        if changed {
            required_kept(resource_type, &before, &self.document)?;
            immutable_kept(resource_type, &before, &self.document)?;
            validate::check(resource_type, &self.document)?;
        }
        Ok(Patched {
            members_only: self.names_members && !self.names_others,
            document: if changed { self.document } else { before },
            members: self.members.changes,
            withheld: self.withheld,
            repairs: self.reader.repairs,
            changed,
        })
    }
}

/// RFC 7644 §3.5.2.2: taking away what is required is refused with
/// `mutability`.
fn required_kept(
    resource_type: &ResourceType,
    before: &Document,
    after: &Document,
) -> Result<(), Error> {
    let lost = |extension: Option<&str>, attribute: &Attribute| {
        attribute.required
            && before.value(extension, &attribute.name).is_some()
            && after.value(extension, &attribute.name).is_none()
    };
    for attribute in resource_type.attributes() {
        if lost(None, attribute) {
            return Err(Error::mutability(&attribute.name));
        }
    }
    for extension in resource_type.extensions() {
        let urn = extension.schema.id.as_str();
        // An optional extension may go as a whole.
        let stays = extension.required || after.get(urn).is_some();
        for attribute in &extension.schema.attributes {
            if stays && lost(Some(urn), attribute) {
                return Err(Error::mutability(&format!("{urn}:{}", attribute.name)));
            }
        }
    }
    Ok(())
}
