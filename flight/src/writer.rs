//! Records on their way into the ring.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use dashcam_exchange::{
    BodyRecord, Certificate, Connection, ConnectionId, Direction, Exchange, ExchangeId, Message, Program,
    Timestamp, UpstreamConnection,
};

use crate::codec::{
    write_discarded, write_finished, write_interrupted, write_kept, write_message, write_opened, write_part,
};
use crate::file::ReadError;
use crate::index::{Coverage, Index};
use crate::known::Connections;
use crate::reading::Reading;
use crate::ring::{AddError, Ring, Size};

/// The counts of a ring since its beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Exchanges that were written with all that was captured of them.
    pub written: u64,
    /// Exchanges that were not written, or not with all that was captured: larger than a segment, or the file failed.
    pub lost: u64,
    /// Segments that were overwritten.
    pub overwritten: u64,
    /// Segments that were overwritten before they had the age that entries are to be kept for: the ring is too small.
    pub squeezed: u64,
}

/// Counts that others read.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    written: AtomicU64,
    lost: AtomicU64,
    overwritten: AtomicU64,
    squeezed: AtomicU64,
    lost_at: AtomicI64,
}

impl Counters {
    pub(crate) fn read(&self) -> Counts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            written: load(&self.written),
            lost: load(&self.lost),
            overwritten: load(&self.overwritten),
            squeezed: load(&self.squeezed),
        }
    }

    /// Counts exchanges that are not in the ring, or not whole.
    fn lose(&self, exchanges: u64, at: Timestamp) {
        self.lost.fetch_add(exchanges, Ordering::Relaxed);
        self.lost_at.store(at.0, Ordering::Relaxed);
    }
}

/// Writes what passes into a ring. One thread has it.
#[derive(Debug)]
pub struct RingWriter {
    ring: Ring,
    connections: Connections,
    started_at: Timestamp,
    counters: Arc<Counters>,
    /// Exchanges that are in no block of the file yet.
    waiting: u64,
    /// True while the file fails: that is logged once.
    failing: bool,
}

