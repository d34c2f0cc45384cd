//! What a secret looks like, and the only form in which it is kept.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use crate::clock::random;

/// Lets scanners of repositories and logs recognise a secret that leaked.
const PREFIX: &str = "scim_";

/// The secret of a token: shown once, to whoever made it.
///
/// `Display` gives the whole text; `Debug`, which ends up in logs, does not.
///
/// ```
/// use scim_server::auth::Secret;
///
/// let secret = Secret::new();
/// assert!(secret.to_string().starts_with("scim_"));
/// assert_eq!(format!("{secret:?}"), "Secret(…)");
/// ```
pub struct Secret(String);

impl Secret {
    /// 32 bytes from the operating system.
    #[expect(
        clippy::new_without_default,
        reason = "no secret is made without being asked for"
    )]
    pub fn new() -> Secret {
        let bytes: [u8; 32] = random();
        Secret(format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes)))
    }

    /// What is stored: SHA-256 of the whole text. A random secret needs no slower hash.
    pub fn hash(&self) -> [u8; 32] {
        hash(&self.0)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The hash under which a presented secret would be found.
pub(super) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_recognisable_and_not_in_debug_output() {
        let secret = Secret::new();
        let text = secret.to_string();
        assert!(text.starts_with("scim_") && text.len() == 5 + 43, "{text}");
        assert_ne!(text, Secret::new().to_string());
        assert!(!format!("{secret:?}").contains(&text[5..]));
        assert_eq!(secret.hash(), hash(&text));
    }
}
