//! Timers on what moves: a body that stops coming, an answer that stops being taken.

use crate::limits::{LINGER_BYTES, LINGER_SECONDS};
use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Why a body ended before its end.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// No byte for so long, or not whole after so long.
    TooSlow,
    /// The connection or its framing broke.
    Broken(hyper::Error),
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSlow => f.write_str("the body came too slowly"),
            Self::Broken(error) => error.fmt(f),
        }
    }
}
impl std::error::Error for BodyError {}

/// A body with a time between two frames and a time for the whole. Only waiting counts: what we take to write does not.
pub(crate) struct IdleBody {
    inner: Incoming,
    idle: Duration,
    until: Instant,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl IdleBody {
    pub(crate) fn new(inner: Incoming, idle: Duration, whole: Duration) -> Self {
        Self { inner, idle, until: Instant::now() + whole, waiting: None }
    }
}

impl Body for IdleBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(frame) => {
                self.waiting = None;
                if Instant::now() >= self.until {
                    return Poll::Ready(Some(Err(BodyError::TooSlow)));
                }
                Poll::Ready(frame.map(|frame| frame.map_err(BodyError::Broken)))
            }
            Poll::Pending => {
                let left = self.until.saturating_duration_since(Instant::now());
                let idle = self.idle.min(left);
                let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(idle)));
                waiting.as_mut().poll(cx).map(|()| Some(Err(BodyError::TooSlow)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// A connection whose writes fail when the other side takes nothing for so long, and which is closed gently: what the
/// other side is still sending is read and thrown away for a moment, or it would lose our last answer (a refusal).
pub(crate) struct Watched<S> {
    inner: S,
    idle: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    closing: Option<Closing>,
}

/// What is left of the time and bytes given to a gentle close.
struct Closing {
    until: Pin<Box<Sleep>>,
    bytes: usize,
}

impl<S> Watched<S> {
    pub(crate) fn new(inner: S, idle: Duration) -> Self {
        Self { inner, idle, waiting: None, closing: None }
    }

    fn watch<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.waiting = None;
            return polled;
        }
        let idle = self.idle;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(idle)));
        waiting.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> Watched<S> {
    /// Reads and throws away until the other side closes, or time or bytes are used up.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let closing = self.closing.get_or_insert_with(|| Closing {
            until: Box::pin(sleep(Duration::from_secs(LINGER_SECONDS))),
            bytes: LINGER_BYTES,
        });
        if closing.until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let mut scratch = [0; 16 << 10];
        while closing.bytes > 0 {
            let mut into = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.inner).poll_read(cx, &mut into) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !into.filled().is_empty() => {
                    closing.bytes = closing.bytes.saturating_sub(into.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(()),
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.watch(cx, polled)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, parts);
        self.watch(cx, polled)
    }
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.watch(cx, polled)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closing.is_none() {
            let polled = Pin::new(&mut self.inner).poll_shutdown(cx);
            match self.watch(cx, polled) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
        self.linger(cx).map(Ok)
    }
}
