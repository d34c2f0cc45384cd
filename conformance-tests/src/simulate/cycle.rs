//! One cycle of a provider: test the connection, then bring the service provider to what the
//! directory says.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use futures::StreamExt;
use indicatif::ProgressBar;
use serde::Serialize;

use super::directory::Directory;
use super::escrow::{Escrow, quarantined};
use super::export::{Export, Exports};
use super::list::list;
use super::plan::{self, Job};
use super::provider::{Expected, Leaver, Provider, Test};
use super::send::{AT_ONCE, Sender};
use super::values::{Group, User};
use super::work::{Done, Outcome, Worker};

/// Failures whose reasons are kept.
const REASONS: usize = 5;

/// A provider with what it remembers between cycles.
pub(super) struct Engine<'e> {
    provider: &'e dyn Provider,
    sender: &'e Sender<'e>,
    progress: &'e ProgressBar,
    pub(super) users: Exports<User>,
    pub(super) groups: Exports<Group>,
    cycle: u32,
}

/// What was done in one cycle.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// Objects that were created.
    pub created: usize,
    /// Objects that were there and were taken over.
    pub matched: usize,
    /// Objects that were changed.
    pub updated: usize,
    /// Objects that were deleted.
    pub deleted: usize,
    /// Objects whose export failed.
    pub failed: usize,
    /// The reasons of the first of them.
    pub reasons: Vec<String>,
    /// Objects that wait for a later cycle.
    pub escrow: usize,
    /// Why the cycle ended early, if it did.
    pub quarantine: Option<String>,
}

impl<'e> Engine<'e> {
    pub(super) fn new(
        provider: &'e dyn Provider,
        sender: &'e Sender<'e>,
        progress: &'e ProgressBar,
    ) -> Self {
        Self {
            provider,
            sender,
            progress,
            users: Exports::new(),
            groups: Exports::new(),
            cycle: 0,
        }
    }

    /// Exports what differs. Failures stand in the tally; what failed is tried again in later
    /// cycles.
    pub(super) async fn run(&mut self, directory: &Directory) -> Tally {
        self.cycle += 1;
        self.users
            .forget(|anchor| directory.people().contains_key(anchor));
        self.groups
            .forget(|anchor| directory.groups().contains_key(anchor));
        let mut tally = Tally::default();
        match self.begin(directory).await {
            Ok(()) => self.export(directory, &mut tally).await,
            Err(error) => tally.quarantine = Some(format!("the connection test failed: {error:#}")),
        }
        tally.escrow = self.users.escrow.len() + self.groups.escrow.len();
        tally
    }

    /// Whether anything waits for a later cycle.
    pub(super) fn waits(&self) -> bool {
        !self.users.escrow.is_empty() || !self.groups.escrow.is_empty()
    }

    async fn begin(&self, directory: &Directory) -> Result<()> {
        let nonce = format!("{}-nobody-{}", directory.tag(), self.cycle);
        let Test { call, expected } = self.provider.connection_test(&nonce);
        let answer = self.sender.send(&call).await?;
        ensure!(answer.status == 200, "{call}{answer}");
        let found = &answer.json()?["totalResults"];
        ensure!(found.is_u64(), "{call}{answer}");
        let as_expected = expected == Expected::List || *found == 0;
        ensure!(as_expected, "{call}{answer}nobody is called so");
        for call in self.provider.imports() {
            list(self.sender, &call).await?;
        }
        Ok(())
    }

    async fn export(&mut self, directory: &Directory, tally: &mut Tally) {
        let (provider, cycle) = (self.provider, self.cycle);
        let jobs = plan::leavers(directory, provider, &self.users, cycle);
        self.do_users(directory, jobs, tally).await;
        // The first time, a reference to somebody who is yet to come is left out.
        for _ in 0..2 {
            let jobs = plan::people(directory, provider, &self.users, cycle);
            self.do_users(directory, jobs, tally).await;
        }
        let jobs = plan::dissolved(directory, &self.groups, cycle);
        self.do_groups(jobs, tally).await;
        let jobs = plan::groups(directory, provider, &self.users, &self.groups, cycle);
        self.do_groups(jobs, tally).await;
    }

    async fn do_users(&mut self, directory: &Directory, jobs: Vec<Job<User>>, tally: &mut Tally) {
        let leaver = self.provider.leaver();
        let is_there = |anchor: &str| directory.people().contains_key(anchor);
        let taken = plan::taken(&self.users, leaver, is_there);
        let outcomes = self.work(jobs, &taken, tally).await;
        settle(&mut self.users, outcomes, self.cycle);
    }

    async fn do_groups(&mut self, jobs: Vec<Job<Group>>, tally: &mut Tally) {
        let taken = plan::taken(&self.groups, Leaver::Deleted, |_| true);
        let outcomes = self.work(jobs, &taken, tally).await;
        settle(&mut self.groups, outcomes, self.cycle);
    }

