//! The table of what was measured, what it is compared with, and what is missed.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::load::Measurement;
use super::statistics::{median, ratio};
use super::wanted::{Claim, Of};

/// Markdown, and how much of what is wanted is missed.
pub(super) struct Report {
    pub(super) text: String,
    pub(super) missed: usize,
}

/// A row for each step at each server, in the order in which they came.
pub(super) fn report<'a>(
    measurements: &'a [Measurement],
    claim: impl Fn(&'a str, &'a str) -> Option<Claim<'a>>,
) -> Report {
    let mut text = "\
| step | server | requests/s | p50 µs | p90 µs | p99 µs | CPU µs | MiB | of | ratio | min–max | wanted | |
|---|---|---:|---:|---:|---:|---:|---:|---|---:|---|---|---|
"
    .to_owned();
    let mut missed = 0;
    let mut rows: Vec<(&str, &str)> = Vec::new();
    for told in measurements.iter().filter(|it| it.round > 0) {
        if !rows.contains(&(&told.step, &told.target)) {
            rows.push((&told.step, &told.target));
        }
    }
    // Who begins changes; in the table it is always the first that was named.
    let steps: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let targets: Vec<&str> = measurements.iter().map(|it| &*it.target).collect();
    rows.sort_by_key(|(step, target)| {
        let first = |all: &[&str], one| all.iter().position(|it| *it == one);
        (first(&steps, *step), first(&targets, *target))
    });
    for (step, target) in rows {
        let series = |of: fn(&Measurement) -> f64| {
            Series {
                measurements,
                step,
                target,
            }
            .median(of)
        };
        let (claimed, holds) = claim(step, target)
            .and_then(|it| compared(measurements, step, target, &it))
            .unwrap_or_else(|| ("| | | | |".to_owned(), true));
        missed += usize::from(!holds);
        let _text_takes_all = writeln!(
            text,
            "| {step} | {target} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} {claimed}",
            series(|it| it.rate),
            series(|it| it.p50_us),
            series(|it| it.p90_us),
            series(|it| it.p99_us),
            series(|it| it.cpu_us),
            series(|it| it.memory_mib),
        );
    }
    let wrong = wrong(measurements);
    if !wrong.is_empty() {
        text.push_str("\nWrong answers, each as often as it came:\n");
    }
    for line in &wrong {
        let _text_takes_all = writeln!(text, "- {line}");
    }
    Report {
        text,
        missed: missed + wrong.len(),
    }
}

/// One step at one server, round by round.
struct Series<'a> {
    measurements: &'a [Measurement],
    step: &'a str,
    target: &'a str,
}

impl Series<'_> {
    fn values(&self, of: impl Fn(&Measurement) -> f64) -> Vec<f64> {
        let measurements = self.measurements.iter();
        measurements
            .filter(|it| it.round > 0 && it.step == self.step && it.target == self.target)
            .map(of)
            .collect()
    }

    fn median(&self, of: impl Fn(&Measurement) -> f64) -> f64 {
        median(&self.values(of)).unwrap_or(0.0)
    }
}

/// The end of the row, and whether the claim holds. `None` where what it is compared with was
/// left out of the run.
fn compared(
    measurements: &[Measurement],
    step: &str,
    target: &str,
    claim: &Claim<'_>,
) -> Option<(String, bool)> {
    let here = Series {
        measurements,
        step,
        target,
    };
    let there = Series {
        measurements,
        step: claim.step,
        target: claim.target,
    };
    let rate = |it: &Measurement| it.rate;
    let p50 = |it: &Measurement| it.p50_us;
    let (these, those) = match claim.of {
        Of::Rate => (here.values(rate), there.values(rate)),
        Of::Time => (there.values(rate), here.values(rate)),
        Of::Median => (here.values(p50), there.values(p50)),
    };
    if these.is_empty() || those.is_empty() {
        return None;
    }
    let of = match claim.of {
        Of::Rate => "rate",
        Of::Time => "time",
        Of::Median => "p50",
    };
    let against = if claim.step == step {
        claim.target
    } else {
        claim.step
    };
    let spread = ratio(&these, &those);
    let holds = match (claim.bound, &spread) {
        (Some(bound), Some(spread)) => bound.holds(spread.median),
        (_, None) => false,
        (None, Some(_)) => true,
    };
    let wanted = claim.bound.map(|it| it.to_string()).unwrap_or_default();
    let word = match (holds, claim.bound) {
        (false, _) => "MISSED",
        (true, Some(_)) => "ok",
        (true, None) => "",
    };
    let spread = spread.map_or("– | –".to_owned(), |it| {
        format!("{:.2} | {:.2}–{:.2}", it.median, it.least, it.greatest)
    });
    Some((
        format!("| {of} of {against} | {spread} | {wanted} | {word} |"),
        holds,
    ))
}

