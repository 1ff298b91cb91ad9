//! TLS on a stream, once the handshake is done: a system call takes all that has come, or gives all that is to go.

use std::cell::Cell;
use std::io::{self, BufRead, IoSlice, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use rustls::{CommonState, Connection, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::io::Io;
use crate::net::stream_end::Unannounced;
use crate::net::tls::TlsError;

/// Bytes that one read takes at most: rustls by itself reads 4 KiB at a time.
const LANDING_SIZE: usize = 64 << 10;

thread_local! {
    /// Where reads land. One for all connections of a thread: it stays in the processor's caches, and those that are
    /// idle need none. Empty while it is in use: TLS inside TLS makes one for each read.
    static LANDING: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A stream with TLS after the handshake.
pub(crate) struct TlsStream {
    io: Io,
    session: Connection,
    /// Bytes that were read and not decrypted yet: nobody has taken those that were decrypted before.
    ahead: BytesMut,
    /// The error behind bytes that were taken.
    error: Option<io::Error>,
    /// True once the other side was told that nothing more comes, and where it is not to be told.
    said_goodbye: bool,
    refused_renegotiation: bool,
}

/// The rest of the bytes that were decrypted.
enum Left {
    Nothing,
    /// More than there was room for; or it is the end.
    More,
}

impl TlsStream {
    pub(crate) fn new(io: Io, session: Connection) -> Self {
        Self {
            io,
            session,
            ahead: BytesMut::new(),
            error: None,
            said_goodbye: false,
            refused_renegotiation: false,
        }
    }

    /// Returns whether the other side wanted a new handshake in the middle of the connection (TLS 1.2), and was told that
    /// there is none.
    pub(crate) fn has_refused_renegotiation(&self) -> bool {
        self.refused_renegotiation
    }

    /// Takes it as if the other side had wanted a new handshake: rustls can't ask for one.
    #[cfg(test)]
    pub(crate) fn refuse_renegotiation(&mut self) {
        self.refused_renegotiation = true;
    }

    /// The stream that carries it.
    pub(crate) fn carrier(&self) -> &Io {
        &self.io
    }

    /// The outcome of the handshake.
    pub(crate) fn state(&self) -> &CommonState {
        &self.session
    }

    /// Ends without telling the other side that nothing more comes.
    pub(crate) fn omit_farewell(&mut self) {
        self.said_goodbye = true;
    }

    /// Moves bytes that were decrypted to `buf`.
    fn take(&mut self, buf: &mut ReadBuf<'_>) -> io::Result<Left> {
        loop {
            let taken = match self.session.reader().into_first_chunk() {
                Ok([]) => return Ok(Left::More),
                Ok(_) if buf.remaining() == 0 => return Ok(Left::More),
                Ok(chunk) => {
                    let length = chunk.len().min(buf.remaining());
                    buf.put_slice(&chunk[..length]);
                    length
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Left::Nothing),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(Unannounced.into());
                }
                Err(error) => return Err(error),
            };
            self.session.reader().consume(taken);
        }
    }

    /// Decrypts of `bytes` what somebody waits for: how many are done with. None at all are the stream's end.
    fn decrypt(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut left = bytes;
        while self.session.wants_read() {
            let read = self.session.read_tls(&mut left)?;
            let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, TlsError(error));
            self.session.process_new_packets().map_err(invalid)?;
            if read == 0 || left.is_empty() {
                break;
            }
        }
        Ok(bytes.len() - left.len())
    }

    fn decrypt_ahead(&mut self) -> io::Result<()> {
        let mut ahead = std::mem::take(&mut self.ahead);
        ahead.advance(self.decrypt(&ahead)?);
        if !ahead.is_empty() {
            self.ahead = ahead;
        }
        Ok(())
    }

    /// Reads once.
    fn poll_land(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut landing = LANDING.take();
        landing.resize(LANDING_SIZE, 0);
        let mut buf = ReadBuf::new(&mut landing);
        let landed = Pin::new(&mut self.io).poll_read(cx, &mut buf).map_ok(|()| buf.filled().len());
        let result = landed.map(|landed| {
            let landed = &landing[..landed?];
            let done = self.decrypt(landed)?;
            self.ahead.extend_from_slice(&landed[done..]);
            Ok(())
        });
        LANDING.set(landing);
        result
    }

    /// Decrypts more, of what was read before or is read now.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.session.wants_read() {
            // Only before the handshake's end, or when what was decrypted is not taken: rather an error than a wait
            // for nothing.
            return Poll::Ready(Err(io::Error::other("TLS takes nothing more")));
        }
        // A task that waits to write must stay registered, though TLS writes for its own sake.
        let is_writing = self.session.wants_write();
        let result = if self.ahead.is_empty() { ready!(self.poll_land(cx)) } else { self.decrypt_ahead() };
        if !is_writing && self.session.wants_write() {
            // TLS's own words, if they can be said at once: what was wrong, or that there is no new handshake.
            let is_tls12 = self.session.protocol_version() == Some(ProtocolVersion::TLSv1_2);
            self.refused_renegotiation |= result.is_ok() && is_tls12;
            let _ = self.poll_send(cx);
        }
        Poll::Ready(result)
    }

    /// Sends what is encrypted.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut Departing { io: &mut self.io, cx }) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        loop {
            let left = this.take(buf);
            let some = buf.filled().len() > before;
            match left {
                Ok(Left::More) => return Poll::Ready(Ok(())),
                // How it ended is said again next time.
                Err(_) if some => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(error)),
                Ok(Left::Nothing) => {}
            }
            if some && (this.ahead.is_empty() || this.error.is_some()) {
                return Poll::Ready(Ok(()));
            }
            if let Some(error) = this.error.take() {
                return Poll::Ready(Err(error));
            }
            match this.poll_more(cx) {
                Poll::Ready(result) => this.error = result.err(),
                Poll::Pending if some => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        // What did not go before goes first.
        ready!(this.poll_send(cx))?;
        let written = this.session.writer().write(bytes)?;
        match this.poll_send(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(written)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !std::mem::replace(&mut this.said_goodbye, true) {
            this.session.send_close_notify();
        }
        ready!(this.poll_send(cx))?;
        match ready!(Pin::new(&mut this.io).poll_shutdown(cx)) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Ready(Ok(())),
            result => Poll::Ready(result),
        }
    }
}

/// A stream as rustls writes to it.
struct Departing<'a, 'b> {
    io: &'a mut Io,
    cx: &'a mut Context<'b>,
}

impl Write for Departing<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        now(Pin::new(&mut *self.io).poll_write(self.cx, bytes))
    }

    fn write_vectored(&mut self, records: &[IoSlice<'_>]) -> io::Result<usize> {
        match records {
            [one] => self.write(one),
            records => now(Pin::new(&mut *self.io).poll_write_vectored(self.cx, records)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        now(Pin::new(&mut *self.io).poll_flush(self.cx))
    }
}

fn now<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

#[cfg(test)]
pub(crate) mod tests;
