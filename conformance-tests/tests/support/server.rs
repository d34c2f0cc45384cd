//! The real binary, listening on a free port, ended with `kill -9`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use conformance_tests::client::{Client, Credentials};

use super::Database;

/// What the program is told to call itself: locations must begin with this, not with the address
/// that a request happened to use.
const PUBLIC_URL: &str = "http://scim.example";
const SCIM_BASE: &str = "/t/main/scim/v2";
const START_DEADLINE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts the database's program and waits until it listens.
    pub(crate) fn start(database: &Database) -> Self {
        let mut process = database
            .command(&[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--public-url",
                PUBLIC_URL,
                // Tests send as fast as they can.
                "--rate-limit",
                "0",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let log = Arc::new(Mutex::new(String::new()));
        let (found, listening) = mpsc::channel();
        let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
        follow(
            stdout.expect("stdout is piped"),
            Arc::clone(&log),
            found.clone(),
        );
        follow(stderr.expect("stderr is piped"), Arc::clone(&log), found);
        match listening.recv_timeout(START_DEADLINE) {
            Ok(address) => Self { process, address },
            Err(reason) => {
                let _ended = process.kill();
                let log = log.lock().expect("no reader panics");
                panic!("the program never said `listening on` ({reason}):\n{log}")
            }
        }
    }

    /// A client of the tenant `main`.
    pub(crate) fn client(&self, credentials: Credentials) -> Client {
        Client::new(&format!("{}{SCIM_BASE}", self.address), credentials)
            .expect("the address begins with http://")
            .with_public_base(&format!("{PUBLIC_URL}{SCIM_BASE}"))
    }

    /// Ends the process at once, as a power cut would (SIGKILL), and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let _gone_before = self.process.kill();
        let _status = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads an output to its end, so that the program never waits for us.
fn follow(output: impl Read + Send + 'static, log: Arc<Mutex<String>>, found: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some(address) = address(&line) {
                let _nobody_waits = found.send(address);
            }
            let mut log = log.lock().expect("no reader panics");
            log.push_str(&line);
            log.push('\n');
        }
    });
}

fn address(line: &str) -> Option<String> {
    let (_, address) = line.split_once("listening on http://")?;
    let end = address.find(|c: char| !(c.is_ascii_digit() || ".:".contains(c)));
    Some(format!(
        "http://{}",
        end.map_or(address, |end| &address[..end])
    ))
}
