//! PATCH again, in the plainest way that could be right, for documents with
//! few attributes: the same bytes become operations for both, and both must
//! come to the same document or the same refusal.
//!
//! The fuzz target `patch` uses this file too.

use std::sync::LazyLock;

use scim_core::patch::{Op, Operation, PatchRequest, apply};
use scim_core::resource::{Document, Policy};
use scim_core::{ResourceType, ScimType, schema::Schema};
use serde_json::{Map, Value, json};

/// Reads operations from the bytes and does them twice.
pub(crate) fn check(bytes: &[u8]) {
    let mut bytes = Bytes(bytes.iter());
    let mut model = Model::default();
    let mut document = empty();
    // Several requests after each other; a refused one leaves no trace.
    while !bytes.0.as_slice().is_empty() {
        let steps: Vec<Step> = (0..=bytes.below(3))
            .map(|_| Step::read(&mut bytes))
            .collect();
        let request = PatchRequest::new(steps.iter().map(Step::operation).collect());
        let patched = apply(&THING, document.clone(), &request, &Policy::strict());

        let mut after = model.clone();
        let done = steps.iter().try_for_each(|step| after.step(step));
        match (done, patched) {
            (Ok(()), Ok(patched)) => {
                let mut map = patched.document.as_map().clone();
                map.remove("schemas");
                assert_eq!(Value::Object(map), after.json(), "{model:?} {steps:?}");
                assert_eq!(patched.changed, after != model, "{model:?} {steps:?}");
                model = after;
                document = patched.document;
            }
            (Err(NoTarget), Err(error)) => {
                assert_eq!(
                    error.scim_type(),
                    Some(ScimType::NoTarget),
                    "{model:?} {steps:?}"
                );
            }
            (expected, found) => panic!("{model:?} {steps:?}: {expected:?}, {found:?}"),
        }
    }
}

static THING: LazyLock<ResourceType> = LazyLock::new(|| {
    let schema = Schema::from_json(
        r#"{"id": "urn:x:Thing", "attributes": [
            {"name": "title", "type": "string"},
            {"name": "name", "type": "complex", "subAttributes": [
                {"name": "given", "type": "string"}, {"name": "family", "type": "string"}]},
            {"name": "emails", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value", "type": "string"}, {"name": "type", "type": "string"}]}]}"#,
    );
    let thing = ResourceType::new("Thing", "/Things", schema.expect("it is a schema"));
    thing.build().expect("it names no paths")
});

fn empty() -> Document {
    let mut document = Document::default();
    document.declare_schemas(&THING);
    document
}

/// Two texts that belong together: given and family name, or value and type.
type Pair = [Option<char>; 2];

/// What an operation acts on.
#[derive(Debug, Clone, Copy)]
enum Place {
    Title,
    Name,
    NamePart(usize),
    Emails,
    Typed(char),
    TypedPart(char, usize),
    Part(usize),
}

/// The value of an operation; `null` is an empty one.
#[derive(Debug, Clone)]
enum Given {
    Text(Option<char>),
    /// Which parts are named, and what they are set to.
    Parts(Option<[Option<Option<char>>; 2]>),
    List(Vec<Pair>),
}

#[derive(Debug, Clone)]
struct Step {
    op: Op,
    place: Place,
    given: Given,
}

/// An endless row of numbers; after the input come zeros.
struct Bytes<'b>(std::slice::Iter<'b, u8>);

impl Bytes<'_> {
    fn below(&mut self, end: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % end
    }

    fn text(&mut self) -> char {
        ['a', 'b', 'c'][self.below(3)]
    }

    fn maybe(&mut self) -> Option<char> {
        (self.below(4) > 0).then(|| self.text())
    }

    fn pair(&mut self) -> Pair {
        [self.maybe(), self.maybe()]
    }

    fn parts(&mut self) -> Option<[Option<Option<char>>; 2]> {
        let mut part = || (self.below(3) > 0).then(|| self.maybe());
        let parts = [part(), part()];
        (self.below(8) > 0).then_some(parts)
    }
}

impl Step {
    fn read(bytes: &mut Bytes<'_>) -> Self {
        let op = [Op::Add, Op::Replace, Op::Remove][bytes.below(3)];
        let (place, given) = match bytes.below(8) {
            0 => (Place::Title, Given::Text(bytes.maybe())),
            1 => (Place::Name, Given::Parts(bytes.parts())),
            2 => (Place::NamePart(bytes.below(2)), Given::Text(bytes.maybe())),
            3 | 4 => {
                let list = (0..bytes.below(4)).map(|_| bytes.pair()).collect();
                (Place::Emails, Given::List(list))
            }
            5 => (Place::Typed(bytes.text()), Given::Parts(bytes.parts())),
            6 => {
                let place = Place::TypedPart(bytes.text(), bytes.below(2));
                (place, Given::Text(bytes.maybe()))
            }
            _ => (Place::Part(bytes.below(2)), Given::Text(bytes.maybe())),
        };
        Self { op, place, given }
    }

