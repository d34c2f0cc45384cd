//! The binary: what it prints, and how it ends.

mod audit;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;

use scim_server::clock::{Clock, SystemClock};
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

    /// Posts a form to a path of the server; the whole answer.
    fn post_form(&self, path: &str, form: &str) -> String {
        let length = form.len();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: scim\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{form}"
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
    check!(&folder, "migrate", @r"
    0
    migrated the database from schema version 0 to 10
    ");
    let file = rusqlite::Connection::open(folder.path().join("scim.db")).unwrap();
    let newer = "INSERT INTO schema_version (version, name, applied) VALUES (99, 'x', 0)";
    file.execute(newer, []).unwrap();
    drop(file);
    check!(&folder, "migrate", @r"
    1
    scim-server: the database has schema version 99, this program knows 10: use a newer program
    ");
    check!(&folder, "serve --listen 127.0.0.1:0 --log error", @r"
    1
    scim-server: the database has schema version 99, this program knows 10: use a newer program
    ");
    check!(&folder, "check", @r#"
    1
    scim-server: the schema of the database is not that of this program; run `scim-server migrate` or `scim-server serve` first
    "#);
}

/// Tokens that were made before there were policies are read as before.
#[test]
#[expect(
    clippy::disallowed_types,
    reason = "the only way to make a database that an older program left"
)]
fn an_older_database() {
    let folder = folder();
    let file = rusqlite::Connection::open(folder.path().join("scim.db")).unwrap();
    let base = include_str!("../../migrations/sqlite/0001_base.sql");
    let rows = "CREATE TABLE schema_version (
            version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL
        ) STRICT;
        INSERT INTO schema_version VALUES (1, '0001_base', 0);
        INSERT INTO tenant VALUES ('main', 0);
        INSERT INTO token VALUES ('main', zeroblob(16), 'idp', 'Entra', 0, NULL, NULL, NULL);
        INSERT INTO resource VALUES
            ('main', X'01000000000000000000000000000000', 'User', zeroblob(16), 1, 0, 0, '{\"userName\":\"Ann\"}');
        INSERT INTO unique_key VALUES
            ('main', 'User', 'userName', 'ann', zeroblob(16), X'01000000000000000000000000000000');
        INSERT INTO change (tenant_id, id, at, kind, resource, version, what, commitment) VALUES
            ('main', X'02000000000000000000000000000000', 0, 'User', X'01000000000000000000000000000000', 1, 'created', zeroblob(32));
        INSERT INTO change_body (tenant_id, id, after, salt) VALUES
            ('main', X'02000000000000000000000000000000', '{\"userName\":\"Ann\"}', zeroblob(16));";
    file.execute_batch(&format!("{base}{rows}")).unwrap();
    drop(file);
    check!(&folder, "migrate", @r"
    0
    migrated the database from schema version 1 to 10
    ");
    check!(&folder, "check", @r"
    0
    ok
    ");
    let listed = told(&folder, "token list --tenant main");
    assert!(
        listed.ends_with("\tidp\tcompatible\tnever expires\tnever used\tEntra"),
        "{listed}"
    );
}

#[test]
fn settings_come_from_a_file_too() {
    let folder = folder();
    let write = |text: &str| std::fs::write(folder.path().join("scim.toml"), text).unwrap();
    write("database = \"sqlite://from-file.db\"");
    check!(&folder, "migrate --config scim.toml", @r"
    0
    migrated the database from schema version 0 to 10
    ");
    assert!(Path::new(&folder.path().join("from-file.db")).exists());
    check!(&folder, "migrate --config scim.toml --database sqlite://flag.db", @r"
    0
    migrated the database from schema version 0 to 10
    ");
    write("databse = \"sqlite://from-file.db\"");
    check!(&folder, "migrate --config scim.toml", @r#"
    1
    scim-server: scim.toml: unknown field `databse`, expected one of `database`, `schemas`, `audit_key`, `listen`, `public_url`, `tls_cert`, `tls_key`, `trusted_proxy`, `allow_private_outbound`, `drain_seconds`, `limits`, `log`, `log_format`
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

/// Before `serve` or after it.
#[test]
fn a_flag_counts_more_than_a_variable() {
    let folder = folder();
    let complaint = |line: &str| {
        let mut program = program(&folder);
        let program = program.args(words(line)).env("SCIM_PUBLIC_URL", "variable");
        String::from_utf8(program.output().unwrap().stderr).unwrap()
    };
    for (line, counts) in [
        ("serve", "variable"),
        ("--public-url flag", "flag"),
        ("--public-url flag serve", "flag"),
        ("serve --public-url flag", "flag"),
    ] {
        let complaint = complaint(line);
        assert!(
            complaint.contains(&format!("\"{counts}\"")),
            "{line}: {complaint}"
        );
    }
}

#[test]
fn tenants_and_tokens() {
    let folder = folder();
    check!(&folder, "migrate", @r"
    0
    migrated the database from schema version 0 to 10
    ");
    check!(&folder, "migrate", @r"
    0
    the database has schema version 10 already
    ");
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
    assert!(columns[3].starts_with("expires 20"), "{listed}");
    assert_eq!(
        (columns[1], columns[2], columns[4], columns[5]),
        ("idp", "compatible", "never used", "Entra")
    );

    let set = told(&folder, &format!("token set-policy {id} okta"));
    assert_eq!(
        set,
        format!("0\nthe token {id} (Entra) of main is read by the policy okta")
    );
    let listed = told(&folder, "token list --tenant main");
    assert!(listed.contains("\tidp\tokta\t"), "{listed}");
    let strict = "token create --tenant main --name Other --policy strict";
    assert!(told(&folder, strict).starts_with("0\nscim_"));
    let listed = told(&folder, "token list --tenant main");
    assert!(listed.contains("\tidp\tstrict\t"), "{listed}");
    let unknown = told(&folder, "token create --tenant main --name x --policy lax");
    insta::assert_snapshot!(unknown, @r#"
    2
    scim-server: invalid value 'lax' for '--policy <NAME>': "lax" is no policy: use one of compatible, strict, interop, entra, okta; see `scim-server --help`
    "#);

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
fn issuers_are_trusted() {
    let folder = folder();
    told(&folder, "migrate");
    told(&folder, "tenant create main");
    told(&folder, "token create --tenant main --name Entra");
    told(&folder, "token create --tenant main --name Okta");
    let listed = told(&folder, "token list --tenant main");
    let ids: Vec<_> = listed.lines().skip(1).map(|line| &line[..36]).collect();
    let shown = |line: &str| {
        let told = told(
            &folder,
            &line.replace("ID", ids[0]).replace("OTHER", ids[1]),
        );
        told.replace(ids[0], "ID").replace(ids[1], "OTHER")
    };
    macro_rules! check {
        ($line:expr, @$shown:literal) => { insta::assert_snapshot!(shown($line), @$shown) };
    }
    let trusting = "--issuer https://login.example/tid/v2.0 --audience api://scim --subject s";
    check!(&format!("token trust ID {trusting} --claim appid=a --jwks-url https://login.example/keys"), @"
    0
    the token ID (Entra) of main trusts https://login.example/tid/v2.0
    ");
    let listed = told(&folder, "token list --tenant main");
    let columns: Vec<_> = listed.lines().nth(1).unwrap().split('\t').collect();
    assert_eq!(
        columns.last(),
        Some(&"trusts https://login.example/tid/v2.0")
    );
    check!(&format!("token trust ID {trusting} --jwks-url http://10.0.0.1:8080/keys"), @"
    0
    note: only https:// is asked; http:// must be allowed with --allow-private-outbound HOST:PORT where the server is started
    the token ID (Entra) of main trusts https://login.example/tid/v2.0
    ");
    check!(&format!("token trust OTHER {trusting} --jwks-url https://login.example/keys"), @"
    1
    scim-server: the token ID of main trusts the same issuer, audience and subject; `token distrust ID` frees them
    ");
    check!(&format!("token trust ID {trusting} --jwks-url https://a:b@login.example/keys"), @"
    1
    scim-server: --jwks-url: a URL with a user name or password is not asked
    ");
    check!(&format!("token trust ID {trusting} --jwks keys.json"), @"
    1
    scim-server: cannot read keys.json: No such file or directory (os error 2)
    ");
    let write = |text: &str| std::fs::write(folder.path().join("keys.json"), text).unwrap();
    write("{}");
    check!(&format!("token trust ID {trusting} --jwks keys.json"), @"
    1
    scim-server: cannot read keys.json: this is no JWK Set (RFC 7517): an object whose member keys is an array of at most 100 keys
    ");
    write(r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#);
    check!(&format!("token trust ID {trusting} --jwks keys.json"), @"
    1
    scim-server: keys.json holds no public key that signatures are verified with
    ");
    write(r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}"#);
    check!(&format!("token trust ID {trusting} --jwks keys.json"), @"
    0
    the token ID (Entra) of main trusts https://login.example/tid/v2.0
    ");
    check!(&format!("token trust ID {trusting}"), @"
    2
    scim-server: the following required arguments were not provided: <--jwks-url <URL>|--jwks <FILE>>; see `scim-server --help`
    ");
    check!(&format!("token trust ID {trusting} --jwks keys.json --jwks-url https://a"), @"
    2
    scim-server: the argument '--jwks <FILE>' cannot be used with '--jwks-url <URL>'; see `scim-server --help`
    ");
    check!(&format!("token trust ID {trusting} --jwks keys.json --claim appid"), @"
    2
    scim-server: invalid value 'appid' for '--claim <NAME=VALUE>': no claim: try appid=VALUE; see `scim-server --help`
    ");
    check!("token distrust ID", @"
    0
    the token ID (Entra) of main trusts no issuer now
    ");
    check!("token distrust ID", @"
    1
    scim-server: the token ID (Entra) of main trusts no issuer
    ");
    check!("token revoke ID", @"
    0
    revoked the token ID (Entra) of main
    ");
    check!(&format!("token trust ID {trusting} --jwks keys.json"), @"
    1
    scim-server: the token ID was revoked; make a new one
    ");
    check!("token create --tenant main --name Ann --person 1", @"
    2
    scim-server: invalid value '1' for '--person <ID>': no id of a User; GET /Users shows them; see `scim-server --help`
    ");
    check!("token create --tenant main --name Ann --person 00000000-0000-0000-0000-000000000001", @"
    1
    scim-server: main has no User with the id 00000000-0000-0000-0000-000000000001
    ");
}

/// From the flag to the keys of an issuer: an address of this machine is asked only where the
/// operator allows it.
#[test]
fn process_a_jwt_is_verified_with_the_keys_of_its_issuer() {
    let (folder, issuer) = (folder(), Issuer::start());
    told(&folder, "migrate");
    told(&folder, "tenant create main");
    told(&folder, "token create --tenant main --name Entra");
    let listed = told(&folder, "token list --tenant main");
    let id = listed.lines().nth(1).unwrap().split('\t').next().unwrap();
    let Issuer { port, .. } = issuer;
    let trust = format!(
        "token trust {id} --issuer https://issuer.example --audience scim --subject entra \
         --jwks-url http://127.0.0.1:{port}/keys"
    );
    assert!(told(&folder, &trust).starts_with("0\n"));
    let jwt = issuer.jwt();
    let body = format!(
        "grant_type=client_credentials&client_assertion={jwt}&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let allowed = format!("--listen 127.0.0.1:0 --allow-private-outbound 127.0.0.1:{port}");
    for (line, expected) in [("--listen 127.0.0.1:0", "401"), (&allowed, "200")] {
        let server = Server::start(&folder, line);
        let answer = server.send("GET /Users", &jwt, "");
        assert_eq!(answer.split(' ').nth(1), Some(expected), "{answer}");
        let answer = server.post_form("/t/main/oauth/token", &body);
        assert_eq!(answer.split(' ').nth(1), Some(expected), "{answer}");
        let (_, _, log) = server.stop();
        assert_eq!(
            log.contains("only https:// is asked"),
            expected == "401",
            "{log}"
        );
        assert!(!log.contains(&jwt), "{log}");
    }
}

/// Shows the keys of the corpus, and signs with them.
struct Issuer {
    port: u16,
    keys: serde_json::Value,
}

impl Issuer {
    fn start() -> Issuer {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../fixtures/hostile/jwt/keys.json"
        );
        let keys: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let document = serde_json::json!({ "keys": [keys["ec"]["jwk"]] }).to_string();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 2_048];
                let _ = stream.read(&mut request);
                let length = document.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{document}"
                );
            }
        });
        Issuer { port, keys }
    }

    /// A JWT that is good for a minute.
    fn jwt(&self) -> String {
        let private = self.keys["ec"]["private"].as_str().unwrap();
        let private = data_encoding::BASE64.decode(private.as_bytes()).unwrap();
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
        header.kid = Some("ec".to_owned());
        let exp = SystemClock.now().as_second() + 60;
        let claims = serde_json::json!({ "iss": "https://issuer.example", "aud": "scim", "sub": "entra", "exp": exp });
        let key = jsonwebtoken::EncodingKey::from_ec_der(&private);
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    }
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

/// Identity providers push passwords; they reach no answer, no file and no log.
#[test]
fn process_passwords_are_discarded() {
    let folder = folder();
    let server = Server::start(&folder, "--listen 127.0.0.1:0 --log trace");
    let secret = told(&folder, "token create --tenant main --name Okta");
    let secret = secret.trim_start_matches("0\n");
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann","#;
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":["#;
    let made = server.send(
        "POST /Users",
        secret,
        &format!(r#"{user}"password":"hunter1"}}"#),
    );
    let id = made.split_once(r#""id":""#).unwrap().1;
    let path = format!("/Users/{}", id.split('"').next().unwrap());
    let title = |text: &str| format!(r#"{{"op":"replace","path":"title","value":"{text}"}}"#);
    let mut answers = vec![made];
    // Each changes a title too: what changes nothing is not recorded.
    for (request, body, status) in [
        (
            format!("PUT {path}"),
            format!(r#"{user}"title":"0","password":"hunter2"}}"#),
            200,
        ),
        (
            format!("PATCH {path}"),
            format!(
                r#"{patch}{},{{"op":"replace","path":"password","value":"hunter3"}}]}}"#,
                title("1")
            ),
            200,
        ),
        (
            format!("PATCH {path}"),
            format!(
                r#"{patch}{},{{"op":"Add","path":"urn:ietf:params:scim:schemas:core:2.0:User:Password","value":"hunter4"}}]}}"#,
                title("2")
            ),
            200,
        ),
        (
            format!("PATCH {path}"),
            format!(r#"{patch}{{"op":"replace","value":{{"title":"3","password":"hunter5"}}}}]}}"#),
            200,
        ),
        (
            format!("PATCH {path}"),
            format!(
                r#"{patch}{},{{"op":"replace","path":"password","value":{{"hunter6":["hunter6"]}}}}]}}"#,
                title("4")
            ),
            0,
        ),
        (
            "POST /Users".to_owned(),
            format!(r#"{user}"password":"hunter7"}}"#),
            409,
        ),
        (
            "POST /Users".to_owned(),
            format!(r#"{user}"password":{{"hunter8":1}},"active":"perhaps"}}"#),
            400,
        ),
    ] {
        let answer = server.send(&request, secret, &body);
        let expected = format!("HTTP/1.1 {status}");
        assert!(status == 0 || answer.starts_with(&expected), "{answer}");
        answers.push(answer);
    }
    answers.push(server.send(&format!("GET {path}?attributes=password,title"), secret, ""));
    assert!(answers.last().unwrap().contains(r#""title""#));

    let file = |name: &str| std::fs::read(folder.path().join(name)).unwrap_or_default();
    let mut stored = file("scim.db");
    stored.extend(file("scim.db-wal"));
    let (_, _, log) = server.stop();
    stored.extend(file("scim.db"));
    stored.extend(file("scim.db-wal"));
    let holds = |text: &str| {
        stored
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("(discarded)") && holds("passwordDiscarded"));
    assert!(!holds("hunter"));
    assert!(
        log.contains("status=409") && !log.contains("hunter"),
        "{log}"
    );
    assert!(!answers.concat().contains("hunter"), "{answers:#?}");
}

/// The resource types of the example folder, over HTTP.
#[test]
fn process_resource_types_of_a_folder() {
    let folder = folder();
    let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/schemas");
    let server = Server::start(
        &folder,
        &format!("--listen 127.0.0.1:0 --schemas {schemas}"),
    );
    let secret = told(&folder, "token create --tenant main --name Desk");
    let secret = secret.trim_start_matches("0\n");
    let id = |answer: &str| {
        let (_, rest) = answer.split_once(r#""id":""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let user = server.send(
        "POST /Users",
        secret,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann",
            "urn:example:params:scim:schemas:extension:parking:2.0:User":{"plate":"AB 1","spaces":2}}"#,
    );
    assert!(user.starts_with("HTTP/1.1 201"), "{user}");
    let ann = id(&user);
    let badge = r#"{"schemas":["urn:example:params:scim:schemas:core:2.0:Badge"],"number":"7","color":"Red"}"#;
    let made = server.send("POST /Badges", secret, badge);
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    let own = format!("/Badges/{}", id(&made));
    let crew = format!(
        r#"{{"schemas":["urn:example:params:scim:schemas:core:2.0:Crew"],"displayName":"night","workers":[{{"value":"{ann}"}}]}}"#
    );
    let patch = |path: &str, value: &str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"{path}","value":{value}}}]}}"#
        )
    };
    let change = format!("PATCH {own}");
    let parking = "/Users?filter=urn:example:params:scim:schemas:extension:parking:2.0:User:plate+eq+%22ab+1%22";
    let holder = format!("{own}?attributes=holder");
    for (request, body, expected) in [
        ("POST /Badges", badge.to_owned(), "409"),
        ("POST /Badges", badge.replace(r#""7""#, "7"), "400"),
        ("POST /Crews", crew, r#""workers":[{"value":"#),
        (&change, patch("color", r#""green""#), r#""color":"green""#),
        (
            &change,
            patch("holder.value", &format!("{ann:?}")),
            r#""holder":{"value":"#,
        ),
        (&change, patch("size", "1"), "200"),
        (
            "GET /Badges?filter=color+eq+%22GREEN%22",
            String::new(),
            r#""totalResults":1,"#,
        ),
        (
            &format!("GET {parking}"),
            String::new(),
            r#""totalResults":1,"#,
        ),
        (&format!("GET {holder}"), String::new(), &ann),
        (
            "GET /ResourceTypes/Crew",
            String::new(),
            r#""endpoint":"/Crews""#,
        ),
        (
            "GET /Schemas",
            String::new(),
            "urn:example:params:scim:schemas:extension:parking:2.0:User",
        ),
        (&format!("DELETE {own}"), String::new(), "204"),
    ] {
        let answer = server.send(request, secret, &body);
        assert!(answer.contains(expected), "{request} {expected}: {answer}");
    }
    assert_eq!(server.stop().0, Some(0));
    assert_eq!(
        told(&folder, &format!("check --schemas {schemas}")),
        "0\nok"
    );
}

#[test]
fn mistakes_in_the_folder_of_resource_types() {
    let folder = folder();
    let serve = "serve --listen 127.0.0.1:0 --log error --schemas types";
    check!(&folder, serve, @r#"
    1
    scim-server: cannot read the folder types: No such file or directory (os error 2)
    "#);
    std::fs::create_dir(folder.path().join("types")).unwrap();
    check!(&folder, serve, @r#"
    1
    scim-server: the folder types has no *.schema.json and no *.resource-type.json
    "#);
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join("types").join(name), text).unwrap();
    };
    write(
        "badge.resource-type.json",
        r#"{"name":"Badge","endpoint":"/Badges","schema":"urn:x:Badge"}"#,
    );
    check!(&folder, serve, @r#"
    1
    scim-server: cannot use the schemas in types: badge.resource-type.json: no file has the schema "urn:x:Badge"; add it as a *.schema.json
    "#);
    write(
        "badge.schema.json",
        r#"{"id":"urn:x:Badge","attributes":[{"name":"number"}]}"#,
    );
    check!(&folder, serve, @r#"
    1
    scim-server: cannot use the schemas in types: badge.schema.json: the schema is not readable: missing field `type` at line 1 column 51
    "#);
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