fn wrong(measurements: &[Measurement]) -> BTreeSet<String> {
    let measurements = measurements.iter();
    measurements
        .flat_map(|it| {
            let wrong = it.wrong.iter();
            wrong.map(move |(why, times)| {
                format!(
                    "{} at {}, round {}: {times} × {why}",
                    it.step, it.target, it.round
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::statistics::Bound;
    use super::*;

    fn told(round: usize, target: &str, rate: f64, wrong: &[&str]) -> Measurement {
        Measurement {
            step: "get-1".to_owned(),
            round,
            target: target.to_owned(),
            requests: 100,
            rate,
            p50_us: 10.0,
            p90_us: 20.0,
            p99_us: 30.0,
            cpu_us: 5.0,
            memory_mib: 40.0,
            wrong: BTreeMap::from_iter(wrong.iter().map(|why| ((*why).to_owned(), 2))),
        }
    }

    fn check(measurements: &[Measurement], wanted: f64, expected: &[&str], missed: usize) {
        let report = report(measurements, |step, target| {
            (target == "plain").then_some(Claim {
                target: "floor",
                step,
                of: Of::Rate,
                bound: Some(Bound::AtLeast(wanted)),
            })
        });
        let rows: Vec<_> = report.text.lines().skip(2).collect();
        assert_eq!(rows, expected);
        assert_eq!(report.missed, missed);
    }

    const FLOOR: &str = "| get-1 | floor | 100 | 10 | 20 | 30 | 5 | 40 | | | | |";

    #[test]
    fn medians_of_rounds_and_their_ratios() {
        let rounds = [
            told(0, "floor", 1.0, &[]),
            told(1, "plain", 50.0, &[]),
            told(1, "floor", 100.0, &[]),
            told(2, "floor", 80.0, &[]),
            told(2, "plain", 64.0, &[]),
            told(3, "floor", 200.0, &[]),
            told(3, "plain", 120.0, &[]),
        ];
        let plain = |wanted: &str| {
            format!(
                "| get-1 | plain | 64 | 10 | 20 | 30 | 5 | 40 | rate of floor | 0.60 | 0.50–0.80 | {wanted} |"
            )
        };
        check(&rounds, 0.6, &[FLOOR, &plain("≥ 0.6 | ok")], 0);
        check(&rounds, 0.7, &[FLOOR, &plain("≥ 0.7 | MISSED")], 1);
    }

    #[test]
    fn nothing_right_is_missed_and_wrong_answers_are_told() {
        let rounds = [
            told(1, "floor", 100.0, &[]),
            told(1, "plain", 0.0, &["status 500"]),
        ];
        check(
            &rounds,
            0.6,
            &[
                FLOOR,
                "| get-1 | plain | 0 | 10 | 20 | 30 | 5 | 40 | rate of floor | – | – | ≥ 0.6 | MISSED |",
                "",
                "Wrong answers, each as often as it came:",
                "- get-1 at plain, round 1: 2 × status 500",
            ],
            2,
        );
    }

    #[test]
    fn what_was_not_measured_is_compared_with_nothing() {
        let row = "| get-1 | plain | 100 | 10 | 20 | 30 | 5 | 40 | | | | |";
        check(&[told(1, "plain", 100.0, &[])], 0.6, &[row], 0);
    }
}
