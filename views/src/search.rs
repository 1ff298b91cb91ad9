//! Exchanges that match a filter, also where the contents of their bodies and messages decide.
//!
//! The store decides by what is recorded of an exchange. Where that leaves it open, [`Search::page`] has the store read the
//! contents, and decodes them on the threads that read them ([`judge`]). [`Search::matches`] answers for one exchange,
//! wherever its bodies are.

mod contents;
mod judge;

use std::time::{Duration, Instant};

use dashcam_exchange::{Exchange, ExchangeId, Summary};
use dashcam_filter::{Client, Facts, Filter, Marks, Moment, Parts, Truth};
use dashcam_store::{Looked, Note, ReadError, Reader, Start};

use crate::decode::Decoders;

pub use contents::{Bodies, SEARCHED};

/// How long the first step through contents takes, so that the first exchanges are soon there, and the longest one.
const FIRST_STEP: Duration = Duration::from_millis(50);
const LONGEST_STEP: Duration = Duration::from_millis(400);

/// A search through what is stored.
#[derive(Debug, Clone)]
pub struct Search {
    /// The recording.
    pub reader: Reader,
    /// Where bodies are decoded.
    pub decoders: Decoders,
    /// The filter.
    pub filter: Filter,
}

/// A part of a list.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The rows, shortened, in the direction of the list.
    pub rows: Vec<Summary>,
    /// Where the list goes on; `None` at its end.
    pub next: Option<Start>,
    /// How far the search through contents came; `None` if contents decide nothing.
    pub progress: Option<Progress>,
}

/// How far a search through contents came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Exchanges that were looked at, or that surely do not match by what is known of them.
    pub looked_at: u64,
    /// About how many are left.
    pub left: u64,
    /// Decoded bytes that were looked at.
    pub bytes: u64,
    /// Exchanges whose contents could not be read, as they are damaged.
    pub unreadable: u64,
    /// How long it took.
    pub took: Duration,
}

impl Search {
    /// At most `most` exchanges that match, from `start` on. It ends early once `until` has passed. When the future is
    /// dropped, it stops.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page(&self, start: Start, most: usize, until: Option<Instant>) -> Result<Found, ReadError> {
        if self.filter.needs().intersects(Parts::CONTENTS) {
            return self.look_into(start, most, until).await;
        }
        let page = self.reader.page(&self.filter, start, (most, until)).await?;
        let rows = page.rows.into_iter().filter(|row| row.truth == Truth::True).map(|row| row.summary);
        Ok(Found { rows: rows.collect(), next: page.next, progress: None })
    }

    /// A page, step by step through contents.
    async fn look_into(&self, start: Start, most: usize, until: Option<Instant>) -> Result<Found, ReadError> {
        let search = self.reader.look_into(&self.filter, judge::judge(&self.filter, &self.decoders));
        let (began, mut progress) = (Instant::now(), Progress::default());
        let mut found = Found { next: Some(start), ..Found::default() };
        let (mut step, mut had_turn) = (FIRST_STEP, true);
        while let Some(start) = found.next.filter(|_| found.rows.len() < most) {
            let is_over = until.is_some_and(|until| until <= Instant::now());
            if is_over && (progress.looked_at > 0 || !had_turn) {
                break;
            }
            let wanted = most - found.rows.len();
            let looked = search.step(start, wanted, (step, until)).await?;
            step = LONGEST_STEP.min(step * 2);
            had_turn = looked.had_turn;
            progress.add(&looked);
            found.rows.extend(self.rows(start, &looked, &mut progress).await?);
            found.next = looked.next;
        }
        found.progress = Some(Progress { took: began.elapsed(), ..progress });
        Ok(found)
    }

    /// The rows of the exchanges of a step that match.
    async fn rows(
        &self,
        start: Start,
        looked: &Looked,
        progress: &mut Progress,
    ) -> Result<Vec<Summary>, ReadError> {
        let ids: Vec<_> = looked.found.iter().map(|(id, _)| *id).collect();
        let mut truths = looked.found.iter();
        let mut rows = Vec::with_capacity(ids.len());
        for row in self.reader.rows(start, &ids).await? {
            // Those that are gone meanwhile have no row.
            let Some((_, truth)) = truths.find(|(id, _)| *id == row.id) else { continue };
            let is_match = match truth {
                Truth::Unknown => self.is_match(&row, progress).await?,
                truth => truth.is_true(),
            };
            rows.extend(is_match.then_some(row));
        }
        Ok(rows)
    }

    /// Returns whether the exchange of a row matches by its contents.
    async fn is_match(&self, row: &Summary, progress: &mut Progress) -> Result<bool, ReadError> {
        // It may have been deleted since its row was read.
        let Some(exchange) = self.reader.exchange(row.id).await? else { return Ok(false) };
        match self.matches((&exchange, row), &Bodies::stored(&self.reader, row.id)).await {
            Err(ReadError::Damaged(_)) => {
                progress.unreadable += 1;
                Ok(false)
            }
            answer => answer,
        }
    }

    /// The row of a stored exchange, if it matches by its contents; `None` as well if it is gone.
    pub(crate) async fn matching(&self, id: ExchangeId) -> Result<Option<Summary>, ReadError> {
        let Some(exchange) = self.reader.exchange(id).await? else { return Ok(None) };
        let pinned = self.filter.needs().contains(Parts::MARKS) && self.reader.is_pinned(id).await?;
        let row = Summary { pinned, ..exchange.summary() };
        let bodies = Bodies::stored(&self.reader, id);
        Ok(self.matches((&exchange, &row), &bodies).await?.then_some(row))
    }

    /// Returns whether an exchange with this `row` matches as it stands, with `bodies`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn matches(
        &self,
        (exchange, row): (&Exchange, &Summary),
        bodies: &Bodies,
    ) -> Result<bool, ReadError> {
        let needs = self.filter.needs();
        let (note, snapshots) = match needs.intersects(Parts::NOTE) {
            true => (self.reader.note(row.id).await?, self.reader.snapshots_of(row.id).await?),
            false => (Note::default(), Vec::new()),
        };
        let marks =
            Marks { pinned: row.pinned, tags: &note.tags, comment: &note.comment, snapshots: &snapshots };
        let facts = Facts::of_exchange(exchange, Moment::End).with_marks(marks);
        let facts = row.program.as_deref().map_or(facts, |program| facts.with_program(program));
        match self.filter.evaluate(&facts) {
            Truth::Unknown => {}
            certain => return Ok(certain.is_true()),
        }
        let id = exchange.connection.filter(|_| needs.intersects(Parts::CONNECTION | Parts::PROGRAM));
        let connection = match id {
            Some(id) => self.reader.connection(id).await?,
            None => None,
        };
        let facts = facts.with_client(connection.as_ref().map(Client::from));
        match self.filter.evaluate(&facts) {
            Truth::Unknown => {}
            certain => return Ok(certain.is_true()),
        }
        let contents = bodies.read(&self.reader, &self.decoders, exchange, needs).await?;
        Ok(self.filter.evaluate(&contents.added_to(facts, needs)).is_true())
    }

    /// Exchanges that match, the newest `most` of those below `before`, without a limit of time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn newest(&self, before: Option<ExchangeId>, most: usize) -> Result<Vec<Summary>, ReadError> {
        Ok(self.page(before.map_or(Start::NEWEST, Start::Before), most, None).await?.rows)
    }
}

impl Progress {
    fn add(&mut self, looked: &Looked) {
        self.looked_at += looked.exchanges;
        self.left = looked.left;
        self.bytes += looked.bytes;
        self.unreadable += looked.unreadable;
    }
}
