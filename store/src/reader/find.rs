//! Pages and counts of the exchanges that match a filter.

use std::time::Duration;

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

/// How many exchanges match a filter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Those that match, of those that were looked at.
    pub count: u64,
    /// Those that may, as only the contents of their bodies or messages tell.
    pub unsure: u64,
    /// About how many of all match; `count` itself if it is complete.
    pub estimate: u64,
    /// Its coverage, and its cost.
    pub cost: Cost,
}

/// The exchanges of a page.
pub(super) struct Found {
    /// Their ids in the direction of the list, and whether they match for sure.
    pub(super) matches: Vec<(i64, Truth)>,
    pub(super) next: Option<Start>,
    pub(super) cost: Cost,
}

impl Reader {
    /// How many exchanges match `filter`. Where it takes longer than `within`, the newest are counted, and the rest is
    /// estimated. When the future is dropped, it stops.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count_found(&self, filter: &Filter, within: Duration) -> Result<Counted, ReadError> {
        let (patience, _waiting) = Patience::begin(within);
        let filter = filter.clone();
        let look = move |connection: &Connection| count(connection, &filter, &patience);
        Ok(self.0.search(look).await?)
    }
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

/// The exchanges of a page, as [`Reader::page`] describes it.
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
    let (mut matches, mut last, endless) = (Vec::new(), None, patience.without_end());
    while matches.len() < most {
        let patience = if matches.is_empty() { &endless } else { patience };
        let Some(stretch) = scan.next(patience)? else { break };
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

fn count(connection: &Connection, filter: &Filter, patience: &Patience) -> Result<Counted, StoreError> {
    let mut scan = Scan::new((connection, filter), Wanted::NONE, Way::Older, i64::MAX)?;
    let (mut count, mut unsure) = (0, 0);
    while let Some(stretch) = scan.next(patience)? {
        let sure = stretch.found.iter().filter(|(_, truth)| truth.is_true()).count() as u64;
        (count, unsure) = (count + sure, unsure + stretch.found.len() as u64 - sure);
    }
    let is_complete = scan.position().is_none();
    let cost = scan.cost(patience, is_complete);
    let estimate = match is_complete {
        true => count,
        false => {
            let all: i64 = connection.query_row("SELECT exchanges FROM meta", [], |row| row.get(0))?;
            (count as f64 * all as f64 / cost.looked_at.max(1) as f64).round().max(count as f64) as u64
        }
    };
    Ok(Counted { count, unsure, estimate, cost })
}
