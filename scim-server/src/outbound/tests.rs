//! What hostile URLs are refused with, and what is asked.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Names as an attacker's name server has them.
struct Names(&'static [(&'static str, &'static [&'static str])]);

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = self.0.iter().find(|(name, _)| *name == host);
        let (_, addresses) = found.ok_or(io::ErrorKind::NotFound)?;
        Ok((addresses.iter())
            .map(|address| address.parse().unwrap())
            .collect())
    }
}

const NAMES: Names = Names(&[
    ("localhost", &["127.0.0.1", "::1"]),
    ("localhost.", &["127.0.0.1"]),
    ("ip6-localhost", &["::1"]),
    ("metadata.google.internal", &["169.254.169.254"]),
    ("metadata", &["169.254.169.254"]),
    ("127.0.0.1.nip.example", &["127.0.0.1"]),
    ("db.internal", &["10.0.0.5", "fd00::5"]),
    ("printer.local", &["169.254.1.2"]),
    ("kubernetes.default.svc", &["10.96.0.1"]),
    ("shared.carrier.example", &["100.64.0.1"]),
    ("mapped.example", &["::ffff:127.0.0.1"]),
    ("nat64.example", &["64:ff9b::7f00:1"]),
    ("sixtofour.example", &["2002:7f00:1::"]),
    ("broadcast.example", &["255.255.255.255"]),
    ("nowhere.example", &[]),
    ("xn--bcher-kva.example", &["192.168.1.1"]),
]);

#[tokio::test]
async fn hostile_urls() {
    let outbound = Outbound::new(vec![
        "127.0.0.1:9".parse().unwrap(),
        "db.internal:9".parse().unwrap(),
    ]);
    let outbound = outbound.looking_up(NAMES);
    let url = "this is no URL";
    let scheme = "only https://";
    let user = "a URL with a user name";
    let address = "no public address";
    for (text, expected) in [
        // Spellings of IPv4.
        ("https://127.0.0.1/", address),
        ("https://127.1/", address),
        ("https://127.0.1/", address),
        ("https://0x7f.1/", address),
        ("https://0x7f000001/", address),
        ("https://0X7F.0.0.1/", address),
        ("https://0177.0.0.1/", address),
        ("https://017700000001/", address),
        ("https://2130706433/", address),
        ("https://127.0.0.1./", address),
        ("https://127.000.000.001/", address),
        ("https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/", address),
        ("https://127\u{3002}0\u{3002}0\u{3002}1/", address),
        ("https://%31%32%37.0.0.1/", address),
        ("https://127.0.0.1:443/", address),
        ("https://127.0.0.1:10/", address),
        ("https://0/", address),
        ("https://0.0.0.0/", address),
        ("https://4294967296/", url),
        ("https://256.0.0.1/", url),
        ("https://1.2.3.4.5/", url),
        // Networks.
        ("https://10.0.0.1/", address),
        ("https://100.64.0.1/", address),
        ("https://100.127.255.254/", address),
        ("https://169.254.169.254/latest/meta-data/", address),
        ("https://169.254.170.2/", address),
        ("https://2852039166/", address),
        ("https://0xa9fea9fe/", address),
        ("https://172.16.0.1/", address),
        ("https://172.31.255.255/", address),
        ("https://192.168.0.1/", address),
        ("https://192.0.0.192/", address),
        ("https://192.0.2.1/", address),
        ("https://198.18.0.1/", address),
        ("https://198.51.100.1/", address),
        ("https://203.0.113.1/", address),
        ("https://224.0.0.1/", address),
        ("https://240.0.0.1/", address),
        ("https://255.255.255.255/", address),
        // IPv6, and IPv4 in it.
        ("https://[::1]/", address),
        ("https://[::]/", address),
        ("https://[0:0:0:0:0:0:0:1]/", address),
        ("https://[::ffff:127.0.0.1]/", address),
        ("https://[::ffff:7f00:1]/", address),
        ("https://[::127.0.0.1]/", address),
        ("https://[64:ff9b::127.0.0.1]/", address),
        ("https://[2002:7f00:1::]/", address),
        ("https://[2001:0:7f00:1::]/", address),
        ("https://[fd00::1]/", address),
        ("https://[fd00:ec2::254]/", address),
        ("https://[fe80::1]/", address),
        ("https://[fec0::1]/", address),
        ("https://[ff02::1]/", address),
        ("https://[2001:db8::1]/", address),
        ("https://[fe80::1%25eth0]/", url),
        ("https://[::1/", url),
        // Names.
        ("https://localhost/", address),
        ("https://LOCALHOST/", address),
        ("https://localhost./", address),
        ("https://ip6-localhost/", address),
        ("https://metadata.google.internal/", address),
        ("https://metadata/", address),
        ("https://127.0.0.1.nip.example/", address),
        ("https://db.internal/", address),
        ("https://db.internal:5432/", address),
        ("https://printer.local/", address),
        ("https://kubernetes.default.svc/", address),
        ("https://shared.carrier.example/", address),
        ("https://mapped.example/", address),
        ("https://nat64.example/", address),
        ("https://sixtofour.example/", address),
        ("https://broadcast.example/", address),
        ("https://nowhere.example/", address),
        ("https://b\u{fc}cher.example/", address),
        // What hides the host.
        ("https://idp.example@127.0.0.1/", user),
        ("https://user:secret@idp.example/", user),
        ("https://:secret@idp.example/", user),
        ("https://idp.example\\@127.0.0.1/", "there was no answer"),
        ("https:\\\\127.0.0.1/", address),
        ("https:/127.0.0.1/", address),
        ("https:127.0.0.1", address),
        ("  https://127.0.0.1/", address),
        ("https://127.0.0.1\t/", address),
        ("https://127.0.0.1/#https://idp.example", address),
        ("https://127.0.0.1/?https://idp.example", address),
        // Schemes, and what is no URL.
        ("http://idp.example/", scheme),
        ("http://127.0.0.1/", scheme),
        ("http://127.0.0.1:10/", scheme),
        ("ftp://idp.example/", scheme),
        ("gopher://127.0.0.1:9/", scheme),
        ("ws://127.0.0.1:9/", scheme),
        ("file:///etc/passwd", url),
        ("file://localhost/etc/passwd", url),
        ("data:application/json,{}", url),
        ("javascript:0", url),
        ("//127.0.0.1/", url),
        ("127.0.0.1", url),
        ("https://", url),
        ("https:///", url),
        ("https://:443/", url),
        ("https://idp.example:99999/", url),
        ("https://a b/", url),
        ("https://a<b/", url),
        ("", url),
    ] {
        let error = outbound.get(text, 1_024).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let long = format!("https://idp.example/{}", "x".repeat(2_048));
    let error = outbound.get(&long, 1_024).await.unwrap_err().to_string();
    assert!(error.contains(url), "{error}");
}

#[test]
fn allowed_hosts_have_a_port() {
    for (text, expected) in [
        ("localhost:80", Ok("localhost:80")),
        ("LOCALHOST:80", Ok("localhost:80")),
        ("127.1:8080", Ok("127.0.0.1:8080")),
        ("[::1]:443", Ok("[::1]:443")),
        ("localhost", Err(())),
        ("localhost:", Err(())),
        ("localhost:99999", Err(())),
        ("::1:443", Err(())),
        ("a b:80", Err(())),
        ("http://a:80", Err(())),
        (":80", Err(())),
    ] {
        let parsed = text.parse::<HostPort>();
        let shown = parsed.map(|one| one.to_string()).map_err(|_| ());
        assert_eq!(shown, expected.map(str::to_owned), "{text}");
    }
}

/// Answers every request of a test with this; gives back its port and a count of requests.
async fn server(answer: &'static str) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 2_048];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (port, count)
}

async fn got(answer: &'static str) -> String {
    let (port, _) = server(answer).await;
    let allowed = format!("localhost:{port}").parse().unwrap();
    let outbound = Outbound::new(vec![allowed]).looking_up(NAMES_OF_TESTS);
    let url = format!("http://localhost:{port}/");
    match outbound.get(&url, 8).await {
        Ok(body) => String::from_utf8(body).unwrap(),
        Err(error) => error.to_string(),
    }
}

const NAMES_OF_TESTS: Names = Names(&[("localhost", &["127.0.0.1"])]);

#[tokio::test]
async fn documents_with_status_200_up_to_a_size() {
    for (answer, expected) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n12345678",
            "12345678",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789",
            "the answer is larger than 8 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n",
            "the answer is larger than 8 bytes",
        ),
        (
            "HTTP/1.1 302 Found\r\nLocation: https://idp.example/\r\nContent-Length: 0\r\n\r\n",
            "the status of the answer is 302, not 200; redirects are not followed",
        ),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "the status of the answer is 404, not 200; redirects are not followed",
        ),
        ("nonsense", "there was no answer"),
    ] {
        assert_eq!(got(answer).await, expected, "{answer}");
    }
}

