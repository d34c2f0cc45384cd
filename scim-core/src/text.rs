//! How text is compared, and which text is refused.

use std::fmt::Display;

use jiff::{Timestamp, civil, tz::TimeZone};
use unicode_normalization::UnicodeNormalization;

use crate::{error::Error, path::KeyPath};

/// How many bytes the key of an indexed value may have. An index row of
/// PostgreSQL ends near 2,700 bytes, and a key is compared more often than
/// it is written.
pub const KEY_BYTES_MAX: usize = 512;

/// The form in which two texts that differ only in case or in composition
/// are the same: Unicode's canonical caseless matching (default case
/// folding), composed.
///
/// ```
/// use scim_core::text::fold;
/// assert_eq!(fold("Straße"), fold("STRASSE"));
/// assert_eq!(fold("Zoe\u{308}"), fold("ZOË"));
/// ```
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Decomposed first, so that a mark is folded in the same place whether
    // it was written as part of its letter or after it.
    let decomposed: String = text.nfd().collect();
    caseless::default_case_fold_str(&decomposed).nfc().collect()
}

/// The form of `text` that stands in the index for `path`: folded, unless
/// the attribute is `caseExact`.
pub fn key_text(path: &KeyPath, text: &str) -> Result<String, Error> {
    let key = if path.case_exact() {
        text.to_owned()
    } else {
        fold(text)
    };
    if key.len() > KEY_BYTES_MAX {
        return Err(Error::invalid_value(
            path.key(),
            format!("the value is too long: at most {KEY_BYTES_MAX} bytes are indexed"),
        ));
    }
    Ok(key)
}

/// Refuses U+0000, which PostgreSQL cannot store.
pub fn refuse_nul(attribute: impl Display, text: &str) -> Result<(), Error> {
    if text.contains('\0') {
        return Err(Error::invalid_value(
            &attribute.to_string(),
            "the character U+0000 is not accepted",
        ));
    }
    Ok(())
}

/// Refuses characters that make two different names look the same: control
/// characters, joiners, zero-width characters and writing-direction marks.
/// Meant for `userName`.
pub fn refuse_invisible(attribute: impl Display, text: &str) -> Result<(), Error> {
    match text.chars().find(|char| is_invisible(*char)) {
        None => Ok(()),
        Some(found) => Err(Error::invalid_value(
            &attribute.to_string(),
            format!(
                "the invisible character U+{:04X} is not accepted",
                u32::from(found)
            ),
        )),
    }
}

/// Reads a dateTime (RFC 7643 §2.3.5). A time without an offset is UTC. The last day of the year
/// 9999, with which directories say "never", is read as the latest time there is.
pub fn date_time(text: &str) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse() {
        return Some(timestamp);
    }
    // A bare date is no dateTime.
    let (_, time) = text.split_once(['T', 't'])?;
    let utc = text.strip_suffix(['Z', 'z']);
    if utc.is_none() && time.contains(['+', '-']) {
        return None;
    }
    let local: civil::DateTime = utc.unwrap_or(text).parse().ok()?;
    match local.to_zoned(TimeZone::UTC) {
        Ok(zoned) => Some(zoned.timestamp()),
        Err(_) => (local.year() == 9999).then_some(Timestamp::MAX),
    }
}

fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{KEY_BYTES_MAX, date_time, fold, key_text, refuse_invisible, refuse_nul};
    use crate::schema::{self, ResourceType};

    #[test]
    fn folding() {
        for (text, folded) in [
            ("Kim", "kim"),
            ("ÄÖÜ", "äöü"),
            ("A\u{308}", "ä"),
            ("Straße", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("İ", "i\u{307}"),
            ("ﬁ", "fi"),
            ("ᾳ\u{323}", "α\u{323}ι"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn keys_are_limited_after_folding() {
        let user = ResourceType::new("User", "/Users", schema::user())
            .unique(["userName", "externalId"])
            .build()
            .unwrap();
        let [user_name, external_id] = user.unique() else {
            panic!("two paths were named");
        };
        assert_eq!(key_text(user_name, "KIM").unwrap(), "kim");
        assert_eq!(key_text(external_id, "KIM").unwrap(), "KIM");
        assert!(key_text(external_id, &"x".repeat(KEY_BYTES_MAX)).is_ok());
        // Each of these letters becomes three bytes longer by folding.
        let growing = "ΐ".repeat(KEY_BYTES_MAX / 2 + 1);
        assert_eq!(
            key_text(user_name, &growing).unwrap_err().to_string(),
            "userName: the value is too long: at most 512 bytes are indexed"
        );
    }

    #[test]
    fn some_characters_are_refused() {
        assert!(refuse_nul("title", "a b\n").is_ok());
        assert_eq!(
            refuse_nul("title", "a\0").unwrap_err().to_string(),
            "title: the character U+0000 is not accepted"
        );
        for accepted in ["kim@example.com", "Zoë Straße", "山田", "🙂"] {
            assert!(refuse_invisible("userName", accepted).is_ok(), "{accepted}");
        }
        for refused in [
            "\n", "\u{7f}", "\u{85}", "\u{200b}", "\u{200c}", "\u{200d}", "\u{202e}", "\u{2066}",
            "\u{feff}", "\u{ad}",
        ] {
            let name = format!("kim{refused}");
            assert!(refuse_invisible("userName", &name).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn date_times() {
        let never = Some(jiff::Timestamp::MAX);
        assert_eq!(date_time("9999-12-31T23:59:59Z"), never);
        assert_eq!(date_time("9999-12-31T23:59:59.9999999"), never);
        let same = date_time("2026-01-31T08:00:00Z");
        assert!(same.is_some());
        for text in [
            "2026-01-31T08:00:00",
            "2026-01-31T08:00:00.000Z",
            "2026-01-31T09:00:00+01:00",
            "2026-01-31t08:00:00z",
        ] {
            assert_eq!(date_time(text), same, "{text}");
        }
        for text in ["", "2026-01-31", "08:00:00", "2026-02-30T08:00:00Z", "soon"] {
            assert_eq!(date_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn marks_fold_wherever_they_stand(text in "[α-ωΑ-Ωἀ-῾\u{300}-\u{345}]{0,8}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
