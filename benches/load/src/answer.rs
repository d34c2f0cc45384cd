//! Whether an answer is right: a wrong one is quick for a reason.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::connection::Answer;

/// The attributes that are looked at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource<'a> {
    /// The id that the server gave.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    /// Of users.
    #[serde(borrow)]
    pub user_name: Option<Cow<'a, str>>,
    /// Of users and groups.
    #[serde(borrow)]
    pub display_name: Option<Cow<'a, str>>,
    /// Of users.
    #[serde(borrow, default)]
    pub emails: Vec<Email<'a>>,
    /// Of groups.
    #[serde(default)]
    pub members: Vec<IgnoredAny>,
}

/// One of a user's.
#[derive(Deserialize)]
pub struct Email<'a> {
    /// The address.
    #[serde(borrow)]
    pub value: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List<T> {
    total_results: usize,
    #[serde(rename = "Resources", default = "Vec::new")]
    resources: Vec<T>,
}

/// The resource, if the status is this one.
pub fn resource(answer: &Answer, status: u16) -> anyhow::Result<Resource<'_>> {
    expect(answer, &[status])?;
    serde_json::from_slice(&answer.body).context("the answer is no resource")
}

/// Whether it is done, with or without the resource in the answer.
pub fn done(answer: &Answer) -> anyhow::Result<Option<Resource<'_>>> {
    expect(answer, &[200, 204])?;
    match answer.status {
        200 => resource(answer, 200).map(Some),
        _ => Ok(None),
    }
}

/// The id of the only resource, which has this userName.
pub fn found(answer: &Answer, user_name: &str) -> anyhow::Result<()> {
    expect(answer, &[200])?;
    let list: List<Resource<'_>> = serde_json::from_slice(&answer.body)?;
    let names: Vec<_> = list
        .resources
        .iter()
        .map(|it| it.user_name.as_deref())
        .collect();
    ensure!(
        list.total_results == 1 && names == [Some(user_name)],
        "the look-up of a user finds {} and not that one",
        list.total_results
    );
    Ok(())
}

/// Whether it is a list of so many, of which these are shown.
pub fn counted(answer: &Answer, total: RangeInclusive<usize>, shown: usize) -> anyhow::Result<()> {
    expect(answer, &[200])?;
    let list: List<IgnoredAny> = serde_json::from_slice(&answer.body)?;
    let (told, listed) = (list.total_results, list.resources.len());
    ensure!(
        total.contains(&told) && listed == shown,
        "a list shows {listed} of {told} and not {shown} of {}",
        total.start()
    );
    Ok(())
}

fn expect(answer: &Answer, statuses: &[u16]) -> anyhow::Result<()> {
    if statuses.contains(&answer.status) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&answer.body);
    let beginning: String = text.chars().take(200).collect();
    bail!("status {}: {beginning}", answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status,
            body: body.into(),
        }
    }

    fn told(outcome: anyhow::Result<()>) -> String {
        outcome
            .err()
            .map_or("right".to_owned(), |it| it.to_string())
    }

    #[test]
    fn a_look_up_finds_that_user_and_no_other() {
        let one = r#"{"totalResults":1,"Resources":[{"id":"1","userName":"kim"}]}"#;
        assert_eq!(told(found(&answer(200, one), "kim")), "right");
        let other = "the look-up of a user finds 1 and not that one";
        assert_eq!(told(found(&answer(200, one), "lee")), other);
        let none = "the look-up of a user finds 0 and not that one";
        assert_eq!(
            told(found(&answer(200, r#"{"totalResults":0}"#), "kim")),
            none
        );
    }

    #[test]
    fn a_page_is_counted() {
        let page = r#"{"totalResults":7,"Resources":[{},{}]}"#;
        assert_eq!(told(counted(&answer(200, page), 7..=7, 2)), "right");
        let wrong = "a list shows 2 of 7 and not 3 of 7";
        assert_eq!(told(counted(&answer(200, page), 7..=7, 3)), wrong);
    }

    #[test]
    fn another_status_is_told_with_its_reason() {
        assert_eq!(
            told(counted(&answer(429, "slow down"), 0..=0, 0)),
            "status 429: slow down"
        );
    }

    #[test]
    fn a_change_may_be_answered_with_nothing() {
        assert!(done(&answer(204, "")).unwrap().is_none());
        assert_eq!(
            done(&answer(200, r#"{"id":"1"}"#)).unwrap().unwrap().id,
            "1"
        );
        assert!(done(&answer(200, "")).is_err());
    }
}
