//! Text with placeholders: filled in before a request is sent, fitted to what an answer holds.
//!
//! `{{name}}` stands for a value that is known, `{{kind}}` for any value of that kind, and
//! `{{kind:name}}` for one that is kept under the name the first time and must be the same
//! afterwards. `{{new-kind:name}}` must differ from the one kept so far and takes its place.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::captures::Captures;
use super::kind::Kind;

/// Text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Reads `text`; a placeholder that is none of the known ones is an error.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, after) = after
                .split_once("}}")
                .ok_or_else(|| format!("{text:?} has a {{{{ without a }}}} behind it"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            } else if matches!(pieces.last(), Some(Piece::Hole(_))) {
                return Err(format!("{text:?} has two placeholders side by side"));
            }
            pieces.push(placeholder(inside)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The text with every known value put in; a name that no answer told is an error.
    pub fn fill(&self, captures: &Captures) -> Result<String, String> {
        self.0.iter().map(|piece| piece.filled(captures)).collect()
    }

    /// Whether `actual` is such a text; keeps what its placeholders name. The error is the rest of
    /// a sentence that begins with the place.
    pub fn fit(&self, actual: &str, captures: &mut Captures) -> Result<(), String> {
        let mut rest = actual;
        for (piece, next) in self
            .0
            .iter()
            .zip(self.0.iter().skip(1).map(Some).chain([None]))
        {
            let known = match piece {
                Piece::Hole(hole) => hole.known(captures).map(str::to_owned),
                Piece::Text(_) | Piece::Known(_) => Some(piece.filled(captures)?),
            };
            let taken = match (&known, piece) {
                (Some(known), _) => rest.starts_with(known).then_some(known.len()),
                (None, _) => end_of_hole(rest, next, captures),
            };
            let (part, after) = taken
                .and_then(|length| rest.split_at_checked(length))
                .ok_or_else(|| self.mismatch(actual, captures))?;
            if let (None, Piece::Hole(hole)) = (known, piece) {
                hole.accept(part, captures)?;
            }
            rest = after;
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(self.mismatch(actual, captures))
        }
    }

    fn mismatch(&self, actual: &str, captures: &Captures) -> String {
        let expected: String = self.0.iter().map(|piece| piece.shown(captures)).collect();
        format!("expected {expected}, found {actual}")
    }
}

/// As it stands in the fixture.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| write!(f, "{piece}"))
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// Fills every string of a body. Keys are left as they are.
pub(super) fn fill_all(body: &Value, captures: &Captures) -> Result<Value, String> {
    Ok(match body {
        Value::String(text) => Value::String(Template::parse(text)?.fill(captures)?),
        Value::Array(elements) => elements
            .iter()
            .map(|element| fill_all(element, captures))
            .collect::<Result<_, _>>()?,
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| Ok((key.clone(), fill_all(value, captures)?)))
            .collect::<Result<_, String>>()?,
        other => other.clone(),
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Known(String),
    Hole(Hole),
}

impl Piece {
    fn filled(&self, captures: &Captures) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Known(name) => captures
                .held(name)
                .map(str::to_owned)
                .ok_or_else(|| format!("no answer told {{{{{name}}}}} so far")),
            Self::Hole(_) => Err(format!("{self} stands only in expected answers")),
        }
    }

    fn shown(&self, captures: &Captures) -> String {
        let known = match self {
            Self::Hole(hole) => hole.known(captures).map(str::to_owned),
            Self::Text(_) | Self::Known(_) => self.filled(captures).ok(),
        };
        known.unwrap_or_else(|| self.to_string())
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Known(name) => write!(f, "{{{{{name}}}}}"),
            Self::Hole(Hole {
                kind, name: None, ..
            }) => write!(f, "{{{{{}}}}}", kind.word()),
            Self::Hole(Hole {
                kind,
                name: Some(name),
                renewed,
            }) => {
                let new = if *renewed { "new-" } else { "" };
                write!(f, "{{{{{new}{}:{name}}}}}", kind.word())
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Hole {
    kind: Kind,
    name: Option<String>,
    renewed: bool,
}

impl Hole {
    /// The one value that fits, if there is only one.
    fn known<'c>(&self, captures: &'c Captures) -> Option<&'c str> {
        if self.renewed {
            None
        } else {
            captures.held(self.name.as_deref()?)
        }
    }

    fn accept(&self, part: &str, captures: &mut Captures) -> Result<(), String> {
        if !self.kind.has(part) {
            return Err(format!(
                "expected {}, found {part:?}",
                self.kind.described()
            ));
        }
        if let Some(name) = &self.name {
            if self.renewed && captures.held(name) == Some(part) {
                return Err(format!("expected another {name} than before, found {part}"));
            }
            captures.hold(name, part);
        }
        Ok(())
    }
}

fn placeholder(inside: &str) -> Result<Piece, String> {
    let (word, name) = match inside.split_once(':') {
        Some((word, name)) => (word, Some(name.to_owned())),
        None => (inside, None),
    };
    let (renewed, word) = match word.strip_prefix("new-") {
        Some(word) => (true, word),
        None => (false, word),
    };
    match Kind::ALL.into_iter().find(|kind| kind.word() == word) {
        Some(kind) => Ok(Piece::Hole(Hole {
            kind,
            name,
            renewed,
        })),
        None if name.is_none() && !renewed => Ok(Piece::Known(inside.to_owned())),
        None => Err(format!(
            "{{{{{inside}}}}} is no placeholder: its kind is unknown"
        )),
    }
}

/// How much of `rest` a hole takes: up to where the next piece begins.
fn end_of_hole(rest: &str, next: Option<&Piece>, captures: &Captures) -> Option<usize> {
    let Some(next) = next else {
        return Some(rest.len());
    };
    let next = next.filled(captures).ok()?;
    if rest.ends_with(&next) {
        Some(rest.len() - next.len())
    } else {
        rest.find(&next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(template: &str, actual: &str) -> String {
        let mut captures = Captures::new("http://a/scim");
        captures.hold("user", "7");
        match Template::parse(template).and_then(|t| t.fit(actual, &mut captures)) {
            Ok(()) => "fits".to_owned(),
            Err(reason) => reason,
        }
    }

    macro_rules! check {
        ($template:literal, $actual:literal, @$shown:literal) => {
            insta::assert_snapshot!(fit($template, $actual), @$shown)
        };
    }

    #[test]
    fn plain_text() {
        check!("a", "a", @"fits");
    }

    #[test]
    fn other_text() {
        check!("a", "b", @"expected a, found b");
    }

    #[test]
    fn text_that_goes_on() {
        check!("a", "ab", @"expected a, found ab");
    }

    #[test]
    fn the_base_and_a_known_id() {
        check!("{{base}}/Users/{{id:user}}", "http://a/scim/Users/7", @"fits");
    }

    #[test]
    fn another_id_than_the_known_one() {
        check!("{{base}}/Users/{{id:user}}", "http://a/scim/Users/8", @"expected http://a/scim/Users/7, found http://a/scim/Users/8");
    }

    #[test]
    fn an_id_that_is_new() {
        check!("{{new-id:user}}", "8", @"fits");
    }

    #[test]
    fn an_id_that_is_not_new() {
        check!("{{new-id:user}}", "7", @"expected another user than before, found 7");
    }

    #[test]
    fn any_text_between() {
        check!("{{any}}Entra{{any}} [readonly.owned]", "ask Entra [x] to do it [readonly.owned]", @"fits");
    }

    #[test]
    fn any_text_without_its_end() {
        check!("{{any}} [readonly.owned]", "ask Entra", @"expected {{any}} [readonly.owned], found ask Entra");
    }

    #[test]
    fn an_unknown_name() {
        check!("{{group}}", "7", @"no answer told {{group}} so far");
    }

    #[test]
    fn an_open_placeholder() {
        check!("{{id", "7", @r#""{{id" has a {{ without a }} behind it"#);
    }

    #[test]
    fn two_placeholders_side_by_side() {
        check!("{{any}}{{id}}", "7", @r#""{{any}}{{id}}" has two placeholders side by side"#);
    }
}
