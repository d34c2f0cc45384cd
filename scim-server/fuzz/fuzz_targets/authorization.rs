//! Values of the `Authorization` header: none harms the parser, and what it takes is what the
//! rest of the server relies on.
#![no_main]

use data_encoding::BASE64;
use libfuzzer_sys::fuzz_target;
use scim_server::auth::Credential;

fuzz_target!(|value: &str| {
    let Some(credential) = Credential::parse(value) else {
        return;
    };
    // What the log may show has the same length whatever is secret.
    assert!(format!("{credential:?}").chars().count() <= "Secret(…)".chars().count());
    match credential {
        Credential::Secret(secret) => {
            assert!((1..=512).contains(&secret.len()));
            assert!(secret.bytes().all(|byte| byte.is_ascii_graphic()));
            let again = format!("bEaReR {secret}");
            assert_eq!(Credential::parse(&again), Some(Credential::Secret(secret)));
        }
        Credential::Jwt(jwt) => {
            assert!(jwt.len() <= 8 * 1024 && jwt.split('.').count() == 3);
            let again = format!("Bearer  {jwt} ");
            assert_eq!(Credential::parse(&again), Some(Credential::Jwt(jwt)));
        }
        Credential::Basic { user, secret } => {
            assert!(!user.is_empty() && !user.contains(':') && !secret.is_empty());
            assert!(!user.chars().chain(secret.chars()).any(char::is_control));
            let pair = BASE64.encode(format!("{user}:{secret}").as_bytes());
            let again = format!("Basic {pair}");
            assert_eq!(
                Credential::parse(&again),
                Some(Credential::Basic { user, secret })
            );
        }
    }
});
