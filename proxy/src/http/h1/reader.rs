//! The reading half of an HTTP/1 connection, with what was read ahead.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, ReadHalf};

use crate::io::Io;

/// Room for one read: a TLS record's worth.
const READ_SIZE: usize = 16 << 10;

pub(crate) struct Reader {
    pub(crate) half: ReadHalf<Io>,
    pub(crate) buffer: BytesMut,
}

impl Reader {
    pub(crate) fn new(half: ReadHalf<Io>) -> Self {
        Self { half, buffer: BytesMut::new() }
    }

    /// Reads once into the buffer; 0 at the end of the stream. Nothing is lost when the caller stops waiting.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    pub(crate) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() - self.buffer.len() < READ_SIZE / 4 {
            self.buffer.reserve(READ_SIZE);
        }
        pin!(self.half.read_buf(&mut self.buffer)).poll(cx)
    }
}
