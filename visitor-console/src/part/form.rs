//! What is typed, by fields that are attributes: values survive a refusal, and the message stands at its field.

use askama::Template;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use serde_json::{Number, Value};

use super::{Html, Link, Notice};
use crate::api::Refused;
use crate::read::Read;
use crate::reader::Reader;
use crate::text as t;
use crate::url;

/// The largest form.
const BYTES_MAX: usize = 1 << 20;

/// A field; its name is the path of the attribute that it sets.
#[derive(Clone)]
pub(crate) struct Field {
    name: &'static str,
    label: &'static str,
    hint: String,
    kind: Kind,
    values: Vec<String>,
    error: String,
    is_required: bool,
}

#[derive(Clone)]
enum Kind {
    Text,
    /// A text of several lines.
    Long,
    /// A value to each line.
    Lines,
    Number,
    Date,
    /// What is typed is not shown, and not given back.
    Secret,
    One(Vec<Choice>),
    Several(Vec<Choice>),
    Box,
    Hidden,
}

/// What can be chosen.
#[derive(Clone)]
pub(crate) struct Choice {
    value: String,
    label: String,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Choice {
        Choice {
            value: value.into(),
            label: label.into(),
        }
    }

    /// Values with their names.
    pub(crate) fn all(choices: &[(&str, &str)]) -> Vec<Choice> {
        let all = choices.iter();
        all.map(|(value, label)| Choice::new(*value, *label))
            .collect()
    }
}

impl Field {
    fn new(name: &'static str, label: &'static str, kind: Kind) -> Field {
        Field {
            name,
            label,
            hint: String::new(),
            kind,
            values: Vec::new(),
            error: String::new(),
            is_required: false,
        }
    }

    pub(crate) fn text(name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, Kind::Text)
    }

    pub(crate) fn long(name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, Kind::Long)
    }

    pub(crate) fn lines(name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, Kind::Lines)
    }

    pub(crate) fn number(name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, Kind::Number)
    }

    /// A text that nobody reads; empty leaves it as it is.
    pub(crate) fn secret(name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, Kind::Secret)
    }

    pub(crate) fn date(name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, Kind::Date)
    }

    /// One of these; an empty value is none.
    pub(crate) fn one(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Field {
        Field::new(name, label, Kind::One(choices))
    }

    /// Any of these.
    pub(crate) fn several(name: &'static str, label: &'static str, choices: Vec<Choice>) -> Field {
        Field::new(name, label, Kind::Several(choices))
    }

    /// Yes or no.
    pub(crate) fn yes(name: &'static str, label: &'static str) -> Field {
        Field::new(name, label, Kind::Box)
    }

    pub(crate) fn hidden(name: &'static str, value: &str) -> Field {
        Field::new(name, "", Kind::Hidden).value(value)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Field {
        self.hint = hint.into();
        self
    }

    #[must_use]
    pub(crate) fn required(mut self) -> Field {
        self.is_required = true;
        self
    }

    #[must_use]
    pub(crate) fn value(mut self, value: impl Into<String>) -> Field {
        self.values = vec![value.into()];
        self
    }

    fn id(&self) -> String {
        format!("field-{}", self.name.replace(['.', ' '], "-"))
    }

    fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("{}-hint", self.id()));
        }
        if !self.error.is_empty() {
            ids.push(format!("{}-error", self.id()));
        }
        ids.join(" ")
    }

    fn first(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    fn joined(&self) -> String {
        self.values.join("\n")
    }

    fn has(&self, choice: &Choice) -> bool {
        match self.values.is_empty() {
            true => choice.value.is_empty(),
            false => self.values.contains(&choice.value),
        }
    }

    /// As the document has it.
    fn from(mut self, document: &Value) -> Field {
        match document.at(self.name) {
            None | Some(Value::Null) => {}
            Some(Value::Array(values)) => {
                let values = values.iter().filter_map(Value::as_str);
                self.values = values.map(str::to_owned).collect();
            }
            Some(Value::String(text)) if matches!(self.kind, Kind::Date) => {
                self.values = vec![text.get(..10).unwrap_or_default().to_owned()];
            }
            Some(_) => self.values = vec![document.shown(self.name)],
        }
        self
    }

    fn typed(mut self, sent: &Submitted) -> Field {
        self.values = match self.kind {
            Kind::Lines => lines(sent.value(self.name)),
            Kind::Secret => Vec::new(),
            _ => sent.values(self.name).map(str::to_owned).collect(),
        };
        self
    }

    /// What it sets the attribute to; null for nothing.
    fn to_value(&self, sent: &Submitted) -> Value {
        let text = sent.value(self.name).trim();
        match &self.kind {
            Kind::Box => Value::Bool(!text.is_empty()),
            Kind::Several(_) => some(sent.values(self.name).map(Value::from).collect()),
            Kind::Lines => some(lines(text).into_iter().map(Value::from).collect()),
            // A password may begin and end with spaces.
            Kind::Secret => match sent.value(self.name) {
                "" => Value::Null,
                secret => Value::from(secret),
            },
            _ if text.is_empty() => Value::Null,
            // What is no number is for the API to refuse.
            Kind::Number => match text.parse::<Number>() {
                Ok(number) => Value::Number(number),
                Err(_) => Value::from(text),
            },
            Kind::Date => match text.parse::<jiff::civil::Date>() {
                Ok(date) => Value::from(format!("{date}T23:59:59.000Z")),
                Err(_) => Value::from(text),
            },
            Kind::Text | Kind::Long | Kind::One(_) | Kind::Hidden => Value::from(text),
        }
    }
}

