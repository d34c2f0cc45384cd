//! States in a word: the word says it, the colour only helps.

use askama::Template;
use askama::filters::HtmlSafe;

/// How a state is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Quiet,
    Waiting,
    Bad,
    Plain,
}

impl Tone {
    fn name(self) -> &'static str {
        match self {
            Tone::Good => "good",
            Tone::Quiet => "quiet",
            Tone::Waiting => "waiting",
            Tone::Bad => "bad",
            Tone::Plain => "plain",
        }
    }

    /// A sign that differs where colours do not.
    fn sign(self) -> &'static str {
        match self {
            Tone::Good => "✓",
            Tone::Quiet => "–",
            Tone::Waiting => "◷",
            Tone::Bad => "!",
            Tone::Plain => "",
        }
    }
}

/// A state.
#[derive(Template, Clone)]
#[template(
    source = "<span class=\"chip {{ tone.name() }}\">{% if !tone.sign().is_empty() %}<span aria-hidden=\"true\">{{ tone.sign() }}</span> {% endif %}{{ text }}</span>",
    ext = "html"
)]
pub(crate) struct Chip {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

impl Chip {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Chip {
        Chip {
            text: text.into(),
            tone,
        }
    }
}

impl HtmlSafe for Chip {}
