//! The recorder's disk side: takes records in batches to a closure that stores them.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dashcam_exchange::{
    Direction, Exchange, ExchangeId, Gap, GapReason, Level, Live, MessageKind, Record, Timestamp,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

use crate::now;
use crate::open::Handle;
use crate::recorder::{Entry, Shared, lock};

/// A batch is stored when its first record is this old …
const BATCH_AGE: Duration = Duration::from_millis(50);
/// … which is looked at this often …
const PAUSE: Duration = Duration::from_millis(5);
/// … or it has this many records …
const BATCH_RECORDS: usize = 1024;
/// … or holds this many bytes.
const BATCH_BYTES: usize = 8 << 20;
/// An exchange that is open for longer is stored while it is open.
const LONG: Duration = Duration::from_secs(1);
/// Bytes of a body that has not grown to a whole part wait for this long at the most.
const PART_AGE: i64 = 5;

/// Stores what recorders hand over. It is to be run by one task until it ends.
#[derive(Debug)]
pub struct Writer {
    shared: Arc<Shared>,
    records: mpsc::Receiver<Entry>,
    gaps: HashMap<GapReason, Gap>,
    lost: Lost,
    ticks: i64,
}

/// Bodies that miss a piece or a message.
type Lost = HashSet<(ExchangeId, Direction)>;

