//! The same kind of request for a while, over some connections at once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::connection::{Answer, Ask, Connection};
use crate::process::cpu_seconds;
use crate::target::Target;

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Over how many connections.
    pub at_once: usize,
    /// When no more is begun.
    pub time: Duration,
    /// How often at most.
    pub most: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Of each request with a right answer, in microseconds.
    pub latencies_us: Vec<f64>,
    /// What was wrong with the others, and how often.
    pub wrong: BTreeMap<String, usize>,
    /// How long it took.
    pub seconds: f64,
    /// What the server used meanwhile.
    pub cpu_seconds: f64,
}

impl Tally {
    /// Both, one after the other.
    pub fn and(mut self, next: Self) -> Self {
        self.latencies_us.extend(next.latencies_us);
        for (why, times) in next.wrong {
            *self.wrong.entry(why).or_default() += times;
        }
        self.seconds += next.seconds;
        self.cpu_seconds += next.cpu_seconds;
        self
    }

    /// Where nothing is right, more of it tells no more.
    fn is_hopeless(&self) -> bool {
        const ENOUGH: usize = 20;
        self.latencies_us.is_empty() && self.wrong.values().sum::<usize>() >= ENOUGH
    }

    /// Counts what was noticed afterwards.
    pub fn found_wrong(&mut self, why: &anyhow::Error) {
        *self.wrong.entry(format!("{why:#}")).or_default() += 1;
    }
}

/// A connection, and how long the answers took that are not yet known to be right.
pub struct Session {
    connection: Connection,
    latencies_us: Vec<f64>,
}

impl Session {
    /// Connects.
    pub async fn open(target: &Target) -> anyhow::Result<Self> {
        Ok(Self {
            connection: Connection::open(target).await?,
            latencies_us: Vec::new(),
        })
    }

    /// Asks, and takes the time.
    pub async fn ask(&mut self, ask: Ask) -> anyhow::Result<Answer> {
        let start = Instant::now();
        let answer = self.connection.ask(ask).await;
        self.latencies_us.push(start.elapsed().as_secs_f64() * 1e6);
        answer
    }

    /// Asks what belongs to the work and is not measured.
    pub async fn ask_aside(&mut self, ask: Ask) -> anyhow::Result<Answer> {
        self.connection.ask(ask).await
    }
}

/// Calls `play` with 0, 1, 2 … until the work is done. The requests of a call count if it succeeds.
pub async fn run(
    target: &Target,
    work: Work,
    play: impl AsyncFn(&mut Session, usize) -> anyhow::Result<()>,
) -> anyhow::Result<Tally> {
    let next = Cell::new(0);
    let tally = RefCell::new(Tally::default());
    let mut sessions = Vec::new();
    for _ in 0..work.at_once {
        sessions.push(Session::open(target).await?);
    }
    let cpu = cpu_seconds(target.process)?;
    let start = Instant::now();
    let one = async |mut session: Session| -> anyhow::Result<()> {
        loop {
            let number = next.get();
            if number >= work.most || start.elapsed() >= work.time {
                return Ok(());
            }
            next.set(number + 1);
            let outcome = play(&mut session, number).await;
            let latencies_us = session.latencies_us.drain(..);
            match outcome {
                Ok(()) => tally.borrow_mut().latencies_us.extend(latencies_us),
                Err(why) => {
                    drop(latencies_us);
                    tally.borrow_mut().found_wrong(&why);
                    if tally.borrow().is_hopeless() {
                        return Ok(());
                    }
                    session = Session::open(target).await?;
                }
            }
        }
    };
    let mut all: FuturesUnordered<_> = sessions.into_iter().map(one).collect();
    while let Some(ended) = all.next().await {
        ended?;
    }
    drop(all);
    let seconds = start.elapsed().as_secs_f64();
    let cpu_seconds = cpu_seconds(target.process)? - cpu;
    Ok(Tally {
        seconds,
        cpu_seconds,
        ..tally.into_inner()
    })
}
