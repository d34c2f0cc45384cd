//! Times as the reader's clock has them.

use askama::Template;
use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment, in a zone that it names.
#[derive(Template, Clone)]
#[template(
    source = "<time datetime=\"{{ utc }}\">{{ text }}</time>",
    ext = "html"
)]
pub(crate) struct Time {
    utc: String,
    pub(crate) text: String,
}

impl Time {
    /// A time as documents have it; one that cannot be read stands as it is.
    pub(crate) fn new(text: &str, zone: &TimeZone) -> Time {
        match text.parse::<Timestamp>() {
            Ok(at) => Time {
                utc: at.to_string(),
                text: shown(at, zone),
            },
            Err(_) => Time {
                utc: String::new(),
                text: text.to_owned(),
            },
        }
    }
}

impl HtmlSafe for Time {}

/// As people read it.
pub(crate) fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%-d %b %Y, %H:%M %Z")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_names_its_zone() {
        let zurich = TimeZone::get("Europe/Zurich").unwrap();
        let at = "2026-11-26T08:00:00.000Z";
        insta::assert_snapshot!(Time::new(at, &TimeZone::UTC), @r#"<time datetime="2026-11-26T08:00:00Z">26 Nov 2026, 08:00 UTC</time>"#);
        insta::assert_snapshot!(Time::new(at, &zurich).text, @"26 Nov 2026, 09:00 CET");
        insta::assert_snapshot!(Time::new("<soon>", &zurich), @r#"<time datetime="">&#60;soon&#62;</time>"#);
    }
}
