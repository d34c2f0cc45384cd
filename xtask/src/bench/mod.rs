//! How quick the servers are, beside what storing JSON behind HTTP costs at least.
//!
//! `benches/load` asks, `benches/floor` is compared with, and everything runs on this machine at
//! the same time. Rates depend on the machine; ratios of rounds that follow each other
//! hardly do, so they are what is wanted.

mod contest;
mod load;
mod memory;
mod report;
mod servers;
mod statistics;
mod wanted;

use anyhow::bail;
use clap::ValueEnum;

use self::contest::Contest;
use self::servers::{Database, Machine};

/// Compare the servers with what storing costs at least, and with themselves.
///
/// Everything is built in release. Servers start on empty databases below
/// target/, with FULL durability, and are filled; then every round plays every
/// step at each of them in turn. The table that is printed is Markdown: medians
/// of the rounds, and in ratios the least and the greatest of a round. A ratio that is
/// MISSED makes the task fail, as does a wrong answer.
///
///   cargo xtask bench                       scim-server and visitor-hosts against the floor
///   cargo xtask bench --only get-1          one step of it
///   cargo xtask bench growth                scim-server with 100,000 users against 1,000
///   cargo xtask bench pages                 deep pages against first ones, writes in between
///   cargo xtask bench memory                what stays in memory over 200,000 requests
///   … --database postgres                   the same on PostgreSQL
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// What is asked
    #[arg(value_enum, default_value = "floor")]
    question: Question,
    /// Where the servers store
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// How many users there are [default: 10000; 100000 for growth and memory]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2_000..))]
    users: Option<u32>,
    /// How often everything is measured
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long a step lasts
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    seconds: f64,
    /// Only this step; may be given several times
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Question {
    /// How much slower than the floor is each server?
    Floor,
    /// How much slower is a hundred times as much?
    Growth,
    /// How much slower is a deep page than the first, with writes in between?
    Pages,
    /// How much memory do users take, and do requests leave any behind?
    Memory,
}

impl Question {
    fn steps(self) -> Vec<&'static str> {
        match self {
            Self::Floor => wanted::floor_steps(),
            Self::Growth => wanted::GROWTH_STEPS.to_vec(),
            Self::Pages => wanted::PAGE_STEPS.to_vec(),
            Self::Memory => vec![memory::STEP],
        }
    }
}

/// Builds, starts, measures, prints; fails if something that is wanted is missed.
pub(crate) fn bench(options: &Options) -> anyhow::Result<()> {
    let steps = options.question.steps();
    if let Some(unknown) = options
        .only
        .iter()
        .find(|only| !steps.contains(&only.as_str()))
    {
        bail!(
            "there is no step {unknown:?} here; there are: {}",
            steps.join(", ")
        );
    }
    let machine = Machine::prepare(options.database)?;
    let missed = match options.question {
        Question::Floor => Contest::with_floor(&machine, options)?.hold(options)?,
        Question::Growth => Contest::of_growth(&machine, options)?.hold(options)?,
        Question::Pages => Contest::of_pages(&machine, options)?.hold(options)?,
        Question::Memory => memory::watch(&machine, options)?,
    };
    if missed > 0 {
        bail!("{missed} of what is wanted is missed; the table above says MISSED there");
    }
    Ok(())
}
