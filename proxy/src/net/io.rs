//! A stream of bytes, whatever carries it, that can be looked at before it is read.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use rustls::CommonState;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::h2::io::H2Io;
use crate::net::admission::UpstreamPermit;
use crate::net::tcp::{self, Tcp};
use crate::net::tls_stream::TlsStream;
use crate::net::write_timeout::WriteTimeout;

/// A stream and the bytes that were read from it but not consumed yet.
pub(crate) struct Io {
    carrier: Carrier,
    ahead: BytesMut,
    /// Given back when it closes.
    permit: Option<UpstreamPermit>,
    /// For who reads at the other end.
    write_timeout: Option<Box<WriteTimeout>>,
}

enum Carrier {
    Tcp(Tcp),
    Tls(Box<TlsStream>),
    /// A stream of an HTTP/2 connection that switched protocols.
    H2(Box<H2Io>),
    #[cfg(any(test, fuzzing, feature = "bench"))]
    Duplex(tokio::io::DuplexStream),
}

impl Io {
    fn carried(carrier: Carrier) -> Self {
        Self { carrier, ahead: BytesMut::new(), permit: None, write_timeout: None }
    }

    /// The same stream, on which a write fails when nothing of it is taken in time.
    pub(crate) fn with_write_timeout(mut self, timeout: WriteTimeout) -> Self {
        self.write_timeout = Some(Box::new(timeout));
        self
    }

    /// The same stream with `bytes` before everything that will be read from it.
    pub(crate) fn with_ahead(mut self, mut bytes: BytesMut) -> Self {
        bytes.extend_from_slice(&self.ahead);
        self.ahead = bytes;
        self
    }

    /// The bytes that have been read and not consumed.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.ahead
    }

    /// The same stream, which takes `permit`'s place among the connections to upstreams.
    pub(crate) fn with_permit(mut self, permit: Option<UpstreamPermit>) -> Self {
        self.permit = permit;
        self
    }

    /// Its place among the connections to upstreams; the caller holds it from now on.
    pub(crate) fn take_permit(&mut self) -> Option<UpstreamPermit> {
        self.permit.take()
    }

    /// Reads more without consuming it; 0 at the end of the stream. Nothing is lost when the caller stops waiting.
    pub(crate) async fn look_further(&mut self) -> io::Result<usize> {
        self.ahead.reserve(1024);
        self.carrier.read_buf(&mut self.ahead).await
    }

    /// TLS's state, if the stream has TLS.
    pub(crate) fn tls(&self) -> Option<&CommonState> {
        match &self.carrier {
            Carrier::Tls(stream) => Some(stream.state()),
            _ => None,
        }
    }

    #[cfg(test)]
    pub(crate) fn tls_stream(&mut self) -> Option<&mut TlsStream> {
        match &mut self.carrier {
            Carrier::Tls(stream) => Some(stream),
            _ => None,
        }
    }

    /// Closes so that the other side sees that something is missing: TCP is reset, TLS ends without a farewell.
    pub(crate) fn reset(mut self) {
        if let Carrier::H2(stream) = &mut self.carrier {
            return stream.reset();
        }
        self.set_reset_at_close(true);
    }

    /// Chooses whether the other side sees a reset when TCP is closed, or a clean end. A stream of HTTP/2 is reset in
    /// any case that is not its end.
    pub(crate) fn set_reset_at_close(&self, reset: bool) {
        if let Some(stream) = self.tcp() {
            tcp::set_reset_at_close(stream, reset);
        }
    }

    /// Returns whether the other side wanted to renegotiate TLS, and was told that it can't.
    pub(crate) fn has_refused_renegotiation(&self) -> bool {
        matches!(&self.carrier, Carrier::Tls(stream) if stream.has_refused_renegotiation())
    }

    /// Lets TLS end without a farewell, so that the other side sees an end that was not announced.
    pub(crate) fn omit_farewell(&mut self) {
        if let Carrier::Tls(stream) = &mut self.carrier {
            stream.omit_farewell();
        }
    }

    /// Acknowledges at once what came: the other side may hold back the rest until then.
    pub(crate) fn acknowledge(&self) {
        if let Some(stream) = self.tcp() {
            tcp::acknowledge(stream);
        }
    }

    pub(super) fn tcp(&self) -> Option<&TcpStream> {
        match &self.carrier {
            Carrier::Tcp(stream) => Some(stream.get_ref()),
            Carrier::Tls(stream) => stream.carrier().tcp(),
            Carrier::H2(_) => None,
            #[cfg(any(test, fuzzing, feature = "bench"))]
            Carrier::Duplex(_) => None,
        }
    }

    /// The address at the other end.
    pub(crate) fn peer(&self) -> Option<std::net::SocketAddr> {
        self.tcp()?.peer_addr().ok()
    }

    /// Our own address at this end.
    pub(crate) fn local(&self) -> Option<std::net::SocketAddr> {
        self.tcp()?.local_addr().ok()
    }

    /// The address that the client at the other end connected to, be it ours or not.
    pub(crate) fn original_destination(&self) -> Option<std::net::SocketAddr> {
        tcp::original_destination(self.tcp()?)
    }

    fn carrier(self: Pin<&mut Self>) -> Pin<&mut Carrier> {
        Pin::new(&mut self.get_mut().carrier)
    }

    /// All that was written was taken.
    pub(super) fn taken(&mut self) {
        if let Some(timeout) = &mut self.write_timeout {
            timeout.done();
        }
    }

    pub(super) fn watched(
        &mut self,
        written: Poll<io::Result<usize>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        match &mut self.write_timeout {
            None => written,
            Some(timeout) => timeout.watch(written, cx),
        }
    }
}

