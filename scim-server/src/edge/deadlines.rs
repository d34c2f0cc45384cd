//! How long a peer may leave a connection waiting: a stream that fails when it takes too long.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How long a peer may take. The body of a request has its deadline in
/// [`Limits`](crate::Limits), because it is answered with a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For the TLS handshake, then for the first byte of the first request, and from the first
    /// byte of each request for its whole head.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// For taking any part of an answer.
    pub stalled: Duration,
}

impl Default for Deadlines {
    fn default() -> Deadlines {
        Deadlines {
            head: Duration::from_secs(5),
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(30),
        }
    }
}

/// What a connection waits for, shared by the stream, which sees bytes, and the service, which
/// sees requests.
#[derive(Clone, Default)]
pub(super) struct Progress(Arc<Shared>);

#[derive(Default)]
struct Shared {
    phase: AtomicU8,
    /// Whoever waited for bytes while a request was being answered waits for them with a deadline
    /// afterwards.
    reader: AtomicWaker,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Phase {
    /// Nothing has come yet.
    New = 0,
    /// Some of a head has come.
    Head = 1,
    /// A request is being answered.
    Request = 2,
    /// An answer has gone out.
    Idle = 3,
}

impl Progress {
    /// A head is complete.
    pub(super) fn request(&self) {
        self.set(Phase::Request);
    }

    /// Its answer is complete.
    pub(super) fn answered(&self) {
        self.set(Phase::Idle);
        self.0.reader.wake();
    }

    fn set(&self, phase: Phase) {
        self.0.phase.store(phase as u8, Ordering::Relaxed);
    }

    fn phase(&self) -> Phase {
        match self.0.phase.load(Ordering::Relaxed) {
            0 => Phase::New,
            1 => Phase::Head,
            2 => Phase::Request,
            _ => Phase::Idle,
        }
    }
}

/// A stream that fails with [`io::ErrorKind::TimedOut`] when its peer is too slow.
pub(super) struct Timed<S> {
    stream: S,
    deadlines: Deadlines,
    progress: Progress,
    /// The phase for which `read_by` is set.
    timed: Option<Phase>,
    read_by: Pin<Box<Sleep>>,
    /// Is `write_by` set?
    stalled: bool,
    write_by: Pin<Box<Sleep>>,
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, deadlines: Deadlines, progress: Progress) -> Timed<S> {
        Timed {
            stream,
            deadlines,
            progress,
            timed: None,
            read_by: Box::pin(sleep(deadlines.head)),
            stalled: false,
            write_by: Box::pin(sleep(deadlines.stalled)),
        }
    }

    /// Ready when the phase lasts too long.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let phase = self.progress.phase();
        let time = match phase {
            Phase::New | Phase::Head => self.deadlines.head,
            Phase::Idle => self.deadlines.idle,
            Phase::Request => {
                self.timed = None;
                self.progress.0.reader.register(cx.waker());
                return Poll::Pending;
            }
        };
        if self.timed != Some(phase) {
            self.timed = Some(phase);
            self.read_by.as_mut().reset(Instant::now() + time);
        }
        ready!(self.read_by.as_mut().poll(cx));
        Poll::Ready(too_slow("the peer sent nothing, or too slowly"))
    }

    /// A write that waits must go on before its deadline.
    fn poll_stalled<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = false;
            return written;
        }
        if !self.stalled {
            self.stalled = true;
            let by = Instant::now() + self.deadlines.stalled;
            self.write_by.as_mut().reset(by);
        }
        ready!(self.write_by.as_mut().poll(cx));
        Poll::Ready(Err(too_slow("the peer did not take the answer")))
    }
}

fn too_slow(what: &'static str) -> io::Error {
    metrics::counter!("scim_connections_too_slow_total").increment(1);
    io::Error::new(io::ErrorKind::TimedOut, what)
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let filled = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        let came = buffer.filled().len() > filled;
        if came && matches!(this.progress.phase(), Phase::New | Phase::Idle) {
            this.progress.set(Phase::Head);
        }
        match this.poll_late(cx) {
            // What has come is handed on first: it may be the end of the head.
            Poll::Ready(error) if !came => Poll::Ready(Err(error)),
            Poll::Ready(_) | Poll::Pending => read,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.poll_stalled(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.poll_stalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.poll_stalled(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.poll_stalled(cx, shut)
    }
}
