//! Which time ranges of the recording are complete, and at which level: from the runs of dashcam, the history of the
//! settings, leases, gaps, and what was deleted.
//!
//! Time is cut wherever something changes. What holds between two cuts follows from the newest fact before, and ranges
//! in which the same holds are joined.

mod history;
mod in_force;
mod spans;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use dashcam_exchange::Timestamp;
use dashcam_store::{Cause, ReadError, Reader};

pub use self::history::History;
use self::history::read;
use self::in_force::InForce;
use self::spans::{Span, Spans};
use crate::dto::{Boundaries, DeletedCounts, Dropped, RangeState, RecordedRange};

/// The ranges of a recording up to a time, from another one or from the first of which anything is known. A dashcam that
/// `is_running` records to it.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(
    reader: &Reader,
    (from, until): (Option<Timestamp>, Timestamp),
    is_running: bool,
) -> Result<Boundaries, ReadError> {
    let begin = from.unwrap_or(Timestamp(i64::MIN));
    let history = read(reader, (begin, until), is_running).await?;
    let from = from.or_else(|| history.begin()).unwrap_or(until);
    Ok(boundaries(&history, (from, until)))
}

/// The ranges from one time to another, the oldest first.
#[must_use]
pub fn boundaries(history: &History, (from, until): (Timestamp, Timestamp)) -> Boundaries {
    let known = Known::of(history);
    let mut cuts = BTreeSet::from([from.0, until.0]);
    cuts.extend(known.cuts().filter(|at| (from.0..until.0).contains(at)));
    let cuts: Vec<i64> = cuts.into_iter().collect();
    let mut ranges: Vec<RecordedRange> = Vec::new();
    for pair in cuts.windows(2) {
        let range = known.range(history, Span { from: pair[0], until: pair[1] });
        match ranges.last_mut() {
            Some(last) if is_alike(last, &range) => last.until = range.until,
            _ => ranges.push(range),
        }
    }
    count(history, &mut ranges);
    Boundaries { ranges }
}

/// The times in which something holds.
struct Known {
    /// Dashcam surely ran.
    running: Spans,
    /// It may have run.
    unknown: Spans,
    /// Something was dropped.
    gaps: Spans,
    /// Something is deleted: by the bounds, and for any cause.
    bounded: Spans,
    deleted: Spans,
    in_force: InForce,
}

impl Known {
    fn of(history: &History) -> Self {
        let (running, unknown) = history::lives(history);
        let gaps = history.gaps.iter().map(|gap| Span::with_last(gap.from.0, gap.until.0));
        let deleted = |cause: Cause| {
            let of = history.deletions.iter().filter(move |one| one.cause == cause);
            Spans::bridged(of.map(|one| Span::with_last(one.from.0, one.until.0)))
        };
        Self {
            running,
            unknown,
            gaps: Spans::joined(gaps),
            bounded: deleted(Cause::Bounds),
            deleted: Spans::joined(Cause::ALL.into_iter().flat_map(|cause| deleted(cause).into_iter())),
            in_force: InForce::of(history),
        }
    }

    /// Where something changes.
    fn cuts(&self) -> impl Iterator<Item = i64> {
        let spans = [&self.running, &self.unknown, &self.gaps, &self.bounded, &self.deleted];
        spans.into_iter().flat_map(Spans::ends).chain(self.in_force.cuts())
    }

    /// A range in which nothing changes.
    fn range(&self, history: &History, span: Span) -> RecordedRange {
        let at = span.from;
        let run = self.running.at(at);
        let (level, rules, leases, step, records) = match run {
            Some(run) => self.in_force.at(at, run.from),
            None => Default::default(),
        };
        let is_old = history.oldest.is_none_or(|oldest| span.until <= oldest.0);
        let state = match run {
            None if self.unknown.at(at).is_some() => RangeState::Unknown,
            None => RangeState::Down,
            Some(_) if !records => RangeState::NotRecorded,
            Some(_) if is_old && self.bounded.at(at).is_some() => RangeState::Deleted,
            Some(_) => RangeState::Recorded,
        };
        let is_whole = self.gaps.at(at).is_none() && self.deleted.at(at).is_none() && step.is_none();
        RecordedRange {
            from: Timestamp(at).into(),
            until: Timestamp(span.until).into(),
            complete: state == RangeState::Recorded && is_whole,
            state,
            level: level.map(Into::into),
            rules,
            leases,
            step,
            dropped: Dropped::default(),
            deleted: DeletedCounts::default(),
        }
    }
}

fn is_alike(one: &RecordedRange, next: &RecordedRange) -> bool {
    let facts = |range: &RecordedRange| (range.state, range.complete, range.level);
    facts(one) == facts(next) && one.rules == next.rules && one.leases == next.leases && one.step == next.step
}

/// Adds gaps and deletions to the ranges in which they begin; to the first one those that began before.
fn count(history: &History, ranges: &mut [RecordedRange]) {
    for gap in &history.gaps {
        if let Some(range) = range_at(ranges, gap.from) {
            range.dropped.add(gap.reason, gap.exchanges);
        }
    }
    for deletion in &history.deletions {
        let Some(range) = range_at(ranges, deletion.from) else { continue };
        let count = match deletion.cause {
            Cause::Bounds => &mut range.deleted.bounds,
            Cause::Expired => &mut range.deleted.expired,
            Cause::User => &mut range.deleted.user,
        };
        *count += deletion.exchanges;
    }
}

fn range_at(ranges: &mut [RecordedRange], at: Timestamp) -> Option<&mut RecordedRange> {
    let behind = ranges.partition_point(|range| range.from <= at.into());
    ranges.get_mut(behind.saturating_sub(1)).filter(|range| at < Timestamp(range.until.0.as_microsecond()))
}
