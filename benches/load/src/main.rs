//! `load`: plays steps at servers in turn and prints a line of JSON for each.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use load::measurement::Measurement;
use load::step::Step;
use load::target::Target;
use load::world::World;

/// Asks SCIM servers in turn and tells how quickly each answered.
///
/// Each server is filled first. Then every round plays every step at every server, so that what
/// disturbs the machine disturbs all of them. `cargo xtask bench` starts the servers, runs this
/// and compares; a line of JSON is printed for each measurement.
#[derive(Parser)]
struct Arguments {
    /// A server, its process, how many users it gets and how many of them are members of the group
    #[arg(
        long = "target",
        value_name = "NAME,URL,TOKEN,PID,USERS,MEMBERS",
        required = true
    )]
    targets: Vec<Target>,
    /// What is played; may be given several times
    #[arg(long = "step", value_enum, required = true)]
    steps: Vec<Step>,
    /// How often
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// When a step begins no more requests
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// How often a step asks at most
    #[arg(long, value_name = "N", default_value_t = usize::MAX)]
    most: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let time = Duration::try_from_secs_f64(arguments.seconds).context("--seconds")?;
    let mut worlds = Vec::new();
    for target in arguments.targets {
        let (world, tally) = World::fill(target).await?;
        tell(&Measurement::new("fill", 0, &world.target, tally)?)?;
        worlds.push(world);
    }
    for round in 1..=arguments.rounds {
        for step in &arguments.steps {
            for turn in 0..worlds.len() {
                // Another one begins in each round.
                let world = &worlds[(turn + round) % worlds.len()];
                let tally = step.play(world, time, arguments.most).await;
                let tally =
                    tally.with_context(|| format!("{} at {}", step.name(), world.target.name))?;
                tell(&Measurement::new(
                    &step.name(),
                    round,
                    &world.target,
                    tally,
                )?)?;
            }
        }
    }
    Ok(())
}

/// At once: somebody watches.
fn tell(measurement: &Measurement) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, measurement)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
