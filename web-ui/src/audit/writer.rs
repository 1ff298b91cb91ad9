//! The task that writes the audit log, and keeps it within its bounds.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dashcam_exchange::Timestamp;
use dashcam_store::{AuditChange, AuditEntry, Store, StoreError};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::{Entry, Item, MOST_WAITING, Shared};

/// The most that is written together.
const TOGETHER: usize = 256;
/// How long a disk that takes nothing is left alone.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// How often the log is cut to its bounds.
const CUT: Duration = Duration::from_secs(60);
/// How long more may come of an entry.
const OPEN: Duration = Duration::from_secs(3600);
/// The entries of which more may come, at most.
const MOST_OPEN: usize = 8192;

/// The bounds of the audit log. `None` sets none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditBounds {
    /// How long an entry is kept.
    pub age: Option<Duration>,
    /// How many are kept.
    pub rows: Option<u64>,
}

impl Default for AuditBounds {
    fn default() -> Self {
        Self { age: Some(Duration::from_secs(90 * 86_400)), rows: Some(100_000) }
    }
}

/// The task that writes the audit log.
pub struct AuditWriter {
    store: Store,
    bounds: AuditBounds,
    items: mpsc::Receiver<Item>,
    shared: Arc<Shared>,
    /// The rows of entries of which more may come, by their tickets.
    open: HashMap<u64, (i64, Instant)>,
    /// How many losses the log has been told of.
    told: u64,
}

/// Items on their way to the store.
#[derive(Default)]
struct Batch {
    changes: Vec<AuditChange>,
    /// The tickets of the new entries, in their order.
    tickets: Vec<Option<u64>>,
    used: Vec<([u8; 32], Timestamp)>,
}

impl AuditWriter {
    pub(super) fn new(
        store: Store,
        bounds: AuditBounds,
        (items, shared): (mpsc::Receiver<Item>, Arc<Shared>),
    ) -> Self {
        Self { store, bounds, items, shared, open: HashMap::new(), told: 0 }
    }

    /// Writes what is noted, until nobody is left who could note something.
    pub async fn run(mut self) {
        let mut cut = interval(CUT);
        cut.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut items = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                received = self.items.recv_many(&mut items, TOGETHER) => match received {
                    0 => return,
                    _ => self.take(&mut items).await,
                },
                _ = cut.tick() => self.cut().await,
            }
        }
    }

    async fn take(&mut self, items: &mut Vec<Item>) {
        let mut batch = Batch::default();
        for item in items.drain(..) {
            match item {
                Item::Entry(entry) => batch.add(*entry).await,
                Item::Amend(ticket, count, detail) => {
                    let row = self.open.get(&ticket).map(|(row, _)| *row);
                    batch.amend(ticket, row, (count, detail));
                }
                Item::Used(sha256, at) => batch.used.push((sha256, at)),
            }
        }
        if !batch.used.is_empty()
            && let Err(error) = self.store.admin().note_token_use(std::mem::take(&mut batch.used)).await
        {
            tracing::debug!(%error, "the use of tokens could not be noted");
        }
        if !batch.changes.is_empty() {
            self.write(batch).await;
        }
    }

    /// Writes a batch, as often as the disk refuses it: meanwhile others wait, as far as there is room.
    async fn write(&mut self, mut batch: Batch) {
        self.tell_losses(&mut batch);
        let mut was_told = false;
        let ids = loop {
            match self.store.admin().write_audit(batch.changes.clone()).await {
                Ok(ids) => break ids,
                Err(error) => {
                    let is_over = self.items.is_closed() || matches!(error, StoreError::Closed);
                    if !std::mem::replace(&mut was_told, true) || is_over {
                        tracing::warn!(%error, "the audit log could not be written");
                    }
                    if is_over {
                        self.shared.lost.fetch_add(batch.tickets.len() as u64, Ordering::Relaxed);
                        return;
                    }
                    sleep(TRY_AGAIN).await;
                }
            }
        };
        let now = Instant::now();
        if self.open.len() + ids.len() > MOST_OPEN {
            self.open.retain(|_, (_, since)| now.saturating_duration_since(*since) < OPEN);
        }
        for (row, ticket) in ids.into_iter().zip(batch.tickets) {
            if let Some(ticket) = ticket.filter(|_| self.open.len() < MOST_OPEN) {
                self.open.insert(ticket, (row, now));
            }
        }
    }

    /// Adds an entry that says how many were lost since the last one that did.
    fn tell_losses(&mut self, batch: &mut Batch) {
        let lost = self.shared.lost.load(Ordering::Relaxed);
        let untold = lost - std::mem::replace(&mut self.told, lost);
        if untold > 0 {
            let entry = AuditEntry {
                at: dashcam_recorder::now(),
                who: "dashcam".to_owned(),
                action: "lost".to_owned(),
                count: Some(untold),
                detail: Some(serde_json::json!({"room": MOST_WAITING})),
                ..AuditEntry::default()
            };
            batch.push(entry, None);
        }
    }

    async fn cut(&self) {
        let age = self.bounds.age.and_then(|age| i64::try_from(age.as_micros()).ok());
        let before = age.map(|age| Timestamp(dashcam_recorder::now().0.saturating_sub(age)));
        match self.store.admin().cut_audit(before, self.bounds.rows).await {
            Ok(_) | Err(StoreError::NotOpen { .. }) => {}
            Err(error) => tracing::debug!(%error, "the audit log could not be cut to its bounds"),
        }
    }
}

impl Batch {
    async fn add(&mut self, Entry { ticket, at, caller, action }: Entry) {
        let role = caller.role;
        let author = caller.author().await;
        let (exchanges, filter) = action.subject();
        let entry = AuditEntry {
            id: 0,
            at,
            who: author.who,
            role: role.as_str().to_owned(),
            address: author.address,
            session: author.session,
            action: action.name().to_owned(),
            exchanges,
            filter,
            count: action.count(),
            detail: action.detail(),
        };
        self.push(entry, ticket);
    }

    fn push(&mut self, entry: AuditEntry, ticket: Option<u64>) {
        self.changes.push(AuditChange::Add(Box::new(entry)));
        self.tickets.push(ticket);
    }

    /// Adds what more is known of an entry, which has a row or is in the batch itself.
    fn amend(
        &mut self,
        ticket: u64,
        row: Option<i64>,
        (count, detail): (Option<u64>, Option<serde_json::Value>),
    ) {
        if let Some(id) = row {
            self.changes.push(AuditChange::Amend { id, count, detail });
            return;
        }
        let entries = self.changes.iter_mut().filter_map(|change| match change {
            AuditChange::Add(entry) => Some(entry),
            AuditChange::Amend { .. } => None,
        });
        let found = entries.zip(&self.tickets).find(|(_, of)| **of == Some(ticket));
        // One that was lost is not amended.
        if let Some((entry, _)) = found {
            entry.count = count.or(entry.count);
            entry.detail = detail.or(entry.detail.take());
        }
    }
}
