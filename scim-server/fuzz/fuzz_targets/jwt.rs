//! JWTs and JWK Sets: no text harms what reads them, nothing is taken that was not signed, and
//! what is taken says what was trusted.
//!
//! The input is a whole JWT, or a header and claims as JSON with a line feed between them, so that
//! the fuzzer need not learn base64url; and a JWK Set.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use scim_server::auth::jwt::{KeySet, UnverifiedJwt};
use scim_server::store::{ConnectionId, Trust, TrustedKeys};

/// Keys whose private halves nobody has.
const KEYS: &str = r#"{"keys":[
    {"kty":"EC","crv":"P-256","kid":"ec","x":"axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY","y":"T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"},
    {"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
]}"#;

static TRUST: LazyLock<Trust> = LazyLock::new(|| Trust {
    token: ConnectionId(uuid::Uuid::nil()),
    issuer: "https://login.example/tid/v2.0".to_owned(),
    audience: "api://scim".to_owned(),
    subject: "subject".to_owned(),
    claims: BTreeMap::from([("appid".to_owned(), "app".to_owned())]),
    keys: TrustedKeys::Document(KEYS.to_owned()),
    created: Timestamp::UNIX_EPOCH,
});

static SET: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::parse(KEYS.as_bytes()).expect("these are keys"));

fuzz_target!(|text: &str| {
    judge(text);
    if let Some((header, claims)) = text.split_once('\n') {
        let encode = |part: &str| BASE64URL_NOPAD.encode(part.as_bytes());
        judge(&format!(
            "{}.{}.{}",
            encode(header),
            encode(claims),
            "A".repeat(86)
        ));
    }
    if let Ok(keys) = KeySet::parse(text.as_bytes()) {
        assert!(!keys.names_one(Some("")) || !keys.is_empty());
    }
});

fn judge(text: &str) {
    let Ok(jwt) = UnverifiedJwt::parse(text) else {
        return;
    };
    assert!(text.len() <= 8 * 1024);
    // 2026-01-01T00:00:00Z, as in the corpus.
    let now = Timestamp::from_second(1_767_225_600).expect("a time");
    if jwt.check(&TRUST, now).is_ok() {
        assert_eq!(jwt.issuer(), TRUST.issuer);
    }
    assert!(SET.verify(&jwt).is_err(), "nobody signed {text}");
}
