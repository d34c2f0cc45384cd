//! `visitor-hosts admin`: accounts made and helped by whoever has the database.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Exit code, standard output and standard error of a command, with a line for it to read.
fn run(folder: &Path, line: &str, typed: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_visitor-hosts"))
        .args(line.split(' '))
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn accounts_are_made_helped_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for line in ["migrate", "tenant create main"] {
        let (code, _, told) = run(folder, line, "");
        assert_eq!(code, Some(0), "{line}: {told}");
    }
    let mut told = Vec::new();
    for (line, typed) in [
        (
            "admin create --tenant main --user-name kim --display-name Kim",
            "",
        ),
        ("admin create --user-name Kim", ""),
        (
            "admin create --user-name ann --password-stdin",
            "too short\n",
        ),
        (
            "admin create --user-name ann --password-stdin",
            "a password of Ann\n",
        ),
        ("admin reset-password --user-name KIM", ""),
        ("admin reset-password --user-name bob", ""),
        ("admin create --tenant other --user-name kim", ""),
        ("admin list", ""),
    ] {
        let (code, out, error) = run(folder, line, typed);
        let shown: Vec<String> = out
            .lines()
            .map(|line| match line.split_once('\t') {
                // Without the id.
                Some((_, rest)) => rest.replace('\t', " | "),
                None => format!("a password of {} characters", line.len()),
            })
            .collect();
        let code = code.unwrap_or(-1);
        let line = format!("{code} {}{}", shown.join("; "), error.trim_end());
        told.push(line.trim_end().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    0 a password of 23 characters
    1 visitor-hosts: another ConsoleAccount already uses userName "kim"
    1 visitor-hosts: the password cannot be taken: a password has 12 to 128 characters, of any kind
    0
    0 a password of 23 characters
    1 visitor-hosts: main has no account with the user name "bob"; `admin list` shows them
    1 visitor-hosts: there is no tenant other; make it with `tenant create other`
    0 active | never signed in | kim | Kim; active | never signed in | ann
    "#);
}
