//! Records that are stored at once, and their counts.

use std::collections::HashSet;

use dashcam_exchange::{Direction, Exchange, ExchangeId, Level, Live, MessageKind, Record};

use crate::budget::Held;
use crate::entry::Entry;
use crate::shared::Shared;

/// Bodies that miss a piece or a message.
pub(crate) type Lost = HashSet<(ExchangeId, Direction)>;

/// Records that are stored at once, with what they add to the ledger once they are stored.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Record>,
    /// The records' part of their clients' shares, held until they are stored.
    pub(crate) held: Vec<Held>,
    pub(crate) bytes: usize,
    pub(crate) finished: u64,
    pub(crate) metadata_only: u64,
    pub(crate) truncated: u64,
    pub(crate) news: Vec<Live>,
    /// True if it has the gaps that are not stored yet.
    pub(crate) gaps: bool,
}

impl Batch {
    pub(crate) fn take(&mut self, shared: &Shared, lost: &mut Lost, entries: &mut Vec<Entry>) {
        let watched = shared.live.receiver_count() > 0;
        for Entry { mut record, memory, .. } in entries.drain(..) {
            self.held.push(memory);
            self.bytes += record.payload();
            if let Record::Finished(exchange) = &mut record {
                // Nearly always nothing was lost.
                if !lost.is_empty() {
                    exchange.request_body.truncated |= lost.remove(&(exchange.id, Direction::Request));
                    exchange.response_body.truncated |= lost.remove(&(exchange.id, Direction::Response));
                }
                self.count(exchange);
                if watched {
                    self.news.push(Live::Finished(exchange.summary().cut()));
                }
            }
            self.records.push(record);
        }
    }

    /// The parts in the batch of exchanges that go on after it, and whether it has anything that no exchange
    /// misses: connections, certificates, messages that are in a body as well.
    pub(crate) fn pieces(&self) -> (Lost, bool) {
        let mut pieces = Lost::new();
        let mut others = false;
        for record in &self.records {
            match record {
                Record::BodyPart { exchange, direction, .. } => {
                    pieces.insert((*exchange, *direction));
                }
                Record::Message(message) if message.kind != MessageKind::Grpc => {
                    pieces.insert((message.exchange, message.direction));
                }
                Record::Connection(_)
                | Record::UpstreamConnection(_)
                | Record::Certificate { .. }
                | Record::Message(_) => others = true,
                Record::Finished(_) if pieces.is_empty() => {}
                Record::Finished(exchange) => {
                    pieces.remove(&(exchange.id, Direction::Request));
                    pieces.remove(&(exchange.id, Direction::Response));
                }
                Record::Opened(_) | Record::Interrupted(_) | Record::Gap(_) => {}
            }
        }
        (pieces, others)
    }

    fn count(&mut self, exchange: &Exchange) {
        self.finished += 1;
        self.metadata_only += u64::from(exchange.level == Level::Metadata);
        self.truncated += u64::from(exchange.request_body.truncated || exchange.response_body.truncated);
    }
}
