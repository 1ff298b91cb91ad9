//! Entries of a ring, put together to records that a store takes.
//!
//! A ring forgets its oldest segment as a whole: of an exchange that was open then the beginning may be missing. A body
//! that misses its beginning is left out; one that misses a piece ends there. Both are marked as truncated.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use dashcam_exchange::{
    BodyRecord, ConnectionId, Direction, Exchange, ExchangeId, Fingerprint, Message, MessageKind, Record,
    UpstreamConnectionId,
};

use crate::codec::Entry;

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
    opened: bool,
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
pub struct Assembly {
    open: HashMap<ExchangeId, Progress>,
    /// The connections that came, and whether they were closed and their programs were known.
    connections: HashMap<ConnectionId, (bool, bool)>,
    upstreams: HashSet<UpstreamConnectionId>,
    certificates: HashSet<Fingerprint>,
    cut: u64,
}

impl Assembly {
    /// Takes an entry. The records that come of it go to `out`.
    pub fn take(&mut self, entry: Entry, out: &mut Vec<Piece>) {
        let piece = match entry {
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
                let opened = &mut self.open.entry(exchange.id).or_default().opened;
                (!std::mem::replace(opened, true)).then_some(Record::Opened(exchange))
            }
            Entry::BodyPart { exchange, direction, seq, data } => {
                let taken = self.open.entry(exchange).or_default().part(direction, seq, data.len());
                taken.then_some(Record::BodyPart { exchange, direction, seq, data })
            }
            Entry::Message(message) => {
                self.open.entry(message.exchange).or_default().message(&message);
                Some(Record::Message(message))
            }
            Entry::Finished(exchange) => Some(Record::Finished(self.finished(exchange))),
            Entry::Interrupted(id) => {
                let known = self.open.remove(&id).filter(|progress| progress.opened);
                known.map(|_| Record::Interrupted(id))
            }
            Entry::Kept(id) => {
                self.open.remove(&id);
                return out.push(Piece::Kept(id));
            }
        };
        out.extend(piece.map(Piece::Record));
    }

    /// The ends of those that are open still: nothing more is stored of them.
    pub fn end(&mut self, out: &mut Vec<Piece>) {
        let open = self.open.drain().filter(|(_, progress)| progress.opened);
        let mut open: Vec<_> = open.map(|(id, _)| id).collect();
        open.sort_unstable();
        out.extend(open.into_iter().map(|id| Piece::Record(Record::Interrupted(id))));
    }

    /// How many exchanges miss a piece of a body, or messages.
    #[must_use]
    pub fn cut(&self) -> u64 {
        self.cut
    }

    fn finished(&mut self, mut exchange: Arc<Exchange>) -> Arc<Exchange> {
        let progress = self.open.remove(&exchange.id).unwrap_or_default();
        let misses = |direction: Direction| {
            let found = progress.bodies[direction as usize];
            let BodyRecord { parts, .. } = *exchange.body(direction);
            found.torn || found.parts != parts
        };
        let torn = [Direction::Request, Direction::Response].map(misses);
        if torn == [false; 2] && !progress.missed_messages {
            return exchange;
        }
        self.cut += 1;
        let whole = Arc::make_mut(&mut exchange);
        let bodies = [&mut whole.request_body, &mut whole.response_body];
        for ((body, torn), found) in bodies.into_iter().zip(torn).zip(progress.bodies) {
            body.truncated |= torn || progress.missed_messages;
            if torn {
                (body.stored, body.parts, body.rest) = (found.bytes, found.parts, Vec::new());
            }
        }
        exchange
    }
}

impl Progress {
    /// Returns whether a piece follows those before it.
    fn part(&mut self, direction: Direction, seq: u32, bytes: usize) -> bool {
        let body = &mut self.bodies[direction as usize];
        body.torn |= seq > body.parts;
        let follows = !body.torn && seq == body.parts;
        if follows {
            body.parts += 1;
            body.bytes += bytes as u64;
        }
        follows
    }

    fn message(&mut self, message: &Message) {
        // gRPC's are in the body as well.
        self.missed_messages |= message.kind != MessageKind::Grpc && message.seq > self.next_message;
        self.next_message = message.seq.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
