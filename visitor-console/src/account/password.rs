//! Which passwords are good, and what is kept of one.
//!
//! The rules are those of NIST SP 800-63B: long ones, of any signs. What is kept is what argon2id makes of
//! it, with the parameters that OWASP names: 19 MiB, two passes, one lane.

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use data_encoding::BASE32_NOPAD;
use scim_core::text::fold;
use scim_server::clock::random;
use scim_server::{Error, StoreError};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Characters that a password has at least.
pub const CHARS_MIN: usize = 12;
/// Characters that a password has at most.
pub const CHARS_MAX: usize = 128;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes that are made at once: each takes the memory, and some 20 ms of a processor.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// What nobody has, and is compared with where there is nothing else: looking for a name that there is not takes
/// as long as for one that there is.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| phc(&random::<32>()).ok());

/// A password as somebody typed it. `Debug` does not show it.
///
/// ```
/// use visitor_console::account::Password;
///
/// let kim = "kim@example.org";
/// assert!(Password::new("correct horse battery", kim).is_ok());
/// assert!(Password::new("too short", kim).is_err());
/// assert!(Password::new("Kim@Example.org", kim).is_err());
/// assert!(Password::generated().to_text().len() > 20);
/// ```
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// A password that somebody of this name chooses; or why it is none.
    pub fn new(text: &str, user_name: &str) -> Result<Password, &'static str> {
        let password = Password::sized(text)?;
        if password.is_name(user_name) {
            return Err("choose a password that is not the user name");
        }
        Ok(password)
    }

    /// A password that is long enough.
    pub(super) fn sized(text: &str) -> Result<Password, &'static str> {
        let normal = normal(text);
        match normal.chars().count() {
            CHARS_MIN..=CHARS_MAX => Ok(Password(normal)),
            _ => Err("a password has 12 to 128 characters, of any kind"),
        }
    }

    /// Is it this user name, in any case?
    pub(super) fn is_name(&self, user_name: &str) -> bool {
        fold(&self.0) == fold(user_name)
    }

    /// A new one, of 100 random bits.
    pub fn generated() -> Password {
        let bits = BASE32_NOPAD.encode(&random::<13>()).to_lowercase();
        let groups: Vec<&str> = (0..4)
            .filter_map(|group| bits.get(group * 5..group * 5 + 5))
            .collect();
        Password(groups.join("-"))
    }

    /// The password itself, to be shown once.
    pub fn to_text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What is kept of a password: the text of argon2, with its parameters and its salt. `Debug` does not show it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use visitor_console::account::{Password, hash};
///
/// let hashed = hash(Password::generated()).await?;
/// assert_eq!(format!("{hashed:?}"), "Hashed(…)");
/// # Ok::<(), scim_server::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Hashed(pub(super) String);

impl std::fmt::Debug for Hashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hashed(…)")
    }
}

/// What is kept of a password. It takes some 20 ms, on a thread that nobody else waits for.
pub async fn hash(password: Password) -> Result<Hashed, Error> {
    let hashed = apart(move || phc(password.0.as_bytes())).await?;
    hashed
        .map(Hashed)
        .map_err(|error| StoreError::Failed(error.into()).into())
}

/// Is this the password of which that was kept? Where nothing was, it takes as long, and is not.
pub(super) async fn verify(typed: &str, kept: Option<Hashed>) -> Result<bool, Error> {
    let typed = normal(typed);
    apart(move || {
        let (kept, is_kept) = match kept {
            Some(Hashed(kept)) => (Some(kept), true),
            None => (NOBODYS.clone(), false),
        };
        let verified = kept.is_some_and(|kept| {
            let parts = Argon2::default().verify_password(typed.as_bytes(), kept.as_str());
            parts.is_ok()
        });
        verified && is_kept
    })
    .await
}

fn phc(password: &[u8]) -> argon2::password_hash::Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed = argon2.hash_password_with_salt(password, &random::<16>())?;
    Ok(hashed.to_string())
}

/// Whoever types é on one keyboard and e with an accent on another means the same (NIST SP 800-63B §5.1.1.2).
fn normal(text: &str) -> String {
    text.nfkc().collect()
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _turn = AT_ONCE.acquire().await;
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Failed(error.into()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Option<&'static str> {
        Password::new(text, "Kim.Berg@Example.org").err()
    }

    #[test]
    fn long_ones_of_any_signs_are_good() {
        let short = Some("a password has 12 to 128 characters, of any kind");
        let name = Some("choose a password that is not the user name");
        for (text, expected) in [
            ("", short),
            ("elevensigns", short),
            ("twelve signs", None),
            ("            ", None),
            ("ääääääääääää", None),
            // Twelve characters, but six after they were composed.
            ("a\u{308}a\u{308}a\u{308}a\u{308}a\u{308}a\u{308}", short),
            (&"x".repeat(128), None),
            (&"x".repeat(129), short),
            ("kim.berg@example.ORG", name),
            ("kim.berg@example.org!", None),
        ] {
            assert_eq!(refusal(text), expected, "{text:?}");
        }
    }

    #[tokio::test]
    async fn what_is_kept_says_how_it_was_made() {
        let password = Password::new("correct horse", "kim").unwrap();
        let kept = hash(password.clone()).await.unwrap();
        assert!(
            kept.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            kept.0
        );
        assert_ne!(kept.0, hash(password).await.unwrap().0);
        for (typed, expected) in [
            ("correct horse", true),
            // The same in other signs of Unicode.
            ("correct\u{a0}horse", true),
            ("correct horse ", false),
            ("Correct horse", false),
            ("", false),
        ] {
            let verified = verify(typed, Some(kept.clone())).await.unwrap();
            assert_eq!(verified, expected, "{typed:?}");
        }
        assert!(!verify("correct horse", None).await.unwrap());
        let broken = Some(Hashed("$argon2id$".to_owned()));
        assert!(!verify("correct horse", broken).await.unwrap());
    }

    #[test]
    fn those_that_we_make_are_good() {
        let made = Password::generated();
        assert_eq!(made.to_text().len(), 23, "{}", made.to_text());
        assert!(Password::new(made.to_text(), "kim").is_ok());
        assert_ne!(made.to_text(), Password::generated().to_text());
    }
}