impl From<H2Io> for Io {
    fn from(stream: H2Io) -> Self {
        Self::carried(Carrier::H2(Box::new(stream)))
    }
}

impl From<TlsStream> for Io {
    fn from(stream: TlsStream) -> Self {
        Self::carried(Carrier::Tls(Box::new(stream)))
    }
}

impl From<TcpStream> for Io {
    fn from(stream: TcpStream) -> Self {
        Self::carried(Carrier::Tcp(Tcp::new(stream)))
    }
}

impl From<tokio_rustls::server::TlsStream<Io>> for Io {
    fn from(stream: tokio_rustls::server::TlsStream<Io>) -> Self {
        let (io, session) = stream.into_inner();
        TlsStream::new(io, session.into()).into()
    }
}

impl From<tokio_rustls::client::TlsStream<Io>> for Io {
    fn from(stream: tokio_rustls::client::TlsStream<Io>) -> Self {
        let (io, session) = stream.into_inner();
        TlsStream::new(io, session.into()).into()
    }
}

#[cfg(any(test, fuzzing, feature = "bench"))]
impl From<tokio::io::DuplexStream> for Io {
    fn from(stream: tokio::io::DuplexStream) -> Self {
        Self::carried(Carrier::Duplex(stream))
    }
}

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let length = self.ahead.len().min(buf.remaining());
            buf.put_slice(&self.ahead[..length]);
            self.ahead.advance(length);
            if self.ahead.is_empty() {
                self.ahead = BytesMut::new();
            }
            return Poll::Ready(Ok(()));
        }
        self.carrier().poll_read(cx, buf)
    }
}

impl AsyncWrite for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.as_mut().carrier().poll_write(cx, bytes);
        self.watched(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.as_mut().carrier().poll_write_vectored(cx, pieces);
        self.watched(written, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.as_mut().carrier().poll_flush(cx);
        if flushed.is_ready() {
            self.taken();
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.carrier().poll_shutdown(cx)
    }
}

macro_rules! on_carrier {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            Carrier::Tcp($stream) => $call,
            Carrier::Tls($stream) => $call,
            Carrier::H2($stream) => $call,
            #[cfg(any(test, fuzzing, feature = "bench"))]
            Carrier::Duplex($stream) => $call,
        }
    };
}

impl AsyncRead for Carrier {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        on_carrier!(self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Carrier {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        on_carrier!(self, stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        on_carrier!(self, stream => Pin::new(stream).poll_write_vectored(cx, pieces))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_carrier!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_carrier!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
