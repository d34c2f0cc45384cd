//! Whether an answer is the expected one, without a difference.

mod captures;
mod compare;
mod kind;
mod pattern;
mod template;

use std::fmt;

use serde_json::Value;

use crate::client::{Answer, Call, Client};
use crate::fixture::{Conversation, Expected, Request, Step};

pub use captures::Captures;
pub use compare::Difference;
pub use pattern::Pattern;
pub use template::Template;

/// Plays one conversation to its end. A step that went wrong does not stop it: what the following
/// answers look like helps to understand the failure.
pub async fn play(conversation: &Conversation, client: &Client) -> Played {
    let mut captures = Captures::new(client.base());
    let mut failures = Vec::new();
    for step in &conversation.steps {
        if let Err(failure) = play_step(step, client, &mut captures).await {
            failures.push(failure);
        }
    }
    Played {
        conversation: conversation.name.clone(),
        steps: conversation.steps.len(),
        failures,
    }
}

/// How a conversation went.
#[derive(Debug)]
pub struct Played {
    /// Its name.
    pub conversation: String,
    /// How many requests it has.
    pub steps: usize,
    /// The steps whose answer was another one.
    pub failures: Vec<Failure>,
}

/// One line of counts, then every failure with its transcript.
impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = self.steps - self.failures.len();
        writeln!(
            f,
            "{}: {passed} of {} steps without a difference",
            self.conversation, self.steps
        )?;
        self.failures
            .iter()
            .try_for_each(|failure| writeln!(f, "{failure}"))
    }
}

/// A step whose answer was another one.
#[derive(Debug)]
pub struct Failure {
    /// The step's name.
    pub step: String,
    /// Every difference, one line each.
    pub differences: Vec<String>,
    /// What was sent and what came back.
    pub transcript: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.step)?;
        self.differences
            .iter()
            .try_for_each(|difference| writeln!(f, "    {difference}"))?;
        self.transcript
            .lines()
            .try_for_each(|line| writeln!(f, "      {line}"))
    }
}

async fn play_step(step: &Step, client: &Client, captures: &mut Captures) -> Result<(), Failure> {
    let failure = |differences, transcript| {
        Err(Failure {
            step: step.name.clone(),
            differences,
            transcript,
        })
    };
    let call = match call(&step.request, captures) {
        Ok(call) => call,
        Err(missing) => return failure(vec![missing], String::new()),
    };
    match client.send(&call).await {
        Err(error) => failure(vec![format!("{error:#}")], call.to_string()),
        Ok(answer) => {
            let differences = differences(&step.expected, &answer, captures);
            if differences.is_empty() {
                return Ok(());
            }
            failure(differences, format!("{call}{answer}"))
        }
    }
}

/// The request with everything filled in that earlier answers told.
fn call(request: &Request, captures: &Captures) -> Result<Call, String> {
    let headers = request
        .headers
        .iter()
        .map(|(name, value)| Ok((name.clone(), value.fill(captures)?)))
        .collect::<Result<_, String>>()?;
    Ok(Call {
        credential: request.credential,
        method: request.method.clone(),
        path: request.path.fill(captures)?,
        query: request
            .query
            .as_ref()
            .map(|query| query.fill(captures))
            .transpose()?,
        headers,
        body: request
            .body
            .as_ref()
            .map(|body| template::fill_all(body, captures))
            .transpose()?,
        text: None,
    })
}

fn differences(expected: &Expected, answer: &Answer, captures: &mut Captures) -> Vec<String> {
    let mut differences = Vec::new();
    if answer.status != expected.status {
        let (expected, found) = (expected.status, answer.status);
        differences.push(format!("status: expected {expected}, found {found}"));
        // A refusal is another document altogether; the transcript shows it.
        if expected / 100 != found / 100 {
            return differences;
        }
    }
    match (&expected.body, answer.body.is_empty()) {
        (None, true) => {}
        (None, false) => differences.push("body: expected none".to_owned()),
        (Some(_), true) => differences.push("body: expected one, found none".to_owned()),
        (Some(pattern), false) => match serde_json::from_str::<Value>(&answer.body) {
            Ok(body) => {
                let found = compare::compare(pattern, &body, captures);
                differences.extend(found.iter().map(Difference::to_string));
            }
            Err(error) => differences.push(format!("body: {error}")),
        },
    }
    differences.extend(header_differences(expected, answer, captures));
    differences
}

