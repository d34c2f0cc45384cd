//! The binary: what it prints, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use tempfile::TempDir;

/// Runs the program to its end; its exit code and what it printed, without the folder's name.
fn told(folder: &TempDir, line: &str) -> String {
    let output = program(folder).args(words(line)).output().unwrap();
    let text = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.replace(&folder.path().display().to_string(), "FOLDER")
    };
    let code = output.status.code().unwrap();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    format!("{code}\n{out}{err}").trim_end().to_owned()
}

/// The program, in a folder of its own and without anything in its environment.
fn program(folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_scim-server"));
    program.current_dir(folder.path()).env_clear();
    program
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_whitespace()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A server; ended when it is dropped.
struct Server {
    process: Child,
    address: String,
    /// Gives back the whole log when the server has ended.
    log: Option<JoinHandle<String>>,
}

impl Server {
    fn start(folder: &TempDir, line: &str) -> Server {
        let mut process = program(folder)
            .args(words(line))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = process.stderr.take().unwrap();
        let (found, listening) = mpsc::channel();
        // Read all the time, so that the server never waits for us.
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    found.send(address.to_owned()).unwrap();
                }
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        let address = listening.recv();
        Server {
            process,
            address: address.expect("the server says where it listens"),
            log: Some(log),
        }
    }

    /// Sends `METHOD /path` below the base of `main`; the whole answer.
    fn send(&self, line: &str, secret: &str, body: &str) -> String {
        let (method, path) = line.split_once(' ').unwrap();
        let length = body.len();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} /t/main/scim/v2{path} HTTP/1.1\r\nHost: scim\r\nConnection: close\r\n\
             Authorization: Bearer {secret}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to stop as an operator does; its exit code, what it printed, and its log.
    fn stop(mut self) -> (Option<i32>, String, String) {
        let terminate = format!("kill -TERM {}", self.process.id());
        let asked = Command::new("sh").args(["-c", &terminate]).status();
        assert!(asked.unwrap().success());
        let log = self.log.take().unwrap().join().unwrap();
        let mut out = String::new();
        let mut stdout = self.process.stdout.take().unwrap();
        stdout.read_to_string(&mut out).unwrap();
        (self.process.wait().unwrap().code(), out, log)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

macro_rules! check {
    ($folder:expr, $line:expr, @$shown:literal) => {
        insta::assert_snapshot!(told($folder, $line), @$shown)
    };
}

#[test]
fn mistakes_end_with_2() {
    let folder = folder();
    check!(&folder, "--lissten 1", @r#"
    2
    scim-server: unexpected argument '--lissten' found; tip: a similar argument exists: '--listen'; see `scim-server --help`
    "#);
    check!(&folder, "token rotate 1", @r#"
    2
    scim-server: invalid value '1' for '<ID>': no id of a token; `token list` shows them; see `scim-server --help`
    "#);
}

#[test]
fn databases_that_cannot_be_used() {
    let folder = folder();
    check!(&folder, "serve --listen 127.0.0.1:0 --log error --database mysql://x", @r#"
    1
    scim-server: the database must be sqlite://FILE, a plain file name, or postgres://USER:PASSWORD@HOST/NAME
    "#);
    check!(&folder, "migrate --database sqlite://missing/scim.db", @r#"
    1
    scim-server: cannot open the database file missing/scim.db: No such file or directory (os error 2)
    "#);
    check!(&folder, "token list --tenant main --database sqlite://new.db", @r#"
    1
    scim-server: there is no database file new.db; `serve` or `migrate` makes one
    "#);
}

#[test]
fn process_a_database_that_nobody_answers_for() {
    let folder = folder();
    let told = told(
        &folder,
        "migrate --database postgres://scim:hush@127.0.0.1:1/scim",
    );
    assert!(
        told.starts_with("1\nscim-server: cannot reach the database: "),
        "{told}"
    );
    assert!(
        !told.contains("hush") && told.lines().count() == 2,
        "{told}"
    );
}

#[test]
#[expect(
    clippy::disallowed_types,
    reason = "the only way to make a database that a newer program left"
)]
fn a_newer_database() {
    let folder = folder();
    check!(&folder, "migrate", @r#"
    0
    migrated the database from schema version 0 to 1
    "#);
    let file = rusqlite::Connection::open(folder.path().join("scim.db")).unwrap();
    let newer = "INSERT INTO schema_version (version, name, applied) VALUES (99, 'x', 0)";
    file.execute(newer, []).unwrap();
    drop(file);
    check!(&folder, "migrate", @r#"
    1
    scim-server: the database has schema version 99, this program knows 1: use a newer program
    "#);
    check!(&folder, "serve --listen 127.0.0.1:0 --log error", @r#"
    1
    scim-server: the database has schema version 99, this program knows 1: use a newer program
    "#);
    check!(&folder, "check", @r#"
    1
    scim-server: the schema of the database is not that of this program; run `scim-server migrate` or `scim-server serve` first
    "#);
}

#[test]
fn settings_come_from_a_file_too() {
    let folder = folder();
    let write = |text: &str| std::fs::write(folder.path().join("scim.toml"), text).unwrap();
    write("database = \"sqlite://from-file.db\"");
    check!(&folder, "migrate --config scim.toml", @r#"
    0
    migrated the database from schema version 0 to 1
    "#);
    assert!(Path::new(&folder.path().join("from-file.db")).exists());
    check!(&folder, "migrate --config scim.toml --database sqlite://flag.db", @r#"
    0
    migrated the database from schema version 0 to 1
    "#);
    write("databse = \"sqlite://from-file.db\"");
    check!(&folder, "migrate --config scim.toml", @r#"
    1
    scim-server: scim.toml: unknown field `databse`, expected one of `database`, `listen`, `public_url`, `log`, `log_format`
    "#);
    check!(&folder, "migrate --config other.toml", @r#"
    1
    scim-server: cannot read other.toml: No such file or directory (os error 2)
    "#);
    check!(&folder, "serve --public-url scim.example", @r#"
    1
    scim-server: the public URL "scim.example" must look like https://scim.example.org
    "#);
}

#[test]
fn tenants_and_tokens() {
    let folder = folder();
    check!(&folder, "migrate", @r#"
    0
    migrated the database from schema version 0 to 1
    "#);
    check!(&folder, "migrate", @r#"
    0
    the database has schema version 1 already
    "#);
    check!(&folder, "token create --tenant main --name Entra", @r#"
    1
    scim-server: there is no tenant main; make it with `tenant create main`
    "#);
    check!(&folder, "tenant create main", @r#"
    0
    created the tenant main
    "#);
    check!(&folder, "tenant create main", @r#"
    1
    scim-server: there is a tenant main already
    "#);
    let first = told(&folder, "token create --tenant main --name Entra");
    assert!(
        first.starts_with("0\nscim_") && first.len() == 2 + 48,
        "{first}"
    );

    // Only a hash is stored.
    for file in ["scim.db", "scim.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        let secret = &first.as_bytes()[2..];
        assert!(!bytes.windows(secret.len()).any(|part| part == secret));
    }

    let listed = told(&folder, "token list --tenant main");
    let id = listed.lines().nth(1).unwrap().split('\t').next().unwrap();
    let columns: Vec<_> = listed.lines().nth(1).unwrap().split('\t').collect();
    assert!(columns[2].starts_with("expires 20"), "{listed}");
    assert_eq!(
        (columns[1], columns[3], columns[4]),
        ("idp", "never used", "Entra")
    );

    let second = told(&folder, &format!("token rotate {id} --overlap-hours 0"));
    assert!(
        second.starts_with("0\nscim_") && second != first,
        "{second}"
    );
    let revoked = told(&folder, &format!("token revoke {id}"));
    assert_eq!(
        revoked,
        format!("0\nrevoked the token {id} (Entra) of main")
    );
    let rotated = told(&folder, &format!("token rotate {id}"));
    assert_eq!(
        rotated,
        format!("1\nscim-server: the token {id} was revoked; make a new one")
    );
    check!(&folder, "token revoke 00000000-0000-7000-8000-000000000000", @r#"
    1
    scim-server: no tenant has a token with the id 00000000-0000-7000-8000-000000000000; `token list` shows all of a tenant
    "#);
    check!(&folder, "check", @r#"
    0
    ok
    "#);
}

#[test]
fn process_a_port_in_use() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let told = told(&folder, &format!("serve --listen {address}"));
    assert_eq!(
        told,
        format!("1\nscim-server: cannot listen on {address}: Address already in use (os error 98)")
    );
    assert!(!folder.path().join("scim.db").exists());
}

/// What a request carries does not come out in the log: at `info` nothing of it, at `trace` no
/// secret.
#[test]
fn process_logs_tell_nothing_personal() {
    for (filter, canaries) in [
        (
            "info",
            &["Canary1", "Canary2", "Canary3", "scim_Canary4"][..],
        ),
        ("trace", &["scim_Canary4"][..]),
    ] {
        let folder = folder();
        let server = Server::start(&folder, &format!("--listen 127.0.0.1:0 --log {filter}"));
        let secret = told(&folder, "token create --tenant main --name Entra");
        let secret = secret.trim_start_matches("0\n");
        let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Canary1@example.com"}"#;
        for (bearer, request, status) in [
            (secret, "POST /Users?attributes=Canary2", "201"),
            (secret, "POST /Users?attributes=Canary2", "409"),
            (secret, "GET /Users?filter=userName+eq+%22Canary3%22", "200"),
            (secret, "GET /Users/Canary3", "404"),
            ("scim_Canary4", "GET /Users", "401"),
        ] {
            let answer = server.send(request, bearer, body);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{answer}"
            );
        }
        let (_, _, log) = server.stop();
        assert!(log.contains("status=409"), "{log}");
        for canary in canaries.iter().copied().chain([secret]) {
            assert!(!log.contains(canary), "{canary} at {filter}");
        }
    }
}

#[test]
fn process_a_first_start_a_second_server_and_a_stop() {
    let folder = folder();
    let server = Server::start(
        &folder,
        "--listen 127.0.0.1:0 --public-url https://scim.example",
    );
    check!(&folder, "serve --listen 127.0.0.1:0", @r#"
    1
    scim-server: another process is serving from scim.db; stop it first, or use PostgreSQL for several processes
    "#);
    check!(&folder, "check", @r#"
    0
    ok
    "#);
    let (code, out, _) = server.stop();
    assert_eq!(code, Some(0));
    let secret = out
        .lines()
        .find_map(|line| line.trim().strip_prefix("Secret Token:"));
    let secret = secret.unwrap().trim();
    assert!(secret.starts_with("scim_"), "{out}");
    insta::assert_snapshot!(out.replace(secret, "SECRET"), @r#"
    The database was empty, so this is a first start. Connect an identity provider:

      Tenant URL:    https://scim.example/t/main/scim/v2
      Secret Token:  SECRET

    The secret is shown this once and is valid for 365 days.

    1. In Microsoft Entra ID, open Enterprise applications, New application, Create your own
       application, Provisioning; enter both values, test the connection, and start provisioning.
    2. To see what arrived, make a token for an application:
         scim-server token create --tenant main --name Reception --kind app
    3. Ask with that token:
         curl -H "Authorization: Bearer SECRET" https://scim.example/t/main/scim/v2/Users
    "#);

    let (code, out, _) = Server::start(&folder, "serve --listen 127.0.0.1:0").stop();
    assert_eq!((code, out.as_str()), (Some(0), ""));
}
