//! Which exchanges are being stored while they pass, so that none that lost a piece looks whole.
//!
//! A piece is lost when its transaction fails, or when somebody deletes an exchange that is still open. The
//! first kind is cut at the hole and marked truncated; of the second kind nothing more is stored.

mod another_file;
mod discard;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use dashcam_exchange::{BodyRecord, Exchange, ExchangeId, MessageKind, Record};

use crate::StoreError;
use crate::rows::arrivals::ArrivalsRow;
use crate::rows::body_key::body_key;
use crate::rows::payload_rows::{Data, MessageRow, Part};
use crate::rows::seals;
use crate::state::batch::{Batch, Discard};

/// The stored part of an exchange that is not finished.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    /// It has a row.
    row: bool,
    /// It may have a row: its transaction failed at the end, and such a one can survive.
    uncertain: bool,
    /// It is in the table of orphans.
    orphan: bool,
    /// It was deleted: the rest of it is not wanted.
    deleted: bool,
    /// The bytes of its bodies, by direction.
    stored: [u64; 2],
    /// Which of its bodies miss a piece.
    lost: [bool; 2],
    /// It has messages that are in no body.
    messages: bool,
}

/// The exchanges under way.
#[derive(Debug, Default)]
pub(crate) struct Partial {
    stored: HashMap<i64, Progress>,
    /// Their state after the transaction that is running; `None`: finished.
    pending: HashMap<i64, Option<Progress>>,
    /// Those that have a row and ended, but whose end was lost: the next transaction says so of them.
    ends_lost: Vec<i64>,
    /// Those that are taken back by the transaction that is running, or by the next one if that is lost.
    discards: Vec<Discard>,
}

impl Partial {
    /// Sorts records into tables. [`Partial::committed`] is to follow; if it does not, they count as lost.
    pub(crate) fn sort(&mut self, records: Vec<Record>) -> Result<Batch, StoreError> {
        self.settle_lost();
        let mut batch = Batch {
            interrupted: self.ends_lost.clone(),
            discards: self.discards.clone(),
            ..Batch::default()
        };
        for record in records {
            self.sort_one(record, &mut batch)?;
        }
        Ok(batch)
    }

    /// The transaction is in the database.
    pub(crate) fn committed(&mut self) {
        self.ends_lost.clear();
        self.discards.clear();
        for (id, progress) in self.pending.drain() {
            match progress {
                Some(progress) => self.stored.insert(id, progress),
                None => self.stored.remove(&id),
            };
        }
    }

    /// Stops storing the open ones among `ids`; says which those are.
    pub(crate) fn forget(&mut self, ids: &RangeInclusive<i64>) -> Vec<i64> {
        self.settle_lost();
        let open =
            |(id, progress): &(&i64, &mut Progress)| progress.row && !progress.deleted && ids.contains(id);
        let forgotten = self.stored.iter_mut().filter(open);
        forgotten
            .map(|(id, progress)| {
                progress.deleted = true;
                *id
            })
            .collect()
    }

    /// Undoes [`Partial::forget`].
    pub(crate) fn remember(&mut self, ids: &[i64]) {
        for id in ids {
            self.stored.entry(*id).and_modify(|progress| progress.deleted = false);
        }
    }

    /// Stores nothing more of the bodies of these, which so are marked as cut; of messages, the oldest went.
    pub(crate) fn cut(&mut self, ids: Vec<i64>) {
        for id in ids {
            self.stored.entry(id).and_modify(|progress| progress.lost = [true; 2]);
        }
    }

    /// A transaction that never was committed took its pieces with it.
    fn settle_lost(&mut self) {
        for (id, pending) in std::mem::take(&mut self.pending) {
            let Some(pending) = pending else {
                let known = self.stored.remove(&id).filter(|_| !self.discards_all(id));
                self.ends_lost.extend(known.filter(|known| known.row && !known.deleted).map(|_| id));
                continue;
            };
            let known = self.stored.entry(id).or_default();
            known.uncertain |= pending.row;
            for side in [0, 1] {
                known.lost[side] |= pending.lost[side] || pending.stored[side] > known.stored[side];
            }
        }
    }

    /// Returns whether something is stored of an exchange that is not finished.
    pub(crate) fn knows(&self, id: ExchangeId) -> bool {
        self.stored.contains_key(&id.0)
    }

    /// Returns whether an exchange was deleted before it ended.
    pub(crate) fn is_deleted(&self, id: ExchangeId) -> bool {
        self.stored.get(&id.0).is_some_and(|progress| progress.deleted)
    }

    /// Notes that an exchange which comes again has a row, though it was finished.
    pub(crate) fn expect_row(&mut self, id: ExchangeId) {
        self.stored.insert(id.0, Progress { row: true, ..Progress::default() });
    }

    /// Those of which something is stored.
    pub(crate) fn ids(&self) -> Vec<i64> {
        self.stored.keys().copied().collect()
    }

