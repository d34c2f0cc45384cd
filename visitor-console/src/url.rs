//! Addresses: every part of one is encoded, whatever is in it.

use form_urlencoded::Serializer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stays as it is in a part of a path (RFC 3986 §2.3).
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A path with these parts.
pub(crate) fn path(parts: &[&str]) -> String {
    let mut path = String::new();
    for part in parts {
        path.push('/');
        // A part that leads elsewhere names nothing here.
        match *part {
            "." => path.push_str("%2E"),
            ".." => path.push_str("%2E%2E"),
            part => path.extend(utf8_percent_encode(part, PART)),
        }
    }
    path
}

/// A path with these parameters; those that are empty are left out but for `cursor`.
pub(crate) fn with_query<V: AsRef<str>>(path: &str, pairs: &[(&str, V)]) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in pairs {
        let value = value.as_ref();
        if !value.is_empty() || *name == "cursor" {
            query.append_pair(name, value);
        }
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The pairs of a query or of a form.
pub(crate) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_lead_elsewhere() {
        let hostile = path(&["hosts", "..", "a/b?c#d\"'<>&é"]);
        insta::assert_snapshot!(hostile, @"/hosts/%2E%2E/a%2Fb%3Fc%23d%22%27%3C%3E%26%C3%A9");
        let query = with_query("/hosts", &[("q", "a&b=c d"), ("status", "")]);
        insta::assert_snapshot!(query, @"/hosts?q=a%26b%3Dc+d");
    }
}