    async fn work<T: Export>(
        &self,
        jobs: Vec<Job<T>>,
        taken: &BTreeSet<String>,
        tally: &mut Tally,
    ) -> Vec<Outcome<T>> {
        let worker = Worker {
            sender: self.sender,
            provider: self.provider,
        };
        self.progress.inc_length(jobs.len() as u64);
        let jobs = futures::stream::iter(jobs).map(|job| worker.run(job, taken));
        let mut running = jobs.buffer_unordered(AT_ONCE);
        let mut outcomes = Vec::new();
        while tally.quarantine.is_none()
            && let Some(outcome) = running.next().await
        {
            self.progress.inc(1);
            tally.count(&outcome);
            outcomes.push(outcome);
        }
        outcomes
    }
}

/// Takes over what is known after the jobs.
fn settle<T>(exports: &mut Exports<T>, outcomes: Vec<Outcome<T>>, cycle: u32) {
    for outcome in outcomes {
        let anchor = outcome.anchor;
        let before = exports.escrow.remove(&anchor);
        if outcome.done.is_err() {
            let escrow = Escrow::after(before, cycle);
            exports.escrow.insert(anchor.clone(), escrow);
        }
        match outcome.exported {
            Some(exported) => {
                // One resource stands for one object: whoever left it behind has it no more.
                exports.known.retain(|_, other| other.id != exported.id);
                exports.known.insert(anchor, exported);
            }
            None => drop(exports.known.remove(&anchor)),
        }
    }
}

impl Tally {
    fn count<T>(&mut self, outcome: &Outcome<T>) {
        match &outcome.done {
            Ok(Done::Created) => self.created += 1,
            Ok(Done::Matched) => self.matched += 1,
            Ok(Done::Updated) => self.updated += 1,
            Ok(Done::Deleted) => self.deleted += 1,
            Ok(Done::Left) => {}
            Err(error) => {
                self.failed += 1;
                if self.reasons.len() < REASONS {
                    self.reasons.push(format!("{}: {error:#}", outcome.anchor));
                }
            }
        }
        let exports = self.exports();
        if quarantined(self.failed, exports) {
            let failed = self.failed;
            self.quarantine = Some(format!("{failed} of {exports} exports failed"));
        }
    }

    /// Everything that was tried.
    pub fn exports(&self) -> usize {
        self.created + self.matched + self.updated + self.deleted + self.failed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::simulate::entra::Entra;
    use crate::simulate::export::Exported;
    use crate::simulate::scripted::{Line, Scripted};

    async fn quarantine(answer: Line) -> Option<String> {
        let (server, client) = Scripted::start([answer]).await;
        let sender = Sender::new(&client, 0);
        let progress = ProgressBar::hidden();
        let mut engine = Engine::new(&Entra::Usual, &sender, &progress);
        let tally = engine.run(&Directory::new("t", 10, 2, 1)).await;
        // Nothing is exported.
        assert_eq!(
            (server.asked().as_str(), tally.exports()),
            ("GET /Users", 0)
        );
        tally.quarantine
    }

    #[tokio::test]
    async fn nothing_begins_before_the_connection_test_passes() {
        for (status, body) in [
            (404, json!({})),
            (401, json!({})),
            (200, json!("no list")),
            (200, json!({"totalResults": 1, "Resources": [{}]})),
        ] {
            let reason = quarantine(Line::Answer(status, body.clone())).await;
            let reason = reason.unwrap_or_default();
            assert!(
                reason.contains("connection test failed"),
                "{status} {body}: {reason}"
            );
        }
    }

    fn outcome(anchor: &str, id: Option<&str>, done: Result<Done>) -> Outcome<User> {
        let exported = |id: &str| Exported {
            id: id.to_owned(),
            last: User::default(),
        };
        Outcome {
            anchor: anchor.to_owned(),
            exported: id.map(exported),
            done,
        }
    }

    #[test]
    fn a_resource_stands_for_one_object() {
        let mut users = Exports::new();
        settle(
            &mut users,
            vec![outcome("before", Some("7"), Ok(Done::Created))],
            1,
        );
        settle(
            &mut users,
            vec![outcome("after", Some("7"), Ok(Done::Matched))],
            2,
        );
        let known: Vec<_> = users.known.keys().collect();
        assert_eq!(known, ["after"]);
    }

    #[test]
    fn what_fails_waits_and_what_succeeds_does_not() {
        let mut users = Exports::new();
        let failed = || anyhow::anyhow!("refused");
        settle(&mut users, vec![outcome("a", Some("7"), Err(failed()))], 1);
        assert!(users.known.contains_key("a") && !users.is_due("a", 1) && users.is_due("a", 2));
        settle(&mut users, vec![outcome("a", Some("7"), Err(failed()))], 2);
        assert!(!users.is_due("a", 3) && users.is_due("a", 4));
        settle(
            &mut users,
            vec![outcome("a", Some("7"), Ok(Done::Updated))],
            4,
        );
        assert!(users.escrow.is_empty());
    }

    #[test]
    fn too_many_failures_end_a_cycle() {
        let mut tally = Tally::default();
        for _ in 0..4_999 {
            tally.count(&outcome("a", None, Err(anyhow::anyhow!("refused"))));
        }
        assert_eq!((tally.reasons.len(), &tally.quarantine), (REASONS, &None));
        tally.count(&outcome("a", None, Err(anyhow::anyhow!("refused"))));
        assert_eq!(
            tally.quarantine.as_deref(),
            Some("5000 of 5000 exports failed")
        );
    }
}
