//! Which providers are played, and how much of each.

use std::sync::atomic::AtomicBool;

use super::endpoint::Endpoint;
use super::play::Playing;
use super::report::{Examined, Mode, Report, StepReport, Verdict};
use super::script::{Does, Provider};

/// Sends what identity providers send, and tells how they would fare.
///
/// What it writes is named `scim-doctor-…` and is deleted at the end, whatever happened. Nothing else
/// is touched: an id is used only if the server says that it belongs to such a name.
///
/// ```no_run
/// # async fn example(endpoint: &dyn visitor_hosts::doctor::Endpoint) {
/// use visitor_hosts::doctor::{Doctor, Provider};
///
/// let report = Doctor::new(endpoint, "0f6b1c").examine(&[Provider::Entra]).await;
/// print!("{report}");
/// # }
/// ```
pub struct Doctor<'e> {
    pub(super) endpoint: &'e dyn Endpoint,
    pub(super) tag: String,
    mode: Mode,
    pub(super) stop: Option<&'e AtomicBool>,
}

impl<'e> Doctor<'e> {
    /// Of this server; `run` becomes part of every name, so it should be used once.
    pub fn new(endpoint: &'e dyn Endpoint, run: &str) -> Doctor<'e> {
        let run: String = run.chars().filter(char::is_ascii_alphanumeric).collect();
        Doctor {
            endpoint,
            tag: format!("scim-doctor-{run}"),
            mode: Mode::Full,
            stop: None,
        }
    }

    /// Writes nothing: sends only what identity providers read.
    #[must_use]
    pub fn reading_only(mut self) -> Doctor<'e> {
        self.mode = Mode::ReadOnly;
        self
    }

    /// Begins no further step once this is true, and cleans up.
    #[must_use]
    pub fn until(mut self, stop: &'e AtomicBool) -> Doctor<'e> {
        self.stop = Some(stop);
        self
    }

    /// Plays these providers, one after the other.
    pub async fn examine(&self, providers: &[Provider]) -> Report {
        let mut examined = Vec::new();
        let (mut made, mut left_behind) = (0, Vec::new());
        for provider in providers {
            let script = match provider.script() {
                Ok(script) => script,
                Err(error) => {
                    examined.push(unreadable(*provider, &error));
                    continue;
                }
            };
            let mut playing = Playing::new(self, *provider, &script);
            let mut steps = Vec::new();
            for step in &script.steps {
                if step.does == Does::Writes && self.mode == Mode::ReadOnly {
                    continue;
                }
                steps.push(playing.play(step).await);
            }
            if self.mode == Mode::Full {
                let tidied = playing.tidy().await;
                made += tidied.made;
                left_behind.extend(tidied.left_behind);
            }
            examined.push(Examined::new(*provider, provider.name(), steps));
        }
        let mut report = Report::new(self.mode, examined);
        report.made = made;
        report.left_behind = left_behind;
        report
    }
}

fn unreadable(provider: Provider, error: &serde_json::Error) -> Examined {
    let step = StepReport {
        id: provider.word().to_owned(),
        title: "The requests of this provider".to_owned(),
        verdict: Verdict::Broken,
        sent: None,
        came: None,
        problems: Vec::new(),
        skipped: Some(format!("they cannot be read: {error}")),
    };
    Examined::new(provider, provider.name(), vec![step])
}
