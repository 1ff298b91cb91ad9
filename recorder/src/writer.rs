//! The recorder's disk side: takes records in batches to a closure that stores them.

use std::fmt::Display;
use std::future::poll_fn;
use std::iter;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use dashcam_exchange::{GapReason, Live, Record};
use tokio::sync::mpsc;
use tokio::task::unconstrained;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until};

use crate::aside::{Aside, Sink};
use crate::batch::{Batch, answer};
use crate::gaps::Gaps;
use crate::lock::lock;
use crate::now;
use crate::pause::By;
use crate::recording::Entry;
use crate::redaction::stage::Stage;
use crate::shared::Shared;

/// A batch is stored when its first record is this old …
const BATCH_AGE: Duration = Duration::from_millis(50);
/// … which is looked at this often …
const PAUSE: Duration = Duration::from_millis(5);
/// … or this often, while no more than so many records and so many bytes came since the last look …
const REST: Duration = Duration::from_millis(25);
const FEW: usize = 64;
const FEW_BYTES: usize = 256 << 10;
/// … or it has this many records …
const BATCH_RECORDS: usize = 1024;
/// … or holds this many bytes.
const BATCH_BYTES: usize = 8 << 20;
/// An exchange that is open for longer is stored while it is open.
pub(crate) const LONG: Duration = Duration::from_secs(1);
/// After a batch was refused it is tried again after so long …
pub(crate) const FIRST_WAIT: Duration = Duration::from_millis(500);
/// … and then after twice as long, up to this.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The outcome of a batch that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The reason by which exchanges that are not stored are counted.
    pub reason: GapReason,
    /// True if the batch was kept: it is tried again, by handing over no records, until it is stored. Else
    /// it is lost.
    pub kept: bool,
}

impl Refusal {
    /// The batch is lost.
    #[must_use]
    pub fn lost(reason: GapReason) -> Self {
        Self { reason, kept: false }
    }
}

