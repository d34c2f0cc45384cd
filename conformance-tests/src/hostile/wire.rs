//! How bytes that no HTTP library would send go over the wire, one connection for each request.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::attack::Sent;

const DEADLINE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: String,
    pub(super) body: Vec<u8>,
}

/// The path and the `HOST:PORT` of an address.
pub(super) fn place(address: &str) -> (&str, &str) {
    let rest = address.strip_prefix("http://").unwrap_or(address);
    let slash = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(slash);
    (path, host)
}

/// Sends the request and reads until the server hangs up.
pub(super) fn send(host: &str, base: &str, secret: &str, sent: &Sent) -> Result<Answer> {
    let mut stream = TcpStream::connect(host).context("the server takes no connection")?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    // A server that refuses early does not read the rest; its answer counts.
    let written = stream.write_all(&bytes(host, base, secret, sent));
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    if answer.is_empty() {
        written.context("the server hung up without an answer")?;
        read.context("the server hung up without an answer")?;
    }
    parse(&answer)
}

fn bytes(host: &str, base: &str, secret: &str, sent: &Sent) -> Vec<u8> {
    let has = |name: &str| {
        sent.headers
            .iter()
            .any(|(n, _)| n.eq_ignore_ascii_case(name))
    };
    let target = match sent.target.strip_prefix("//") {
        Some(whole) => format!("/{whole}"),
        None if sent.target.starts_with(base) => sent.target.clone(),
        None => format!("{base}{}", sent.target),
    };
    let mut head = format!(
        "{} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n",
        sent.method
    );
    if !has("authorization") {
        head.push_str(&format!("Authorization: Bearer {secret}\r\n"));
    }
    if let Some(body) = &sent.body {
        if !has("content-type") {
            head.push_str("Content-Type: application/scim+json\r\n");
        }
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in &sent.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(sent.body.as_deref().unwrap_or_default());
    bytes
}

fn parse(answer: &[u8]) -> Result<Answer> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let Some((head, body)) = end.and_then(|end| Some((answer.get(..end)?, answer.get(end + 4..)?)))
    else {
        bail!(
            "the answer breaks off: {:?}",
            String::from_utf8_lossy(answer)
        );
    };
    let head = String::from_utf8_lossy(head);
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let content_type = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-type")
            .then(|| value.trim().to_owned())
    });
    Ok(Answer {
        status: status.with_context(|| format!("the answer is no HTTP: {head:?}"))?,
        content_type: content_type.unwrap_or_default(),
        body: body.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(target: &str, headers: &[(&str, &str)], body: Option<&str>) -> String {
        let headers = headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
        let sent = Sent {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: headers.collect(),
            body: body.map(|body| body.as_bytes().to_vec()),
        };
        String::from_utf8(bytes("h:1", "/t/main", "s", &sent)).unwrap()
    }

    #[test]
    fn a_path_lies_below_the_base_unless_it_says_otherwise() {
        assert!(sent("/Users", &[], None).starts_with("GET /t/main/Users HTTP/1.1\r\n"));
        assert!(sent("/t/main/Users", &[], None).starts_with("GET /t/main/Users HTTP"));
        assert!(sent("//t/other", &[], None).starts_with("GET /t/other HTTP/1.1\r\n"));
    }

    #[test]
    fn headers_that_are_given_are_not_added() {
        let shown = sent(
            "/",
            &[("authorization", "x"), ("Content-Type", "y")],
            Some("{}"),
        );
        assert!(
            !shown.contains("Bearer") && !shown.contains("scim+json"),
            "{shown}"
        );
        assert!(shown.ends_with("\r\n\r\n{}"), "{shown}");
    }

    #[test]
    fn an_answer_without_a_body() {
        let answer = parse(b"HTTP/1.1 204 No Content\r\nDate: x\r\n\r\n").unwrap();
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    }
}
