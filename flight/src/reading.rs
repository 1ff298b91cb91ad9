//! A ring that is read from its oldest entry on.

use std::fs::File;
use std::io;

use dashcam_exchange::{Exchange, ExchangeId, LastIds, Record, Timestamp};

use crate::assemble::{Assembly, Piece};
use crate::codec::Entry;
use crate::file::{ReadError, RingFile, Walk};
use crate::index::{Index, Position};

/// A ring that is read from its oldest entry on, in steps of one segment at most.
#[derive(Debug)]
pub struct Reading {
    walk: Walk,
    assembly: Assembly,
    started_at: Timestamp,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    malformed: u64,
}

/// The contents of a ring that a run has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// When the run began.
    pub started_at: Timestamp,
    /// When its oldest entry was written.
    pub from: Timestamp,
    /// When its newest was.
    pub until: Timestamp,
    /// Exchanges that can be read.
    pub exchanges: u64,
    /// Their bytes, with those of connections.
    pub bytes: u64,
    /// Blocks and segments that can't be read: they are torn, or damaged.
    pub damaged: u64,
    /// The highest numbers in it.
    pub last: LastIds,
}

impl Reading {
    /// Reads the ring that a run has left in `file`.
    ///
    /// # Errors
    /// When it is none, or the disk fails.
    pub fn left(file: File) -> Result<Self, ReadError> {
        let file = RingFile::open(file)?;
        let started_at = file.started_at;
        Ok(Self::of(Walk::found(file)?, started_at))
    }

    /// Reads the ring that is being written, of which `index` says what there is.
    pub(crate) fn live(file: File, index: Index) -> Result<Self, ReadError> {
        let file = RingFile::open(file)?;
        let started_at = file.started_at;
        Ok(Self::of(Walk::live(file, index), started_at))
    }

    fn of(walk: Walk, started_at: Timestamp) -> Self {
        let assembly = Assembly::default();
        Self { walk, assembly, started_at, from: None, until: None, malformed: 0 }
    }

    /// The next pieces; `None` at the end: of what is there so far, if the ring is being written. They may be none.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn pieces(&mut self) -> io::Result<Option<Vec<Piece>>> {
        let Some(blocks) = self.walk.blocks()? else { return Ok(None) };
        let mut pieces = Vec::new();
        for block in blocks {
            self.from.get_or_insert(block.written_at);
            self.until = Some(block.written_at);
            for entry in Entry::read_all(&block.entries) {
                match entry {
                    Ok(entry) => self.assembly.take(entry, &mut pieces),
                    Err(error) => {
                        tracing::warn!(%error, "a block of the flight recorder's file is not what was written");
                        self.malformed += 1;
                    }
                }
            }
        }
        Ok(Some(pieces))
    }

    /// How many exchanges have no end in what was read so far.
    #[must_use]
    pub fn open(&self) -> usize {
        self.assembly.open()
    }

    /// The exchanges that have no end, as interrupted: to be asked for only if nobody else may store them.
    pub fn end(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.assembly.end(&mut pieces);
        pieces
    }

    /// When the first and the last block were written that were read.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.from.zip(self.until)
    }

    /// How many segments were overwritten before they were read.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.walk.missed
    }

    /// How many exchanges miss a part of their bodies, or messages, that was overwritten.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.assembly.cut()
    }

    /// How many blocks and segments could not be read.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.walk.damaged + self.malformed
    }

    /// How far it has come.
    #[must_use]
    pub fn position(&self) -> Position {
        self.walk.position()
    }

    /// Reads a ring that a run has left to its end, and says what it has; `None` if that is nothing.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn survey(mut self) -> io::Result<Option<Left>> {
        let (mut exchanges, mut bytes, mut last) = (0, 0, LastIds::default());
        while let Some(pieces) = self.pieces()? {
            for piece in pieces {
                if let Piece::Record(record) = &piece {
                    exchanges += u64::from(matches!(record, Record::Finished(_)));
                    bytes += record.payload() as u64;
                }
                note(&piece, &mut last);
            }
        }
        for piece in self.end() {
            exchanges += u64::from(matches!(piece, Piece::Record(Record::Opened(_))));
            note(&piece, &mut last);
        }
        let found = self.span().filter(|_| exchanges > 0);
        Ok(found.map(|(from, until)| Left {
            started_at: self.started_at,
            from,
            until,
            exchanges,
            bytes,
            damaged: self.damaged(),
            last,
        }))
    }
}

/// Notes the numbers that a piece has.
fn note(piece: &Piece, last: &mut LastIds) {
    let exchange = match piece {
        Piece::Kept(id) => *id,
        Piece::Record(Record::Connection(connection)) => {
            last.connection = connection.id.max(last.connection);
            return;
        }
        Piece::Record(Record::UpstreamConnection(connection)) => {
            last.upstream_connection = connection.id.max(last.upstream_connection);
            return;
        }
        Piece::Record(Record::Finished(exchange)) => note_connections(exchange, last),
        Piece::Record(Record::Opened(exchange)) => note_connections(exchange, last),
        Piece::Record(Record::BodyPart { exchange, .. }) => *exchange,
        Piece::Record(Record::Message(message)) => message.exchange,
        Piece::Record(_) => return,
    };
    last.exchange = exchange.max(last.exchange);
}

/// Notes the connections of an exchange; its own number.
fn note_connections(exchange: &Exchange, last: &mut LastIds) -> ExchangeId {
    let upstream = exchange.upstream.as_ref().and_then(|upstream| upstream.connection);
    last.connection = last.connection.max(exchange.connection.unwrap_or(last.connection));
    last.upstream_connection = last.upstream_connection.max(upstream.unwrap_or(last.upstream_connection));
    exchange.id
}
