//! What text a placeholder stands for.

/// What a placeholder asks of the text in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Any,
    Id,
    Time,
    Version,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Any, Self::Id, Self::Time, Self::Version];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Id => "id",
            Self::Time => "time",
            Self::Version => "version",
        }
    }

    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Any => "any text",
            Self::Id => "an id",
            Self::Time => "an RFC 3339 date and time",
            Self::Version => "an entity tag",
        }
    }

    pub(super) fn has(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Id => !text.is_empty() && !text.contains(['/', ' ', '"']),
            Self::Time => is_date_time(text),
            Self::Version => {
                let quoted = text.strip_prefix("W/").unwrap_or(text);
                quoted.len() > 2 && quoted.starts_with('"') && quoted.ends_with('"')
            }
        }
    }
}

/// `2026-11-22T04:51:09.123Z`, with any number of fraction digits or none, and any offset.
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let time = match time.strip_suffix('Z') {
        Some(time) => time,
        None => match time.rsplit_once(['+', '-']) {
            Some((time, offset)) if is_digits(offset, "##:##") => time,
            _ => return false,
        },
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    is_digits(date, "####-##-##")
        && is_digits(time, "##:##:##")
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_digits(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, shape)| match shape {
                b'#' => byte.is_ascii_digit(),
                separator => byte == separator,
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! check {
        ($text:literal is $kind:ident: $fits:literal) => {
            assert_eq!(Kind::$kind.has($text), $fits, "{:?}", $text)
        };
    }

    #[test]
    fn times() {
        check!("2026-11-22T04:51:09Z" is Time: true);
        check!("2026-11-22T04:51:09.123456Z" is Time: true);
        check!("2026-11-22T04:51:09+01:00" is Time: true);
        check!("2026-11-22T04:51:09" is Time: false);
        check!("2026-11-22T04:51:09.Z" is Time: false);
        check!("2026-11-22 04:51:09Z" is Time: false);
        check!("2026-11-22" is Time: false);
    }

    #[test]
    fn versions() {
        check!("W/\"3\"" is Version: true);
        check!("\"3\"" is Version: true);
        check!("W/\"\"" is Version: false);
        check!("3" is Version: false);
    }

    #[test]
    fn ids() {
        check!("2819c223-7f76-453a-919d-413861904646" is Id: true);
        check!("" is Id: false);
        check!("Users/1" is Id: false);
    }
}
