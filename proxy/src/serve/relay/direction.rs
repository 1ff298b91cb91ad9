//! One direction of a relay: bytes from one stream to another until the first ends.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use dashcam_exchange::Side;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::halves::{ReadHalf, WriteHalf};
use crate::net::splice::Pipe;
use crate::net::stream_end::StreamEnd;
use crate::serve::relay::{Broken, Observe};

const BUFFER: usize = 16 << 10;
/// Reads in a row that fill the buffer before bytes go through a pipe: a pipe costs more calls than small messages do.
const FULL_READS: u32 = 4;
/// Moves in a row through a pipe that are smaller than a buffer before bytes are copied again.
const SMALL_MOVES: u32 = 4;

thread_local! {
    /// Where reads land, for all directions of a thread that hold nothing. Empty while one holds it.
    static LANDING: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// One half of a stream, and whose it is.
pub(super) struct Half<H>(pub(super) H, pub(super) Side);

impl<H> Half<H> {
    fn broken(&self, error: io::Error) -> Broken {
        Broken { side: self.1, error }
    }
}

/// The bytes that pass between two streams, and how far they are.
pub(super) struct Direction<'a, O> {
    from: &'a mut Half<ReadHalf>,
    to: &'a mut Half<WriteHalf>,
    observer: O,
    /// Counts what was passed on, to see whether anything moves.
    moved: &'a AtomicU64,
    step: Step,
    /// The bytes that were read and are not passed on yet, of which `read` count; without room while there are none.
    buffer: Vec<u8>,
    read: usize,
    written: usize,
    /// Reads in a row that filled the buffer.
    full: u32,
    /// Bytes are copied whatever comes: no pipe takes them.
    copies: bool,
}

/// The next thing to do.
enum Step {
    Read,
    /// Bytes, or none at the end, are offered to the observer.
    Offer,
    Write,
    Flush,
    /// Bytes go through a pipe, unseen.
    Splice {
        pipe: Pipe,
        small: u32,
    },
    Shutdown,
}

impl<'a, O: Observe> Direction<'a, O> {
    pub(super) fn new(
        from: &'a mut Half<ReadHalf>,
        to: &'a mut Half<WriteHalf>,
        observer: O,
        moved: &'a AtomicU64,
    ) -> Self {
        let (buffer, read, written, full, copies) = Default::default();
        Self { from, to, observer, moved, step: Step::Read, buffer, read, written, full, copies }
    }

    /// Passes on what there is; ready at the end of the stream that is read, once the other was told of it.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        loop {
            self.step = match &mut self.step {
                Step::Read => ready!(self.poll_read(cx))?,
                Step::Offer => {
                    let offered = ready!(self.observer.poll_offer(&self.buffer[..self.read], cx));
                    offered.map_err(|error| Broken { side: Side::Proxy, error })?;
                    if self.read == 0 { Step::Shutdown } else { Step::Write }
                }
                Step::Write => ready!(self.poll_write(cx))?,
                Step::Flush => {
                    let flushed = ready!(Pin::new(&mut self.to.0).poll_flush(cx));
                    flushed.map_err(|error| self.to.broken(error))?;
                    self.pass()
                }
                Step::Splice { .. } => ready!(self.poll_splice(cx))?,
                Step::Shutdown => {
                    // The other side may have closed already; then there is nobody to tell.
                    let _ = ready!(Pin::new(&mut self.to.0).poll_shutdown(cx));
                    return Poll::Ready(Ok(()));
                }
            };
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step, Broken>> {
        let mut buffer = LANDING.take();
        buffer.resize(BUFFER, 0);
        let mut into = ReadBuf::new(&mut buffer);
        let filled = Pin::new(&mut self.from.0).poll_read(cx, &mut into);
        let Poll::Ready(filled) = filled.map_ok(|()| into.filled().len()) else {
            LANDING.set(buffer);
            return Poll::Pending;
        };
        self.buffer = buffer;
        if let Some(end) = self.from.0.end(&filled) {
            return Poll::Ready(Ok(self.end(end)));
        }
        self.read = filled.map_err(|error| self.from.broken(error))?;
        self.written = 0;
        self.full = if self.read == BUFFER { self.full + 1 } else { 0 };
        Poll::Ready(Ok(Step::Offer))
    }

    /// The stream that is read has ended.
    fn end(&mut self, end: StreamEnd) -> Step {
        if end == StreamEnd::Unannounced {
            self.to.0.omit_farewell();
        }
        self.read = 0;
        Step::Offer
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step, Broken>> {
        while self.written < self.read {
            let left = &self.buffer[self.written..self.read];
            let written = match ready!(Pin::new(&mut self.to.0).poll_write(cx, left)) {
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                written => written,
            };
            self.written += written.map_err(|error| self.to.broken(error))?;
        }
        Poll::Ready(Ok(Step::Flush))
    }

    /// All that was read was passed on.
    fn pass(&mut self) -> Step {
        self.moved.fetch_add(1, Ordering::Relaxed);
        self.observer.see(&self.buffer[..self.read]);
        LANDING.set(std::mem::take(&mut self.buffer));
        if self.full < FULL_READS || self.copies || self.observer.wants_bytes() {
            return Step::Read;
        }
        self.full = 0;
        match self.from.0.pipe_to(&self.to.0) {
            Some(pipe) => Step::Splice { pipe, small: 0 },
            None => Step::Read,
        }
    }

    fn poll_splice(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step, Broken>> {
        let Step::Splice { pipe, small } = &mut self.step else { return Poll::Ready(Ok(Step::Read)) };
        loop {
            if pipe.is_empty() {
                if !pipe.is_open() {
                    return Poll::Ready(Ok(Step::Read));
                }
                let filled = match self.from.0.poll_fill(pipe, cx) {
                    // It may be long until more comes.
                    Poll::Pending => {
                        pipe.rest();
                        return Poll::Pending;
                    }
                    Poll::Ready(filled) => filled,
                };
                if filled.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Unsupported) {
                    self.copies = true;
                    return Poll::Ready(Ok(Step::Read));
                }
                if let Some(end) = self.from.0.end(&filled) {
                    return Poll::Ready(Ok(self.end(end)));
                }
                let filled = filled.map_err(|error| self.from.broken(error))?;
                *small = if filled < BUFFER { *small + 1 } else { 0 };
            }
            let drained = ready!(self.to.0.poll_drain(pipe, cx));
            self.observer.pass(drained.map_err(|error| self.to.broken(error))?);
            self.moved.fetch_add(1, Ordering::Relaxed);
            if pipe.is_empty() && *small >= SMALL_MOVES {
                return Poll::Ready(Ok(Step::Read));
            }
        }
    }
}
