//! The program: how it drains and stops, how it renews its certificate, and what it says.

use super::support::{Program, ask, command, output};
use super::tls::{ask_safely, make};

const READY: &str = "GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn process_drains_before_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(&folder, "--listen localhost:0 --drain-seconds 2");
    assert!(
        ask(&program.address, READY)
            .await
            .starts_with("HTTP/1.1 200")
    );
    program.signal("TERM");
    program.logged("stopping");
    // The signal may be handled a moment before readiness is off.
    let mut answer = ask(&program.address, READY).await;
    while answer.starts_with("HTTP/1.1 200") {
        answer = ask(&program.address, READY).await;
    }
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.ends_with("stopping"),
        "{answer}"
    );
    assert_eq!(program.process.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn process_a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(&folder, "--listen 127.0.0.1:0 --drain-seconds 600");
    program.signal("TERM");
    program.logged("stopping");
    program.signal("INT");
    program.logged("asked to stop again");
    assert_eq!(program.process.wait().unwrap().code(), Some(1));
}

#[tokio::test]
async fn process_shows_a_renewed_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let (first, second) = (make(), make());
    write("cert.pem", &first.chain);
    write("key.pem", &first.key);
    let line = "--listen 127.0.0.1:0 --tls-cert cert.pem --tls-key key.pem";
    let program = Program::start(&folder, line);
    assert!(ask_safely(&program.address, &first).await.is_ok());

    write("cert.pem", &second.chain);
    program.signal("HUP");
    program.logged("the present certificate stays: cert.pem and key.pem: the certificate");
    assert!(ask_safely(&program.address, &first).await.is_ok());

    write("key.pem", &second.key);
    program.signal("HUP");
    program.logged("a renewed certificate is shown from now on");
    assert!(ask_safely(&program.address, &second).await.is_ok());
    assert!(ask_safely(&program.address, &first).await.is_err());
}

#[test]
fn settings_that_make_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let listen = "cannot listen on \"here\": give an address and a port, such as 127.0.0.1:8080 or \
                  localhost:8080 (--listen, SCIM_LISTEN, or `listen` in the file)";
    for (line, told) in [
        ("--listen here", listen),
        (
            "--tls-cert cert.pem",
            "TLS needs both a certificate and its key: --tls-cert and --tls-key",
        ),
        (
            "--listen 127.0.0.1:0 --tls-cert cert.pem --tls-key key.pem",
            "cannot read cert.pem: No such file or directory (os error 2)",
        ),
    ] {
        assert_eq!(output(&folder, line), format!("scim-server: {told}"));
    }
    let from_environment = command(&folder, "").env("SCIM_LISTEN", "here").output();
    let told = String::from_utf8(from_environment.unwrap().stderr).unwrap();
    assert_eq!(told.trim_end(), format!("scim-server: {listen}"));
    assert!(!folder.path().join("scim.db").exists());
}
