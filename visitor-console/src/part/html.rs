//! Text that may stand in a page as it is, because a template made it.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

/// What a template wrote. There is no other way to get one, so whatever users typed in it is escaped.
#[derive(Clone, Default)]
pub(crate) struct Html(String);

impl Html {
    /// A part of a page.
    pub(crate) fn of(part: &impl Template) -> Html {
        match part.render() {
            Ok(text) => Html(text),
            Err(error) => {
                tracing::error!(%error, "a part of a page could not be written");
                Html::default()
            }
        }
    }
}

impl<P: Template> From<P> for Html {
    fn from(part: P) -> Html {
        Html::of(&part)
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}
