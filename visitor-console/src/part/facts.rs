//! What is known of one thing, name by name.

use askama::Template;

use super::Cell;

/// Names and values.
#[derive(Template, Default)]
#[template(
    source = "<dl class=\"facts\">{% for fact in facts %}<div><dt>{{ fact.0 }}</dt><dd>{{ fact.1 }}</dd></div>{% endfor %}</dl>",
    ext = "html"
)]
pub(crate) struct Facts {
    facts: Vec<(String, Cell)>,
}

impl Facts {
    pub(crate) fn new() -> Facts {
        Facts::default()
    }

    #[must_use]
    pub(crate) fn fact(mut self, name: &str, value: impl Into<Cell>) -> Facts {
        self.facts.push((name.to_owned(), value.into()));
        self
    }

    /// The same, where there is a value.
    #[must_use]
    pub(crate) fn if_any(self, name: &str, value: Cell) -> Facts {
        match value {
            Cell::Nothing => self,
            value => self.fact(name, value),
        }
    }
}
