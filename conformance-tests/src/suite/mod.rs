//! Whether a server keeps the rules: checks, each of which names its source, run one after
//! another against any SCIM server, which is left as it was found.
//!
//! | file | question |
//! |---|---|
//! | `check.rs` | what is a check, and what can come of it? |
//! | `probe.rs` | what does a check work with, and what did it make? |
//! | `said.rs` | what must an answer be? |
//! | `bodies.rs`, `people.rs` | what is sent, and who is looked for? |
//! | `discovered.rs` | what does the server say about itself? |
//! | `report/` | how is told what came of it? |
//!
//! The checks themselves stand in [`checks`](crate::checks), a file for each chapter.

mod bodies;
mod check;
mod discovered;
mod people;
mod probe;
mod report;
mod said;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::client::Client;

pub use check::{Chapter, Check, Level, Outcome, Profile};
pub use probe::{Exchange, Probe};
pub use report::{Finding, Report};

pub(crate) use bodies::{PATCH_OP, add, merged, patch_body, pathless, remove, replace};
pub(crate) use check::{Stop, done, idp, must, should};
pub(crate) use discovered::{ENTERPRISE, GROUP, USER};
pub(crate) use people::{NAMES, People};
pub(crate) use probe::{Made, refs};
pub(crate) use said::{Listed, Said, at, contains, ensure, fail, not_applicable, values};

/// What is about to run.
#[derive(Debug)]
pub struct Plan {
    checks: Vec<(&'static Chapter, &'static Check)>,
}

impl Plan {
    /// The checks of a profile, or those whose ids begin with one of `only` (whatever their
    /// profile). An error names what fits no check.
    pub fn new(profile: Profile, only: &[String]) -> Result<Self, String> {
        let all = || {
            crate::checks::CHAPTERS
                .iter()
                .flat_map(|chapter| chapter.checks.iter().map(move |check| (*chapter, check)))
        };
        let fits = |check: &Check, prefix: &str| {
            let beginning = check.id.get(..prefix.len());
            beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
        };
        if let Some(unknown) = only
            .iter()
            .find(|only| !all().any(|(_, check)| fits(check, only)))
        {
            return Err(format!(
                "no check begins with {unknown:?}: `scim-conformance list` shows them all"
            ));
        }
        let chosen = |(chapter, check): &(&'static Chapter, &'static Check)| {
            if only.is_empty() {
                profile.includes(chapter.profile)
            } else {
                only.iter().any(|only| fits(check, only))
            }
        };
        Ok(Self {
            checks: all().filter(chosen).collect(),
        })
    }

    /// With their chapters, in the order in which they run.
    pub fn checks(&self) -> &[(&'static Chapter, &'static Check)] {
        &self.checks
    }
}

/// Runs the plan. When `interrupted` becomes true, the request under way is finished, and then
/// everything that was made is deleted. `progress` is told of each check that ended.
///
/// An error means that the server cannot be talked to at all, and says why.
pub async fn run(
    client: Client,
    plan: &Plan,
    interrupted: Arc<AtomicBool>,
    progress: &mut (dyn FnMut(&Finding) + Send),
) -> Result<Report, String> {
    let server = client.base().to_owned();
    let start = Instant::now();
    let mut probe = Probe::new(client, mark(), Arc::clone(&interrupted));
    probe.discover().await?;
    let mut findings = Vec::new();
    for (chapter, check) in &plan.checks {
        let start = Instant::now();
        let outcome = match check.run(&probe).await {
            Ok(()) => Outcome::Passed,
            Err(Stop::Failed(why)) => Outcome::Failed(why),
            Err(Stop::NotApplicable(why)) => Outcome::NotApplicable(why),
            Err(Stop::CouldNotRun(why)) => Outcome::CouldNotRun(why),
            Err(Stop::Interrupted) => break,
        };
        let finding = Finding {
            chapter,
            check,
            outcome,
            exchanges: probe.take_exchanges(),
            elapsed: start.elapsed(),
        };
        probe.clean_after_check().await;
        progress(&finding);
        findings.push(finding);
    }
    Ok(Report {
        server,
        findings,
        left_behind: probe.clean_all().await,
        interrupted: interrupted.load(Ordering::Relaxed),
        requests: probe.requests(),
        elapsed: start.elapsed(),
    })
}

/// What the names of this run begin with: recognisable, and no other run's.
fn mark() -> String {
    let random = RandomState::new().hash_one(std::process::id());
    format!("scimconf-{:08x}", random & 0xffff_ffff)
}
