//! HTTP/1 connections to upstreams.

use std::sync::Arc;
use std::task::{Context, Waker};

use tokio::io::split;

use super::facts::Facts;
use super::place::{Place, Share};
use crate::http::h1::reader::Reader;
use crate::http::h1::writer::Writer;
use crate::io::Io;

/// An HTTP/1 connection between requests.
pub(super) struct Connection {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    pub(super) facts: Facts,
    pub(super) share: Share,
}

impl Connection {
    /// For the requests of `place`.
    pub(super) fn new(mut io: Io, facts: Facts, place: &Arc<Place>) -> Self {
        let share = place.share(io.take_permit());
        let (read, write) = split(io);
        Self { reader: Reader::new(read), writer: Writer::new(write), facts, share }
    }

    /// Whether it is quiet: a kept connection on which anything comes, or that ended, is of no use.
    pub(super) fn is_alive(&mut self) -> bool {
        self.reader.buffer.is_empty()
            && self.reader.poll_fill(&mut Context::from_waker(Waker::noop())).is_pending()
    }
}
