//! What follows from the Hosts that may be the person. Pure.

use super::candidates::Standing;
use crate::source::OnExisting;

/// What is known of a candidate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) standing: Standing,
    /// The evidence is a hint and no more.
    pub(super) weak: bool,
    /// The e-mail address is the same, and the employee numbers are not.
    pub(super) reused: bool,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is somebody new.
    New,
    /// The one candidate comes back.
    Back,
    /// The one candidate is theirs from now on.
    Link,
    /// Somebody decides; until then there is no Host.
    Ask(Meeting),
    /// They are not taken until somebody decides.
    Refuse(Meeting),
}

/// The values of `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meeting {
    /// With somebody who is kept by hand or came from a file.
    ExistingLocalHost,
    /// With somebody whom a directory keeps.
    TwoDirectories,
    /// Of HR and the directory.
    HrVsDirectory,
    /// With somebody else who has had the address.
    EmailReused,
    /// With several people.
    AmbiguousMatch,
}

impl Meeting {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Meeting::ExistingLocalHost => "existingLocalHost",
            Meeting::TwoDirectories => "twoDirectories",
            Meeting::HrVsDirectory => "hrVsDirectory",
            Meeting::EmailReused => "emailReused",
            Meeting::AmbiguousMatch => "ambiguousMatch",
        }
    }
}

/// Decides. `arrives`: the User is being made, so it can still be refused.
pub(super) fn verdict(
    channel: &str,
    policy: OnExisting,
    arrives: bool,
    candidates: &[Known],
) -> Verdict {
    let one = match candidates {
        [] => return Verdict::New,
        [one] => one,
        _ => return Verdict::Ask(Meeting::AmbiguousMatch),
    };
    let Standing::Kept(keeper) = one.standing else {
        return Verdict::Back;
    };
    let meeting = meeting(channel, keeper, one.reused);
    if keeper == "idp" {
        return Verdict::Ask(meeting);
    }
    match policy {
        OnExisting::AutoLink if !one.weak => Verdict::Link,
        OnExisting::Reject if arrives => Verdict::Refuse(meeting),
        OnExisting::AutoLink | OnExisting::Ask | OnExisting::Reject => Verdict::Ask(meeting),
    }
}

fn meeting(channel: &str, keeper: &str, reused: bool) -> Meeting {
    match (channel, keeper) {
        _ if reused => Meeting::EmailReused,
        ("hr", "idp") | ("idp", "hr") => Meeting::HrVsDirectory,
        (_, "idp") => Meeting::TwoDirectories,
        _ => Meeting::ExistingLocalHost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ownership::candidates::Fit;

    fn kept(keeper: &'static str) -> Known {
        Known {
            standing: Standing::Kept(keeper),
            weak: false,
            reused: false,
        }
    }

    fn former() -> Known {
        Known {
            standing: Standing::Former(Fit::EmployeeNumber),
            ..kept("idp")
        }
    }

    fn all(channel: &str, candidates: &[Known]) -> String {
        let told = |policy: OnExisting| {
            let verdict = verdict(channel, policy, true, candidates);
            format!("{}: {verdict:?}", policy.as_str())
        };
        [OnExisting::AutoLink, OnExisting::Ask, OnExisting::Reject]
            .map(told)
            .join(", ")
    }

    macro_rules! check {
        ($channel:literal, [$($candidate:expr),*], @$shown:literal) => {
            insta::assert_snapshot!(all($channel, &[$($candidate),*]), @$shown)
        };
    }

    #[test]
    fn every_row() {
        check!("idp", [], @"autoLink: New, ask: New, reject: New");
        check!("idp", [former()], @"autoLink: Back, ask: Back, reject: Back");
        check!("idp", [kept("manual")], @"autoLink: Link, ask: Ask(ExistingLocalHost), reject: Refuse(ExistingLocalHost)");
        check!("idp", [kept("csv")], @"autoLink: Link, ask: Ask(ExistingLocalHost), reject: Refuse(ExistingLocalHost)");
        check!("idp", [kept("hr")], @"autoLink: Link, ask: Ask(HrVsDirectory), reject: Refuse(HrVsDirectory)");
        check!("idp", [kept("idp")], @"autoLink: Ask(TwoDirectories), ask: Ask(TwoDirectories), reject: Ask(TwoDirectories)");
        check!("hr", [kept("idp")], @"autoLink: Ask(HrVsDirectory), ask: Ask(HrVsDirectory), reject: Ask(HrVsDirectory)");
        check!("csv", [kept("manual")], @"autoLink: Link, ask: Ask(ExistingLocalHost), reject: Refuse(ExistingLocalHost)");
        check!("idp", [kept("manual"), kept("manual")], @"autoLink: Ask(AmbiguousMatch), ask: Ask(AmbiguousMatch), reject: Ask(AmbiguousMatch)");
        check!("idp", [former(), kept("manual")], @"autoLink: Ask(AmbiguousMatch), ask: Ask(AmbiguousMatch), reject: Ask(AmbiguousMatch)");
    }

    #[test]
    fn a_hint_links_nobody() {
        let weak = Known {
            weak: true,
            ..kept("manual")
        };
        check!("idp", [weak], @"autoLink: Ask(ExistingLocalHost), ask: Ask(ExistingLocalHost), reject: Refuse(ExistingLocalHost)");
        let reused = Known {
            reused: true,
            ..weak
        };
        check!("idp", [reused], @"autoLink: Ask(EmailReused), ask: Ask(EmailReused), reject: Refuse(EmailReused)");
    }

    #[test]
    fn who_was_taken_is_not_refused_afterwards() {
        let verdict = verdict("idp", OnExisting::Reject, false, &[kept("manual")]);
        assert_eq!(verdict, Verdict::Ask(Meeting::ExistingLocalHost));
    }
}
