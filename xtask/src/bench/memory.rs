//! What stays in the server's memory: with many users, and after many requests.

use std::fs;

use anyhow::Context;

use super::load::{Measurement, Work, measure};
use super::servers::{Machine, Program};
use super::statistics::Bound;
use super::wanted::PLAIN;
use super::{Options, contest};

/// Some of everything.
pub(super) const STEP: &str = "mixed-8";
/// Of a round; there are ten of them, however many rounds are wanted elsewhere.
const CALLS: u32 = 20_000;
const ROUNDS: u32 = 10;
/// Caches are full after so many rounds; then nothing more may stay.
const WARM: usize = 3;
const WANTED: [(&str, Bound); 2] = [
    ("above the start, MiB", Bound::AtMost(150.0)),
    ("after all rounds, of after the third", Bound::AtMost(1.1)),
];

/// Prints what the plain server has after each round; returns how much is missed.
pub(super) fn watch(machine: &Machine, options: &Options) -> anyhow::Result<usize> {
    let users = options.users.unwrap_or(100_000);
    let target = contest::target(machine, PLAIN, Program::Plain, users, 1_000)?;
    let start = memory_mib(target.server.id())?;
    let work = Work {
        steps: &[STEP],
        rounds: ROUNDS,
        // As long as it takes.
        seconds: 3_600.0,
        most: Some(CALLS),
    };
    let measurements = measure(&[target], &work)?;
    let (text, missed) = report(start, users, &measurements);
    println!("\n{text}");
    Ok(missed)
}

fn report(start: f64, users: u32, measurements: &[Measurement]) -> (String, usize) {
    let mut rows = vec![
        "| when | MiB |\n|---|---:|".to_owned(),
        format!("| at the start | {start:.0} |"),
    ];
    let mut requests = 0;
    for told in measurements {
        let memory = told.memory_mib;
        if told.round == 0 {
            rows.push(format!("| with {users} users | {memory:.0} |"));
        } else {
            requests += told.requests;
            rows.push(format!("| after {requests} more requests | {memory:.0} |"));
        }
    }
    let after = |round: usize| measurements.get(round).map_or(f64::NAN, |it| it.memory_mib);
    let last = after(measurements.len().saturating_sub(1));
    let values = [last.max(after(0)) - start, last / after(WARM)];
    let mut missed = 0;
    rows.push("\n| memory | is | wanted | |\n|---|---:|---|---|".to_owned());
    for ((what, bound), value) in WANTED.into_iter().zip(values) {
        let holds = bound.holds(value);
        missed += usize::from(!holds);
        let word = if holds { "ok" } else { "MISSED" };
        rows.push(format!("| {what} | {value:.2} | {bound} | {word} |"));
    }
    for told in measurements {
        for (why, times) in &told.wrong {
            missed += 1;
            rows.push(format!("- wrong in round {}: {times} × {why}", told.round));
        }
    }
    (rows.join("\n"), missed)
}

/// Before the load knows of it.
fn memory_mib(process: u32) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    Ok(kib.context("/proc/PID/status has no VmRSS")? / 1024.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check(memory_mib: &[f64], expected: [&str; 2], missed: usize) {
        let rounds = memory_mib.iter().enumerate();
        let measurements: Vec<_> = rounds
            .map(|(round, &memory_mib)| Measurement {
                step: STEP.to_owned(),
                round,
                target: PLAIN.to_owned(),
                requests: 10,
                rate: 1.0,
                p50_us: 1.0,
                p90_us: 1.0,
                p99_us: 1.0,
                cpu_us: 1.0,
                memory_mib,
                wrong: BTreeMap::new(),
            })
            .collect();
        let (text, found) = report(20.0, 5, &measurements);
        let claims: Vec<_> = text.lines().rev().take(2).collect();
        assert_eq!(claims, [expected[1], expected[0]]);
        assert_eq!(found, missed);
    }

    #[test]
    fn full_caches_are_no_growth() {
        check(
            &[50.0, 60.0, 70.0, 80.0, 80.0, 84.0],
            [
                "| above the start, MiB | 64.00 | ≤ 150 | ok |",
                "| after all rounds, of after the third | 1.05 | ≤ 1.1 | ok |",
            ],
            0,
        );
    }

    #[test]
    fn what_grows_is_missed() {
        check(
            &[50.0, 60.0, 70.0, 80.0, 120.0, 180.0],
            [
                "| above the start, MiB | 160.00 | ≤ 150 | MISSED |",
                "| after all rounds, of after the third | 2.25 | ≤ 1.1 | MISSED |",
            ],
            2,
        );
    }

    #[test]
    fn without_rounds_nothing_is_known() {
        check(
            &[50.0],
            [
                "| above the start, MiB | 30.00 | ≤ 150 | ok |",
                "| after all rounds, of after the third | NaN | ≤ 1.1 | MISSED |",
            ],
            1,
        );
    }
}