/// What a batch will have done to the ledger once it is stored.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    held: usize,
    bytes: usize,
    finished: u64,
    metadata_only: u64,
    truncated: u64,
    news: Vec<Live>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, records: mpsc::Receiver<Entry>) -> Self {
        Self { shared, records, gaps: HashMap::new(), lost: Lost::new(), ticks: 0 }
    }

    /// Takes records to `append`, batch by batch, one at a time, until the recorder is closed and empty.
    /// A batch that `append` refuses is counted as dropped for `reason` and becomes a gap.
    pub async fn run<F, Fut, E>(mut self, mut append: F, reason: fn(&E) -> GapReason)
    where
        F: FnMut(Vec<Record>) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        let mut tick = interval_at(Instant::now() + LONG, LONG);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut entries = Vec::with_capacity(BATCH_RECORDS);
        loop {
            let mut batch = Batch::default();
            let ended = tokio::select! {
                biased;
                _ = tick.tick() => {
                    self.collect_open(&mut batch);
                    false
                }
                received = self.records.recv_many(&mut entries, BATCH_RECORDS) => received == 0,
                () = self.shared.close.notified() => {
                    self.records.close();
                    continue;
                }
            };
            batch.take(&self.shared, &mut self.lost, &mut entries);
            if ended {
                self.collect_gaps(&mut batch);
                self.store(batch, &mut append, reason).await;
                return;
            }
            if !batch.records.is_empty() {
                self.fill(&mut batch, &mut entries).await;
            }
            self.collect_gaps(&mut batch);
            self.store(batch, &mut append, reason).await;
        }
    }

    /// Waits until the batch is full or old. Meanwhile nobody who hands a record over has to wake us: that would
    /// cost traffic more than the record itself.
    async fn fill(&mut self, batch: &mut Batch, entries: &mut Vec<Entry>) {
        let old = Instant::now() + BATCH_AGE;
        loop {
            let room = BATCH_RECORDS.saturating_sub(batch.records.len());
            entries.extend(iter::from_fn(|| self.records.try_recv().ok()).take(room));
            batch.take(&self.shared, &mut self.lost, entries);
            let full = batch.records.len() >= BATCH_RECORDS || batch.bytes >= BATCH_BYTES;
            if full || Instant::now() >= old || self.records.is_closed() {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    async fn store<F, Fut, E>(&mut self, batch: Batch, append: &mut F, reason: fn(&E) -> GapReason)
    where
        F: FnMut(Vec<Record>) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        if batch.records.is_empty() {
            return;
        }
        let counters = &self.shared.counters;
        let (pieces, others) = batch.pieces();
        let result = append(batch.records).await;
        self.shared.budget.give_back(batch.held);
        counters.pending.fetch_sub(batch.finished, Ordering::Relaxed);
        match result {
            Ok(()) => {
                counters.stored.fetch_add(batch.finished, Ordering::Relaxed);
                counters.metadata_only.fetch_add(batch.metadata_only, Ordering::Relaxed);
                counters.truncated.fetch_add(batch.truncated, Ordering::Relaxed);
                let dropped: u64 = self.gaps.drain().map(|(_, gap)| gap.exchanges).sum();
                if lock(&self.shared.error).take().is_some() {
                    tracing::info!(dropped, "batches are stored again");
                }
                for news in batch.news {
                    self.shared.publish(|| news);
                }
            }
            Err(error) => {
                let text = error.to_string();
                let known = lock(&self.shared.error).replace(text.clone());
                // Told once: the log may be on the disk that is full.
                if known.as_ref() != Some(&text) {
                    tracing::error!(%error, "a batch could not be stored; traffic goes on, what is dropped is counted");
                }
                counters.drop_for(reason(&error), batch.finished);
                if batch.finished > 0 || others || !pieces.is_empty() {
                    self.missed(reason(&error), batch.finished);
                }
                // The next connection that shows one of them hands it over again.
                lock(&self.shared.certificates).clear();
                self.cut(pieces);
            }
        }
    }

    /// Keeps the hole that a lost batch leaves until it can be stored. One of no exchange, only of messages,
    /// pieces of bodies or connections, is stored as well.
    fn missed(&mut self, reason: GapReason, exchanges: u64) {
        let at = now();
        let gap = Gap { from: at, until: at, reason, exchanges };
        merge(&mut self.gaps, gap.clone());
        if exchanges > 0 {
            self.shared.publish(|| Live::Gap(gap));
        }
    }

    /// Marks what lost pieces or messages: at once if its exchange is under way, else when its end comes.
    fn cut(&mut self, pieces: Lost) {
        for (id, direction) in pieces {
            let open = lock(&self.shared.open).get(&id).and_then(Handle::upgrade);
            match open {
                Some(open) => lock(&open.state).body(direction).truncated = true,
                None => {
                    self.lost.insert((id, direction));
                }
            }
        }
    }

    /// Adds the holes that are not stored yet. They stay with the writer until a batch is.
    fn collect_gaps(&mut self, batch: &mut Batch) {
        if let Some(gap) = lock(&self.shared.queue_full).take() {
            self.shared.publish(|| Live::Gap(gap.clone()));
            merge(&mut self.gaps, gap);
        }
        batch.records.extend(self.gaps.values().cloned().map(Record::Gap));
    }

    /// Adds exchanges that have been open for long, and what has come of their bodies.
    fn collect_open(&mut self, batch: &mut Batch) {
        self.ticks += 1;
        let all_rests = self.ticks % PART_AGE == 0;
        let open: Vec<_> = lock(&self.shared.open).values().filter_map(Handle::upgrade).collect();
        for handle in open.iter().filter(|open| open.started.elapsed() >= LONG) {
            let mut state = lock(&handle.state);
            if !state.announced {
                let opened = state.snapshot(&self.shared.budget);
                batch.held += opened.held;
                batch.records.push(opened.record);
            }
            for direction in [Direction::Request, Direction::Response] {
                let waiting = state.body(direction).rest.len();
                if waiting > 0 && (all_rests || waiting >= self.shared.limits.part / 16) {
                    let Entry { record: part, held } = state.part(direction);
                    batch.bytes += part.payload();
                    batch.held += held;
                    batch.records.push(part);
                }
            }
        }
    }
}

fn merge(gaps: &mut HashMap<GapReason, Gap>, gap: Gap) {
    gaps.entry(gap.reason)
        .and_modify(|known| {
            known.from = Timestamp(known.from.0.min(gap.from.0));
            known.until = Timestamp(known.until.0.max(gap.until.0));
            known.exchanges += gap.exchanges;
        })
        .or_insert(gap);
}

impl Batch {
    fn take(&mut self, shared: &Shared, lost: &mut Lost, entries: &mut Vec<Entry>) {
        let watched = shared.live.receiver_count() > 0;
        for Entry { mut record, held } in entries.drain(..) {
            self.held += held;
            self.bytes += record.payload();
            if let Record::Finished(exchange) = &mut record {
                exchange.request_body.truncated |= lost.remove(&(exchange.id, Direction::Request));
                exchange.response_body.truncated |= lost.remove(&(exchange.id, Direction::Response));
                self.count(exchange);
                if watched {
                    self.news.push(Live::Finished(exchange.summary()));
                }
            }
            self.records.push(record);
        }
    }

    /// What of exchanges that go on after it is in the batch, and whether anything is that no exchange misses:
    /// connections, certificates, messages that are in a body as well.
    fn pieces(&self) -> (Lost, bool) {
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
                Record::Finished(exchange) => {
                    pieces.remove(&(exchange.id, Direction::Request));
                    pieces.remove(&(exchange.id, Direction::Response));
                }
                Record::Opened(_) | Record::Gap(_) => {}
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
