//! Whether the conformance suite is fair to servers that are not ours: it runs against two that
//! come from package registries, finishes, and leaves them as it found them.
//!
//! What it finds there is printed and no failure of this task: these servers are as they are. A
//! finding that is not plausible is a mistake of the suite.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::run::{cargo, program, run, succeeds};
use crate::scim2::make_venv;

/// Run the conformance suite against two SCIM servers that are not ours.
///
/// scim2-server is installed by pip, scimmy-routers by npm, each into a folder
/// of its own below target/peers/. Both listen on loopback while the suite
/// runs. The reports of the suite are written there, too.
#[derive(clap::Args)]
pub(crate) struct Options {}

/// Prints what the suite finds at each peer. Fails if it cannot finish or leaves something behind.
pub(crate) fn peers(Options {}: &Options) -> anyhow::Result<()> {
    run(cargo().args("build --package conformance-tests --bins --locked".split(' ')))?;
    for peer in [scim2_server()?, scimmy()?] {
        check(&peer)?;
    }
    Ok(())
}

const FOLDER: &str = "target/peers";
const TOKEN: &str = "only-on-loopback";
const START_DEADLINE: Duration = Duration::from_secs(30);

/// A server that can be started: how, and where its base is.
struct Peer {
    name: &'static str,
    command: PathBuf,
    /// `{port}` stands for the port.
    arguments: Vec<String>,
    base: &'static str,
}

/// In Python, in memory; with cursors, which it has as an extra.
fn scim2_server() -> anyhow::Result<Peer> {
    const PACKAGE: &str = "scim2-server[cursor]==0.8.3";
    let folder = Path::new(FOLDER).join("scim2-server");
    let server = folder.join("bin/scim2-server");
    if !succeeds(program(&server).arg("--help")) {
        make_venv(&folder)?;
        let install = "-m pip install --quiet --disable-pip-version-check";
        run(program(folder.join("bin/python"))
            .args(install.split(' '))
            .arg(PACKAGE))?;
    }
    let arguments =
        "--port {port} --service-provider-config xtask/peers/scim2-server.json --bearer-token";
    Ok(Peer {
        name: "scim2-server",
        command: server,
        arguments: arguments
            .split(' ')
            .chain([TOKEN])
            .map(str::to_owned)
            .collect(),
        base: "/v2",
    })
}

/// In JavaScript, in memory, on express: the server is ours, what it does is scimmy's.
fn scimmy() -> anyhow::Result<Peer> {
    const PACKAGES: [&str; 3] = ["scimmy@1.3.5", "scimmy-routers@1.3.2", "express@5.3.0"];
    let folder = Path::new(FOLDER).join("scimmy");
    fs::create_dir_all(&folder).context("cannot create a folder below target/")?;
    for file in ["server.mjs", "package.json"] {
        let from = Path::new("xtask/peers/scimmy").join(file);
        fs::copy(&from, folder.join(file))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    if !folder.join("node_modules/scimmy-routers").exists() {
        if !succeeds(program("npm").arg("--version")) {
            bail!("Node.js with npm is missing: install it, for example with apt-get install npm");
        }
        let install = "install --silent --no-audit --no-fund --no-save";
        run(program("npm")
            .args(install.split(' '))
            .args(PACKAGES)
            .current_dir(&folder))?;
    }
    let server = folder.join("server.mjs").display().to_string();
    Ok(Peer {
        name: "scimmy-routers",
        command: "node".into(),
        arguments: vec![server, "{port}".to_owned(), TOKEN.to_owned()],
        base: "/scim",
    })
}

fn check(peer: &Peer) -> anyhow::Result<()> {
    let (_running, port) = start(peer)?;
    let url = format!("http://127.0.0.1:{port}{}", peer.base);
    let suite = env::current_dir()?.join("target/debug/scim-conformance");
    let before = resources(port, peer.base)?;
    let report = told(&suite, &url, &["--profile", "all"])?;
    let file = Path::new(FOLDER).join(format!("{}.json", peer.name));
    fs::write(&file, format!("{report:#}\n"))
        .with_context(|| format!("cannot write {}", file.display()))?;
    print(peer.name, &report, &file);
    if report["interrupted"] != false || report["leftBehind"] != Value::Array(Vec::new()) {
        bail!(
            "the suite did not finish or left something behind: {}",
            report["leftBehind"]
        );
    }
    let after = resources(port, peer.base)?;
    if before != after {
        bail!(
            "{} had {before} users and groups before, {after} afterwards",
            peer.name
        );
    }
    println!("  finished, and everything that it made is gone");
    Ok(())
}

/// What the suite says as JSON. Broken rules are no failure; not to be understood is one.
fn told(suite: &Path, url: &str, arguments: &[&str]) -> anyhow::Result<Value> {
    let output = program(suite)
        .args(["--url", url, "--token", TOKEN, "--format", "json"])
        .args(arguments)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", suite.display()))?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("the suite ended with {} and no report", output.status))
}

fn print(name: &str, report: &Value, file: &Path) {
    let summary = &report["summary"];
    println!(
        "{name}: {} passed, {} failed, {} not applicable, {} could not run; {} requests in {} ms; {}",
        summary["passed"],
        summary["failed"],
        summary["notApplicable"],
        summary["couldNotRun"],
        report["requests"],
        report["elapsedMs"],
        file.display()
    );
    let checks = report["checks"].as_array().map_or(&[][..], Vec::as_slice);
    for level in ["must", "should", "idp"] {
        let of_level = checks.iter().filter(|check| check["level"] == level);
        let failed = of_level.filter(|check| check["outcome"] == "failed");
        let ids: Vec<_> = failed.filter_map(|check| check["id"].as_str()).collect();
        println!("  {level}: {} failed: {}", ids.len(), ids.join(", "));
    }
}

/// Ends the server when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if let Err(failure) = self.0.kill().and_then(|()| self.0.wait()) {
            eprintln!("cannot end the server: {failure}");
        }
    }
}

/// Starts the server on a port that is free now, and waits until it answers.
fn start(peer: &Peer) -> anyhow::Result<(Running, u16)> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let arguments = peer
        .arguments
        .iter()
        .map(|it| it.replace("{port}", &port.to_string()));
    let log = Path::new(FOLDER).join(format!("{}.log", peer.name));
    let log = fs::File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let process = program(&peer.command)
        .args(arguments)
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", peer.command.display()))?;
    let running = Running(process);
    let start = Instant::now();
    while resources(port, peer.base).is_err() {
        if start.elapsed() > START_DEADLINE {
            bail!("{} does not answer; its log is in {FOLDER}", peer.name);
        }
        sleep(Duration::from_millis(100));
    }
    Ok((running, port))
}

/// How many users and groups the server has.
fn resources(port: u16, base: &str) -> anyhow::Result<u64> {
    let mut total = 0;
    for endpoint in ["Users", "Groups"] {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        // HTTP/1.0: the answer ends with the connection and is in one piece.
        write!(
            stream,
            "GET {base}/{endpoint} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer
            .split_once("\r\n\r\n")
            .context("the answer has no body")?;
        let list: Value = serde_json::from_str(body).context("the answer is no JSON")?;
        total += list["totalResults"]
            .as_u64()
            .context("the answer is no list")?;
    }
    Ok(total)
}
