//! The reading half of an HTTP/1 connection, with what was read ahead.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::AsyncReadExt;

use crate::net::deadline::Deadline;
use crate::net::halves::ReadHalf;

/// Room for one read at first: most heads and many messages fit, and it stays in the processor's caches.
pub(crate) const SMALL: usize = 4 << 10;
/// Room for one read, each time that what was there was filled: a TLS record's worth, and what is worth a system call for a
/// large body.
const LARGE: [usize; 2] = [16 << 10, MOST];
/// Bytes that one read takes at most, and so the size of a body's pieces at most.
pub(crate) const MOST: usize = 64 << 10;

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

    /// Lets go of the room that a large head took, if nothing came behind it.
    pub(crate) fn slim(&mut self) {
        if self.buffer.is_empty() {
            (self.buffer, self.room) = (BytesMut::new(), SMALL);
        }
    }

    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() - self.buffer.len() < self.room / 2 {
            self.buffer.reserve(self.room);
        }
        match pin!(self.half.read_buf(&mut self.buffer)).poll(cx) {
            Poll::Ready(filled) => {
                if self.buffer.len() == self.buffer.capacity() {
                    self.room = LARGE.into_iter().find(|room| *room > self.room).unwrap_or(self.room);
                } else if self.buffer.len() < LARGE[0] / 2 {
                    self.room = self.room.min(LARGE[0]);
                }
                Poll::Ready(filled)
            }
            Poll::Pending => {
                // It may be long until more comes.
                if self.buffer.is_empty() && self.buffer.capacity() > LARGE[0] {
                    self.buffer = BytesMut::new();
                }
                Poll::Pending
            }
        }
    }
}
