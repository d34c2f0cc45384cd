//! TLS: which clients get through, and what they are shown when the certificate is renewed.

use std::process::Command;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use scim_server::edge::{Certificate, Deadlines, Edge};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::support::{Listening, PATIENT, SOON, listen, rest};

/// A certificate that signs itself: as DER, its chain and its key in PEM.
pub(crate) struct Made {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// A certificate for `localhost`.
pub(crate) fn make() -> Made {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Made {
        der: made.cert.der().clone(),
        chain: made.cert.pem(),
        key: made.signing_key.serialize_pem(),
    }
}

async fn with(certificate: &Certificate) -> Listening {
    let edge = Edge {
        certificate: Some(certificate.clone()),
        ..Edge::default()
    };
    listen(Router::new().route("/", get(|| async { "hello" })), edge).await
}

/// Asks with a client that trusts this certificate and no other; the answer, or why there is none.
pub(crate) async fn ask_safely(address: &str, trusted: &Made) -> Result<String, std::io::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, stream).await?;
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// `openssl s_client` with these options; did the handshake succeed, and what did it print?
async fn openssl(address: String, options: &'static [&'static str]) -> (bool, String) {
    let run = move || {
        let mut program = Command::new("openssl");
        program.args(["s_client", "-connect", &address, "-servername", "localhost"]);
        // Without input it leaves after the handshake.
        let output = program.args(options).stdin(std::process::Stdio::null());
        output
            .output()
            .expect("openssl is installed: `apt-get install openssl`")
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text)
}

#[tokio::test]
async fn rustls_clients_get_through_and_see_a_renewed_certificate() {
    let (first, second) = (make(), make());
    let certificate = Certificate::from_pem(first.chain.as_bytes(), first.key.as_bytes()).unwrap();
    let listening = with(&certificate).await;
    let address = listening.address.to_string();
    let answer = ask_safely(&address, &first).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hello"));
    assert!(ask_safely(&address, &second).await.is_err());

    // What does not belong together changes nothing.
    let mixed = certificate.renew(second.chain.as_bytes(), first.key.as_bytes());
    assert_eq!(
        mixed.unwrap_err().to_string(),
        "the certificate and the key cannot be used together"
    );
    assert!(ask_safely(&address, &first).await.is_ok());

    let renewed = certificate.renew(second.chain.as_bytes(), second.key.as_bytes());
    renewed.unwrap();
    assert!(ask_safely(&address, &second).await.is_ok());
    assert!(ask_safely(&address, &first).await.is_err());
}

#[tokio::test]
async fn openssl_clients_get_through_from_tls_1_2_on() {
    let made = make();
    let certificate = Certificate::from_pem(made.chain.as_bytes(), made.key.as_bytes()).unwrap();
    let listening = with(&certificate).await;
    for (options, version) in [
        (&["-tls1_2"][..], Some("TLSv1.2")),
        (&["-tls1_3"], Some("TLSv1.3")),
        (&["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], None),
    ] {
        let (through, told) = openssl(listening.address.to_string(), options).await;
        assert_eq!(through, version.is_some(), "{options:?}: {told}");
        assert!(told.contains(version.unwrap_or_default()), "{told}");
        let agreed = told.lines().find(|line| line.starts_with("New, "));
        println!("{}: {}", options.join(" "), agreed.unwrap_or_default());
    }
}

#[tokio::test]
async fn handshakes_have_a_deadline() {
    let made = make();
    let certificate = Certificate::from_pem(made.chain.as_bytes(), made.key.as_bytes()).unwrap();
    let edge = Edge {
        certificate: Some(certificate),
        deadlines: Deadlines {
            head: SOON,
            ..PATIENT
        },
        ..Edge::default()
    };
    let listening = listen(Router::new(), edge).await;
    let mut silent = TcpStream::connect(listening.address).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
}

#[test]
fn what_is_no_certificate_is_told() {
    let made = make();
    let told =
        |chain: &str, key: &str| match Certificate::from_pem(chain.as_bytes(), key.as_bytes()) {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.to_string(),
        };
    assert_eq!(told(&made.chain, &made.key), "ok");
    let no_chain =
        "the certificate file holds no certificates in PEM (-----BEGIN CERTIFICATE-----)";
    assert_eq!(told("", &made.key), no_chain);
    assert_eq!(told("-----BEGIN CERTIFICATE-----\n", &made.key), no_chain);
    assert_eq!(
        told(&made.chain, ""),
        "the key file holds no private key in PEM (-----BEGIN PRIVATE KEY-----)"
    );
}
