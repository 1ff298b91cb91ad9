//! Records that are stored at once, and their counts.

use std::collections::HashSet;
use std::sync::Arc;

use dashcam_exchange::{Direction, Exchange, ExchangeId, Level, Live, MessageKind, Record};
use tokio::sync::oneshot;

use crate::aside::{Aside, Sink, without_captures};
use crate::budget::Held;
use crate::ledger::Stored;
use crate::lock::lock;
use crate::outcome::Fate;
use crate::recording::{Entry, Open};
use crate::redaction::split::split;
use crate::redaction::stage::Stage;
use crate::shared::Shared;
use crate::way::Way;

/// Bodies that miss a piece or a message.
pub(crate) type Lost = HashSet<(ExchangeId, Direction)>;

/// Records that are stored at once, with what they add to the ledger once they are stored.
#[derive(Default)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Record>,
    /// The records' part of their clients' shares, held until they are stored.
    pub(crate) held: Vec<Held>,
    /// The exchanges whose ends are among the records: they hold what they held, and are seen, until they are stored.
    pub(crate) ended: Vec<(ExchangeId, Arc<Open>)>,
    /// Those who wait until a record among these is stored: it is not gathered any longer.
    pub(crate) stored: Vec<oneshot::Sender<bool>>,
    /// Those who wait for what came before them.
    pub(crate) waiting: Vec<oneshot::Sender<bool>>,
    pub(crate) bytes: usize,
    /// The exchanges whose ends are among the records.
    pub(crate) finished: Stored,
    pub(crate) news: Vec<Live>,
    /// True if something went to the sink beside the store.
    pub(crate) went_aside: bool,
    /// True if it has the gaps that are not stored yet.
    pub(crate) gaps: bool,
}

/// Answers those who wait for a batch: whether what came before them is settled.
pub(crate) fn answer(waiting: &mut Vec<oneshot::Sender<bool>>, is_settled: bool) {
    for told in waiting.drain(..) {
        // An error means that nobody waits any more.
        let _ = told.send(is_settled);
    }
}

impl Batch {
    pub(crate) fn take(
        &mut self,
        shared: &Shared,
        entries: &mut Vec<Entry>,
        (stage, mut aside): (&mut Stage, Option<&mut Sink>),
    ) {
        let watched = shared.live.are_there();
        stage.refresh(shared);
        for entry in entries.drain(..) {
            match entry {
                Entry::Record { mut record, mut memory, way, stored, .. } => {
                    self.stored.extend(stored);
                    let (seals, leaves) = stage.record(shared, &mut record, (way, &mut memory));
                    self.records.extend(seals);
                    let Some(part) = leaves else {
                        self.held.push(memory);
                        continue;
                    };
                    if way != Way::Aside {
                        self.held.push(memory);
                    }
                    for record in split(record, part) {
                        if let Some(Sink(aside)) = aside.as_mut().filter(|_| way != Way::Store) {
                            aside(Aside::Record(&record));
                            self.went_aside = true;
                        }
                        if way != Way::Aside {
                            self.bytes += record.payload();
                            self.records.push(record);
                        }
                    }
                }
                Entry::Ended(open) => self.end(open, (watched, shared), (&mut *stage, aside.as_deref_mut())),
                Entry::Settled { told, .. } => self.waiting.push(told),
            }
        }
    }

    /// Takes an exchange that has ended.
    fn end(
        &mut self,
        open: Arc<Open>,
        (watched, shared): (bool, &Shared),
        (stage, aside): (&mut Stage, Option<&mut Sink>),
    ) {
        let has_aside = shared.has_aside();
        let mut state = lock(&open.state);
        state.place.held.give_back(1);
        self.records.extend(state.owed());
        let is_stored = !matches!(state.fate, Fate::Aside);
        let captures_more = state.captures && state.exchange.level < Level::Full;
        let left_aside = state.left_aside();
        let way = if is_stored { Way::Both } else { Way::Aside };
        let mut before = stage.ended(&mut state, way, shared.limits.part);
        // One of which a part was lost is not what somebody waits for.
        let is_whole = state.lost.is_none() && !state.lost_pieces;
        self.stored.extend(state.stored.take().filter(|_| is_whole));
        let arrivals = state.all_last_arrivals();
        let mut exchange = state.exchange.share();
        drop(state);
        if let Some(Sink(aside)) = aside.filter(|_| has_aside || !is_stored) {
            self.went_aside = true;
            if !is_stored || captures_more {
                let parts = before.iter().filter(|record| matches!(record, Record::BodyPart { .. }));
                parts.for_each(|part| aside(Aside::Record(part)));
                aside(Aside::Record(&Record::Finished(Arc::clone(&exchange))));
            } else if exchange.level == Level::Full {
                aside(Aside::Stored(&exchange));
            } else if let Some(record) = left_aside {
                aside(Aside::Record(&record));
            }
        }
        if !is_stored {
            shared.forget(&[(exchange.id, open)]);
            return;
        }
        if captures_more {
            exchange = Arc::new(without_captures(&exchange));
            before.retain(|record| matches!(record, Record::Seal(_)));
        } else {
            before.extend(arrivals);
        }
        self.bytes += before.iter().map(Record::payload).sum::<usize>();
        self.records.extend(before);
        self.count(&exchange);
        if watched {
            self.news.push(Live::Finished(open.summary(&exchange).cut()));
        }
        self.ended.push((exchange.id, open));
        let record = Record::Finished(exchange);
        self.bytes += record.payload();
        self.records.push(record);
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
                | Record::Program { .. }
                | Record::UpstreamConnection(_)
                | Record::Certificate { .. }
                | Record::Message(_) => others = true,
                Record::Arrivals { .. } => {}
                Record::Finished(_) if pieces.is_empty() => {}
                Record::Finished(exchange) => {
                    pieces.remove(&(exchange.id, Direction::Request));
                    pieces.remove(&(exchange.id, Direction::Response));
                }
                Record::Opened(_)
                | Record::Interrupted(_)
                | Record::Discarded { .. }
                | Record::Seal(_)
                | Record::Gap(_) => {}
            }
        }
        (pieces, others)
    }

    fn count(&mut self, exchange: &Exchange) {
        let Stored { exchanges, metadata_only, truncated } = &mut self.finished;
        *exchanges += 1;
        *metadata_only += u64::from(exchange.level == Level::Metadata);
        *truncated += u64::from(exchange.request_body.truncated || exchange.response_body.truncated);
    }
}
