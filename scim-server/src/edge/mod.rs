//! Between the network and the router: connections, and how long they may take.
//!
//! | file | question |
//! |---|---|
//! | `connection.rs` | how is HTTP spoken on one connection, and when does it end? |
//! | `deadlines.rs` | is the peer too slow? |
//! | `census.rs` | has one address too many connections? |
//! | `proxy.rs` | which client stands behind a proxy? |
//! | `tls.rs` | which certificate is shown? |
//!
//! What a request may cost once it is understood is decided by [`Limits`](crate::Limits).

mod census;
mod connection;
mod deadlines;
mod proxy;
mod tls;

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tower::Service;

pub(crate) use census::Network;
pub use deadlines::Deadlines;
pub use proxy::{Cidr, ClientAddress};
pub use tls::{Certificate, CertificateError};

use census::Census;

/// When no connection can be taken, because files or memory have run out, it is tried again
/// after this time.
const PAUSE: Duration = Duration::from_millis(500);

/// Connections that wait to be accepted; the system may allow fewer. With too few, a burst leaves
/// clients with connections that exist on their side alone.
const BACKLOG: u32 = 4096;

/// What holds for all connections of a listener.
///
/// ```no_run
/// # async fn run(server: scim_server::Server) -> std::io::Result<()> {
/// use scim_server::edge::{Edge, bind, serve};
/// use tokio::sync::watch;
///
/// let listener = bind(&["127.0.0.1:8080".parse().expect("an address and a port")])?;
/// let (stop, asked) = watch::channel(false);
/// serve(listener, server.service(), Edge::default(), asked).await;
/// # drop(stop);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Edge {
    /// How long a peer may take.
    pub deadlines: Deadlines,
    /// Connections that one address may hold; more are closed at once. Trusted proxies may hold
    /// any number, IPv6 addresses of one /64 count as one, and 0 stands for no limit.
    pub connections_per_address: usize,
    /// Whose `X-Forwarded-For` and `Forwarded` headers are believed.
    pub trusted_proxies: Vec<Cidr>,
    /// TLS with this certificate; without it plain HTTP.
    pub certificate: Option<Certificate>,
}

impl Default for Edge {
    fn default() -> Edge {
        Edge {
            deadlines: Deadlines::default(),
            connections_per_address: 256,
            trusted_proxies: Vec::new(),
            certificate: None,
        }
    }
}

/// Listens on the first of these addresses that can be had.
pub fn bind(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    let mut why = io::Error::new(io::ErrorKind::InvalidInput, "no address is given");
    for address in addresses {
        match bind_one(*address) {
            Ok(listener) => return Ok(listener),
            Err(error) => why = error,
        }
    }
    Err(why)
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A port that was served from a moment ago can be had again at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// What answers requests: a [`Router`](axum::Router), or whatever else tower calls a service.
///
/// ```
/// use scim_server::edge::Answers;
///
/// fn takes(_: impl Answers) {}
/// takes(axum::Router::new());
/// ```
pub trait Answers:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<S> Answers for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Serves until `stop` holds `true` or is dropped, then closes the listener, lets requests under
/// way finish and returns when the last connection has ended.
///
/// Every request carries the [`ClientAddress`] as an extension.
pub async fn serve(
    listener: TcpListener,
    service: impl Answers,
    edge: Edge,
    mut stop: watch::Receiver<bool>,
) {
    let edge = Arc::new(edge);
    let census = Census::new(edge.connections_per_address);
    // Each connection holds one end of this channel until it has ended.
    let (connections, connected) = watch::channel(());
    loop {
        let accepted = tokio::select! {
            () = asked(&mut stop) => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical()),
            Err(error) => {
                recover(&error).await;
                continue;
            }
        };
        let Some(counted) = counted(&census, &edge, peer) else {
            metrics::counter!("scim_connections_refused_total").increment(1);
            continue;
        };
        send_at_once(&stream);
        let (edge, service) = (Arc::clone(&edge), service.clone());
        let (stop, connected) = (stop.clone(), connected.clone());
        tokio::spawn(async move {
            connection::serve(stream, peer, service, &edge, stop).await;
            drop((counted, connected));
        });
    }
    drop((listener, connected));
    connections.closed().await;
}

/// Returns when somebody wants an end, or can no longer say so.
async fn asked(stop: &mut watch::Receiver<bool>) {
    // A closed channel means the same as its word.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The place of a connection among those of its address; `None` if all are taken.
fn counted(census: &Arc<Census>, edge: &Edge, peer: IpAddr) -> Option<Option<census::Counted>> {
    if proxy::is_trusted(&edge.trusted_proxies, peer) {
        return Some(None);
    }
    Census::enter(census, peer).map(Some)
}

/// A peer that gave up again already is no reason to wait.
async fn recover(error: &io::Error) {
    let about_the_peer = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    );
    if !about_the_peer {
        tracing::warn!("no connection can be accepted now: {error}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// An answer is small and complete; a system without this option still sends it.
fn send_at_once(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
}
