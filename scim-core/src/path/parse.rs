//! Text to attribute paths.

use super::AttributePath;
use crate::{error::Error, filter::parse_path};

/// How many bytes a path may have.
pub const PATH_BYTES_MAX: usize = 1024;

pub(super) fn parse(text: &str) -> Result<AttributePath, Error> {
    if text.len() > PATH_BYTES_MAX {
        return Err(Error::invalid_path(
            text,
            format!("it is too long: at most {PATH_BYTES_MAX} bytes are accepted"),
        ));
    }
    parse_path(text).map_err(|error| Error::invalid_path(text, error.to_string()))
}

/// Whether the text is an attribute name (RFC 7643 §2.1), or one that begins
/// with a dollar sign as `$ref` does.
pub fn is_name(text: &str) -> bool {
    let name = text.strip_prefix('$').unwrap_or(text);
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// `urn:…:attribute.sub` in its parts, or none if it is no path.
pub(crate) fn split_word(word: &str) -> Option<AttributePath> {
    let (schema, names) = match word.rsplit_once(':') {
        None => (None, word),
        Some((urn, names)) if is_urn(urn) => (Some(urn), names),
        Some(_) => return None,
    };
    let (attribute, sub) = match names.split_once('.') {
        None => (names, None),
        Some((attribute, sub)) => (attribute, Some(sub)),
    };
    let known = is_name(attribute) && sub.is_none_or(is_name);
    known.then(|| AttributePath {
        schema: schema.map(str::to_owned),
        attribute: attribute.to_owned(),
        filter: None,
        sub: sub.map(str::to_owned),
    })
}

fn is_urn(text: &str) -> bool {
    let prefix = text.get(..4);
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("urn:"))
}

#[cfg(test)]
mod tests {
    use super::PATH_BYTES_MAX;
    use crate::path::AttributePath;

    fn shown(text: &str) -> String {
        match AttributePath::parse(text) {
            Ok(path) => {
                assert_eq!(AttributePath::parse(&path.to_string()), Ok(path.clone()));
                format!(
                    "{:?} {} {:?} {:?}",
                    path.schema,
                    path.attribute,
                    path.filter.map(|filter| filter.to_string()),
                    path.sub
                )
            }
            Err(error) => error.to_string(),
        }
    }

    macro_rules! check {
        ($path:expr, @$shown:literal) => {
            insta::assert_snapshot!(shown($path), @$shown)
        };
    }

    #[test]
    fn paths() {
        check!("userName", @"None userName None None");
        check!("name.givenName", @r#"None name None Some("givenName")"#);
        check!("manager.$ref", @r#"None manager None Some("$ref")"#);
        check!(r#"emails[type eq "work"].value"#, @r#"None emails Some("type eq \"work\"") Some("value")"#);
        check!(r#"members[value eq "a]b"]"#, @r#"None members Some("value eq \"a]b\"") None"#);
        check!("urn:x:2.0:User:manager.value", @r#"Some("urn:x:2.0:User") manager None Some("value")"#);
        check!("urn:x:2.0:User", @r#"Some("urn:x:2.0") User None None"#);
        check!(r#"urn:x:2.0:User:roles[primary eq "True"].value"#, @r#"Some("urn:x:2.0:User") roles Some("primary eq \"True\"") Some("value")"#);
    }

    #[test]
    fn mistakes() {
        check!("", @r#"the path "" cannot be used: expected an attribute at 0"#);
        check!("a b", @r#"the path "a b" cannot be used: expected the end of the path at 2"#);
        check!("a.", @r#"the path "a." cannot be used: this is no attribute name or path at 0"#);
        check!(".a", @r#"the path ".a" cannot be used: expected an attribute at 0"#);
        check!("a.b.c", @r#"the path "a.b.c" cannot be used: this is no attribute name or path at 0"#);
        check!("emails[type eq", @r#"the path "emails[type eq" cannot be used: expected a value at 14"#);
        check!("emails[type eq \"work\"", @r#"the path "emails[type eq \"work\"" cannot be used: expected and, or, or ] at 21"#);
        check!("/a", @r#"the path "/a" cannot be used: unexpected character at 0"#);
        let long = shown(&"a".repeat(PATH_BYTES_MAX + 1));
        assert!(long.ends_with("cannot be used: it is too long: at most 1024 bytes are accepted"));
    }
}
