//! One connection from its first byte to its last: TLS if there is a certificate, then HTTP/1.1.

use std::error::Error as _;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tower::ServiceExt;

use super::deadlines::{Progress, Timed};
use super::{Answers, Edge, asked, proxy};

/// A larger head is answered with 431.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// What is read or written at once; a head must fit.
const BUFFER_BYTES_MAX: usize = 2 * HEAD_BYTES_MAX;
/// More header fields are answered with 431.
const HEADERS_MAX: usize = 100;

/// Serves one connection to its end.
pub(super) async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    service: impl Answers,
    edge: &Edge,
    stop: watch::Receiver<bool>,
) {
    let Some(certificate) = &edge.certificate else {
        return speak(stream, peer, service, edge, stop).await;
    };
    let handshake = certificate.acceptor().accept(stream);
    match tokio::time::timeout(edge.deadlines.head, handshake).await {
        Ok(Ok(stream)) => speak(stream, peer, service, edge, stop).await,
        Ok(Err(error)) => tracing::debug!("a TLS handshake failed: {error}"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn speak<S>(
    stream: S,
    peer: IpAddr,
    service: impl Answers,
    edge: &Edge,
    mut stop: watch::Receiver<bool>,
) where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let progress = Progress::default();
    let stream = Timed::new(stream, edge.deadlines, progress.clone());
    let trusted = &edge.trusted_proxies;
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        progress.request();
        let client = proxy::client(trusted, peer, request.headers());
        request.extensions_mut().insert(client);
        let (answer, progress) = (service.clone().oneshot(request), progress.clone());
        async move {
            let answer = answer.await?;
            Ok::<_, std::convert::Infallible>(answer.map(|body| Answer { body, progress }))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // The stream has deadlines of its own, which tell an idle peer from a slow one.
        .header_read_timeout(None)
        .max_buf_size(BUFFER_BYTES_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = asked(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        let cause = error.source().map(|cause| format!(": {cause}"));
        tracing::debug!("a connection broke: {error}{}", cause.unwrap_or_default());
    }
}

/// The body of an answer, which tells when nothing of it is left.
struct Answer {
    body: Body,
    progress: Progress,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.progress.answered();
    }
}
