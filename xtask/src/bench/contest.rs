//! Which servers meet at which steps.

use super::load::{Target, Work, measure};
use super::servers::{Database, Machine, Program};
use super::wanted::{self, Claim, FLOOR, LARGE, PLAIN, PRODUCT, SMALL};
use super::{Options, report};

/// Servers that run, what they are asked, and what is claimed of them.
pub(super) struct Contest {
    targets: Vec<Target>,
    steps: Vec<&'static str>,
    claim: for<'a> fn(&'a str, &'a str, Database) -> Option<Claim<'a>>,
    database: Database,
}

/// Members of the group, where its size is not the question.
const MEMBERS: u32 = 1_000;

impl Contest {
    /// Both servers beside the floor.
    pub(super) fn with_floor(machine: &Machine, options: &Options) -> anyhow::Result<Self> {
        let users = options.users.unwrap_or(10_000);
        let target = |name, program| target(machine, name, program, users, MEMBERS);
        Ok(Self {
            targets: vec![
                target(FLOOR, Program::Floor)?,
                target(PLAIN, Program::Plain)?,
                target(PRODUCT, Program::Product)?,
            ],
            steps: options.question.steps(),
            claim: wanted::of_floor,
            database: machine.database(),
        })
    }

    /// The plain server twice: with few, and with a hundred times as many.
    pub(super) fn of_growth(machine: &Machine, options: &Options) -> anyhow::Result<Self> {
        const MORE: u32 = 100;
        // Those who come to the group and go again.
        const STRANGERS: u32 = 1_000;
        let large = options.users.unwrap_or(100_000);
        let small = large / MORE;
        let (members, few) = (large, small / 10);
        Ok(Self {
            targets: vec![
                target(machine, SMALL, Program::Plain, small, few)?,
                target(machine, LARGE, Program::Plain, large + STRANGERS, members)?,
            ],
            steps: options.question.steps(),
            claim: wanted::of_growth,
            database: machine.database(),
        })
    }

    /// Both servers, each compared with itself.
    pub(super) fn of_pages(machine: &Machine, options: &Options) -> anyhow::Result<Self> {
        let users = options.users.unwrap_or(10_000);
        let target = |name, program| target(machine, name, program, users, MEMBERS);
        Ok(Self {
            targets: vec![
                target(PLAIN, Program::Plain)?,
                target(PRODUCT, Program::Product)?,
            ],
            steps: options.question.steps(),
            claim: wanted::of_pages,
            database: machine.database(),
        })
    }

    /// Measures and prints; returns how much of what is wanted is missed.
    pub(super) fn hold(mut self, options: &Options) -> anyhow::Result<usize> {
        if !options.only.is_empty() {
            self.steps
                .retain(|step| options.only.iter().any(|only| only == step));
        }
        let work = Work {
            steps: &self.steps,
            rounds: options.rounds,
            seconds: options.seconds,
            most: None,
        };
        let measurements = measure(&self.targets, &work)?;
        let report = report::report(&measurements, |step, target| {
            (self.claim)(step, target, self.database)
        });
        println!("\n{}", report.text);
        Ok(report.missed)
    }
}

/// Starts it.
pub(super) fn target(
    machine: &Machine,
    name: &'static str,
    program: Program,
    users: u32,
    members: u32,
) -> anyhow::Result<Target> {
    Ok(Target {
        name,
        server: machine.start(program, name)?,
        users,
        members,
    })
}