/// Stores what recorders hand over. It is to be run by one task until it ends.
#[derive(Debug)]
pub struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) records: mpsc::Receiver<Entry>,
    /// Holes that are not stored yet.
    gaps: Gaps,
    pub(crate) ticks: i64,
    /// Takes secrets out of records.
    pub(crate) stage: Stage,
    /// The sink beside the store.
    aside: Option<Sink>,
    /// The recorder is closed, and the disk refused its last batch: no other is tried.
    given_up: Option<GapReason>,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, records: mpsc::Receiver<Entry>) -> Self {
        let stage = Stage::new(Arc::clone(&shared.redacted));
        Self { shared, records, gaps: Gaps::default(), ticks: 0, stage, aside: None, given_up: None }
    }

    /// Gives `aside` what the rules do not keep, while [`crate::Recorder::set_aside`] says so. It is called on the writer's
    /// task, and must not wait; a batch ends there once `append` was asked for the same batch.
    #[must_use]
    pub fn with_aside(self, aside: impl FnMut(Aside<'_>) + Send + 'static) -> Self {
        Self { aside: Some(Sink(Box::new(aside))), ..self }
    }

    /// Takes records to `append`, batch by batch, one at a time, until the recorder is closed and empty.
    /// A batch that `append` refuses and keeps is tried again, and recording is paused until it is stored. One that is
    /// refused and lost is counted as dropped, and becomes a gap.
    pub async fn run<F, Fut, E>(self, append: F, refusal: fn(&E) -> Refusal)
    where
        F: FnMut(Vec<Record>) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        let room = Arc::clone(&self.shared).keep_room();
        tokio::select! {
            biased;
            () = self.write(append, refusal) => {}
            () = room => {}
        }
    }

    async fn write<F, Fut, E>(mut self, mut append: F, refusal: fn(&E) -> Refusal)
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
            let mut came = 0;
            let ended = tokio::select! {
                biased;
                _ = tick.tick() => {
                    self.collect_open(&mut batch);
                    self.collect_gaps(&mut batch, false);
                    false
                }
                received = self.records.recv_many(&mut entries, BATCH_RECORDS) => {
                    came = received;
                    received == 0
                }
                () = self.shared.close.notified() => {
                    self.records.close();
                    continue;
                }
            };
            batch.take(&self.shared, &mut entries, (&mut self.stage, self.aside.as_mut()));
            if ended {
                self.collect_gaps(&mut batch, true);
                self.store(batch, &mut append, refusal).await;
                return;
            }
            if !batch.records.is_empty() || batch.went_aside {
                self.fill(&mut batch, &mut entries, came).await;
            }
            self.store(batch, &mut append, refusal).await;
        }
    }

    /// Waits until the batch, for which so many entries `came`, is full or old, or somebody waits for it. Meanwhile nobody who hands a record over has to wake us: that would
    /// cost traffic more than the record itself.
    async fn fill(&mut self, batch: &mut Batch, entries: &mut Vec<Entry>, mut came: usize) {
        let old = Instant::now() + BATCH_AGE;
        // A queue of few places is looked at before it is full.
        let few = FEW.min(self.records.max_capacity() / 8);
        let mut bytes_before = 0;
        loop {
            let room = BATCH_RECORDS.saturating_sub(batch.records.len());
            entries.extend(iter::from_fn(|| self.records.try_recv().ok()).take(room));
            came += entries.len();
            batch.take(&self.shared, entries, (&mut self.stage, self.aside.as_mut()));
            let is_little = came <= few && batch.bytes - bytes_before <= FEW_BYTES;
            (came, bytes_before) = (0, batch.bytes);
            let full = batch.records.len() >= BATCH_RECORDS || batch.bytes >= BATCH_BYTES;
            let is_urgent = !batch.stored.is_empty() || self.shared.guarantees.take_hurry();
            if full || is_urgent || Instant::now() >= old || self.records.is_closed() {
                return;
            }
            tokio::select! {
                () = sleep_until(old.min(Instant::now() + if is_little { REST } else { PAUSE })) => {}
                () = self.shared.guarantees.hurry.notified() => {}
            }
        }
    }

    async fn store<F, Fut, E>(&mut self, mut batch: Batch, append: &mut F, refusal: fn(&E) -> Refusal)
    where
        F: FnMut(Vec<Record>) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        if batch.records.is_empty() {
            self.end_aside(&mut batch.went_aside);
            batch.held.clear();
            // Nothing of what they wait for may leave yet.
            answer(&mut batch.stored, true);
            return answer(&mut batch.waiting, true);
        }
        let (pieces, others) = batch.pieces();
        let records = std::mem::take(&mut batch.records);
        let refused = match self.given_up {
            None => self.hand_over((records, &mut batch), append, refusal).await.err(),
            given_up => given_up,
        };
        self.end_aside(&mut batch.went_aside);
        let shared = Arc::clone(&self.shared);
        shared.counters.bytes.fetch_add(batch.bytes as u64, Ordering::Relaxed);
        shared.counters.settle(&batch.finished, refused);
        if refused.is_none() {
            if batch.gaps {
                self.tell_gaps();
            }
            // One that does not wait any more was told of: a live watcher's position says so.
            batch.news.drain(..).for_each(|news| shared.publish(|| news));
        }
        shared.forget(&batch.ended);
        answer(&mut batch.stored, refused.is_none());
        batch.ended.clear();
        batch.held.clear();
        shared.guarantees.room.notify_waiters();
        let Some(reason) = refused else { return answer(&mut batch.waiting, true) };
        let lost = batch.finished.exchanges;
        self.shared.pausing.dropped(lost);
        if lost > 0 || others || !pieces.is_empty() {
            lock(&self.shared.missed).miss(reason, now(), lost);
        }
        // The next connection that shows one of them hands it over again.
        lock(&self.shared.certificates).clear();
        self.stage.forget_seals();
        self.cut(pieces);
        answer(&mut batch.waiting, true);
    }

    /// Tries until the records are stored, or lost for the reason that is returned. While the disk refuses them
    /// recording is paused. Once the recorder is closed there is one more try.
    async fn hand_over<F, Fut, E>(
        &mut self,
        (mut records, batch): (Vec<Record>, &mut Batch),
        append: &mut F,
        refusal: fn(&E) -> Refusal,
    ) -> Result<(), GapReason>
    where
        F: FnMut(Vec<Record>) -> Fut,
        Fut: Future<Output = Result<(), E>>,
        E: Display,
    {
        let mut wait = FIRST_WAIT;
        loop {
            self.shared.storing_since.store(now().0, Ordering::Relaxed);
            let mut appending = pin!(append(std::mem::take(&mut records)));
            // The store is asked before anybody can read in the sink what belongs to the same exchanges: the sink's part of
            // them comes behind.
            let asked = poll_fn(|context| Poll::Ready(appending.as_mut().poll(context)));
            let asked = unconstrained(asked).await;
            self.end_aside(&mut batch.went_aside);
            let stored = match asked {
                Poll::Ready(stored) => stored,
                Poll::Pending => appending.await,
            };
            self.shared.storing_since.store(0, Ordering::Relaxed);
            let Err(error) = stored else {
                self.shared.pausing.resume(By::Writer);
                return Ok(());
            };
            let Refusal { reason, kept } = refusal(&error);
            if !kept {
                tracing::error!(%error, "a batch could not be stored and is lost; traffic goes on");
                self.shared.pausing.resume(By::Writer);
                return Err(reason);
            }
            self.shared.pausing.pause(By::Writer, reason, error.to_string());
            answer(&mut batch.waiting, false);
            if self.records.is_closed() {
                self.given_up = Some(reason);
                return Err(reason);
            }
            tokio::select! {
                () = sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
                () = self.shared.close.notified() => self.records.close(),
            }
        }
    }

    /// Tells the sink that its part of the batch ends, once.
    fn end_aside(&mut self, went_aside: &mut bool) {
        if let Some(Sink(aside)) = self.aside.as_mut().filter(|_| std::mem::take(went_aside)) {
            aside(Aside::BatchEnd);
        }
    }

    /// Adds the holes that are not stored yet; they stay with the writer until a batch is. While recording is paused
    /// a hole grows: only those of hours that are over are whole.
    fn collect_gaps(&mut self, batch: &mut Batch, ended: bool) {
        let grow = !ended && self.shared.pausing.reason().is_some();
        for gap in lock(&self.shared.missed).take(grow.then(now)) {
            self.gaps.add(&gap);
        }
        batch.records.extend(self.gaps.iter().cloned().map(Record::Gap));
        batch.gaps = true;
    }

    /// Holes are told of when they are stored: who asks for them then finds them.
    fn tell_gaps(&mut self) {
        std::mem::take(&mut self.gaps).take(None).for_each(|gap| self.shared.publish(|| Live::Gap(gap)));
    }
}
