//! The end of a listener: what is under way is finished, and nothing new is taken.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use scim_server::edge::Edge;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::support::{FOREVER, PATIENT, listen, rest, send, until};

#[tokio::test]
async fn requests_under_way_are_finished() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (tell, wait) = (Arc::clone(&begun), Arc::clone(&go));
    let slow = move || {
        let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
        async move {
            tell.notify_one();
            wait.notified().await;
            "done"
        }
    };
    let router = Router::new()
        .route("/slow", get(slow))
        .route("/", get(|| async { "hello" }));
    let edge = Edge {
        deadlines: PATIENT,
        ..Edge::default()
    };
    let listening = listen(router, edge).await;
    let connect = async || TcpStream::connect(listening.address).await.unwrap();

    let mut idle = connect().await;
    send(&mut idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    until(&mut idle, "hello").await;
    let mut silent = connect().await;
    let mut busy = connect().await;
    send(&mut busy, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    begun.notified().await;

    listening.stop.send_replace(true);
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut silent).await, "");
    assert!(TcpStream::connect(listening.address).await.is_err());
    assert!(!listening.served.is_finished());

    go.notify_one();
    let answer = rest(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("done"));
    let served = tokio::time::timeout(FOREVER, listening.served).await;
    served.unwrap().unwrap();
}
