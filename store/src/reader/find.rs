//! Pages of the exchanges that match a filter.

use dashcam_exchange::ExchangeId;
use dashcam_filter::{Filter, Truth};
use rusqlite::Connection;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::cost::{Cost, Patience};
use crate::reader::error::ReadError;
use crate::reader::list::Start;
use crate::reader::scan::{Scan, Way};
use crate::rows::segment::Wanted;

/// The exchanges of a page.
pub(super) struct Found {
    /// Their ids in the direction of the list, and whether they match for sure.
    pub(super) matches: Vec<(i64, Truth)>,
    pub(super) next: Option<Start>,
    pub(super) cost: Cost,
}

impl Reader {
    /// How many exchanges have their facts packed, so that they are found without reading their rows.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn indexed(&self) -> Result<u64, ReadError> {
        let sql = "SELECT coalesce(sum(exchanges), 0) FROM segments";
        let indexed: i64 = sqlx::query_scalar(sql).fetch_one(&*self.0.readers().await?).await?;
        Ok(indexed.unsigned_abs())
    }
}

/// The exchanges of a page, as [`Reader::page`] describes it. Each looks at some, so that a list comes to its end.
pub(super) fn find(
    (connection, filter): (&Connection, &Filter),
    start: Start,
    most: usize,
    patience: &Patience,
) -> Result<Found, StoreError> {
    let (way, first) = match start {
        Start::Before(ExchangeId(id)) => (Way::Older, id.saturating_sub(1)),
        Start::After(ExchangeId(id)) => (Way::Newer, id.saturating_add(1)),
    };
    let mut scan = Scan::new((connection, filter), Wanted::NONE, way, first)?;
    let (mut matches, mut last) = (Vec::new(), None);
    let mut first = scan.first()?;
    while matches.len() < most {
        let stretch = match first.take() {
            Some(stretch) => Some(stretch),
            None => scan.next(patience)?,
        };
        let Some(stretch) = stretch else { break };
        let room = most - matches.len();
        matches.extend(stretch.found.iter().take(room).map(|(row, truth)| (stretch.id(*row), *truth)));
        if stretch.found.len() >= room {
            last = matches.last().map(|(id, _)| *id);
        }
    }
    // Else it stopped between two stretches.
    let stopped =
        scan.position().map(|id| if way == Way::Older { id.saturating_add(1) } else { id.saturating_sub(1) });
    let next = last.or(stopped).map(|id| start.at(ExchangeId(id)));
    let is_complete = next.is_none() || matches.len() == most;
    Ok(Found { matches, next, cost: scan.cost(patience, is_complete) })
}
