//! Pieces of a page with a heading, and the small ones without.

use askama::Template;

use super::chip::Tone;
use super::{Html, Link};

/// A piece of a page.
#[derive(Template)]
#[template(path = "part/block.html")]
pub(crate) struct Block {
    id: String,
    title: String,
    intro: String,
    tools: Vec<Link>,
    parts: Vec<Html>,
}

impl Block {
    pub(crate) fn new(id: &str, title: &str) -> Block {
        Block {
            id: id.to_owned(),
            title: title.to_owned(),
            intro: String::new(),
            tools: Vec::new(),
            parts: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn intro(mut self, intro: impl Into<String>) -> Block {
        self.intro = intro.into();
        self
    }

    #[must_use]
    pub(crate) fn tool(mut self, link: Link) -> Block {
        self.tools.push(link);
        self
    }

    #[must_use]
    pub(crate) fn part(mut self, part: impl Into<Html>) -> Block {
        self.parts.push(part.into());
        self
    }
}

/// What stands where a list has nothing: what that means, and what to do next.
#[derive(Template)]
#[template(path = "part/empty.html")]
pub(crate) struct Empty {
    title: String,
    text: String,
    link: Option<Link>,
}

impl Empty {
    pub(crate) fn new(title: &str, text: &str) -> Empty {
        Empty {
            title: title.to_owned(),
            text: text.to_owned(),
            link: None,
        }
    }

    #[must_use]
    pub(crate) fn link(mut self, link: Link) -> Empty {
        self.link = Some(link);
        self
    }
}

/// A sentence that the reader is told first.
#[derive(Template, Clone)]
#[template(path = "part/notice.html")]
pub(crate) struct Notice {
    is_alert: bool,
    text: String,
}

impl Notice {
    /// Something was done.
    pub(crate) fn done(text: impl Into<String>) -> Notice {
        Notice {
            is_alert: false,
            text: text.into(),
        }
    }

    /// Something was not.
    pub(crate) fn refused(text: impl Into<String>) -> Notice {
        Notice {
            is_alert: true,
            text: text.into(),
        }
    }

    fn tone(&self) -> &'static str {
        match self.is_alert {
            true => "bad",
            false => "good",
        }
    }
}

/// A text on its own.
#[derive(Template)]
#[template(source = "<p class=\"{{ look }}\">{{ text }}</p>", ext = "html")]
pub(crate) struct Paragraph {
    look: &'static str,
    text: String,
}

impl Paragraph {
    pub(crate) fn new(text: impl Into<String>) -> Paragraph {
        Paragraph {
            look: "said",
            text: text.into(),
        }
    }

    /// What counts most on a page.
    pub(crate) fn strong(text: impl Into<String>) -> Paragraph {
        Paragraph {
            look: "strong",
            text: text.into(),
        }
    }
}

/// A text in which spaces count.
#[derive(Template)]
#[template(
    source = "<pre tabindex=\"0\" aria-label=\"{{ label }}\">{{ text }}</pre>",
    ext = "html"
)]
pub(crate) struct Pre {
    label: String,
    text: String,
}

impl Pre {
    pub(crate) fn new(label: &str, text: String) -> Pre {
        Pre {
            label: label.to_owned(),
            text,
        }
    }
}

/// What is done one after the other.
#[derive(Template)]
#[template(
    source = "<ol class=\"steps\">{% for step in steps %}<li>{{ step }}</li>{% endfor %}</ol>",
    ext = "html"
)]
pub(crate) struct Steps {
    pub(crate) steps: Vec<String>,
}

/// A text that somebody needs elsewhere, with a button that takes it along.
#[derive(Template)]
#[template(path = "part/copyable.html")]
pub(crate) struct Copyable {
    pub(crate) id: &'static str,
    pub(crate) label: String,
    pub(crate) text: String,
    pub(crate) hint: String,
}

/// Numbers that are seen at a glance, each a way to what it counts.
#[derive(Template, Default)]
#[template(path = "part/numbers.html")]
pub(crate) struct Numbers {
    numbers: Vec<Counted>,
}

struct Counted {
    count: u64,
    text: String,
    href: String,
    tone: &'static str,
}

impl Numbers {
    #[must_use]
    pub(crate) fn number(mut self, count: u64, link: Link, tone: Tone) -> Numbers {
        let tone = match tone {
            Tone::Waiting | Tone::Bad if count > 0 => "waiting",
            _ => "plain",
        };
        self.numbers.push(Counted {
            count,
            text: link.text,
            href: link.href,
            tone,
        });
        self
    }
}
