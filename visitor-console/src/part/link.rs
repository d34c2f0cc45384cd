//! Ways to other pages.

use askama::Template;

/// A way to another page.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: String,
}

impl Link {
    pub(crate) fn new(href: impl Into<String>, text: impl Into<String>) -> Link {
        Link {
            href: href.into(),
            text: text.into(),
        }
    }
}

/// Ways that are chosen among, one of which is where the reader is.
#[derive(Template)]
#[template(path = "part/links.html")]
pub(crate) struct Links {
    pub(crate) label: String,
    pub(crate) look: &'static str,
    links: Vec<Choosable>,
}

struct Choosable {
    link: Link,
    count: Option<u64>,
    is_current: bool,
}

impl Links {
    /// The pages of one thing.
    pub(crate) fn tabs(label: &str) -> Links {
        Links {
            label: label.to_owned(),
            look: "tabs",
            links: Vec::new(),
        }
    }

    /// Parts of a list.
    pub(crate) fn chips(label: &str) -> Links {
        Links {
            look: "chips",
            ..Links::tabs(label)
        }
    }

    #[must_use]
    pub(crate) fn link(self, link: Link, current: bool) -> Links {
        self.counted(link, None, current)
    }

    #[must_use]
    pub(crate) fn counted(mut self, link: Link, count: Option<u64>, is_current: bool) -> Links {
        self.links.push(Choosable {
            link,
            count,
            is_current,
        });
        self
    }
}
