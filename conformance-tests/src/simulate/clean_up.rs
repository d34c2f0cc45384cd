//! Deletes what a run has made.

use anyhow::{Result, ensure};

use super::agreement::Found;
use super::send::Sender;
use crate::client::Call;

/// Deletes every group and user that carries the tag; tells how many there were.
pub(super) async fn clean_up(sender: &Sender<'_>, tag: &str) -> Result<usize> {
    let found = Found::read(sender, tag).await?;
    let groups = found.groups.keys().map(|id| format!("/Groups/{id}"));
    let users = found.users.keys().map(|id| format!("/Users/{id}"));
    let calls: Vec<_> = groups
        .chain(users)
        .map(|path| Call::new("DELETE", path))
        .collect();
    let answers = sender.send_all(calls).await?;
    for answer in &answers {
        // After a try whose answer was lost, it is gone.
        ensure!([200, 204, 404].contains(&answer.status), "{answer}");
    }
    Ok(answers.len())
}
