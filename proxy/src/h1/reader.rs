//! The reading half of an HTTP/1 connection, with what was read ahead.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::net::deadline::Deadline;
use crate::net::halves::ReadHalf;

/// Room for one read at first: most heads and many messages fit, and it stays in the processor's caches.
pub(crate) const SMALL: usize = 4 << 10;
/// Room for one read, each time that what was there was filled: a TLS record's worth, and what is worth a system call for a
/// large body.
const LARGE: [usize; 2] = [16 << 10, MOST];
/// Bytes that one read takes at most, and so the size of a body's pieces at most.
pub(crate) const MOST: usize = 64 << 10;

thread_local! {
    /// Where small reads land, for all connections of a thread: one that waits holds no room. Empty while it is in use.
    static LANDING: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

pub(crate) struct Reader {
    pub(crate) half: ReadHalf,
    pub(crate) buffer: BytesMut,
    room: usize,
    /// For what is to come next; one for the connection's life, so that its timer is made once.
    pub(crate) deadline: Deadline,
}

impl Reader {
    pub(crate) fn new(half: ReadHalf) -> Self {
        Self { half, buffer: BytesMut::new(), room: SMALL, deadline: Deadline::default() }
    }

    /// Reads once into the buffer; 0 at the end of the stream. Nothing is lost when the caller stops waiting.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    /// Lets go of the room that is left in the buffer, if nothing is there.
    pub(crate) fn rest(&mut self) {
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
    }

    /// Lets go of the room that a large head took, if nothing came behind it.
    pub(crate) fn slim(&mut self) {
        if self.buffer.is_empty() {
            (self.buffer, self.room) = (BytesMut::new(), SMALL);
        }
    }

    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.is_empty() && self.room <= LARGE[0] {
            return self.poll_land(cx);
        }
        if self.buffer.capacity() - self.buffer.len() < self.room / 2 {
            self.buffer.reserve(self.room);
        }
        match pin!(self.half.read_buf(&mut self.buffer)).poll(cx) {
            Poll::Ready(filled) => {
                if self.buffer.len() == self.buffer.capacity() {
                    self.enlarge();
                } else if self.buffer.len() < LARGE[0] / 2 {
                    self.room = self.room.min(LARGE[0]);
                }
                Poll::Ready(filled)
            }
            Poll::Pending => {
                // It may be long until more comes.
                if self.buffer.is_empty() {
                    self.buffer = BytesMut::new();
                }
                Poll::Pending
            }
        }
    }

    /// Makes room for more in the next read.
    fn enlarge(&mut self) {
        self.room = LARGE.into_iter().find(|room| *room > self.room).unwrap_or(self.room);
    }

    /// Reads once into an empty buffer, and takes just the room for what came.
    fn poll_land(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut landing = LANDING.take();
        landing.resize(LARGE[0], 0);
        let mut into = ReadBuf::new(&mut landing[..self.room]);
        let filled = Pin::new(&mut self.half).poll_read(cx, &mut into).map_ok(|()| into.filled().len());
        self.buffer = match filled {
            Poll::Ready(Ok(length @ 1..)) => BytesMut::from(&landing[..length]),
            // It may be long until more comes.
            _ => BytesMut::new(),
        };
        LANDING.set(landing);
        if self.buffer.len() == self.room {
            self.enlarge();
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;
    use crate::net::halves::split;

    #[tokio::test]
    async fn a_connection_on_which_nothing_comes_holds_no_room() {
        let (near, mut far) = duplex(64);
        let (read, _write) = split(near.into());
        let mut reader = Reader::new(read);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(reader.poll_fill(&mut cx).is_pending());
        assert_eq!(reader.buffer.capacity(), 0);
        far.write_all(b"ab").await.unwrap();
        assert_eq!(reader.fill().await.unwrap(), 2);
        assert!(reader.poll_fill(&mut cx).is_pending());
        assert_eq!(&reader.buffer[..], b"ab", "what came stays");
    }
}
