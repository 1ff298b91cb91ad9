//! Figures about the exchanges that match a filter, wherever they are, and also where contents decide.
//!
//! The store adds the exchanges about which it decides to a tally. Those that only contents decide are read and decoded one
//! by one, and added as well. Each answer says which exchanges it is about, and what the recording misses of their time.

mod estimate;
mod names;
mod range;
#[cfg(test)]
mod tests;
mod unrecorded;
mod words;

use std::borrow::Cow;
use std::time::{Duration, Instant};

use dashcam_exchange::{ExchangeId, Summary, Timestamp};
use dashcam_filter::Truth;
use dashcam_store::{By, Figures, ReadError, Start, Tallied, Tally, bucket_width};

use crate::dto;
use crate::search::Search;
use range::{End, Range, widened};
use unrecorded::unrecorded;

pub use names::Stat;
pub use words::{LONGEST, SHORTEST, bys, every, facets, stats, time_limit};

/// Exchanges whose contents are looked at between two walks through the store, or some more.
const AT_ONCE: usize = 32;
/// Gaps, and times without recording, that an answer names.
const MOST_NAMED: u32 = 100;
/// Buckets of a histogram for which nobody said how wide they are.
const BUCKETS: u32 = 60;

/// A counting of the exchanges that match a filter.
#[derive(Debug, Clone)]
pub struct Counting {
    /// The recording and the filter.
    pub search: Search,
    /// When it began.
    pub began: Instant,
    /// The time that an answer may take.
    pub time_limit: Duration,
    /// The part of the recording that is not stored; `None` if nobody records to it, or only another process does.
    pub live: Option<Live>,
}

/// A recording that goes on.
#[derive(Debug, Clone)]
pub struct Live {
    /// The moment of the counting.
    pub now: Timestamp,
    /// Since when it is paused, if it is.
    pub paused_since: Option<Timestamp>,
    /// All exchanges that are under way or wait to be stored.
    pub in_memory: Vec<InMemory>,
}

/// An exchange that is not stored, or not as it stands.
#[derive(Debug, Clone)]
pub struct InMemory {
    /// Its row.
    pub row: Summary,
    /// True if it matches; unknown if there was no time for its contents.
    pub matches: Truth,
}

/// Which groups of exchanges a caller wants figures of, and which ones.
#[derive(Debug, Clone)]
pub struct Grouping {
    /// The values that a group has in common.
    pub by: Vec<By>,
    /// The figures.
    pub stats: Vec<Stat>,
    /// The time that a group is about.
    pub every: Option<Duration>,
    /// The most groups, those with the most exchanges; all others are one.
    pub most: usize,
}

impl Counting {
    /// How many exchanges match.
    ///
    /// # Errors
    /// When the store cannot be read; so in all that follow.
    pub async fn count(&self) -> Result<dto::ExchangeCount, ReadError> {
        let (figures, covered) = self.figures(Tally::default(), (0, self.range().await?)).await?;
        Ok(dto::ExchangeCount { count: figures.exchanges, errors: figures.errors, covered })
    }

