//! HTTP/1 connections to upstreams.

use std::sync::Arc;
use std::task::{Context, Waker};

use crate::h1::reader::Reader;
use crate::h1::writer::Writer;
use crate::net::halves::split;
use crate::net::io::Io;
use crate::upstream::group::{OpenGuard, PoolGroup};
use crate::upstream::record::UpstreamRecord;

/// An HTTP/1 connection between requests.
pub(in crate::upstream) struct Connection {
    pub(in crate::upstream) reader: Reader,
    pub(in crate::upstream) writer: Writer,
    pub(in crate::upstream) facts: UpstreamRecord,
    pub(in crate::upstream) share: OpenGuard,
}

impl Connection {
    /// For the requests of `place`.
    pub(in crate::upstream) fn new(mut io: Io, facts: UpstreamRecord, place: &Arc<PoolGroup>) -> Self {
        let share = place.share(io.take_permit());
        let (read, write) = split(io);
        Self { reader: Reader::new(read), writer: Writer::new(write), facts, share }
    }

    /// True unless the other side wanted a new handshake and was told that there is none: it may wait for it, or end
    /// the connection for it, whatever it is asked next.
    pub(in crate::upstream) fn is_reusable(&self) -> bool {
        !self.reader.half.has_refused_renegotiation()
    }

    /// True if it is quiet: a kept connection on which anything comes, or that ended, is of no use.
    pub(in crate::upstream) fn is_alive(&mut self) -> bool {
        self.reader.buffer.is_empty()
            && self.reader.poll_fill(&mut Context::from_waker(Waker::noop())).is_pending()
            // It may have wanted one just now.
            && self.is_reusable()
    }
}
