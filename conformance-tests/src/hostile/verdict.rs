//! Whether an answer to an attack is in order.

use serde_json::Value;

use super::attack::{Attack, Sent};
use super::wire::Answer;

/// How many characters of a request an answer may repeat in one piece.
pub const ECHO_CHARS_MAX: usize = 200;

/// Everything that is wrong; nothing if the attack was answered as it should.
pub(super) fn problems(attack: &Attack, sent: &Sent, answer: &Answer) -> Vec<String> {
    let mut problems = Vec::new();
    if answer.status != attack.status {
        problems.push(format!(
            "status: expected {}, found {}",
            attack.status, answer.status
        ));
    }
    // Only a refusal must say something in particular, and never to HEAD.
    if answer.status >= 400 && sent.method != "HEAD" {
        problems.extend(problems_of_refusal(attack, sent, answer));
    }
    if !problems.is_empty() {
        problems.push(format!("answered: {}", shown(&answer.body)));
    }
    problems
}

fn problems_of_refusal(attack: &Attack, sent: &Sent, answer: &Answer) -> Vec<String> {
    let Ok(error) = serde_json::from_slice::<Value>(&answer.body) else {
        return vec!["the body is no SCIM error".to_owned()];
    };
    let mut problems = Vec::new();
    let text = |key: &str| error.get(key).and_then(Value::as_str);
    let media_type = answer.content_type.split(';').next().unwrap_or_default();
    if !["application/scim+json", "application/json"].contains(&media_type) {
        problems.push(format!("content type: {:?}", answer.content_type));
    }
    let urn = "urn:ietf:params:scim:api:messages:2.0:Error";
    if error.get("schemas") != Some(&Value::from(vec![urn])) {
        problems.push("schemas: not those of a SCIM error".to_owned());
    }
    if text("status") != Some(&answer.status.to_string()) {
        problems.push(format!("status in the body: {:?}", error.get("status")));
    }
    if text("scimType") != attack.scim_type.as_deref() {
        let expected = attack.scim_type.as_deref().unwrap_or("none");
        let found = text("scimType").unwrap_or("none");
        problems.push(format!("scimType: expected {expected}, found {found}"));
    }
    let detail = text("detail").unwrap_or_default();
    if detail.is_empty() {
        problems.push("detail: missing".to_owned());
    }
    if repeats(detail, sent) {
        problems.push(format!(
            "detail: repeats more than {ECHO_CHARS_MAX} characters"
        ));
    }
    problems
}

fn repeats(detail: &str, sent: &Sent) -> bool {
    let chars: Vec<char> = detail.chars().collect();
    let body = String::from_utf8_lossy(sent.body.as_deref().unwrap_or_default());
    let path = percent_decoded(&sent.target);
    chars.windows(ECHO_CHARS_MAX + 1).any(|window| {
        let piece: String = window.iter().collect();
        body.contains(&piece) || path.contains(&piece) || sent.target.contains(&piece)
    })
}

fn percent_decoded(target: &str) -> String {
    let mut decoded = Vec::new();
    let mut rest = target.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = match byte {
            Some(byte) if *first == b'%' => {
                decoded.push(byte);
                after.get(2..).unwrap_or_default()
            }
            _ => {
                decoded.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn shown(body: &[u8]) -> String {
    cut(&String::from_utf8_lossy(body))
}

/// The beginning of a text, for a report.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(status: u16, error: &Value, expected: &[&str]) {
        let line = json!({"name": "", "method": "GET", "path": "/", "status": 400, "scimType": "invalidFilter"});
        let attack: Attack = serde_json::from_value(line).unwrap();
        let mut sent = attack.fill(&[]);
        sent.target = format!("/?{}", "x".repeat(300));
        let answer = Answer {
            status,
            content_type: "application/scim+json".to_owned(),
            body: error.to_string().into_bytes(),
        };
        let mut found = problems(&attack, &sent, &answer);
        found.retain(|problem| !problem.starts_with("answered"));
        assert_eq!(found, expected);
    }

    fn error(status: &str, scim_type: &str, detail: &str) -> Value {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status, "scimType": scim_type, "detail": detail,
        })
    }

    #[test]
    fn the_expected_refusal() {
        check(400, &error("400", "invalidFilter", "no"), &[]);
    }

    #[test]
    fn other_refusals() {
        check(
            409,
            &error("409", "uniqueness", "no"),
            &[
                "status: expected 400, found 409",
                "scimType: expected invalidFilter, found uniqueness",
            ],
        );
        check(
            400,
            &error("400", "invalidFilter", &"x".repeat(201)),
            &["detail: repeats more than 200 characters"],
        );
        check(
            400,
            &json!({"error": "no"}),
            &[
                "schemas: not those of a SCIM error",
                "status in the body: None",
                "scimType: expected invalidFilter, found none",
                "detail: missing",
            ],
        );
    }

    #[test]
    fn percent_signs() {
        assert_eq!(percent_decoded("/a%20b%zz%"), "/a b%zz%");
    }
}
