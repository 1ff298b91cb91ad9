//! Writes of an HTTP/2 connection, gathered: h2 flushes behind each frame of a body, which would make every small
//! response a record of TLS and a system call or two of its own.

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::io::Io;
use crate::net::lock::lock;

/// Bytes that are gathered at most: a few KiB a connection are not counted in the budget of what is in transit.
const MOST: usize = 16 << 10;

thread_local! {
    /// Room in which connections of this thread gather. It stays in the processor's caches, and connections that have
    /// nothing to write need none. Empty while it is in use: who does not read holds one of its own.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The stream as h2 has it: what is written to it waits until it is sent by the [`Outlet`], or there is too much of it.
pub(crate) struct Gathering(Arc<Mutex<Gathered>>);

/// The way out for what was gathered. Whoever polls h2's connection sends it, each time that h2 waits.
pub(crate) struct Outlet(Arc<Mutex<Gathered>>);

struct Gathered {
    io: Io,
    bytes: Vec<u8>,
    /// How many of them have been sent.
    sent: usize,
    /// True until the stream has passed on all that it took.
    unflushed: bool,
    /// Why they could not be sent, for h2, which hears of it when it reads or writes next.
    failed: Option<io::Error>,
    /// False while h2 itself waits for what it writes.
    is_on: bool,
}

/// Both sides of `io`. Nothing is gathered before [`Outlet::begin`].
pub(crate) fn gather(io: Io) -> (Gathering, Outlet) {
    let gathered = Gathered { io, bytes: Vec::new(), sent: 0, unflushed: false, failed: None, is_on: false };
    let shared = Arc::new(Mutex::new(gathered));
    (Gathering(Arc::clone(&shared)), Outlet(shared))
}

impl Outlet {
    /// Gathers what is written from now on.
    pub(crate) fn begin(&self) {
        lock(&self.0).is_on = true;
    }

    /// Polls h2's connection by `poll`; when that waits, sends what was gathered.
    pub(crate) fn poll<T>(
        &self,
        cx: &mut Context<'_>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        loop {
            let polled = poll(cx);
            if polled.is_ready() || self.send(cx) {
                return polled;
            }
        }
    }

    /// Sends as much of the rest as goes at once, where nobody polls h2 any more.
    pub(crate) async fn send_rest(&self) {
        poll_fn(|cx| Poll::Ready(self.send(cx))).await;
    }

    /// Sends as much as goes; false if it failed: h2 is to be polled again.
    fn send(&self, cx: &mut Context<'_>) -> bool {
        let mut gathered = lock(&self.0);
        match gathered.poll_send(cx) {
            Poll::Ready(Err(error)) => {
                gathered.failed = Some(error);
                false
            }
            Poll::Ready(Ok(())) | Poll::Pending => true,
        }
    }
}

impl Gathered {
    /// Sends all that was gathered.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.bytes.len() {
            self.unflushed = true;
            let sent = ready!(Pin::new(&mut self.io).poll_write(cx, &self.bytes[self.sent..]))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += sent;
        }
        if self.sent > 0 {
            self.sent = 0;
            self.bytes.clear();
            SPARE.set(std::mem::take(&mut self.bytes));
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_gather(&mut self, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Err(error));
        }
        if self.bytes.len() >= MOST {
            ready!(self.poll_send(cx))?;
        }
        if self.bytes.capacity() == 0 {
            self.bytes = SPARE.take();
            self.bytes.reserve_exact(MOST);
        }
        let before = self.bytes.len();
        for piece in pieces {
            let fits = piece.len().min(MOST - self.bytes.len());
            self.bytes.extend_from_slice(&piece[..fits]);
        }
        Poll::Ready(Ok(self.bytes.len() - before))
    }
}

impl AsyncRead for Gathering {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut gathered = lock(&self.0);
        match gathered.failed.take() {
            Some(error) => Poll::Ready(Err(error)),
            None => Pin::new(&mut gathered.io).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Gathering {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut gathered = lock(&self.0);
        if gathered.is_on {
            return gathered.poll_gather(cx, &[IoSlice::new(bytes)]);
        }
        Pin::new(&mut gathered.io).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut gathered = lock(&self.0);
        if gathered.is_on {
            return gathered.poll_gather(cx, pieces);
        }
        let first = pieces.iter().find(|piece| !piece.is_empty()).map_or(&[][..], |piece| &**piece);
        Pin::new(&mut gathered.io).poll_write(cx, first)
    }

    /// True, so that h2 copies small bodies once less.
    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gathered = lock(&self.0);
        if gathered.is_on {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut gathered.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut gathered = lock(&self.0);
        ready!(gathered.poll_send(cx))?;
        Pin::new(&mut gathered.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
