//! Entries of a ring, put together to records that a store takes.
//!
//! A ring forgets its oldest segment as a whole: of an exchange that was open then the beginning may be missing. A body
//! that misses its beginning is left out; one that misses a piece ends there. Both are marked as truncated. The pieces of
//! an exchange are held until its end is known: it may turn out to be in the store.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use dashcam_exchange::{
    BodyRecord, ConnectionId, Direction, Exchange, ExchangeId, Fingerprint, Level, Message, MessageKind,
    Record, ResponseHead, UpstreamConnectionId,
};

use crate::codec::Entry;

/// Bytes that are held of exchanges without an end, at most: beyond, their bodies are cut.
const MOST_HELD: usize = 32 << 20;

/// A part of a snapshot.
#[derive(Debug)]
pub enum Piece {
    /// A record to be stored.
    Record(Record),
    /// An exchange that is stored with all that it has.
    Kept(ExchangeId),
}

/// The pieces of an exchange so far.
#[derive(Debug, Default)]
struct Progress {
    opened: Option<Box<Exchange>>,
    pieces: Vec<Record>,
    held: usize,
    bodies: [Body; 2],
    next_message: u32,
    missed_messages: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Body {
    parts: u32,
    bytes: u64,
    /// True if a piece is missing: no more is taken.
    torn: bool,
}

/// Puts entries together. They are to come in the order in which they were written.
#[derive(Debug, Default)]
pub(crate) struct Assembly {
    open: BTreeMap<ExchangeId, Progress>,
    held: usize,
    /// The connections that came, and whether they were closed and their programs were known.
    connections: HashMap<ConnectionId, (bool, bool)>,
    upstreams: HashSet<UpstreamConnectionId>,
    certificates: HashSet<Fingerprint>,
    cut: u64,
}

impl Assembly {
    /// Takes an entry. The pieces that come of it go to `out`.
    pub(crate) fn take(&mut self, entry: Entry, out: &mut Vec<Piece>) {
        let record = match entry {
            Entry::Connection(connection) => {
                let state = (connection.closed_at.is_some(), connection.program.is_some());
                let is_news = self.connections.insert(connection.id, state) != Some(state);
                is_news.then_some(Record::Connection(connection))
            }
            Entry::UpstreamConnection(connection) => {
                self.upstreams.insert(connection.id).then_some(Record::UpstreamConnection(connection))
            }
            Entry::Certificate { certificate, at } => {
                let is_news = self.certificates.insert(certificate.sha256);
                is_news.then_some(Record::Certificate { certificate, at })
            }
            Entry::Opened(exchange) => {
                self.opened(exchange);
                None
            }
            Entry::BodyPart { exchange, direction, seq, data } => {
                self.part((exchange, direction, seq), data);
                None
            }
            Entry::Message(message) => {
                self.message(message);
                None
            }
            Entry::Finished(exchange) => Some(Record::Finished(self.finished(exchange, out))),
            Entry::Interrupted(id) => {
                if let Some(progress) = self.remove(id) {
                    progress.interrupt(id, out);
                }
                None
            }
            Entry::Discarded(id) => {
                self.remove(id);
                None
            }
            Entry::Kept(id) => {
                self.remove(id);
                return out.push(Piece::Kept(id));
            }
        };
        out.extend(record.map(Piece::Record));
    }

    /// Those that are open still, which nothing more is known of, as interrupted.
    pub(crate) fn end(&mut self, out: &mut Vec<Piece>) {
        for (id, progress) in std::mem::take(&mut self.open) {
            progress.interrupt(id, out);
        }
        self.held = 0;
    }

    /// How many exchanges have no end yet.
    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// How many exchanges miss a piece of a body, or messages.
    pub(crate) fn cut(&self) -> u64 {
        self.cut
    }

    fn opened(&mut self, exchange: Box<Exchange>) {
        let progress = self.open.entry(exchange.id).or_default();
        if progress.opened.is_none() {
            let answer = exchange.response.as_ref().map_or(0, ResponseHead::footprint);
            let held = size_of::<Exchange>() + exchange.request.footprint() + answer;
            progress.held += held;
            self.held += held;
            progress.opened = Some(exchange);
        }
    }

    fn part(&mut self, (exchange, direction, seq): (ExchangeId, Direction, u32), data: Vec<u8>) {
        let progress = self.open.entry(exchange).or_default();
        let body = &mut progress.bodies[direction as usize];
        body.torn |= seq > body.parts || self.held + data.len() > MOST_HELD;
        if !body.torn && seq == body.parts {
            body.parts += 1;
            body.bytes += data.len() as u64;
            progress.held += data.len();
            self.held += data.len();
            progress.pieces.push(Record::BodyPart { exchange, direction, seq, data });
        }
    }

    fn message(&mut self, message: Box<Message>) {
        let progress = self.open.entry(message.exchange).or_default();
        let held = size_of::<Message>() + message.data.len();
        let fits = self.held + held <= MOST_HELD;
        // gRPC's are in the body as well.
        let is_apart = message.kind != MessageKind::Grpc;
        progress.missed_messages |= is_apart && (message.seq > progress.next_message || !fits);
        progress.next_message = message.seq.saturating_add(1);
        if fits {
            progress.held += held;
            self.held += held;
            progress.pieces.push(Record::Message(message));
        }
    }

    fn finished(&mut self, mut exchange: Arc<Exchange>, out: &mut Vec<Piece>) -> Arc<Exchange> {
        let progress = self.remove(exchange.id).unwrap_or_default();
        // The rules may have kept it at a lower level; here it is whole.
        Arc::make_mut(&mut exchange).level = Level::Full;
        if progress.misses_something(&exchange) {
            self.cut += 1;
            progress.cut(Arc::make_mut(&mut exchange));
        }
        out.extend(progress.pieces.into_iter().map(Piece::Record));
        exchange
    }

    fn remove(&mut self, id: ExchangeId) -> Option<Progress> {
        let progress = self.open.remove(&id)?;
        self.held -= progress.held;
        Some(progress)
    }
}

impl Progress {
    fn misses_something(&self, exchange: &Exchange) -> bool {
        let bodies = [&exchange.request_body, &exchange.response_body];
        self.missed_messages || self.bodies.iter().zip(bodies).any(|(found, body)| found.misses(body))
    }

    /// Says of bodies that miss a piece what is there.
    fn cut(&self, exchange: &mut Exchange) {
        let bodies = [&mut exchange.request_body, &mut exchange.response_body];
        for (found, body) in self.bodies.iter().zip(bodies) {
            let misses = found.misses(body);
            body.truncated |= misses || self.missed_messages;
            if misses {
                (body.stored, body.parts, body.rest) = (found.bytes, found.parts, Vec::new());
            }
        }
    }

    /// Its pieces, and an end that says that nothing more is known. Without a beginning it is left out.
    fn interrupt(self, id: ExchangeId, out: &mut Vec<Piece>) {
        let Some(mut opened) = self.opened else { return };
        opened.level = Level::Full;
        out.push(Piece::Record(Record::Opened(opened)));
        out.extend(self.pieces.into_iter().map(Piece::Record));
        out.push(Piece::Record(Record::Interrupted(id)));
    }
}

impl Body {
    fn misses(&self, body: &BodyRecord) -> bool {
        self.torn || self.parts != body.parts
    }
}

#[cfg(test)]
mod tests;
