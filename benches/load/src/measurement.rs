//! What is told of one step at one server in one round: a line of JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::process::memory_mib;
use crate::session::Tally;
use crate::target::Target;

/// A line that the load prints.
#[derive(Debug, Serialize)]
pub struct Measurement {
    /// What was done.
    pub step: String,
    /// 0 for what comes before the rounds.
    pub round: usize,
    /// The name of the server.
    pub target: String,
    /// Those with a right answer.
    pub requests: usize,
    /// Of them, in a second.
    pub rate: f64,
    /// The latency that half of them stay below.
    pub p50_us: f64,
    /// Nine of ten.
    pub p90_us: f64,
    /// 99 of 100.
    pub p99_us: f64,
    /// Processor time of the server for each request.
    pub cpu_us: f64,
    /// Of the server, afterwards.
    pub memory_mib: f64,
    /// What was wrong with other answers, and how often.
    pub wrong: BTreeMap<String, usize>,
}

impl Measurement {
    /// Sums up.
    pub fn new(step: &str, round: usize, target: &Target, tally: Tally) -> anyhow::Result<Self> {
        let mut latencies = tally.latencies_us;
        latencies.sort_by(f64::total_cmp);
        let requests = latencies.len();
        let count = requests as f64;
        Ok(Self {
            step: step.to_owned(),
            round,
            target: target.name.clone(),
            requests,
            rate: if requests == 0 {
                0.0
            } else {
                count / tally.seconds
            },
            p50_us: quantile(&latencies, 0.50),
            p90_us: quantile(&latencies, 0.90),
            p99_us: quantile(&latencies, 0.99),
            cpu_us: if requests == 0 {
                0.0
            } else {
                tally.cpu_seconds * 1e6 / count
            },
            memory_mib: memory_mib(target.process)?,
            wrong: tally.wrong,
        })
    }
}

/// The least value that at least this part of all does not exceed; 0 of none.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sorted: &[f64], part: f64, expected: f64) {
        assert_eq!(quantile(sorted, part), expected);
    }

    #[test]
    fn quantiles() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        check(&[], 0.5, 0.0);
        check(&[7.0], 0.99, 7.0);
        check(&[1.0, 2.0], 0.5, 1.0);
        check(&[1.0, 2.0, 3.0], 0.5, 2.0);
        check(&hundred, 0.5, 50.0);
        check(&hundred, 0.9, 90.0);
        check(&hundred, 0.99, 99.0);
    }

    #[test]
    fn only_right_answers_make_a_rate() {
        let tally = Tally {
            latencies_us: vec![30.0, 10.0, 20.0, 40.0],
            wrong: BTreeMap::from([("status 500: ".to_owned(), 9)]),
            seconds: 2.0,
            cpu_seconds: 0.01,
        };
        let target = format!("a,http://localhost:1,x,{},1,1", std::process::id());
        let told = Measurement::new("get-1", 3, &target.parse().unwrap(), tally).unwrap();
        assert_eq!(
            (told.requests, told.rate, told.p50_us, told.cpu_us),
            (4, 2.0, 20.0, 2_500.0)
        );
    }
}
