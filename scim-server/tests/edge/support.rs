//! A listener in this process, the program as a process of its own, and clients that speak bytes.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use axum::Router;
use scim_server::edge::{Deadlines, Edge, bind, serve};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Longer than anything here takes; what waits this long waits for ever.
pub(crate) const FOREVER: Duration = Duration::from_secs(30);
/// A deadline that passes soon.
pub(crate) const SOON: Duration = Duration::from_millis(200);

/// Deadlines that do not pass during a test.
pub(crate) const PATIENT: Deadlines = Deadlines {
    head: FOREVER,
    idle: FOREVER,
    stalled: FOREVER,
};

/// A listener; it is told to stop when this is dropped.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) served: JoinHandle<()>,
}

/// Serves this router on a free port.
pub(crate) async fn listen(router: Router, edge: Edge) -> Listening {
    let listener = bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, asked) = watch::channel(false);
    Listening {
        address,
        stop,
        served: tokio::spawn(serve(listener, router, edge, asked)),
    }
}

/// Sends this.
pub(crate) async fn send(stream: &mut TcpStream, bytes: &str) {
    stream.write_all(bytes.as_bytes()).await.unwrap();
}

/// What comes until the other side closes.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(FOREVER, stream.read_to_end(&mut bytes)).await;
    // Whoever closes while bytes are on their way resets; that is an end too.
    let _ = read.expect("the other side closes");
    String::from_utf8(bytes).unwrap()
}

/// What comes until this is part of it.
pub(crate) async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        let byte = tokio::time::timeout(FOREVER, stream.read_u8()).await;
        text.push(char::from(byte.expect("more comes").expect(&text)));
    }
    text
}

/// The program as a process; ended when this is dropped.
pub(crate) struct Program {
    pub(crate) process: Child,
    pub(crate) address: String,
    log: mpsc::Receiver<String>,
}

/// The program, in a folder of its own and without anything in its environment.
pub(crate) fn command(folder: &TempDir, line: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_scim-server"));
    program.current_dir(folder.path()).env_clear();
    program.args(line.split_whitespace());
    program
}

/// Runs a command to its end; what it printed.
pub(crate) fn output(folder: &TempDir, line: &str) -> String {
    let output = command(folder, line).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim_end().to_owned();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success() || out.is_empty(), "{err}");
    format!("{out}{err}")
}

impl Program {
    pub(crate) fn start(folder: &TempDir, line: &str) -> Program {
        let mut process = command(folder, line)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = process.stderr.take().unwrap();
        let (tell, log) = mpsc::channel();
        // Read all the time, so that the server never waits for us.
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // Nobody may be interested any more.
                let _ = tell.send(line);
            }
        });
        let mut program = Program {
            process,
            address: String::new(),
            log,
        };
        let line = program.logged("listening on ");
        let (_, address) = line.split_once("://").unwrap();
        address.clone_into(&mut program.address);
        program
    }

    /// Waits for a line of the log.
    pub(crate) fn logged(&self, part: &str) -> String {
        let mut lines = std::iter::from_fn(|| self.log.recv_timeout(FOREVER).ok());
        let found = lines.find(|line| line.contains(part));
        found.unwrap_or_else(|| panic!("the log says {part:?}"))
    }

    /// Sends a signal, as in `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.process.id());
        let sent = Command::new("sh").args(["-c", &line]).status();
        assert!(sent.unwrap().success());
    }
}

/// Asks once, on a connection of its own; the whole answer.
pub(crate) async fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    send(&mut stream, request).await;
    rest(&mut stream).await
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