#[tokio::test]
async fn whatever_is_asked_follows_the_same_rules() {
    let conflict = "HTTP/1.1 409 Conflict\r\nX-Said: no\r\nContent-Length: 5\r\n\r\ntaken";
    let (port, count) = server(conflict).await;
    let allowed = format!("localhost:{port}").parse().unwrap();
    let outbound = Outbound::new(vec![allowed]).looking_up(NAMES_OF_TESTS);
    let post = |url: String| Request::post(url).body(b"{}".to_vec()).unwrap();
    let url = format!("http://localhost:{port}/Users?a=b%20c");
    let answer = outbound.ask(post(url.clone()), 5).await.unwrap();
    assert_eq!(answer.status().as_u16(), 409);
    assert_eq!(answer.headers()["x-said"], "no");
    assert_eq!(answer.body(), b"taken");
    for (url, bytes_max, expected) in [
        (url, 4, "the answer is larger than 4 bytes"),
        (
            "https://127.1/".to_owned(),
            4,
            "127.0.0.1 is no public address",
        ),
        (
            "http://idp.example/".to_owned(),
            4,
            "only https:// is asked",
        ),
    ] {
        let error = outbound.ask(post(url), bytes_max).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

/// The first answer of the name server is public, every later one is not.
struct Rebinding(Arc<AtomicUsize>);

#[async_trait]
impl Lookup for Rebinding {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if first { "198.51.100.1" } else { "127.0.0.1" };
        Ok(vec![address.parse().unwrap()])
    }
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_vetted_each_time() {
    let (port, count) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let outbound = Outbound::default().looking_up(Rebinding(Arc::clone(&lookups)));
    for asked in 1..=4 {
        let url = format!("https://rebind.example:{port}/");
        let error = outbound.get(&url, 8).await.unwrap_err();
        assert!(matches!(error, OutboundError::Forbidden(_)), "{error}");
        assert_eq!(lookups.load(Ordering::SeqCst), asked);
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}
