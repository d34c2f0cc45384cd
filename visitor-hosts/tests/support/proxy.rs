//! A proxy in front of PostgreSQL: slow, or one that breaks connections at COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What the proxy does to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Holds every packet for two milliseconds.
    Slow,
    /// Breaks the connection instead of handing on every second COMMIT.
    CutBeforeCommit,
    /// Hands on every second COMMIT and breaks the connection before its answer.
    CutAfterCommit,
}

/// The same URL through a proxy, and how many connections it has broken.
pub(crate) async fn behind(url: &str, trouble: Trouble) -> (String, Arc<AtomicUsize>) {
    let (before, after) = url.split_once('@').unwrap();
    let (server, path) = after.split_once('/').unwrap();
    let server = server.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxied = format!("{before}@{}/{path}", listener.local_addr().unwrap());
    let broken = Arc::new(AtomicUsize::new(0));
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&broken);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect(&server).await else {
                continue;
            };
            let (commits, broken) = (Arc::clone(&commits), Arc::clone(&counted));
            tokio::spawn(connection(client, server, trouble, commits, broken));
        }
    });
    (proxied, broken)
}

async fn connection(
    client: TcpStream,
    server: TcpStream,
    trouble: Trouble,
    commits: Arc<AtomicUsize>,
    broken: Arc<AtomicUsize>,
) {
    let (mut client_in, client_out) = client.into_split();
    let (server_in, mut server_out) = server.into_split();
    let answers = tokio::spawn(carry(server_in, client_out, trouble));
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = client_in.read(&mut buffer).await {
        let packet = &buffer[..count];
        let commit = packet.windows(6).any(|word| word == b"COMMIT");
        let cut = commit
            && trouble != Trouble::Slow
            && commits.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        if cut {
            broken.fetch_add(1, Ordering::Relaxed);
            answers.abort();
        }
        if cut && trouble == Trouble::CutBeforeCommit {
            break;
        }
        pause(trouble).await;
        if server_out.write_all(packet).await.is_err() {
            break;
        }
        if cut {
            // The server gets the COMMIT; nobody hears its answer.
            server_out.shutdown().await.unwrap();
            break;
        }
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, trouble: Trouble) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        pause(trouble).await;
        if to.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
}

async fn pause(trouble: Trouble) {
    if trouble == Trouble::Slow {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