    fn operation(&self) -> Operation {
        let emails = ["value", "type"];
        let names = ["given", "family"];
        let path = match self.place {
            Place::Title => "title".to_owned(),
            Place::Name => "name".to_owned(),
            Place::NamePart(part) => format!("name.{}", names[part]),
            Place::Emails => "emails".to_owned(),
            Place::Typed(kind) => format!("emails[type eq \"{kind}\"]"),
            Place::TypedPart(kind, part) => format!("emails[type eq \"{kind}\"].{}", emails[part]),
            Place::Part(part) => format!("emails.{}", emails[part]),
        };
        let keys = match self.place {
            Place::Name => names,
            _ => emails,
        };
        let value = match &self.given {
            Given::Text(text) => json!(text),
            Given::Parts(None) => Value::Null,
            Given::Parts(Some(parts)) => {
                let named = parts.iter().zip(keys);
                let named = named.filter_map(|(part, key)| Some((key.to_owned(), json!((*part)?))));
                Value::Object(named.collect())
            }
            Given::List(pairs) => pairs
                .iter()
                .map(|pair| json!({"value": pair[0], "type": pair[1]}))
                .collect(),
        };
        match self.op {
            Op::Add => Operation::add(&path, value),
            Op::Replace => Operation::replace(&path, value),
            Op::Remove => Operation::remove(&path),
        }
    }
}

#[derive(Debug)]
struct NoTarget;

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    title: Option<char>,
    name: Pair,
    emails: Vec<Pair>,
}

impl Model {
    fn step(&mut self, step: &Step) -> Result<(), NoTarget> {
        let removes = step.op == Op::Remove;
        match (step.place, &step.given) {
            (Place::Title, Given::Text(text)) => self.title = text.filter(|_| !removes),
            (Place::Name, Given::Parts(parts)) => match parts {
                Some(parts) if !removes => set(&mut self.name, parts),
                _ => self.name = Pair::default(),
            },
            (Place::NamePart(part), Given::Text(text)) => {
                self.name[part] = text.filter(|_| !removes);
            }
            (Place::Emails, Given::List(list)) => {
                if step.op != Op::Add {
                    self.emails.clear();
                }
                if !removes {
                    self.emails.extend(list);
                }
            }
            (Place::Typed(kind), Given::Parts(parts)) => {
                self.step_typed(step.op, kind, parts.as_ref())?;
            }
            (Place::TypedPart(kind, part), Given::Text(text)) => {
                let value = text.filter(|_| !removes);
                self.set_part(|email| email[1] == Some(kind), part, value, removes)?;
            }
            (Place::Part(part), Given::Text(text)) => {
                let value = text.filter(|_| !removes);
                self.set_part(|_| true, part, value, removes)?;
            }
            (place, given) => panic!("{given:?} is not read for {place:?}"),
        }
        self.tidy();
        Ok(())
    }

    fn step_typed(
        &mut self,
        op: Op,
        kind: char,
        parts: Option<&[Option<Option<char>>; 2]>,
    ) -> Result<(), NoTarget> {
        let selected = |email: &Pair| email[1] == Some(kind);
        let Some(first) = self.emails.iter().position(selected) else {
            return if op == Op::Remove {
                Ok(())
            } else {
                Err(NoTarget)
            };
        };
        match (op, parts) {
            (Op::Add, None) => {}
            (Op::Add, Some(parts)) => {
                let emails = self.emails.iter_mut();
                emails
                    .filter(|it| selected(it))
                    .for_each(|it| set(it, parts));
            }
            (Op::Remove, _) => self.emails.retain(|email| !selected(email)),
            (Op::Replace, parts) => {
                let mut new = Pair::default();
                set(&mut new, parts.unwrap_or(&[None, None]));
                self.emails.retain(|email| !selected(email));
                self.emails.insert(first, new);
            }
        }
        Ok(())
    }

    fn set_part(
        &mut self,
        selects: impl Fn(&Pair) -> bool,
        part: usize,
        value: Option<char>,
        removes: bool,
    ) -> Result<(), NoTarget> {
        let mut selected = self
            .emails
            .iter_mut()
            .filter(|email| selects(email))
            .peekable();
        if selected.peek().is_none() && !removes {
            return Err(NoTarget);
        }
        selected.for_each(|email| email[part] = value);
        Ok(())
    }

    /// No empty value, and none twice.
    fn tidy(&mut self) {
        let mut kept: Vec<Pair> = Vec::new();
        for email in &self.emails {
            if *email != Pair::default() && !kept.contains(email) {
                kept.push(*email);
            }
        }
        self.emails = kept;
    }

    fn json(&self) -> Value {
        let object = |pair: &Pair, keys: [&str; 2]| -> Map<String, Value> {
            let named = pair.iter().zip(keys);
            let named = named.filter_map(|(part, key)| Some((key.to_owned(), json!((*part)?))));
            named.collect()
        };
        let mut all = Map::new();
        all.extend(self.title.map(|title| ("title".to_owned(), json!(title))));
        let name = object(&self.name, ["given", "family"]);
        if !name.is_empty() {
            all.insert("name".to_owned(), Value::Object(name));
        }
        if !self.emails.is_empty() {
            let emails = self
                .emails
                .iter()
                .map(|pair| object(pair, ["value", "type"]));
            all.insert("emails".to_owned(), emails.collect());
        }
        Value::Object(all)
    }
}

fn set(pair: &mut Pair, parts: &[Option<Option<char>>; 2]) {
    for (part, new) in pair.iter_mut().zip(parts) {
        *part = new.unwrap_or(*part);
    }
}
