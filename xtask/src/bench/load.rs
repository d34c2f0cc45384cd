//! Runs `benches/load` and takes down what it tells, line by line.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, bail};
use serde::Deserialize;

use super::servers::release;
use crate::run::program;
use crate::server::Server;

/// One step at one server in one round, as `benches/load/src/measurement.rs` has it.
#[derive(Debug, Deserialize)]
pub(super) struct Measurement {
    pub(super) step: String,
    pub(super) round: usize,
    pub(super) target: String,
    pub(super) requests: usize,
    pub(super) rate: f64,
    pub(super) p50_us: f64,
    pub(super) p90_us: f64,
    pub(super) p99_us: f64,
    pub(super) cpu_us: f64,
    pub(super) memory_mib: f64,
    pub(super) wrong: BTreeMap<String, usize>,
}

/// A server that is asked, and how much is put on it.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) server: Server,
    pub(super) users: u32,
    pub(super) members: u32,
}

/// How much is done.
pub(super) struct Work<'a> {
    pub(super) steps: &'a [&'a str],
    pub(super) rounds: u32,
    pub(super) seconds: f64,
    pub(super) most: Option<u32>,
}

/// Shows what happens on standard error, and returns all of it.
pub(super) fn measure(targets: &[Target], work: &Work<'_>) -> anyhow::Result<Vec<Measurement>> {
    let mut load = program(release("load"));
    for Target {
        name,
        server,
        users,
        members,
    } in targets
    {
        let (base, secret, id) = (&server.base, &server.secret, server.id());
        load.args([
            "--target",
            &format!("{name},{base},{secret},{id},{users},{members}"),
        ]);
    }
    for step in work.steps {
        load.args(["--step", step]);
    }
    load.args(["--rounds", &work.rounds.to_string()]);
    load.args(["--seconds", &work.seconds.to_string()]);
    if let Some(most) = work.most {
        load.args(["--most", &most.to_string()]);
    }
    let mut process = load
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start load")?;
    let stdout = process.stdout.take().context("stdout is piped")?;
    let mut measurements = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        let measurement: Measurement =
            serde_json::from_str(&line).with_context(|| format!("load told {line}"))?;
        eprintln!("{}", progress(&measurement, work.rounds));
        measurements.push(measurement);
    }
    if !process.wait()?.success() {
        bail!("the load has ended early; what it printed above says why");
    }
    Ok(measurements)
}

fn progress(told: &Measurement, rounds: u32) -> String {
    let wrong: usize = told.wrong.values().sum();
    let wrong = match wrong {
        0 => String::new(),
        some => format!(", {some} WRONG"),
    };
    format!(
        "round {}/{rounds} {:<16} {:<10} {:>7} requests, {:>7.0}/s{wrong}",
        told.round, told.step, told.target, told.requests, told.rate
    )
}
