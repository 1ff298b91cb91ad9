//! The exchanges that a filter chooses and that had ended at a moment: counted, deleted and pinned in steps that are short,
//! so that recording goes on beside, and whoever waits for it can stop it.

mod redact;

use std::time::Instant;

use dashcam_exchange::{ExchangeId, State, Summary, Timestamp};
use dashcam_filter::{Field, Filter, Node, Span, Term, Test};
use dashcam_store::{Admin, ReadError, Start};

use crate::search::Search;
pub use redact::Redacted;

/// Exchanges that are changed in one transaction.
const AT_ONCE: usize = 256;

/// A filter, and how far it chooses: nothing that comes, or ends, later is among them.
#[derive(Debug, Clone)]
pub struct Selection {
    search: Search,
    horizon: Horizon,
}

/// The bounds of a selection, which stay while somebody counts and then changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// The last exchange that is looked at.
    pub up_to: ExchangeId,
    /// The moment of the count, when that exchange had begun. One that ended after it was under way then, and is treated so.
    pub ended_by: Timestamp,
}

/// The exchanges of a part of a selection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that have ended.
    pub exchanges: u64,
    /// Bytes of their bodies, as they passed.
    pub bytes: u64,
    /// Those of them that are pinned.
    pub pinned: u64,
    /// Those that were under way at the moment of the count, which are not among the others.
    pub open: u64,
    /// Where the next part begins, which is behind this exchange; `None` at the end.
    pub next: Option<ExchangeId>,
}

/// A change of exchanges that had ended at the moment of the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// They are deleted.
    Delete {
        /// Those that are pinned as well.
        pinned: bool,
    },
    /// The bounds of the recording leave them alone.
    Pin {
        /// When that was said.
        at: Timestamp,
    },
    /// They are left to the bounds again.
    Unpin,
}

/// The exchanges of a part of a selection that were changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// How many.
    pub exchanges: u64,
    /// Where the next part begins, which is behind this exchange; `None` at the end.
    pub next: Option<ExchangeId>,
}

impl Selection {
    /// Those that `search` finds within `horizon`.
    ///
    /// # Errors
    /// When the filter can't be bounded, and so would choose more.
    pub fn new(mut search: Search, horizon: Horizon) -> Result<Self, String> {
        let numbers = Test::Numbers(vec![Span { min: i64::MIN, max: horizon.up_to.0 }]);
        let bound = Node::Term(Term { field: Field::Id, test: numbers });
        search.filter = Filter::of(Node::and(vec![search.filter.tree().clone(), bound]))?;
        Ok(Self { search, horizon })
    }

    /// Counts those behind `after`, and stops behind a part once `until` has passed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count(&self, after: Option<ExchangeId>, until: Instant) -> Result<Tally, ReadError> {
        let mut tally = Tally::default();
        let mut next = Some(after);
        while let Some(after) = next {
            let part = self.part(after, until).await?;
            for row in &part.rows {
                tally.add(row, self.horizon.had_ended(row));
            }
            tally.next = part.next;
            next = tally.next.map(Some).filter(|_| Instant::now() < until);
        }
        Ok(tally)
    }

    /// Changes those behind `after`, and stops behind a part once `until` has passed.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was changed until then stays changed.
    pub async fn change(
        &self,
        admin: &Admin,
        change: Change,
        (after, until): (Option<ExchangeId>, Instant),
    ) -> Result<Changed, ReadError> {
        let mut changed = Changed::default();
        let mut next = Some(after);
        while let Some(after) = next {
            let part = self.part(after, until).await?;
            let ended: Vec<_> = part.rows.into_iter().filter(|row| self.horizon.had_ended(row)).collect();
            changed.exchanges += change.step(admin, &ended).await?;
            changed.next = part.next;
            next = changed.next.map(Some).filter(|_| Instant::now() < until);
        }
        if matches!(change, Change::Delete { .. }) {
            admin.finish_deleting().await?;
        }
        Ok(changed)
    }

    async fn part(&self, after: Option<ExchangeId>, until: Instant) -> Result<Part, ReadError> {
        let start = after.map_or(Start::OLDEST, Start::After);
        let found = self.search.page(start, AT_ONCE, Some(until)).await?;
        let next = match found.next {
            Some(Start::After(id)) if id < self.horizon.up_to => Some(id),
            _ => None,
        };
        // More than was asked for is never changed.
        let rows = found.rows.into_iter().filter(|row| row.id <= self.horizon.up_to).collect();
        Ok(Part { rows, next })
    }
}

/// Exchanges that are read at once, the oldest first, and where the next ones are.
struct Part {
    rows: Vec<Summary>,
    next: Option<ExchangeId>,
}

impl Horizon {
    /// Returns whether an exchange was over at the moment. One whose end nobody saw counts from its beginning. One that began
    /// later by its clock did so by a clock that was ahead, as its number is old: it was over.
    fn had_ended(self, row: &Summary) -> bool {
        row.state != State::Open && (ended_at(row) <= self.ended_by || row.started_at > self.ended_by)
    }
}

/// The end of an exchange that is over; its beginning if nobody saw the end.
#[must_use]
pub fn ended_at(row: &Summary) -> Timestamp {
    Timestamp(row.started_at.0.saturating_add(row.duration_us.unwrap_or(0)))
}

impl Tally {
    fn add(&mut self, row: &Summary, had_ended: bool) {
        if !had_ended {
            self.open += 1;
            return;
        }
        self.exchanges += 1;
        self.bytes += row.request_size + row.response_size;
        self.pinned += u64::from(row.pinned);
    }
}

impl Change {
    /// Changes the exchanges of these rows in one transaction; says how many were not so before.
    async fn step(self, admin: &Admin, rows: &[Summary]) -> Result<u64, ReadError> {
        let is_meant = |row: &&Summary| match self {
            Self::Delete { pinned } => pinned || !row.pinned,
            Self::Pin { .. } => !row.pinned,
            Self::Unpin => row.pinned,
        };
        let ids: Vec<ExchangeId> = rows.iter().filter(is_meant).map(|row| row.id).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let changed = match self {
            Self::Delete { pinned } => admin.delete_step(ids, pinned).await,
            Self::Pin { at } => admin.pin_these(ids, at).await,
            Self::Unpin => admin.unpin_these(ids).await,
        };
        Ok(changed?)
    }
}