fn some(values: Vec<Value>) -> Value {
    match values {
        values if values.is_empty() => Value::Null,
        values => Value::Array(values),
    }
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Fields, and a button that sends them.
#[derive(Template, Clone)]
#[template(path = "part/form.html")]
pub(crate) struct Form {
    action: String,
    method: &'static str,
    label: String,
    groups: Vec<Group>,
    submit: String,
    look: &'static str,
    cancel: Option<Link>,
    message: Option<Notice>,
}

#[derive(Clone)]
struct Group {
    title: String,
    fields: Vec<Field>,
}

impl Form {
    pub(crate) fn new(action: String, submit: &str) -> Form {
        Form {
            action,
            method: "post",
            label: String::new(),
            groups: Vec::new(),
            submit: submit.to_owned(),
            look: "primary",
            cancel: None,
            message: None,
        }
    }

    /// A form that asks for a page, whose address holds what was typed.
    pub(crate) fn asking(action: String, submit: &str) -> Form {
        Form {
            method: "get",
            look: "plain",
            ..Form::new(action, submit)
        }
    }

    #[must_use]
    pub(crate) fn field(mut self, field: Field) -> Form {
        match self.groups.last_mut() {
            Some(group) => group.fields.push(field),
            None => return self.group("").field(field),
        }
        self
    }

    /// What follows belongs together.
    #[must_use]
    pub(crate) fn group(mut self, title: &str) -> Form {
        self.groups.push(Group {
            title: title.to_owned(),
            fields: Vec::new(),
        });
        self
    }

    /// Tells it from other forms of the page.
    #[must_use]
    pub(crate) fn labelled(mut self, label: &str) -> Form {
        self.label = label.to_owned();
        self
    }

    /// What it does cannot simply be taken back.
    #[must_use]
    pub(crate) fn dangerous(mut self) -> Form {
        self.look = "danger";
        self
    }

    #[must_use]
    pub(crate) fn cancel(mut self, link: Link) -> Form {
        self.cancel = Some(link);
        self
    }

    /// Shows what is so now.
    #[must_use]
    pub(crate) fn from(self, document: &Value) -> Form {
        self.each(|field| field.from(document))
    }

    /// Shows what was typed.
    #[must_use]
    pub(crate) fn typed(self, sent: &Submitted) -> Form {
        self.each(|field| field.typed(sent))
    }

    /// Shows what the address asks for.
    #[must_use]
    pub(crate) fn asked(self, reader: &Reader) -> Form {
        self.each(|mut field| {
            field.values = reader
                .param(field.name)
                .map(str::to_owned)
                .into_iter()
                .collect();
            field
        })
    }

    /// Shows why it was not done, at the field where the reason names one.
    #[must_use]
    pub(crate) fn refused(mut self, refused: &Refused) -> Form {
        let detail = refused.said();
        let fields = self.groups.iter_mut().flat_map(|group| &mut group.fields);
        let named = fields
            .filter(|field| names(&refused.detail, field.name))
            .max_by_key(|field| field.name.len());
        match named {
            Some(field) => {
                let beginning = format!("{}: ", field.name);
                field.error = match refused.detail.strip_prefix(&beginning) {
                    Some(reason) => t::sentence(reason),
                    None => detail,
                };
                self.message = Some(Notice::refused(t::form::refused_at(field.label)));
            }
            None => self.message = Some(Notice::refused(detail)),
        }
        self
    }

    /// The same, with a message of the page's own at a field.
    #[must_use]
    pub(crate) fn refused_at(mut self, name: &str, reason: &str) -> Form {
        let mut fields = self.groups.iter_mut().flat_map(|group| &mut group.fields);
        if let Some(field) = fields.find(|field| field.name == name) {
            reason.clone_into(&mut field.error);
            self.message = Some(Notice::refused(t::form::refused_at(field.label)));
        }
        self
    }

    /// What the fields set their attributes to, null for nothing.
    pub(crate) fn attributes(&self, sent: &Submitted) -> Vec<(String, Value)> {
        let fields = self.groups.iter().flat_map(|group| &group.fields);
        fields
            .map(|field| (field.name.to_owned(), field.to_value(sent)))
            .collect()
    }

    /// Those that differ from the document, as a PATCH wants them.
    pub(crate) fn differing(&self, document: &Value, sent: &Submitted) -> Vec<(String, Value)> {
        let mut attributes = self.attributes(sent);
        attributes.retain(|(path, value)| {
            let was = document.at(path).unwrap_or(&Value::Null);
            let unsaid = was.is_null() && *value == Value::Bool(false);
            let same_day = matches!((was.as_str(), value.as_str()), (Some(was), Some(is))
                if is.ends_with("T23:59:59.000Z") && was.get(..10) == is.get(..10));
            was != value && !unsaid && !same_day
        });
        attributes
    }

    /// A document with what was typed.
    pub(crate) fn document(&self, schema: &str, sent: &Submitted) -> Value {
        let mut document = serde_json::json!({ "schemas": [schema] });
        for (path, value) in self.attributes(sent) {
            if value.is_null() {
                continue;
            }
            match path.split_once('.') {
                Some((parent, child)) => document[parent][child] = value,
                None => document[path] = value,
            }
        }
        document
    }

    fn each(mut self, change: impl Fn(Field) -> Field) -> Form {
        for group in &mut self.groups {
            let fields = std::mem::take(&mut group.fields);
            group.fields = fields.into_iter().map(&change).collect();
        }
        self
    }
}

/// Does a sentence of the API name this attribute?
fn names(detail: &str, attribute: &str) -> bool {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '.';
    detail
        .split(|sign| !is_part(sign))
        .take(6)
        .any(|word| word == attribute)
}

/// What a browser sent of a form.
pub(crate) struct Submitted(Vec<(String, String)>);

impl Submitted {
    #[cfg(test)]
    pub(crate) fn of(text: &str) -> Submitted {
        Submitted(url::pairs(text.as_bytes()))
    }

    /// The text of a field, or an empty one.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(sent, _)| sent == name)
            .map_or("", |(_, value)| value)
    }

    /// All texts of a field.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self.0.iter().filter(move |(sent, _)| sent == name);
        all.map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

impl<S: Send + Sync> FromRequest<S> for Submitted {
    type Rejection = StatusCode;

    async fn from_request(request: Request, _: &S) -> Result<Submitted, StatusCode> {
        match to_bytes(request.into_body(), BYTES_MAX).await {
            Ok(bytes) => Ok(Submitted(url::pairs(&bytes))),
            Err(_) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form() -> Form {
        Form::new("/locations".to_owned(), "Save")
            .field(Field::text("name", "Name").required())
            .field(Field::lines("aliases", "Aliases"))
            .field(Field::number("maxCapacity", "Capacity"))
            .field(Field::yes("active", "In use"))
            .field(Field::one(
                "approvals.policy",
                "Approvals",
                Choice::all(&[("", "Not said"), ("all", "All")]),
            ))
    }

    #[test]
    fn what_differs_is_sent() {
        let sent =
            Submitted::of("name=HQ&aliases=A%0D%0A%0D%0A+B+&maxCapacity=x&approvals.policy=all");
        let was = json!({ "name": "HQ", "maxCapacity": 3 });
        let differing = form().differing(&was, &sent);
        insta::assert_snapshot!(json!(differing), @r#"[["aliases",["A","B"]],["maxCapacity","x"],["approvals.policy","all"]]"#);
        let document = form().document("urn:x", &sent);
        insta::assert_snapshot!(document, @r#"{"schemas":["urn:x"],"name":"HQ","aliases":["A","B"],"maxCapacity":"x","active":false,"approvals":{"policy":"all"}}"#);
    }

    #[test]
    fn a_sentence_names_its_attribute() {
        assert!(names("maxCapacity: expected an integer", "maxCapacity"));
        assert!(names("another Location already uses name \"HQ\"", "name"));
        assert!(!names("maxCapacity: expected an integer", "name"));
    }

    #[test]
    fn what_was_typed_stays() {
        let sent = Submitted::of("name=%22%3E%3Cscript%3E&approvals.policy=all");
        let html = form()
            .typed(&sent)
            .refused_at("name", "is taken")
            .render()
            .unwrap();
        assert!(
            html.contains("value=\"&#34;&#62;&#60;script&#62;\""),
            "{html}"
        );
        assert!(
            html.contains("aria-invalid=\"true\" aria-describedby=\"field-name-error\""),
            "{html}"
        );
        assert!(html.contains("<option value=\"all\" selected>"), "{html}");
    }
}
