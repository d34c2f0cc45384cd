//! What a check is, and the words it is written with.

use std::fmt;
use std::pin::Pin;

use super::Probe;

/// One rule that a server keeps or breaks.
pub struct Check {
    /// Names its source: `RFC7644-3.5.2.2-c`, `ENTRA-manager-as-text`.
    pub id: &'static str,
    /// How binding the rule is.
    pub level: Level,
    /// The rule, in one sentence.
    pub requires: &'static str,
    /// What somebody whose server breaks the rule should do.
    pub fix: &'static str,
    /// The tolerance of identity providers that stands against this rule: a server that has it
    /// breaks the rule on purpose.
    pub tolerance: Option<&'static str>,
    /// The public failures of `docs/conformance.md` that this check would have found.
    pub failures: &'static [u8],
    run: Run,
}

/// What a check does.
pub(crate) type Run = for<'p> fn(&'p Probe) -> Running<'p>;

/// A check under way.
pub(crate) type Running<'p> = Pin<Box<dyn Future<Output = Result<(), Stop>> + Send + 'p>>;

impl Check {
    pub(crate) const fn new(
        level: Level,
        id: &'static str,
        requires: &'static str,
        fix: &'static str,
        run: Run,
    ) -> Self {
        Self {
            id,
            level,
            requires,
            fix,
            tolerance: None,
            failures: &[],
            run,
        }
    }

    /// The same check, which a server with this tolerance does not pass.
    pub(crate) const fn unless(mut self, tolerance: &'static str) -> Self {
        self.tolerance = Some(tolerance);
        self
    }

    /// The same check, which would have found these public failures.
    pub(crate) const fn finds(mut self, failures: &'static [u8]) -> Self {
        self.failures = failures;
        self
    }

    pub(super) fn run<'p>(&self, probe: &'p Probe) -> Running<'p> {
        (self.run)(probe)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.id).finish()
    }
}

/// How binding a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// An RFC says MUST, SHALL or REQUIRED, or defines what happens.
    Must,
    /// An RFC says SHOULD or RECOMMENDED.
    Should,
    /// An identity provider or a profile needs it.
    Idp,
}

impl Level {
    /// As reports have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Idp => "idp",
        }
    }
}

/// Checks of one subject.
#[derive(Debug)]
pub struct Chapter {
    /// One word.
    pub name: &'static str,
    /// What it is about, with its source.
    pub title: &'static str,
    /// Which profile it belongs to, beside `all`.
    pub profile: Profile,
    /// In the order in which they run.
    pub checks: &'static [Check],
}

/// Which checks somebody asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// What RFC 7643, RFC 7644 and RFC 9865 say
    #[default]
    Rfc,
    /// What Microsoft Entra ID sends and needs
    Entra,
    /// What Okta sends and needs
    Okta,
    /// What the IPSIE and interoperability profiles ask
    Ipsie,
    /// Everything, other identity providers included
    All,
}

impl Profile {
    /// Whether a chapter of `other` is run under this profile.
    pub fn includes(self, other: Self) -> bool {
        self == Self::All || self == other
    }
}

/// Why a check ended before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The server breaks the rule.
    Failed(String),
    /// The rule does not bind this server.
    NotApplicable(String),
    /// Something the check needs went wrong before.
    CouldNotRun(String),
    /// Somebody wants the run to end.
    Interrupted,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server keeps the rule.
    Passed,
    /// The server breaks the rule, and how.
    Failed(String),
    /// The rule does not bind this server, and why.
    NotApplicable(String),
    /// A prerequisite failed, and which.
    CouldNotRun(String),
}

impl Outcome {
    /// As reports have it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::NotApplicable(_) => "notApplicable",
            Self::CouldNotRun(_) => "couldNotRun",
        }
    }

    /// What there is to say about it.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Passed => None,
            Self::Failed(why) | Self::NotApplicable(why) | Self::CouldNotRun(why) => Some(why),
        }
    }
}

/// Drops what the last expectation of a check returns.
pub(crate) async fn done<T>(body: impl Future<Output = Result<T, Stop>>) -> Result<(), Stop> {
    body.await.map(|_kept| ())
}

/// Defines the words for a check of each level.
macro_rules! level {
    ($($word:ident = $level:ident),+) => { $(
        macro_rules! $word {
            ($id:literal, $requires:literal, $fix:literal, async |$t:ident| $body:block) => {
                $crate::suite::Check::new(
                    $crate::suite::Level::$level,
                    $id,
                    $requires,
                    $fix,
                    |$t| Box::pin($crate::suite::done(async move $body)),
                )
            };
        }
        pub(crate) use $word;
    )+ };
}

level!(must = Must, should = Should, idp = Idp);
