//! Snapshots, written: the ring is read from its oldest entry on, and followed until the snapshot is to end.

use std::sync::Arc;
use std::time::Duration;

use dashcam_control::{Control, Step};
use dashcam_exchange::{ExchangeId, Record, Timestamp};
use dashcam_flight::{Asker, Cause, Flight, FlightRecorder, Order, Piece, Reading, Request, Running};
use dashcam_recorder::{Ledger, Recorder, now};
use dashcam_store::{ChangeKind, SettingsChange, Snapshot, Store, StoreError};
use serde_json::json;
use tokio::sync::mpsc::Receiver;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::missing;

/// How often the ring is looked at for more.
const LOOK: Duration = Duration::from_millis(200);
/// The recorder's batches are in the ring so soon after the last exchange of a snapshot.
const SETTLE: Duration = Duration::from_millis(250);
/// Records that are stored at once, at most.
const STEP: usize = 256;
/// How long a snapshot that the disk refuses is tried again.
const LONGEST_REFUSAL: Duration = Duration::from_secs(60);
/// The latest gaps that are looked at.
const GAPS: u32 = 100;
/// Notes of a snapshot that is not whole yet: that stays if dashcam is killed meanwhile.
pub(super) const UNDER_WAY: &str = "dashcam ended before all of it was stored";

/// Writes snapshots, one after another.
pub(crate) struct Snapshots {
    pub(crate) flight: Flight,
    pub(crate) store: Store,
    pub(crate) control: Arc<Control>,
    pub(crate) recorder: Recorder,
    /// Snapshots that traffic set off are kept up to this number.
    pub(crate) keep: watch::Receiver<usize>,
    /// Dashcam stops: a snapshot that is being taken ends.
    pub(crate) stop: CancellationToken,
}

/// Pieces on their way into the store.
#[derive(Default)]
struct Batch {
    records: Vec<Record>,
    kept: Vec<ExchangeId>,
}

impl Snapshots {
    /// Does what is ordered until dashcam stops.
    pub(crate) async fn write(self, mut orders: Receiver<Order>) {
        loop {
            let order = tokio::select! {
                order = orders.recv() => order,
                () = self.stop.cancelled() => orders.try_recv().ok(),
            };
            match order {
                None => return,
                Some(Order::Take { running, request }) => {
                    let Some(recorder) = &self.flight.recorder else { continue };
                    if let Err(error) = self.take(recorder, &running, request).await {
                        tracing::error!(%error, snapshot = running.name, "a snapshot could not be stored");
                        recorder.cut(now());
                    }
                    recorder.settle();
                }
                Some(Order::Save { name, by }) => self.save_left(&name, by).await,
            }
        }
    }

    /// Takes a snapshot of the ring.
    async fn take(
        &self,
        recorder: &FlightRecorder,
        running: &Running,
        request: Request,
    ) -> Result<(), SnapshotError> {
        let from = recorder.ring().reaches_back_to();
        let (before, by) = (self.recorder.ledger(), request.by.clone());
        let mut snapshot = self.begin(running, request, from).await?;
        let mut reading = recorder.ring().read()?;
        loop {
            reading = self.copy(&snapshot, reading).await?;
            let now = now();
            if self.stop.is_cancelled() || recorder.end(now) {
                break;
            }
            self.stop.run_until_cancelled(sleep(LOOK)).await;
        }
        recorder.cut(now());
        let until = now();
        sleep(SETTLE).await;
        reading = self.copy(&snapshot, reading).await?;
        let dropped = self.dropped_since(from, &before).await;
        (snapshot.covers_from, snapshot.covers_until) = (from, until);
        let mut missing = missing::of_ring(recorder, running, &reading, (from, dropped));
        if self.control.step() != Step::Full {
            missing.push("the budget has stepped down, and keeps the flight recorder off".to_owned());
        }
        if self.stop.is_cancelled() {
            missing.push("dashcam stopped before its time was over".to_owned());
        }
        (snapshot.complete, snapshot.note) = (missing.is_empty(), missing::note(&missing));
        self.store.admin().change_snapshot(snapshot.clone()).await?;
        tracing::info!(snapshot = snapshot.name, note = snapshot.note, "a snapshot is stored");
        self.remember(&snapshot, by).await?;
        self.forget_old().await
    }

    /// Exchanges that were dropped since `from`, as far as gaps tell, or while the snapshot was taken.
    async fn dropped_since(&self, from: Timestamp, before: &Ledger) -> u64 {
        let gaps = self.store.reader().gaps(GAPS).await.unwrap_or_default();
        let in_gaps = gaps.iter().filter(|gap| gap.until >= from).map(|gap| gap.exchanges).sum::<u64>();
        in_gaps.max(dropped(&self.recorder.ledger()) - dropped(before))
    }

