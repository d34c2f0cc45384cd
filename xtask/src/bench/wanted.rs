//! What each step must reach, and what it is compared with.

use super::servers::Database;
use super::statistics::Bound;

/// The names of the servers in tables.
pub(super) const FLOOR: &str = "floor";
pub(super) const PLAIN: &str = "plain";
pub(super) const PRODUCT: &str = "product";
pub(super) const SMALL: &str = "small";
pub(super) const LARGE: &str = "large";

/// A ratio to something else of the same round.
#[derive(Debug, PartialEq)]
pub(super) struct Claim<'a> {
    pub(super) target: &'a str,
    pub(super) step: &'a str,
    pub(super) of: Of,
    pub(super) bound: Option<Bound>,
}

/// What is divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    /// The rate here by the rate there.
    Rate,
    /// The time that a request takes here by that there.
    Time,
    /// The median latency here by that there.
    Median,
}

/// The steps that are compared with the floor: whether each writes, and what the plain server must
/// reach on SQLite, if anything.
const FLOOR_STEPS: [(&str, Kind, Option<f64>); 16] = [
    ("post-16", Kind::Write, Some(0.6)),
    ("get-1", Kind::Read, Some(0.7)),
    ("get-16", Kind::Read, Some(0.7)),
    ("filter-1", Kind::Read, Some(0.6)),
    ("filter-16", Kind::Read, Some(0.6)),
    ("filter-miss-1", Kind::Read, Some(0.6)),
    ("patch-1", Kind::Write, Some(0.6)),
    ("patch-16", Kind::Write, Some(0.6)),
    ("patch-mail-1", Kind::Write, Some(0.6)),
    ("page-first", Kind::Read, None),
    ("page-middle", Kind::Read, Some(0.7)),
    ("page-last", Kind::Read, None),
    ("page-random", Kind::Read, None),
    ("group-add", Kind::Write, Some(0.6)),
    ("group-remove", Kind::Write, Some(0.6)),
    ("cycle", Kind::Write, Some(0.5)),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Read,
    Write,
}

pub(super) fn floor_steps() -> Vec<&'static str> {
    FLOOR_STEPS.iter().map(|(step, ..)| *step).collect()
}

/// The product writes hosts, too, and the changes of both; what it reads is not held to anything.
pub(super) fn of_floor<'a>(step: &'a str, target: &str, on: Database) -> Option<Claim<'a>> {
    let (_, kind, plain) = FLOOR_STEPS.iter().find(|(name, ..)| *name == step)?;
    let bound = match (target, on, kind) {
        (PLAIN, Database::Sqlite, _) => *plain,
        (PLAIN, Database::Postgres, Kind::Read) => plain.and(Some(0.6)),
        (PLAIN, Database::Postgres, Kind::Write) => plain.and(Some(0.4)),
        (PRODUCT, Database::Sqlite, Kind::Write) => Some(0.35),
        (PRODUCT, ..) => None,
        _ => return None,
    };
    Some(Claim {
        target: FLOOR,
        step,
        of: Of::Rate,
        bound: bound.map(Bound::AtLeast),
    })
}

pub(super) const GROWTH_STEPS: [&str; 7] = [
    "filter-1",
    "get-1",
    "post-16",
    "page-first",
    "page-last",
    "group-add",
    "group-remove",
];

/// The large server is compared with the small one, and its last page with its first.
pub(super) fn of_growth<'a>(step: &'a str, target: &str, _on: Database) -> Option<Claim<'a>> {
    let against = |target, step, of, most| Claim {
        target,
        step,
        of,
        bound: Some(Bound::AtMost(most)),
    };
    match (target, step) {
        (LARGE, "get-1") => Some(against(SMALL, step, Of::Time, 1.2)),
        (LARGE, "post-16") => Some(against(SMALL, step, Of::Time, 1.4)),
        (LARGE, "filter-1" | "group-add" | "group-remove") => {
            Some(against(SMALL, step, Of::Time, 1.3))
        }
        (LARGE, "page-last") => Some(against(LARGE, "page-first", Of::Time, 1.5)),
        _ => None,
    }
}

pub(super) const PAGE_STEPS: [&str; 2] = ["write-page-first", "write-page-deep"];

/// A deep page is compared with the first of the same server.
pub(super) fn of_pages<'a>(step: &str, target: &'a str, _on: Database) -> Option<Claim<'a>> {
    (step == "write-page-deep").then_some(Claim {
        target,
        step: "write-page-first",
        of: Of::Median,
        bound: Some(Bound::AtMost(1.5)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(step: &str, target: &str, on: Database, expected: Option<f64>) {
        let bound = of_floor(step, target, on).and_then(|claim| claim.bound);
        assert_eq!(bound, expected.map(Bound::AtLeast), "{step} of {target}");
    }

    #[test]
    fn of_the_floor() {
        check("get-1", PLAIN, Database::Sqlite, Some(0.7));
        check("get-1", PLAIN, Database::Postgres, Some(0.6));
        check("get-1", PRODUCT, Database::Sqlite, None);
        check("patch-1", PLAIN, Database::Sqlite, Some(0.6));
        check("patch-1", PLAIN, Database::Postgres, Some(0.4));
        check("patch-1", PRODUCT, Database::Sqlite, Some(0.35));
        check("page-middle", PLAIN, Database::Sqlite, Some(0.7));
        check("page-first", PLAIN, Database::Postgres, None);
        check("cycle", PLAIN, Database::Sqlite, Some(0.5));
    }

    #[test]
    fn the_floor_is_compared_with_nothing() {
        assert_eq!(of_floor("get-1", FLOOR, Database::Sqlite), None);
    }
}
