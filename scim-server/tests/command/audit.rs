//! `audit`, as an operator types it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tempfile::TempDir;

use super::{Server, folder, told};

/// What a command prints, without times, ids and keys.
fn masked(folder: &TempDir, line: &str) -> String {
    mask(&told(folder, line))
}

fn mask(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words = line.split(' ').map(mask_word);
        words.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn mask_word(word: &str) -> String {
    let (bare, end) = match word.strip_suffix([';', ':', ',']) {
        Some(bare) => (bare, &word[bare.len()..]),
        None => (word, ""),
    };
    let is_hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let kind = match bare.len() {
        36 if bare.bytes().all(is_hex) => "ID",
        16 if bare.bytes().all(is_hex) => "KEY",
        20 if bare.starts_with("20") && bare.ends_with('Z') => "TIME",
        _ => bare,
    };
    format!("{kind}{end}")
}

macro_rules! check {
    ($folder:expr, $line:expr, @$shown:literal) => {
        insta::assert_snapshot!(masked($folder, $line), @$shown)
    };
}

/// A server has made and deleted somebody, and made somebody else; the ids of both.
fn served(folder: &TempDir) -> [String; 2] {
    let server = Server::start(folder, "--listen 127.0.0.1:0");
    let secret = told(folder, "token create --tenant main --name Entra");
    let secret = secret.trim_start_matches("0\n");
    let ids = ["ann", "bob"].map(|name| {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}"}}"#
        );
        let answer = server.send("POST /Users", secret, &body);
        let (_, rest) = answer.split_once(r#""id":""#).unwrap();
        rest[..36].to_owned()
    });
    let answer = server.send(&format!("DELETE /Users/{}", ids[0]), secret, "");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    let (code, _, log) = server.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(
        log.contains("made the audit key scim.db.audit-key"),
        "{log}"
    );
    ids
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

fn printed(folder: &TempDir, line: &str) -> String {
    let told = told(folder, line);
    told.strip_prefix("0\n").expect("it succeeds").to_owned()
}

/// Writes the database as its owner can.
#[expect(
    clippy::disallowed_types,
    reason = "the only way to do to the log what no server does"
)]
fn tamper(folder: &TempDir, text: &str) {
    let file = rusqlite::Connection::open(folder.path().join("scim.db")).unwrap();
    file.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    file.execute_batch(text).unwrap();
}

