//! Connections that are slow, silent, many or too large, and who is behind them.

use std::convert::Infallible;

use axum::body::Body;
use axum::routing::{get, post};
use axum::{Extension, Router};
use scim_server::edge::{ClientAddress, Deadlines, Edge};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::support::{Listening, PATIENT, SOON, listen, rest, send, until};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

fn router() -> Router {
    let client = |Extension(ClientAddress(address))| async move {
        let address: std::net::IpAddr = address;
        address.to_string()
    };
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/body", post(|body: String| async move { body }))
        .route("/client", get(client))
}

async fn with(deadlines: Deadlines) -> Listening {
    let edge = Edge {
        deadlines,
        ..Edge::default()
    };
    listen(router(), edge).await
}

/// Sends the text and waits; what had come when the server closed.
async fn closed_after(deadlines: Deadlines, text: &str) -> String {
    let listening = with(deadlines).await;
    let mut stream = TcpStream::connect(listening.address).await.unwrap();
    send(&mut stream, text).await;
    rest(&mut stream).await
}

#[tokio::test]
async fn silent_and_slow_heads_are_closed() {
    let deadlines = Deadlines {
        head: SOON,
        ..PATIENT
    };
    for head in [
        "",
        "G",
        "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n",
    ] {
        assert_eq!(closed_after(deadlines, head).await, "", "{head:?}");
    }
}

#[tokio::test]
async fn a_second_head_has_its_own_deadline() {
    let deadlines = Deadlines {
        head: SOON,
        ..PATIENT
    };
    let listening = with(deadlines).await;
    let mut stream = TcpStream::connect(listening.address).await.unwrap();
    for _ in 0..3 {
        send(&mut stream, REQUEST).await;
        until(&mut stream, "hello").await;
    }
    send(&mut stream, "GET").await;
    assert_eq!(rest(&mut stream).await, "");
}

#[tokio::test]
async fn idle_connections_are_closed_and_those_with_requests_are_not() {
    let deadlines = Deadlines {
        idle: SOON,
        ..PATIENT
    };
    let answer = closed_after(deadlines, REQUEST).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hello"));

    // A body is no concern of these deadlines.
    let deadlines = Deadlines {
        idle: SOON,
        head: SOON,
        stalled: SOON,
    };
    let listening = with(deadlines).await;
    let mut waiting = TcpStream::connect(listening.address).await.unwrap();
    let head = "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
    send(&mut waiting, head).await;
    let mut silent = TcpStream::connect(listening.address).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
    send(&mut waiting, "body").await;
    until(&mut waiting, "\r\n\r\nbody").await;
}

#[tokio::test]
async fn answers_that_nobody_takes_are_given_up() {
    let (alive, mut given_up) = mpsc::channel::<()>(1);
    let endless = move || {
        let alive = alive.clone();
        let parts = futures::stream::repeat_with(move || {
            let _held = &alive;
            Ok::<_, Infallible>(vec![b'x'; 64 * 1024])
        });
        async { Body::from_stream(parts) }
    };
    let edge = Edge {
        deadlines: Deadlines {
            stalled: SOON,
            ..PATIENT
        },
        ..Edge::default()
    };
    let listening = listen(Router::new().route("/", get(endless)), edge).await;
    let mut stream = TcpStream::connect(listening.address).await.unwrap();
    send(&mut stream, REQUEST).await;
    until(&mut stream, "200 OK").await;
    listening.served.abort();
    // Nobody holds the other end when the body is gone, and the router with it.
    assert_eq!(given_up.recv().await, None);
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let long = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx: {}\r\n\r\n",
        "x".repeat(40_000)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
        "x: y\r\n".repeat(200)
    );
    for head in [long, many] {
        let answer = closed_after(PATIENT, &head).await;
        // The system may forget an answer that its client has not read before all of it is sent.
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
            "{answer}"
        );
    }
}

/// What two readers may take for two different requests is refused, and with a length and chunks
/// only the chunks count (RFC 9112 §5.1, §5.2, §6.1). Either way the connection ends, and what
/// follows is not read as a request.
#[tokio::test]
async fn heads_of_two_meanings_are_refused() {
    const NEXT: &str = "0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let both = "Content-Length: 4\r\nTransfer-Encoding: chunked";
    let refused = [
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: 4, 5",
        "Content-Length: +4",
        "Content-Length: -4",
        "Content-Length: 0x4",
        "Content-Length: 18446744073709551616",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "x: y\r\n folded",
        " x: y",
        "x\0: y",
        "x: y\0",
        "no colon",
    ];
    let refused = refused.into_iter().map(|lines| (lines, 400));
    for (lines, status) in refused.chain([(both, 200)]) {
        let head = format!("POST /body HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n{NEXT}");
        let answer = closed_after(PATIENT, &head).await;
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{lines:?}: {answer}");
        assert!(!answer.contains("hello"), "{lines:?}: {answer}");
    }
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let edge = Edge {
        deadlines: PATIENT,
        connections_per_address: 2,
        ..Edge::default()
    };
    let listening = listen(router(), edge).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(listening.address).await.unwrap();
        send(&mut stream, REQUEST).await;
        until(&mut stream, "hello").await;
        held.push(stream);
    }
    let mut third = TcpStream::connect(listening.address).await.unwrap();
    assert_eq!(rest(&mut third).await, "");
}

#[tokio::test]
async fn only_trusted_proxies_name_clients_and_hold_many_connections() {
    let request = "GET /client HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.5\r\n\r\n";
    for (trusted, seen) in [("127.0.0.0/8", "203.0.113.5"), ("10.0.0.0/8", "127.0.0.1")] {
        let edge = Edge {
            deadlines: PATIENT,
            trusted_proxies: vec![trusted.parse().unwrap()],
            connections_per_address: 1,
            ..Edge::default()
        };
        let listening = listen(router(), edge).await;
        let mut stream = TcpStream::connect(listening.address).await.unwrap();
        send(&mut stream, request).await;
        until(&mut stream, seen).await;
        let mut second = TcpStream::connect(listening.address).await.unwrap();
        if seen == "127.0.0.1" {
            assert_eq!(rest(&mut second).await, "");
        } else {
            send(&mut second, request).await;
            until(&mut second, seen).await;
        }
    }
}
