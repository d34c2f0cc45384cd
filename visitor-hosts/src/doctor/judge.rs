//! What an answer that is not as it must be means. Pure.

use serde_json::Value;

use super::endpoint::{Answer, NoAnswer};
use super::fill::Known;
use super::report::{Problem, Verdict};
use super::script::{Check, Does, Must, Provider, Step};

/// Signs of a body that are shown.
const SHOWN: usize = 300;

/// After such a problem nothing else can be learned.
pub(super) enum Judged {
    /// As it must be, or not; one can go on.
    On(Vec<Problem>),
    /// Nothing further will do better.
    Over(Problem),
}

/// Nothing came back at all.
pub(super) fn silence(provider: Provider, why: &NoAnswer) -> Problem {
    Problem {
        verdict: Verdict::Broken,
        found: format!("Nothing came back: {why}."),
        means: format!(
            "{} would see the same, and put provisioning on hold.",
            provider.name()
        ),
        change: "Check that the address is right, that the server runs, that its certificate is \
                 valid, and that a firewall lets the identity provider reach it."
            .to_owned(),
    }
}

/// Whether the status is one that the step allows, and what it means if not.
pub(super) fn status(provider: Provider, step: &Step, answer: &Answer) -> Judged {
    if step.status.contains(&answer.status) {
        return Judged::On(Vec::new());
    }
    let (name, status) = (provider.name(), answer.status);
    let over = |found: String, means: String, change: String| {
        Judged::Over(Problem {
            verdict: Verdict::Broken,
            found,
            means,
            change,
        })
    };
    match status {
        401 | 403 if status == 401 || step.does == Does::Reads => over(
            format!("The server refused the token (status {status})."),
            format!("{name} cannot log in, so nothing else can work."),
            format!(
                "Copy the token again: {}. If it is the right one, it may have ended, or may not be \
                 allowed to do this.",
                match provider {
                    Provider::Entra =>
                        "in Entra it is the Secret Token of Provisioning > Admin Credentials",
                    Provider::Okta =>
                        "in Okta it is the Authorization header of Provisioning > Integration",
                }
            ),
        ),
        300..=399 => over(
            format!(
                "The server sends clients elsewhere (status {status}): {}.",
                answer
                    .location
                    .as_deref()
                    .unwrap_or("it does not say where")
            ),
            format!("{name} does not follow."),
            format!(
                "Take the address that this leads to as the {}.",
                base_address(provider)
            ),
        ),
        404 if step.path == "/Users" && step.method == "GET" => over(
            "There is no list of users at this address (status 404).".to_owned(),
            format!("{name} looks for people there first, and says that the test failed."),
            format!(
                "Check the {}: it is what stands before /Users, and often ends in /scim/v2.",
                base_address(provider)
            ),
        ),
        _ => Judged::On(vec![wrong_status(step, answer)]),
    }
}

/// An answer whose status is none that the step allows, and with which one can go on.
pub(super) fn wrong_status(step: &Step, answer: &Answer) -> Problem {
    let status = answer.status;
    let said = said(answer);
    let verdict = Verdict::from(step.severity);
    let found = match status {
        405 | 501 => format!(
            "The server does not do {} here (status {status}){said}",
            step.method
        ),
        429 => format!("The server asks to come later (status 429){said}"),
        500.. => format!("The server failed (status {status}){said}"),
        _ => {
            let wanted: Vec<String> = step.status.iter().map(ToString::to_string).collect();
            format!("The status is {status}, not {}{said}", wanted.join(" or "))
        }
    };
    let change = match status {
        429 => "Let the server take at least 25 requests in a second from one client.".to_owned(),
        500.. => format!(
            "This is a fault of the server, whatever was sent: give its makers the request and the \
             answer below. {}",
            step.change
        ),
        _ => step.change.clone(),
    };
    Problem {
        verdict,
        found,
        means: step.means.clone(),
        change,
    }
}

/// What the server says itself, for the end of a sentence.
fn said(answer: &Answer) -> String {
    let body = answer.json();
    let detail = body.as_ref().and_then(|body| body["detail"].as_str());
    match detail {
        Some(detail) => format!(", and says: \"{}\".", detail.trim_end_matches('.')),
        None => ".".to_owned(),
    }
}

fn base_address(provider: Provider) -> &'static str {
    match provider {
        Provider::Entra => "Tenant URL",
        Provider::Okta => "SCIM connector base URL",
    }
}

/// What is not as it must be in a body.
pub(super) fn body(step: &Step, checks: &[Check], known: &Known, body: &Value) -> Vec<Problem> {
    let failed = checks.iter().filter_map(|check| {
        let found = differs(check, known, body)?;
        let text =
            |own: &Option<String>, of_step: &str| own.clone().unwrap_or_else(|| of_step.to_owned());
        Some(Problem {
            verdict: check.severity.unwrap_or(step.severity).into(),
            found,
            means: text(&check.means, &step.means),
            change: text(&check.change, &step.change),
        })
    });
    failed.collect()
}

