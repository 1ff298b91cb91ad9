//! The two halves of a stream: one task reads while another writes, and either can reach the stream itself.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::io::Io;
use crate::net::lock::lock;
use crate::net::stream_end::{StreamEnd, Unannounced};

/// The half of a stream that is read from.
pub(crate) struct ReadHalf(Arc<Mutex<Io>>);

/// The half of a stream that is written to.
pub(crate) struct WriteHalf(Arc<Mutex<Io>>);

/// Both halves of `io`.
pub(crate) fn split(io: Io) -> (ReadHalf, WriteHalf) {
    let io = Arc::new(Mutex::new(io));
    (ReadHalf(Arc::clone(&io)), WriteHalf(io))
}

impl ReadHalf {
    /// Acknowledges at once what came: the other side may hold back the rest until then.
    pub(crate) fn acknowledge(&self) {
        lock(&self.0).acknowledge();
    }

    /// Returns whether the other side wanted to renegotiate TLS, and was told that it can't.
    pub(crate) fn has_refused_renegotiation(&self) -> bool {
        lock(&self.0).has_refused_renegotiation()
    }

    #[cfg(test)]
    pub(crate) fn refuse_renegotiation(&self) {
        lock(&self.0).tls_stream().expect("it has TLS").refuse_renegotiation();
    }

    #[cfg(test)]
    pub(crate) fn tcp<R>(&self, look: impl FnOnce(&tokio::net::TcpStream) -> R) -> Option<R> {
        lock(&self.0).tcp().map(look)
    }

    /// The stream's end, if a read that gave `filled` shows that it has ended and was not broken.
    pub(crate) fn end(&self, filled: &io::Result<usize>) -> Option<StreamEnd> {
        match filled {
            Ok(0) if lock(&self.0).tls().is_some() => Some(StreamEnd::Announced),
            Ok(0) => Some(StreamEnd::Plain),
            Err(error) if Unannounced::is(error) => Some(StreamEnd::Unannounced),
            Ok(_) | Err(_) => None,
        }
    }

    /// The stream as a whole again; `other` is its other half.
    pub(crate) fn unsplit(self, other: WriteHalf) -> Io {
        drop(other);
        let io = Arc::into_inner(self.0).expect("a stream has two halves, and these are they");
        io.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WriteHalf {
    /// Lets TLS end without a farewell.
    pub(crate) fn omit_farewell(&self) {
        lock(&self.0).omit_farewell();
    }

    /// Chooses whether the other side sees a reset when TCP is closed, or a clean end.
    pub(crate) fn set_reset_at_close(&self, reset: bool) {
        lock(&self.0).set_reset_at_close(reset);
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.0)).poll_read(cx, buf)
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *lock(&self.0)).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *lock(&self.0)).poll_write_vectored(cx, pieces)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.0)).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.0)).poll_shutdown(cx)
    }
}