    /// Keeps in the history that a snapshot was stored. The last row there has the settings that the next start goes on
    /// with, so another follows if they change meanwhile.
    pub(super) async fn remember(&self, snapshot: &Snapshot, by: Option<Asker>) -> Result<(), StoreError> {
        let Snapshot { name, trigger, reason, complete, .. } = snapshot;
        let Asker { who, address, session } = by.unwrap_or_else(of_traffic);
        loop {
            let settings = self.control.settings();
            let json = serde_json::to_value(&*settings).expect("settings are strings and numbers");
            let change = SettingsChange {
                at: now(),
                who: who.clone(),
                why: reason.clone(),
                from: Some(json.clone()),
                to: json,
                kind: ChangeKind::Snapshot,
                address: address.clone(),
                session: session.clone(),
                detail: Some(json!({"snapshot": name, "trigger": trigger, "complete": complete})),
            };
            self.store.admin().append_settings(&change).await?;
            if *self.control.settings() == *settings {
                return Ok(());
            }
        }
    }

    /// Keeps a snapshot that is not whole yet.
    async fn begin(
        &self,
        running: &Running,
        request: Request,
        from: Timestamp,
    ) -> Result<Snapshot, StoreError> {
        let detail = match &request.cause {
            Cause::Slow(_) => Some(request.cause.to_string()),
            _ => None,
        };
        let mut snapshot = Snapshot {
            name: running.name.clone(),
            trigger: request.cause.as_str().to_owned(),
            reason: request.reason.or(detail),
            who: request.by.map(|by| by.who),
            created_at: running.at,
            covers_from: from,
            covers_until: running.at,
            note: Some(UNDER_WAY.to_owned()),
            ..Snapshot::default()
        };
        self.put(&mut snapshot).await?;
        Ok(snapshot)
    }

    pub(super) async fn put(&self, snapshot: &mut Snapshot) -> Result<(), StoreError> {
        let name = snapshot.name.clone();
        for number in 2.. {
            if let Some(id) = self.store.admin().put_snapshot(snapshot.clone()).await? {
                snapshot.id = id;
                break;
            }
            snapshot.name = format!("{name}-{number}");
        }
        Ok(())
    }

    /// Stores what the ring has, as far as it is read.
    pub(super) async fn copy(
        &self,
        snapshot: &Snapshot,
        mut reading: Reading,
    ) -> Result<Reading, SnapshotError> {
        loop {
            let (back, pieces) = spawn_blocking(move || {
                let pieces = reading.pieces();
                (reading, pieces)
            })
            .await?;
            reading = back;
            let Some(pieces) = pieces? else { return Ok(reading) };
            self.store_pieces(snapshot.id, pieces).await?;
        }
    }

    pub(super) async fn store_pieces(&self, snapshot: i64, pieces: Vec<Piece>) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for piece in pieces {
            // An exchange's end comes behind all of its pieces, in one batch.
            let ends = matches!(&piece, Piece::Record(Record::Finished(_) | Record::Interrupted(_)));
            match piece {
                Piece::Record(record) => batch.records.push(record),
                Piece::Kept(id) => batch.kept.push(id),
            }
            if ends && batch.records.len() >= STEP {
                self.store_batch(snapshot, std::mem::take(&mut batch)).await?;
            }
        }
        self.store_batch(snapshot, batch).await
    }

    async fn store_batch(&self, snapshot: i64, batch: Batch) -> Result<(), StoreError> {
        if batch.records.is_empty() && batch.kept.is_empty() {
            return Ok(());
        }
        let Batch { records, kept } = batch;
        let sink = self.store.sink();
        let mut stored = sink.append_to_snapshot(snapshot, records, kept, now()).await;
        let began = now();
        while let Err(error) = &stored {
            let gives_up = now() > began.after(LONGEST_REFUSAL) || self.stop.is_cancelled();
            if !error.keeps_batch() || gives_up {
                return stored;
            }
            sleep(Duration::from_secs(1)).await;
            stored = sink.append_to_snapshot(snapshot, Vec::new(), Vec::new(), now()).await;
        }
        stored
    }

    /// Deletes the oldest of those that traffic set off, beyond those that are kept.
    async fn forget_old(&self) -> Result<(), SnapshotError> {
        let all = self.store.reader().snapshots(u32::MAX).await?;
        let by_people = ["api", "signal", "crash"];
        let by_traffic = all.into_iter().filter(|one| !by_people.contains(&one.trigger.as_str()));
        let keep = *self.keep.borrow();
        for old in by_traffic.skip(keep) {
            tracing::info!(snapshot = old.name, "an old snapshot goes: {keep} newer ones are there");
            self.store.admin().delete_snapshot(old.name).await?;
        }
        Ok(())
    }
}

/// The history's name for traffic that set off a snapshot.
fn of_traffic() -> Asker {
    Asker { who: "trigger".to_owned(), address: None, session: None }
}

fn dropped(ledger: &Ledger) -> u64 {
    ledger.dropped.iter().map(|(_, count)| count).sum()
}

/// The reason for which a snapshot is not stored.
pub(super) type SnapshotError = anyhow::Error;
