//! The writing half of an HTTP/1 connection.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use dashcam_exchange::{Failure, Headers, IllegalHead, Side, Stage};
use tokio::io::AsyncWrite;

use crate::body::{Body, Frame};
use crate::h1::encode;
use crate::h1::framing::Framing;
use crate::net::halves::WriteHalf;
use crate::net::transit::{Backlog, Room};
use crate::net::write_timeout::Stalled;

/// Bytes that are gathered before they are written; larger pieces of a body are written as they are.
const GATHER: usize = 16 << 10;

pub(crate) struct Writer {
    pub(crate) half: WriteHalf,
    /// Bytes that the next flush writes.
    pub(crate) out: BytesMut,
    /// Counts writes that were done, to see whether anything moves.
    pub(crate) progress: Arc<AtomicU64>,
    /// The bytes that are held while the other side does not read.
    pub(crate) backlog: Backlog,
}

/// Why a body could not be passed on.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// The body ended badly.
    Source(Failure),
    /// It could not be written.
    Sink,
    /// The other side did not read it in time.
    Stalled(Stalled),
    /// It was shorter or longer than its head says.
    Length,
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Stalled::of(&error).map_or(Self::Sink, Self::Stalled)
    }
}

impl Writer {
    pub(crate) fn new(half: WriteHalf) -> Self {
        Self { half, out: BytesMut::new(), progress: Arc::default(), backlog: Backlog::new(None) }
    }

    /// Counts what is held for the other side as held by the client that has `room`.
    pub(crate) fn count_in(&mut self, room: Option<&Arc<Room>>) {
        self.backlog = Backlog::new(room.cloned());
    }

    /// Lets go of the room for what is gathered, if all is written.
    pub(crate) fn slim(&mut self) {
        if self.out.is_empty() {
            encode::give_back(std::mem::take(&mut self.out));
        }
    }

    /// Writes what was gathered.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Writes what was gathered. Nothing is lost when the caller stops waiting.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let written = ready!(Pin::new(&mut self.half).poll_write(cx, &self.out))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            if written == self.out.len() {
                // The next message is written to the same place, which is in the processor's caches.
                self.out.clear();
            } else {
                self.out.advance(written);
            }
            self.progress.fetch_add(1, Ordering::Relaxed);
        }
        Pin::new(&mut self.half).poll_flush(cx)
    }

    /// Writes a whole body behind the head that was gathered. Whatever comes is passed on at once: bytes
    /// are gathered only while more of them are there already.
    pub(crate) async fn body(&mut self, body: &mut Body, framing: Framing) -> Result<(), WriteError> {
        let mut written = 0;
        let trailers = loop {
            let frame = match ready_frame(body).await {
                Some(frame) => frame,
                None => {
                    // A head that has nothing to wait for but the end goes with that.
                    if written > 0 || !body.is_at_withheld_end() {
                        self.flush().await?;
                    }
                    body.frame().await
                }
            };
            match frame {
                Some(Ok(Frame::Data(data))) => {
                    written += data.len() as u64;
                    if matches!(framing, Framing::Length(length) if written > length) {
                        return Err(WriteError::Length);
                    }
                    self.data(&data, framing, body).await?;
                }
                Some(Ok(Frame::Trailers(trailers))) => break Some(trailers),
                Some(Err(failure)) => {
                    // The bytes before it count; a head alone may look like all there is.
                    if written > 0 || !body.is_at_withheld_end() {
                        self.flush().await?;
                    }
                    return Err(WriteError::Source(failure));
                }
                None => break None,
            }
        };
        self.end(framing, written, trailers)?;
        Ok(self.flush().await?)
    }

    async fn data(&mut self, data: &Bytes, framing: Framing, body: &mut Body) -> Result<(), WriteError> {
        let chunked = framing == Framing::Chunked;
        match framing {
            Framing::None => return Ok(()),
            Framing::Chunked => encode::chunk_size(data.len(), &mut self.out),
            Framing::Length(_) | Framing::UntilClose => {}
        }
        if self.out.len() + data.len() <= GATHER {
            self.out.put_slice(data);
        } else {
            let mut left = data.clone();
            poll_fn(|cx| self.poll_large(&mut left, body, cx)).await?;
        }
        if chunked {
            self.out.put_slice(b"\r\n");
        }
        Ok(())
    }

    /// Writes what was gathered and `left` behind it.
    fn poll_large(
        &mut self,
        left: &mut Bytes,
        body: &mut Body,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WriteError>> {
        loop {
            let next: &[u8] = if self.out.is_empty() { left } else { &self.out };
            if next.is_empty() {
                self.backlog.clear();
                return Poll::Ready(Ok(()));
            }
            match Pin::new(&mut self.half).poll_write(cx, next) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(WriteError::Sink)),
                Poll::Ready(Ok(written)) if self.out.is_empty() => left.advance(written),
                Poll::Ready(Ok(written)) if written == self.out.len() => self.out.clear(),
                Poll::Ready(Ok(written)) => self.out.advance(written),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Pending => {
                    let waits = body.wait(&mut self.backlog, left.len(), cx);
                    return waits.map_or_else(
                        |failure| Poll::Ready(Err(WriteError::Source(failure))),
                        |()| Poll::Pending,
                    );
                }
            }
            self.progress.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn end(&mut self, framing: Framing, written: u64, trailers: Option<Headers>) -> Result<(), WriteError> {
        match framing {
            Framing::Chunked => {
                self.out.put_slice(b"0\r\n");
                encode::trailers(&trailers.unwrap_or_default(), &mut self.out)
                    .map_err(|why| illegal_trailers(&why))?;
            }
            Framing::Length(length) if written != length => return Err(WriteError::Length),
            Framing::None | Framing::Length(_) | Framing::UntilClose => {}
        }
        Ok(())
    }
}

fn illegal_trailers(why: &IllegalHead) -> WriteError {
    let message = format!("The trailers can't be passed on: {why}.");
    WriteError::Source(Failure::new(Side::Proxy, Stage::ResponseBody, message))
}

/// The next frame if it is there already.
async fn ready_frame(body: &mut Body) -> Option<Option<Result<Frame, Failure>>> {
    poll_fn(|cx| match body.poll_frame(cx) {
        Poll::Ready(frame) => Poll::Ready(Some(frame)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