fn differs(check: &Check, known: &Known, body: &Value) -> Option<String> {
    let found = body.pointer(&check.at).filter(|value| !value.is_null());
    let name = check.at.trim_start_matches('/').replace('/', ".");
    let is = |value: &Value| match value {
        Value::String(text) => format!("the text {text:?}"),
        other => short(&other.to_string()),
    };
    let seen = || found.map_or_else(|| "missing".to_owned(), is);
    let filled = |wanted: &Value| known.json(wanted).unwrap_or_else(|_| wanted.clone());
    let list = || {
        found
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
    };
    match &check.must {
        Must::Is(wanted) => {
            let wanted = filled(wanted);
            (found != Some(&wanted))
                .then(|| format!("{name} is {}, and should be {}.", seen(), is(&wanted)))
        }
        Must::Has(wanted) => {
            let wanted = filled(wanted);
            (!list().iter().any(|element| covers(element, &wanted)))
                .then(|| format!("{name} has no {wanted}; it is {}.", seen()))
        }
        Must::Lacks(unwanted) => {
            let unwanted = filled(unwanted);
            let has = list().iter().any(|element| covers(element, &unwanted));
            has.then(|| format!("{name} still has {unwanted}."))
        }
        Must::BeA(kind) => {
            let fits = match kind.as_str() {
                "number" => found.is_some_and(Value::is_u64),
                _ => found.is_some_and(Value::is_string),
            };
            (!fits).then(|| format!("{name} is {}, and should be a {kind}.", seen()))
        }
        Must::BeThere(true) => found.is_none().then(|| format!("{name} is missing.")),
        // What it is may be a secret.
        Must::BeThere(false) => found.map(|_| format!("{name} is still there, and should not be.")),
        Must::HoldAtMost(most) => {
            let count = list().len();
            (count > *most)
                .then(|| format!("{name} has {count} elements, and {most} were asked for."))
        }
    }
}

/// Whether all that `wanted` says is true of `value`.
fn covers(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Object(value), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, wanted)| value.get(name).is_some_and(|value| covers(value, wanted))),
        (value, wanted) => value == wanted,
    }
}

/// What is wrong with an answer whatever it answers.
pub(super) fn manners(answer: &Answer) -> Option<Problem> {
    if answer.body.is_empty() {
        return None;
    }
    let remark = |found: String, means: &str, change: &str| {
        Some(Problem {
            verdict: Verdict::Attention,
            found,
            means: means.to_owned(),
            change: change.to_owned(),
        })
    };
    let declared = answer.content_type.as_deref().unwrap_or("nothing");
    if !declared.to_ascii_lowercase().contains("json") {
        return remark(
            format!("A body is declared as {declared}, not as application/scim+json."),
            "An identity provider may refuse to read it, and shows an error without a reason.",
            "Let the server, and any proxy before it, send Content-Type: application/scim+json.",
        );
    }
    let body = answer.json();
    let is_error = body.as_ref().is_some_and(|body| {
        let schemas = body["schemas"].as_array().map_or(&[][..], Vec::as_slice);
        schemas
            .iter()
            .any(|urn| urn == "urn:ietf:params:scim:api:messages:2.0:Error")
    });
    if answer.status >= 400 && !is_error {
        return remark(
            "An error is not told as SCIM tells it (RFC 7644 section 3.12).".to_owned(),
            "The provisioning log of the identity provider will show the status and no reason.",
            "Let the server answer errors with the schema urn:ietf:params:scim:api:messages:2.0:Error \
             and a detail.",
        );
    }
    None
}

/// The status and the beginning of the body, in a line.
pub(super) fn came(answer: &Answer) -> String {
    let body = answer.body.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{} {}", answer.status, short(&body))
        .trim_end()
        .to_owned()
}

pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(SHOWN).collect();
    format!("{beginning} …")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(check: Value, body: &Value) -> String {
        let check: Check = serde_json::from_value(check).unwrap();
        differs(&check, &Known::default(), body).unwrap_or_else(|| "fine".to_owned())
    }

    macro_rules! check {
        ($check:tt, $body:tt, @$shown:literal) => {
            insta::assert_snapshot!(seen(json!($check), &json!($body)), @$shown)
        };
    }

    #[test]
    fn values() {
        check!({"at": "/active", "is": false}, {"active": false}, @"fine");
        check!({"at": "/active", "is": false}, {"active": "False"}, @r#"active is the text "False", and should be false."#);
        check!({"at": "/active", "is": false}, {}, @"active is missing, and should be false.");
        check!({"at": "/urn:x:User/department", "is": "A"}, {"urn:x:User": {"department": "B"}}, @r#"urn:x:User.department is the text "B", and should be the text "A"."#);
        check!({"at": "/totalResults", "beA": "number"}, {"totalResults": "2"}, @r#"totalResults is the text "2", and should be a number."#);
        check!({"at": "/password", "beThere": false}, {"password": "p"}, @"password is still there, and should not be.");
        check!({"at": "/title", "beThere": false}, {"title": null}, @"fine");
    }

    #[test]
    fn lists() {
        check!({"at": "/emails", "has": {"type": "work", "value": "a"}}, {"emails": [{"type": "work", "value": "a", "primary": true}]}, @"fine");
        check!({"at": "/emails", "has": {"value": "a"}}, {"emails": [{"value": "b"}]}, @r#"emails has no {"value":"a"}; it is [{"value":"b"}]."#);
        check!({"at": "/members", "lacks": {"value": "7"}}, {}, @"fine");
        check!({"at": "/members", "lacks": {"value": "7"}}, {"members": [{"value": "7"}]}, @r#"members still has {"value":"7"}."#);
        check!({"at": "/Resources", "holdAtMost": 1}, {"Resources": [1, 2]}, @"Resources has 2 elements, and 1 were asked for.");
    }
}