/// Headers are looked at after the body, so that `ETag` can be compared with `meta.version`.
fn header_differences(
    expected: &Expected,
    answer: &Answer,
    captures: &mut Captures,
) -> Vec<String> {
    let mut differences = Vec::new();
    if expected.body.is_some() && !expected.headers.contains_key("content-type") {
        let found = answer.header("content-type").unwrap_or("nothing");
        if media_type(found) != "application/scim+json" {
            let line = format!("content-type: expected application/scim+json, found {found}");
            differences.push(line);
        }
    }
    for (name, template) in &expected.headers {
        let difference = match answer.header(name) {
            None => Err(format!("expected {template}, found nothing")),
            Some(value) if name == "content-type" => template.fit(media_type(value), captures),
            Some(value) => template.fit(value, captures),
        };
        if let Err(reason) = difference {
            differences.push(format!("{name}: {reason}"));
        }
    }
    differences
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use serde_json::{from_value, json};

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        Answer {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    fn shown(expected: Value, answer: &Answer) -> String {
        let expected = from_value(expected).unwrap();
        differences(&expected, answer, &mut Captures::new("http://scim.example")).join("\n")
    }

    const SCIM: (&str, &str) = ("content-type", "application/scim+json; charset=utf-8");

    #[test]
    fn nothing_differs() {
        let body = r#"{"id": "7", "meta": {"version": "W/\"1\""}}"#;
        let answer = answer(200, &[SCIM, ("etag", "W/\"1\"")], body);
        let expected = json!({
            "status": 200,
            "headers": {"etag": "{{version:v}}"},
            "body": {"id": "{{id:user}}", "meta": {"version": "{{version:v}}"}},
        });
        assert_snapshot!(shown(expected, &answer), @"");
    }

    #[test]
    fn the_version_is_another_one_than_the_etag() {
        let body = r#"{"meta": {"version": "W/\"1\""}}"#;
        let answer = answer(200, &[SCIM, ("etag", "W/\"2\"")], body);
        let expected = json!({
            "status": 200,
            "headers": {"etag": "{{version:v}}"},
            "body": {"meta": {"version": "{{version:v}}"}},
        });
        assert_snapshot!(shown(expected, &answer), @r#"etag: expected W/"1", found W/"2""#);
    }

    #[test]
    fn a_body_where_none_is_expected() {
        assert_snapshot!(shown(json!({"status": 204}), &answer(200, &[SCIM], "{}")), @r"
        status: expected 204, found 200
        body: expected none
        ");
    }

    #[test]
    fn a_refusal_is_not_compared_key_by_key() {
        let expected = json!({"status": 201, "body": {"id": "{{id:user}}"}});
        assert_snapshot!(
            shown(expected, &answer(409, &[SCIM], r#"{"status": "409"}"#)),
            @"status: expected 201, found 409"
        );
    }

    #[test]
    fn a_body_of_another_type() {
        let answer = answer(502, &[("content-type", "text/plain")], "bad gateway");
        assert_snapshot!(shown(json!({"status": 502, "body": {}}), &answer), @r"
        body: expected value at line 1 column 1
        content-type: expected application/scim+json, found text/plain
        ");
    }

    #[test]
    fn a_header_is_missing() {
        let expected = json!({"status": 405, "headers": {"allow": "GET{{any}}"}});
        assert_snapshot!(
            shown(expected, &answer(405, &[], "")),
            @"allow: expected GET{{any}}, found nothing"
        );
    }
}
