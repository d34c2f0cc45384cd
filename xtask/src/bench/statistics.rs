//! What is told of several rounds.

/// The value in the middle; of two, what is between them. `None` of none.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(*lower, *upper))
}

/// How the ratios of the rounds spread.
#[derive(Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

/// Divides round by round: what disturbed a round disturbed both. A round in which one of them
/// has nothing is left out; `None` if that is every round.
pub(super) fn ratio(these: &[f64], those: &[f64]) -> Option<Spread> {
    let pairs = these.iter().zip(those);
    let ratios: Vec<f64> = pairs
        .filter(|(this, that)| **this > 0.0 && **that > 0.0)
        .map(|(this, that)| this / that)
        .collect();
    Some(Spread {
        median: median(&ratios)?,
        least: ratios.iter().copied().reduce(f64::min)?,
        greatest: ratios.iter().copied().reduce(f64::max)?,
    })
}

/// What a ratio must keep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    pub(super) fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(formatter, "≥ {bound}"),
            Self::AtMost(bound) => write!(formatter, "≤ {bound}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        let check = |values: &[f64], expected| assert_eq!(median(values), expected);
        check(&[], None);
        check(&[3.0], Some(3.0));
        check(&[4.0, 1.0], Some(2.5));
        check(&[9.0, 1.0, 2.0], Some(2.0));
        check(&[4.0, 3.0, 1.0, 2.0], Some(2.5));
    }

    #[test]
    fn ratios_are_those_of_rounds() {
        let check = |these: &[f64], those: &[f64], expected: Option<[f64; 3]>| {
            let spread = ratio(these, those).map(|it| [it.least, it.median, it.greatest]);
            assert_eq!(spread, expected);
        };
        check(&[], &[], None);
        check(&[5.0], &[10.0], Some([0.5, 0.5, 0.5]));
        // The medians are equal, and yet no round was.
        check(&[1.0, 2.0, 4.0], &[2.0, 4.0, 2.0], Some([0.5, 0.5, 2.0]));
        // A round without an answer.
        check(&[0.0, 3.0], &[1.0, 4.0], Some([0.75, 0.75, 0.75]));
        check(&[1.0, 3.0], &[0.0, 4.0], Some([0.75, 0.75, 0.75]));
        check(&[0.0], &[1.0], None);
    }

    #[test]
    fn bounds_include_themselves() {
        let check = |bound: Bound, value, expected| assert_eq!(bound.holds(value), expected);
        check(Bound::AtLeast(0.6), 0.6, true);
        check(Bound::AtLeast(0.6), 0.599, false);
        check(Bound::AtMost(1.3), 1.3, true);
        check(Bound::AtMost(1.3), 1.301, false);
    }
}
