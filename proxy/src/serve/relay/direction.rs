//! One direction of a relay: bytes from one stream to another until the first ends.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use dashcam_exchange::Side;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::halves::{ReadHalf, WriteHalf};
use crate::net::stream_end::StreamEnd;
use crate::serve::relay::{Broken, Observe};

const BUFFER: usize = 16 << 10;

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
}

/// The next thing to do.
enum Step {
    Read,
    /// Bytes, or none at the end, are offered to the observer.
    Offer,
    Write,
    Flush,
    Shutdown,
}

impl<'a, O: Observe> Direction<'a, O> {
    pub(super) fn new(
        from: &'a mut Half<ReadHalf>,
        to: &'a mut Half<WriteHalf>,
        observer: O,
        moved: &'a AtomicU64,
    ) -> Self {
        Self { from, to, observer, moved, step: Step::Read, buffer: Vec::new(), read: 0, written: 0 }
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
        Step::Read
    }
}
