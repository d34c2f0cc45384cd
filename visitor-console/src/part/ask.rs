//! What will happen, before it does: the dry run, and a button that means it. It is a page of its own, so that it
//! needs no script.

use askama::Template;

use super::{Form, Html};

/// A question.
#[derive(Template)]
#[template(path = "part/ask.html")]
pub(crate) struct Ask {
    question: String,
    /// What follows, sentence by sentence.
    follows: Vec<String>,
    parts: Vec<Html>,
    form: Form,
}

impl Ask {
    pub(crate) fn new(question: impl Into<String>, form: Form) -> Ask {
        Ask {
            question: question.into(),
            follows: Vec::new(),
            parts: Vec::new(),
            form,
        }
    }

    #[must_use]
    pub(crate) fn follows(mut self, sentence: impl Into<String>) -> Ask {
        self.follows.push(sentence.into());
        self
    }

    #[must_use]
    pub(crate) fn part(mut self, part: impl Into<Html>) -> Ask {
        self.parts.push(part.into());
        self
    }
}