impl RingWriter {
    /// Begins a ring of `size` in `file`, which is empty.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn begin(file: File, size: Size, started_at: Timestamp) -> io::Result<Self> {
        Ok(Self {
            ring: Ring::begin(file, size, started_at)?,
            connections: Connections::new(),
            started_at,
            counters: Arc::default(),
            waiting: 0,
            failing: false,
        })
    }

    /// The ring as others see it.
    ///
    /// # Errors
    /// When this process may open no more files.
    pub fn view(&self) -> io::Result<RingView> {
        let (index, counters) = (self.ring.index().clone(), Arc::clone(&self.counters));
        Ok(RingView { file: self.ring.file()?, started_at: self.started_at, index, counters })
    }

    /// A client's connection as it stands. It is written with the first exchange that names it, and again when it changes
    /// after that.
    pub fn connection(&mut self, connection: Box<Connection>, at: Timestamp) {
        let id = connection.id;
        if self.connections.client(connection) {
            self.write_again(id, at);
        }
    }

    /// A client's connection as it stood last, if it is known.
    pub(crate) fn client(&mut self, id: ConnectionId) -> Option<&Connection> {
        self.connections.known_client(id)
    }

    /// The program that opened a connection.
    pub fn program(&mut self, connection: ConnectionId, program: Program, at: Timestamp) {
        if self.connections.program(connection, program) {
            self.write_again(connection, at);
        }
    }

    /// A connection to an upstream. It is written with the first exchange that names it.
    pub fn upstream_connection(&mut self, connection: Box<UpstreamConnection>) {
        self.connections.upstream(connection);
    }

    /// A certificate that connections name. It is written with the first of them.
    pub fn certificate(&mut self, certificate: Certificate) {
        self.connections.certificate(certificate);
    }

    /// An exchange that is open, of which pieces follow.
    pub fn opened(&mut self, exchange: &Exchange, at: Timestamp) {
        let Self { ring, connections, .. } = self;
        let added = ring.add(at, |segment, bytes| {
            connections.write_for(exchange, (segment, at), bytes);
            write_opened(exchange, bytes);
        });
        self.note(added);
    }

    /// A piece of a body; one that is larger than a segment is lost, and so is what comes after it.
    pub fn body_part(&mut self, part: (ExchangeId, Direction, u32), data: &[u8], at: Timestamp) {
        let added = self.ring.add(at, |_, bytes| write_part(part, data, bytes));
        if !self.note(added) {
            self.counters.lose(1, at);
        }
    }

    /// A message. Of one that is larger than a segment the beginning is written.
    pub fn message(&mut self, message: &Message, at: Timestamp) {
        let cut;
        let most = self.ring.largest() - ROOM;
        let message = if message.data.len() > most {
            cut = Message { data: message.data[..most].to_vec(), ..*message };
            &cut
        } else {
            message
        };
        let added = self.ring.add(at, |_, bytes| write_message(message, bytes));
        self.note(added);
    }

    /// An exchange with its outcome.
    pub fn finished(&mut self, exchange: &Exchange, at: Timestamp) {
        let rest = exchange.request_body.rest.len() + exchange.response_body.rest.len();
        let split;
        let exchange = if rest > self.ring.largest() / 2 {
            split = self.split(exchange, at);
            &split
        } else {
            exchange
        };
        let Self { ring, connections, .. } = self;
        let added = ring.add(at, |segment, bytes| {
            connections.write_for(exchange, (segment, at), bytes);
            write_finished(exchange, bytes);
        });
        if self.note(added) {
            self.ring.count_exchange();
            self.waiting += 1;
        } else {
            self.counters.lose(1, at);
        }
    }

    /// An exchange that goes on, and of which nothing more comes.
    pub fn interrupted(&mut self, id: ExchangeId, at: Timestamp) {
        let added = self.ring.add(at, |_, bytes| write_interrupted(id, bytes));
        self.note(added);
    }

    /// An exchange that ended and is in the store, with all that it has.
    pub fn kept(&mut self, id: ExchangeId, at: Timestamp) {
        let added = self.ring.add(at, |_, bytes| write_kept(id, bytes));
        if self.note(added) {
            self.ring.count_exchange();
        }
    }

    /// An exchange of which nothing is wanted any more.
    pub fn discarded(&mut self, id: ExchangeId, at: Timestamp) {
        let added = self.ring.add(at, |_, bytes| write_discarded(id, bytes));
        self.note(added);
    }

    /// Writes what was gathered. To be called behind each batch: before, nobody can read it.
    pub fn flush(&mut self, at: Timestamp) {
        let flushed = self.ring.flush(at);
        let waiting = std::mem::take(&mut self.waiting);
        if self.note(flushed.map_err(AddError::Io)) {
            self.counters.written.fetch_add(waiting, Ordering::Relaxed);
        } else {
            self.counters.lose(waiting.max(1), at);
        }
        self.counters.overwritten.store(self.ring.overwritten(), Ordering::Relaxed);
        self.counters.squeezed.store(self.ring.squeezed(), Ordering::Relaxed);
    }

    fn write_again(&mut self, id: ConnectionId, at: Timestamp) {
        let Self { ring, connections, .. } = self;
        let added = ring.add(at, |segment, bytes| connections.write_client(id, (segment, at), true, bytes));
        self.note(added);
    }

    /// Writes what an exchange holds of its bodies as pieces, and returns it without them.
    fn split(&mut self, exchange: &Exchange, at: Timestamp) -> Exchange {
        let piece = self.ring.largest() / 4;
        let mut left = exchange.without_bodies();
        for direction in [Direction::Request, Direction::Response] {
            let body = match direction {
                Direction::Request => &mut left.request_body,
                Direction::Response => &mut left.response_body,
            };
            for data in exchange.body(direction).rest.chunks(piece) {
                self.body_part((exchange.id, direction, body.parts), data, at);
                let BodyRecord { parts, .. } = body;
                *parts += 1;
            }
        }
        left
    }

    /// Says whether something was added; logs that the file fails, once.
    fn note(&mut self, added: Result<(), AddError>) -> bool {
        match added {
            Ok(()) => {
                self.failing = false;
                true
            }
            Err(AddError::TooLarge) => false,
            Err(AddError::Io(error)) => {
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(%error, "the flight recorder's file can't be written; traffic and recording go on");
                }
                false
            }
        }
    }
}

/// A ring that is being written, as others see it.
#[derive(Debug)]
pub struct RingView {
    file: File,
    started_at: Timestamp,
    index: Index,
    counters: Arc<Counters>,
}

impl RingView {
    /// The contents of the ring.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.index.coverage()
    }

    /// The counts of the ring since its beginning.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }

    /// The time since when everything is in the ring: its beginning until the first segment is overwritten.
    #[must_use]
    pub fn reaches_back_to(&self) -> Timestamp {
        let oldest = self.coverage().from.unwrap_or(self.started_at);
        if self.counts().overwritten > 0 { oldest } else { self.started_at }
    }

    /// Returns whether an exchange was lost since `from`.
    #[must_use]
    pub fn lost_since(&self, from: Timestamp) -> bool {
        let lost_at = self.counters.lost_at.load(Ordering::Relaxed);
        lost_at > 0 && lost_at >= from.0
    }

    /// Reads the ring from its oldest entry on.
    ///
    /// # Errors
    /// When the file is not what was written, or the disk fails.
    pub fn read(&self) -> Result<Reading, ReadError> {
        Reading::live(self.file.try_clone()?, self.index.clone())
    }
}

/// Bytes for all of a message but its data.
const ROOM: usize = 256;

#[cfg(test)]
mod tests;