#[test]
fn process_a_log_is_verified_and_kept_elsewhere() {
    let folder = folder();
    served(&folder);
    let key = folder.path().join("scim.db.audit-key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    check!(&folder, "audit verify", @r"
    0
    main: whole: 5 changes, numbers 1 to 5; signed up to number 5 at TIME with the key KEY
    ");
    write(&folder, "kept.json", &printed(&folder, "audit checkpoint"));
    write(&folder, "public.pem", &printed(&folder, "audit public-key"));
    check!(&folder, "audit export --out log.jsonl", @r"
    0
    wrote 5 entries of main to log.jsonl
    ");
    check!(&folder, "audit export --out log.jsonl", @r"
    1
    scim-server: cannot make the file log.jsonl: File exists (os error 17)
    ");
    check!(&folder, "audit export --from 3 --out part.jsonl", @r"
    0
    wrote 3 entries of main to part.jsonl
    ");
    check!(&folder, "audit export --from 7", @r"
    1
    scim-server: number 6 of main is not there, so nothing follows from it
    ");

    // Without a database, and without the private key.
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["log.jsonl", "part.jsonl", "kept.json", "public.pem"] {
        std::fs::copy(folder.path().join(name), elsewhere.path().join(name)).unwrap();
    }
    check!(&elsewhere, "audit verify --file log.jsonl --public-key public.pem --checkpoint kept.json", @r"
    0
    main: whole: 5 changes, numbers 1 to 5; signed up to number 5 at TIME with the key KEY
    ");
    check!(&elsewhere, "audit verify --file part.jsonl --public-key public.pem", @r"
    0
    main: whole: 3 changes, numbers 3 to 5; signed up to number 5 at TIME with the key KEY
    ");
    check!(&elsewhere, "audit verify --file part.jsonl", @r"
    0
    main: whole: 3 changes, numbers 3 to 5; a checkpoint of TIME agrees up to number 5, but its signature was not checked: no key was given
    ");
    let log = std::fs::read_to_string(elsewhere.path().join("log.jsonl")).unwrap();
    write(&elsewhere, "edited.jsonl", &log.replacen("ann", "eve", 1));
    check!(&elsewhere, "audit verify --file edited.jsonl --public-key public.pem", @r"
    1
    main: number 3: the personal part was edited: the facts were recorded with another one
    main: not whole, 1 finding: 5 changes, numbers 1 to 5; signed up to number 5 at TIME with the key KEY
    ");
    let lines: Vec<&str> = log.lines().collect();
    let short = [lines[0], lines[1], lines[6]].join("\n");
    write(&elsewhere, "short.jsonl", &short);
    check!(&elsewhere, "audit verify --file short.jsonl --public-key public.pem", @r"
    1
    main: the end was cut off: number 1 is the last one, and number 5 was signed at TIME
    main: not whole, 1 finding: 1 change, number 1; nothing is signed
    ");
    write(&elsewhere, "unsigned.jsonl", &lines[..3].join("\n"));
    check!(&elsewhere, "audit verify --file unsigned.jsonl --public-key public.pem", @r"
    1
    main: no checkpoint signs any of it
    main: not whole, 1 finding: 2 changes, numbers 1 to 2; nothing is signed
    ");
    check!(&elsewhere, "audit verify --file unsigned.jsonl --public-key public.pem --checkpoint kept.json", @r"
    1
    main: no checkpoint signs any of it
    main: not whole, 1 finding: 2 changes, numbers 1 to 2; nothing is signed
    main: the checkpoint of number 5 is not about this export
    ");
    check!(&elsewhere, "audit verify --file kept.json", @r"
    1
    scim-server: kept.json is no export: its first line says whose log it is
    ");
    check!(&elsewhere, "audit verify --file public.pem", @r"
    1
    scim-server: line 1 of public.pem is none of an export: invalid number at line 1 column 2
    ");

    tamper(
        &folder,
        "DELETE FROM change WHERE id IN (SELECT change_id FROM seal WHERE sequence > 1);
        DELETE FROM seal WHERE sequence > 1; DELETE FROM checkpoint WHERE sequence > 1",
    );
    check!(&folder, "audit verify --checkpoint kept.json", @r"
    1
    main: the end was cut off: number 1 is the last one, and number 5 was signed at TIME
    main: the checkpoint of number 5 was kept elsewhere and is not in the database: it was deleted
    main: not whole, 2 findings: 1 change, number 1; nothing is signed
    ");
    std::fs::remove_file(&key).unwrap();
    check!(&folder, "audit verify --checkpoint kept.json --public-key public.pem", @r"
    1
    main: the end was cut off: number 1 is the last one, and number 5 was signed at TIME
    main: the checkpoint of number 5 was kept elsewhere and is not in the database: it was deleted
    main: not whole, 2 findings: 1 change, number 1; nothing is signed
    ");
    check!(&folder, "audit public-key", @r"
    1
    scim-server: cannot read the audit key scim.db.audit-key: No such file or directory (os error 2)
    ");
}

#[test]
fn process_what_is_personal_is_erased() {
    let folder = folder();
    let [ann, bob] = served(&folder);
    let server = Server::start(&folder, "--listen 127.0.0.1:0");
    let secret = told(&folder, "token create --tenant main --name Okta --kind app");
    let team = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Team","members":[{{"value":"{bob}"}}]}}"#
    );
    let answer = server.send("POST /Groups", secret.trim_start_matches("0\n"), &team);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    server.stop();
    check!(&folder, &format!("audit erase {ann} {bob} --tenant main --reason request-17"), @r"
    0
    ID: erased the personal part of 2 changes
    ID: erased the personal part of 1 change
    ID: it still exists, and what is stored in it was not touched
    ID: a Group, of which 1 change mentions what was erased; erase it too if it is about the same person
    ");
    check!(&folder, &format!("audit erase {ann} --tenant main --reason request-17"), @r"
    0
    ID: nothing personal was left in its changes
    ");
    check!(&folder, "audit erase 00000000-0000-0000-0000-000000000001 --tenant main --reason x", @r"
    1
    scim-server: no resource or change of the audit log has the id ID
    ");
    check!(&folder, "audit erase 1 --tenant main --reason x", @r"
    2
    scim-server: invalid value '1' for '<RESOURCE-ID>...': no id of a resource; the server shows it as `id`; see `scim-server --help`
    ");
    check!(&folder, "check", @r"
    0
    ok
    ");
    // The erasures get their numbers.
    Server::start(&folder, "--listen 127.0.0.1:0").stop();
    check!(&folder, "audit verify", @r"
    0
    main: whole: 9 changes, numbers 1 to 9; signed up to number 9 at TIME with the key KEY; 3 personal parts were erased
    ");
    check!(&folder, "check", @r"
    0
    ok
    ");
    let log = printed(&folder, "audit export");
    assert!(!log.contains("userName"), "{log}");
    let records = log
        .lines()
        .filter(|line| line.contains(r#""what":"erased""#));
    assert_eq!(
        records.filter(|line| line.contains("request-17")).count(),
        2,
        "{log}"
    );
}

/// Processes that start at the same moment have one key.
#[test]
fn process_a_key_is_made_once() {
    let folder = folder();
    let start = |name: &str| {
        let line =
            format!("--listen 127.0.0.1:0 --database sqlite://{name}.db --audit-key shared.key");
        Server::start(&folder, &line)
    };
    let servers = std::thread::scope(|scope| {
        let starting = ["a", "b", "c"].map(|name| {
            let start = &start;
            scope.spawn(move || start(name))
        });
        starting.map(|started| started.join().unwrap())
    });
    let logs = servers.map(|server| server.stop().2);
    let made = logs
        .iter()
        .filter(|log| log.contains("made the audit key shared.key"));
    assert_eq!(made.count(), 1, "{logs:?}");
    let names = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
    let keys = names
        .iter()
        .filter(|name| Path::new(name).starts_with("shared.key"));
    assert_eq!(keys.count(), 1, "{names:?}");
    write(&folder, "wrong.key", "no key");
    check!(&folder, "serve --listen 127.0.0.1:0 --log error --audit-key wrong.key", @r"
    1
    scim-server: wrong.key holds no audit key: no private key of Ed25519 in PEM: `openssl genpkey -algorithm ed25519` makes one, and so does `serve` where there is none
    ");
}
