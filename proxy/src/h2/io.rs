//! An HTTP/2 stream as a stream of bytes (RFC 8441): what switches protocols is relayed over it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use h2::{Reason, RecvStream, SendStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::h2::in_flight::InFlight;
use crate::net::write_timeout::WriteTimeout;

/// Both halves of a stream.
pub(crate) struct H2Io {
    recv: RecvStream,
    send: SendStream<Bytes>,
    /// Bytes that were received and not read yet.
    received: Bytes,
    /// With an upstream: the request that opened the stream.
    _request: Option<InFlight>,
    /// For a window that is not opened.
    write_timeout: WriteTimeout,
}

impl H2Io {
    pub(crate) fn new(
        recv: RecvStream,
        send: SendStream<Bytes>,
        request: Option<InFlight>,
        write_timeout: WriteTimeout,
    ) -> Self {
        Self { recv, send, received: Bytes::new(), _request: request, write_timeout }
    }

    /// Ends the stream so that the other side sees that something is missing.
    pub(crate) fn reset(&mut self) {
        self.send.send_reset(Reason::CANCEL);
    }

    fn poll_received(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.received.is_empty() {
            match ready!(self.recv.poll_data(cx)) {
                Some(Ok(data)) => self.received = data,
                Some(Err(error)) => return Poll::Ready(Err(broken(error))),
                None => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// A reset as TCP's.
fn broken(error: h2::Error) -> io::Error {
    if error.is_reset() {
        io::Error::new(io::ErrorKind::ConnectionReset, error)
    } else {
        io::Error::other(error)
    }
}

impl AsyncRead for H2Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_received(cx))?;
        let length = self.received.len().min(buf.remaining());
        buf.put_slice(&self.received[..length]);
        self.received.advance(length);
        // It fails for a stream that is over already, and then there is no window to give back to.
        let _ = self.recv.flow_control().release_capacity(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for H2Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Poll::Ready(reason) = self.send.poll_reset(cx) {
            return Poll::Ready(Err(broken(reason.map_or_else(|error| error, h2::Error::from))));
        }
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        self.send.reserve_capacity(bytes.len());
        while self.send.capacity() == 0 {
            match self.send.poll_capacity(cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(broken(error))),
                Poll::Ready(None) => return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
                Poll::Pending => return self.write_timeout.poll(cx).map(|stalled| Err(stalled.into())),
            }
        }
        self.write_timeout.done();
        let length = self.send.capacity().min(bytes.len());
        self.send.send_data(Bytes::copy_from_slice(&bytes[..length]), false).map_err(broken)?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.send.send_data(Bytes::new(), true).map_err(broken))
    }
}