    /// The most frequent values of each of `by`, at most `most` of each.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn facets(&self, by: &[By], most: usize) -> Result<dto::Facets, ReadError> {
        let tally = Tally::default().with_facets(by);
        let (figures, covered) = self.figures(tally, (most, self.range().await?)).await?;
        Ok(dto::Facets { facets: figures.facets.into_iter().map(dto::Facet::from).collect(), covered })
    }

    /// Exchanges over time, in buckets of `every`; in about sixty if that is `None`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn histogram(&self, every: Option<Duration>) -> Result<dto::Histogram, ReadError> {
        let range = self.range().await?;
        let every = every.unwrap_or_else(|| {
            let now = self.live.as_ref().map_or(Timestamp(0), |live| live.now);
            bucket_width(range.unwrap_or((now, now)), BUCKETS)
        });
        let (figures, covered) = self.figures(Tally::default().with_histogram(every), (0, range)).await?;
        let histogram = figures.histogram.unwrap_or_default();
        let buckets = histogram.buckets.into_iter().map(dto::Bucket::from).collect();
        Ok(dto::Histogram { every_us: microseconds(histogram.every), buckets, covered })
    }

    /// Figures of groups.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn stats(&self, grouping: &Grouping) -> Result<dto::Stats, ReadError> {
        let Grouping { by, stats, every, most } = grouping;
        let tally = Tally::default().with_groups(by, *every);
        let (figures, covered) = self.figures(tally, (*most, self.range().await?)).await?;
        let found = figures.groups.unwrap_or_default();
        let range = covered.from.zip(covered.until);
        let group = |group: dashcam_store::Group| {
            let seconds = names::seconds(group.from, found.every, range);
            names::shown(group, stats, seconds)
        };
        Ok(dto::Stats {
            by: by.iter().map(|by| (*by).into()).collect(),
            every_us: found.every.map(microseconds),
            groups: found.groups.into_iter().map(group).collect(),
            exact: found.is_exact,
            covered,
        })
    }

    /// The hosts, and what is below each of the places that are `open`, at most `most` nodes of each.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tree(&self, open: &[String], most: usize) -> Result<dto::PathTree, ReadError> {
        let tally = Tally::default().with_tree(open);
        let (figures, covered) = self.figures(tally, (most, self.range().await?)).await?;
        let branches = figures.tree.unwrap_or_default().into_iter().map(dto::PathBranch::from).collect();
        Ok(dto::PathTree { branches, covered })
    }

    /// The time that the filter asks for, as far as the recording has it.
    async fn range(&self) -> Result<Range, ReadError> {
        let now = self.live.as_ref().map(|live| live.now);
        self.search.reader.span(&self.search.filter, now).await
    }

    /// Adds all that match to `tally`; the figures and their coverage.
    async fn figures(
        &self,
        mut tally: Tally,
        (most, range): (usize, Range),
    ) -> Result<(Figures, dto::Covered), ReadError> {
        for InMemory { row, matches } in self.live.iter().flat_map(|live| &live.in_memory) {
            tally.pass_over(row.id);
            if matches.is_true() {
                tally.add(&*self.with_client(Cow::Borrowed(row), &tally).await?);
            }
        }
        let Walked { tally, end, next, undecided, unreadable, looked_at, rows_read } =
            self.walk(tally).await?;
        let undecided = undecided + self.undecided_in_memory();
        let range = widened(range, tally.span(), end);
        let figures = tally.figures(most, range);
        let complete = end == End::Oldest && undecided == 0;
        let mut covered = dto::Covered {
            complete,
            exchanges: figures.exchanges,
            estimate: figures.exchanges,
            undecided,
            unreadable,
            from: range.map(|(from, _)| from.into()),
            until: range.map(|(_, until)| until.into()),
            looked_at: looked_at + self.live.as_ref().map_or(0, |live| live.in_memory.len() as u64),
            rows_read,
            took_us: 0,
            dropped: 0,
            gaps: Vec::new(),
            unrecorded: Vec::new(),
            paused_since: self.live.as_ref().and_then(|live| live.paused_since).map(dto::Time::from),
        };
        if !complete {
            covered.estimate = self.estimate(figures.exchanges, (next, undecided)).await?;
        }
        if let Some(range) = range {
            self.add_missed(&mut covered, range).await?;
        }
        covered.took_us = microseconds(self.began.elapsed());
        Ok((figures, covered))
    }

    /// Walks through the store, and looks at the contents of those exchanges that only they decide about.
    async fn walk(&self, tally: Tally) -> Result<Walked, ReadError> {
        let Search { reader, filter, .. } = &self.search;
        let mut walked = Walked {
            tally,
            end: End::Oldest,
            next: None,
            undecided: 0,
            unreadable: 0,
            looked_at: 0,
            rows_read: 0,
        };
        let mut before = None;
        loop {
            let left = self.time_limit.saturating_sub(self.began.elapsed());
            let Tallied { tally, unsure, next, reached, cost } =
                reader.tally(filter, walked.tally, before, (AT_ONCE, left)).await?;
            let end = if next.is_none() { End::Oldest } else { End::At(reached) };
            walked = Walked { tally, end, next, ..walked };
            walked.looked_at += cost.looked_at;
            walked.rows_read += cost.rows_read;
            for (at, id) in unsure.iter().enumerate() {
                if self.is_over() {
                    walked.undecided += (unsure.len() - at) as u64;
                    break;
                }
                match self.search.matching(*id).await {
                    Ok(Some(row)) => {
                        let row = self.with_client(Cow::Owned(row), &walked.tally).await?;
                        walked.tally.add(&row);
                    }
                    Ok(None) => {}
                    // One that is damaged does not keep the others from being counted.
                    Err(ReadError::Damaged(_)) => walked.unreadable += 1,
                    Err(error) => return Err(error),
                }
            }
            if next.is_none() || self.is_over() {
                return Ok(walked);
            }
            before = next;
        }
    }

    /// Returns whether it is time to answer with what there is.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.began.elapsed() >= self.time_limit
    }

    fn undecided_in_memory(&self) -> u64 {
        let in_memory = self.live.iter().flat_map(|live| &live.in_memory);
        in_memory.filter(|exchange| !exchange.matches.is_certain()).count() as u64
    }

    /// The row with its client and that one's program, if the tally asks for them and they are stored.
    async fn with_client<'r>(
        &self,
        mut row: Cow<'r, Summary>,
        tally: &Tally,
    ) -> Result<Cow<'r, Summary>, ReadError> {
        if tally.needs_clients() && row.client.is_none() && row.connection.is_some() {
            let stored = self.search.reader.rows(Start::NEWEST, &[row.id]).await?;
            stored.iter().for_each(|stored| row.to_mut().know_stored(stored));
        }
        Ok(row)
    }

    async fn add_missed(
        &self,
        covered: &mut dto::Covered,
        range: (Timestamp, Timestamp),
    ) -> Result<(), ReadError> {
        let reader = &self.search.reader;
        let missed = reader.missed(range, MOST_NAMED).await?;
        covered.dropped = missed.exchanges;
        covered.gaps = missed.gaps.into_iter().map(dto::Gap::from).collect();
        let changes = reader.settings_history(10 * MOST_NAMED).await?;
        covered.unrecorded = unrecorded(&changes, range);
        covered.unrecorded.truncate(MOST_NAMED as usize);
        Ok(())
    }
}

/// A tally after all walks.
struct Walked {
    tally: Tally,
    end: End,
    /// The walk would go on below it.
    next: Option<ExchangeId>,
    undecided: u64,
    unreadable: u64,
    looked_at: u64,
    rows_read: u64,
}

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
