//! Which requests an identity provider sends, and what must come back. The scripts are data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::report::Verdict;

/// An identity provider whose requests are known.
///
/// ```
/// use visitor_hosts::doctor::Provider;
///
/// assert_eq!("okta".parse(), Ok(Provider::Okta));
/// assert_eq!(Provider::Entra.name(), "Microsoft Entra ID");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Provider {
    /// Microsoft Entra ID.
    Entra,
    /// Okta.
    Okta,
}

impl Provider {
    /// All of them.
    pub const ALL: [Provider; 2] = [Provider::Entra, Provider::Okta];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Provider::Entra => "Microsoft Entra ID",
            Provider::Okta => "Okta",
        }
    }

    /// The word that is typed.
    pub fn word(self) -> &'static str {
        match self {
            Provider::Entra => "entra",
            Provider::Okta => "okta",
        }
    }

    fn json(self) -> &'static str {
        match self {
            Provider::Entra => include_str!("../../doctor/entra.json"),
            Provider::Okta => include_str!("../../doctor/okta.json"),
        }
    }

    /// What it sends. The scripts are part of the program, and a test reads them.
    pub(super) fn script(self) -> Result<Script, serde_json::Error> {
        serde_json::from_str(self.json())
    }
}

impl std::str::FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Provider, String> {
        let all = Provider::ALL.into_iter();
        all.into_iter()
            .find(|provider| provider.word() == text)
            .ok_or_else(|| format!("{text:?} is no identity provider that is known: entra or okta"))
    }
}

/// The requests of a provider, in their order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Script {
    /// Of every request.
    #[serde(default)]
    pub(super) headers: Map<String, Value>,
    /// How what was made can be found, if an answer did not tell its id.
    pub(super) made: Vec<Made>,
    pub(super) steps: Vec<Step>,
}

/// A name that the script gives to something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Made {
    pub(super) path: String,
    pub(super) filter: String,
}

/// One request and what must come back.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Step {
    /// Stays when texts change.
    pub(super) id: String,
    /// What the provider does, as its page or log would call it.
    pub(super) title: String,
    pub(super) does: Does,
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: Map<String, Value>,
    pub(super) body: Option<Value>,
    /// The body is written over the resource that was kept under this name, and all of it is sent.
    pub(super) over: Option<String>,
    /// The statuses that are fine.
    pub(super) status: Vec<u16>,
    /// About the body of the answer, where there is one.
    #[serde(default)]
    pub(super) checks: Vec<Check>,
    /// The resource is read afterwards, as the provider does before it changes it again.
    pub(super) then: Option<ReadBack>,
    /// What is kept of the answer: names, and where their values stand (RFC 6901).
    #[serde(default)]
    pub(super) keep: Map<String, Value>,
    /// The answer is a new resource of this endpoint, which has to be deleted at the end.
    pub(super) creates: Option<String>,
    /// The resource of this path is gone afterwards.
    pub(super) removes: Option<String>,
    /// The same as Entra sends it with the flag aadOptscim062020.
    pub(super) with_flag: Option<Value>,
    /// What is tried when the server does not take the body, so that the steps after it can be.
    pub(super) fallback: Option<Fallback>,
    #[serde(default)]
    pub(super) severity: Severity,
    /// What it means for the provider when something else comes back.
    pub(super) means: String,
    /// What to change then.
    pub(super) change: String,
}

/// Whether a step leaves the server as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Does {
    Reads,
    Writes,
}

/// How bad it is when a step fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Severity {
    Attention,
    #[default]
    Broken,
}

impl From<Severity> for Verdict {
    fn from(severity: Severity) -> Verdict {
        match severity {
            Severity::Attention => Verdict::Attention,
            Severity::Broken => Verdict::Broken,
        }
    }
}

/// A simpler request, which the provider does not send.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fallback {
    pub(super) body: Value,
    /// What follows if the server takes it, a sentence.
    pub(super) tells: String,
}

/// A look afterwards.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadBack {
    pub(super) path: String,
    #[serde(default)]
    pub(super) checks: Vec<Check>,
    /// Names, and where their values stand.
    #[serde(default)]
    pub(super) keep: Map<String, Value>,
}

/// Something that must be true of a body. What it means otherwise is that of the step, unless it
/// says so itself.
#[derive(Debug, Deserialize)]
pub(super) struct Check {
    /// Where to look (RFC 6901).
    pub(super) at: String,
    #[serde(flatten)]
    pub(super) must: Must,
    pub(super) severity: Option<Severity>,
    pub(super) means: Option<String>,
    pub(super) change: Option<String>,
}

/// What must be there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Must {
    /// Exactly this value.
    Is(Value),
    /// A list in which one element has all of this.
    Has(Value),
    /// No list, or one in which no element has all of this.
    Lacks(Value),
    /// A value of this type: `text` or `number`.
    BeA(String),
    /// Something, or nothing.
    BeThere(bool),
    /// A list of at most so many elements.
    HoldAtMost(usize),
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_scripts_can_be_read_and_say_what_they_do() {
        for provider in Provider::ALL {
            let script = provider.script().unwrap();
            let ids: BTreeSet<&str> = script.steps.iter().map(|step| step.id.as_str()).collect();
            assert_eq!(ids.len(), script.steps.len(), "ids are unique");
            for step in &script.steps {
                let reads = step.method == "GET";
                assert_eq!(reads && step.does == Does::Reads, step.does == Does::Reads);
                for text in [&step.means, &step.change] {
                    assert!(text.ends_with('.'), "{}: {text}", step.id);
                }
            }
        }
    }

    /// What is harmless comes first, so that a server that fails there is not written to.
    #[test]
    fn reads_come_before_writes() {
        for provider in Provider::ALL {
            let script = provider.script().unwrap();
            let writes = script
                .steps
                .iter()
                .position(|step| step.does == Does::Writes);
            let rest = script.steps.iter().skip(writes.unwrap());
            assert!(rest.into_iter().all(|step| step.does == Does::Writes));
        }
    }
}
