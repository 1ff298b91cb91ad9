//! The facts from which it follows which time ranges are complete.

use dashcam_exchange::{Gap, Timestamp};
use dashcam_store::{Deletion, Lease, ReadError, Reader, Run, SettingsChange};

use super::in_force::first_change;
use super::spans::{Span, Spans};

/// The most runs, changes and leases that are looked at, the newest.
const MOST: u32 = 100_000;

/// Everything that is known about times.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Runs of dashcam, the oldest first.
    pub runs: Vec<Run>,
    /// True if the last one goes on.
    pub is_running: bool,
    /// Changes of the settings, the oldest first.
    pub changes: Vec<SettingsChange>,
    /// Leases.
    pub leases: Vec<Lease>,
    /// Gaps.
    pub gaps: Vec<Gap>,
    /// Exchanges that were deleted.
    pub deletions: Vec<Deletion>,
    /// When the oldest exchange began that is stored.
    pub oldest: Option<Timestamp>,
}

/// Reads what is known of the time from `from` to `until`, and of the time before as far as it matters.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn read(
    reader: &Reader,
    (from, until): (Timestamp, Timestamp),
    is_running: bool,
) -> Result<History, ReadError> {
    let mut runs = reader.runs(MOST).await?;
    // By the clock, which may have been set back between two.
    runs.sort_by_key(|run| run.started_at);
    let mut changes = reader.settings_history(MOST).await?;
    changes.sort_by_key(|change| change.at);
    Ok(History {
        runs,
        is_running,
        changes,
        leases: reader.leases(false, MOST).await?,
        gaps: reader.gaps_within(from, until).await?,
        deletions: reader.deletions(from, until).await?,
        oldest: reader.kept().await?.oldest,
    })
}

impl History {
    /// When anything is known of first; `None` of a recording in which nothing ever was.
    #[must_use]
    pub fn begin(&self) -> Option<Timestamp> {
        let first_run = self.runs.first().map(|run| run.started_at);
        [first_run, first_change(self), self.oldest].into_iter().flatten().min()
    }
}

/// The times in which dashcam surely ran, and those in which it may have: it was killed, or is older than runs are noted.
pub(super) fn lives(history: &History) -> (Spans, Spans) {
    let (mut running, mut unknown) = (Vec::new(), Vec::new());
    if let Some((begin, first)) = history.begin().zip(history.runs.first()) {
        unknown.push(Span { from: begin.0, until: first.started_at.0 });
    } else if let Some(begin) = history.begin() {
        unknown.push(Span { from: begin.0, until: i64::MAX });
    }
    for (at, run) in history.runs.iter().enumerate() {
        let next = history.runs.get(at + 1);
        let goes_on = history.is_running && next.is_none() && run.ended_at.is_none();
        let end = match run.ended_at {
            _ if goes_on => i64::MAX,
            Some(ended) => ended.0,
            None => run.seen_at.0,
        };
        running.push(Span { from: run.started_at.0, until: end });
        if run.ended_at.is_none() && !goes_on {
            unknown.push(Span { from: end, until: next.map_or(i64::MAX, |next| next.started_at.0) });
        }
    }
    (Spans::joined(running.into_iter()), Spans::joined(unknown.into_iter()))
}
