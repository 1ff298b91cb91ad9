//! Exchanges that match a filter, also where the contents of their bodies and messages decide.
//!
//! The store decides by what is recorded of an exchange. [`Search`] reads and decodes the contents of those about which
//! that does not decide, one exchange at a time.

mod contents;

use std::time::Instant;

use dashcam_exchange::{Exchange, ExchangeId, Summary};
use dashcam_filter::{Client, Facts, Filter, Marks, Moment, Parts, Truth};
use dashcam_store::{Note, ReadError, Reader, Start};

use crate::decode::Decoders;

pub use contents::{Bodies, SEARCHED};

/// Exchanges that are asked for at once where their contents decide: reading one takes longer than its row.
const AT_ONCE: usize = 32;

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
}

impl Search {
    /// At most `most` exchanges that match, from `start` on. It ends early once `until` has passed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page(&self, start: Start, most: usize, until: Option<Instant>) -> Result<Found, ReadError> {
        let at_once = if self.filter.needs().intersects(Parts::CONTENTS) { AT_ONCE } else { usize::MAX };
        let mut found = Found { rows: Vec::new(), next: Some(start) };
        while let Some(start) = found.next.filter(|_| found.rows.len() < most) {
            let wanted = (most - found.rows.len()).min(at_once);
            let page = self.reader.page(&self.filter, start, (wanted, until)).await?;
            found.next = page.next;
            for row in page.rows {
                if row.truth == Truth::True || self.is_match(&row.summary).await? {
                    found.rows.push(row.summary);
                }
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                break;
            }
        }
        Ok(found)
    }

    /// Returns whether the exchange of a row matches by its contents.
    async fn is_match(&self, row: &Summary) -> Result<bool, ReadError> {
        // It may have been deleted since its row was read.
        let Some(exchange) = self.reader.exchange(row.id).await? else { return Ok(false) };
        self.matches((&exchange, row), &Bodies::stored(&self.reader, row.id)).await
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
        let note = match needs.intersects(Parts::NOTE) {
            true => self.reader.note(row.id).await?,
            false => Note::default(),
        };
        let marks = Marks { pinned: row.pinned, tags: &note.tags, comment: &note.comment };
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