    fn sort_one(&mut self, record: Record, batch: &mut Batch) -> Result<(), StoreError> {
        match record {
            Record::Connection(connection) => {
                batch.last_connection = batch.last_connection.max(connection.id.0);
                batch.connections.push(*connection);
            }
            Record::Program { connection, program } => batch.programs.push((connection, program)),
            Record::UpstreamConnection(connection) => {
                batch.last_upstream_connection = batch.last_upstream_connection.max(connection.id.0);
                batch.upstream_connections.push(*connection);
            }
            Record::Certificate { certificate, at } => batch.certificates.push((certificate, at)),
            Record::Gap(gap) => batch.gaps.push(gap),
            Record::Seal(seal) => seals::add(&mut batch.seals, *seal),
            Record::Opened(exchange) => self.opened(exchange, batch),
            Record::Finished(exchange) => self.finished(exchange, batch),
            Record::Interrupted(id) => self.interrupted(id, batch),
            Record::Discarded { exchange, bodies_only } => self.discard(exchange, bodies_only, batch),
            Record::BodyPart { exchange, direction, seq, data } => {
                let mut progress = self.progress(exchange.0);
                if !progress.deleted && !progress.lost[direction as usize] {
                    batch
                        .parts
                        .push(Part { key: body_key(exchange, direction, seq)?, data: Data::Own(data) });
                    let bytes = batch.parts.last().map_or(0, |part| part.data.len());
                    progress.stored[direction as usize] += bytes as u64;
                    self.note_payload(exchange, progress, batch);
                }
            }
            Record::Arrivals { exchange, direction, seq, stretch } => {
                let progress = self.progress(exchange.0);
                if !progress.deleted && !progress.lost[direction as usize] {
                    let key = body_key(exchange, direction, seq)?;
                    batch.arrivals.push(ArrivalsRow { key, data: stretch.encode() });
                    self.note_payload(exchange, progress, batch);
                }
            }
            Record::Message(message) => {
                let mut progress = self.progress(message.exchange.0);
                if !progress.deleted {
                    progress.messages |= message.kind != MessageKind::Grpc;
                    self.note_payload(message.exchange, progress, batch);
                    batch.messages.push(MessageRow { message: *message, compression: "none" });
                }
            }
        }
        Ok(())
    }

    fn opened(&mut self, exchange: Box<Exchange>, batch: &mut Batch) {
        let mut progress = self.progress(exchange.id.0);
        if progress.deleted {
            return;
        }
        let mut exchange = Arc::<Exchange>::from(exchange);
        progress.cut(&mut exchange);
        let is_new = !self.stored.contains_key(&exchange.id.0);
        // What is left of its bodies comes with its end.
        let opened = Arc::make_mut(&mut exchange);
        (opened.request_body.rest, opened.response_body.rest) = Default::default();
        let again = progress.take_row(&exchange, is_new, batch);
        self.pending.insert(exchange.id.0, Some(progress));
        batch.push(exchange, again);
    }

    fn finished(&mut self, mut exchange: Arc<Exchange>, batch: &mut Batch) {
        let id = exchange.id;
        let mut progress = self.progress(id.0);
        let is_new = !self.stored.contains_key(&id.0);
        if !is_new || self.pending.contains_key(&id.0) {
            self.pending.insert(id.0, None);
        }
        if progress.deleted {
            return;
        }
        progress.cut(&mut exchange);
        let again = progress.take_row(&exchange, is_new, batch);
        batch.push(exchange, again);
    }

    fn interrupted(&mut self, id: ExchangeId, batch: &mut Batch) {
        let progress = self.progress(id.0);
        if self.stored.contains_key(&id.0) || self.pending.contains_key(&id.0) {
            self.pending.insert(id.0, None);
        }
        if (progress.row || progress.uncertain) && !progress.deleted {
            batch.interrupted.push(id.0);
        }
    }

    fn progress(&self, id: i64) -> Progress {
        match self.pending.get(&id) {
            Some(pending) => pending.unwrap_or_default(),
            None => self.stored.get(&id).copied().unwrap_or_default(),
        }
    }

    fn note_payload(&mut self, id: ExchangeId, mut progress: Progress, batch: &mut Batch) {
        batch.last_exchange = batch.last_exchange.max(id.0);
        if !progress.row && !progress.orphan {
            progress.orphan = true;
            batch.orphans.push(id.0);
        }
        self.pending.insert(id.0, Some(progress));
    }
}

impl Progress {
    /// Says of a body that misses a piece what is really there.
    fn cut(&self, exchange: &mut Arc<Exchange>) {
        if self.lost == [false; 2] {
            return;
        }
        let exchange = Arc::make_mut(exchange);
        let bodies = [&mut exchange.request_body, &mut exchange.response_body];
        for (side, body) in bodies.into_iter().enumerate().filter(|(side, _)| self.lost[*side]) {
            let BodyRecord { stored, truncated, rest, .. } = body;
            (*stored, *truncated, *rest) = (self.stored[side], true, Vec::new());
        }
    }

    /// The exchange, of which nothing was stored before if it `is_new`, gets a row; says whether it may have one already.
    fn take_row(&mut self, exchange: &Exchange, is_new: bool, batch: &mut Batch) -> bool {
        batch.last_exchange = batch.last_exchange.max(exchange.id.0);
        let connection = exchange.connection.map_or(0, |id| id.0);
        batch.last_connection = batch.last_connection.max(connection);
        let upstream = exchange.upstream.as_ref().and_then(|upstream| upstream.connection);
        let upstream = upstream.map_or(0, |id| id.0);
        batch.last_upstream_connection = batch.last_upstream_connection.max(upstream);
        batch.new_exchanges += i64::from(!self.row);
        if self.orphan {
            // Of most, all comes within one transaction.
            let of_batch = || batch.orphans.iter().rposition(|id| *id == exchange.id.0);
            match is_new.then(of_batch).flatten() {
                Some(at) => _ = batch.orphans.swap_remove(at),
                None => batch.adopted.push(exchange.id.0),
            }
        }
        let again = self.row || self.uncertain;
        (self.row, self.orphan) = (true, false);
        again
    }
}

#[cfg(test)]
mod tests;
