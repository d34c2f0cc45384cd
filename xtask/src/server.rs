//! A server on an empty database: where it is, who may ask, and that it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::Context;

/// A running server; dropping it ends it.
pub(crate) struct Server {
    process: Child,
    pub(crate) base: String,
    pub(crate) secret: String,
}

const START_DEADLINE: Duration = Duration::from_secs(30);

impl Server {
    /// Reads from what the first start prints where it is and who may ask.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let name = command.get_program().display().to_string();
        let mut process = command
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdout = process.stdout.take().context("stdout is piped")?;
        let mut server = Self {
            process,
            base: String::new(),
            secret: String::new(),
        };
        let lines = lines(stdout);
        while server.base.is_empty() || server.secret.is_empty() {
            let line = lines
                .recv_timeout(START_DEADLINE)
                .with_context(|| format!("{name} printed no Tenant URL and Secret Token"))?;
            if let Some((_, url)) = line.split_once("Tenant URL:") {
                url.trim().clone_into(&mut server.base);
            }
            if let Some((_, secret)) = line.split_once("Secret Token:") {
                secret.trim().clone_into(&mut server.secret);
            }
        }
        Ok(server)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.process.kill().and_then(|()| self.process.wait());
        if let Err(failure) = ended {
            eprintln!("cannot end the server: {failure}");
        }
    }
}

/// Reads to the end, so that the server never waits for us.
fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (found, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _nobody_waits = found.send(line);
        }
    });
    lines
}
