//! Pages and counts of the exchanges that match a filter.

use std::time::Duration;

use dashcam_exchange::{ExchangeId, Summary};
use dashcam_filter::{Filter, Truth};
use rusqlite::Connection;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::cost::{Cost, Patience};
use crate::reader::error::ReadError;
use crate::reader::scan::{Scan, Way};

/// The beginning of a page, and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// Newest first, from the newest exchange on.
    Newest,
    /// Newest first, below an exchange.
    Before(ExchangeId),
    /// Oldest first, above an exchange.
    After(ExchangeId),
}

/// A page of the exchanges that match a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundPage {
    /// The exchanges, in the order that was asked for; their texts are whole.
    pub rows: Vec<Summary>,
    /// Those of them of which only the contents of their bodies or messages tell whether they match.
    pub unsure: Vec<ExchangeId>,
    /// The last exchange that was looked at, where there is more behind it: the next page begins there. There may be one
    /// also behind a page that is short, or empty: the time was over.
    pub next: Option<ExchangeId>,
    /// Its coverage, and its cost.
    pub cost: Cost,
}

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

/// The part of a page that is made without the rows of a list.
struct Found {
    ids: Vec<i64>,
    unsure: Vec<ExchangeId>,
    next: Option<ExchangeId>,
    cost: Cost,
}

impl Reader {
    /// At most `limit` exchanges that match `filter`, and those of which their contents tell. Where it takes longer than
    /// `within`, it answers with what it has. When the future is dropped, it stops.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn find(
        &self,
        filter: &Filter,
        from: From,
        limit: u32,
        within: Duration,
    ) -> Result<FoundPage, ReadError> {
        let (patience, _waiting) = Patience::begin(within);
        let filter = filter.clone();
        let look =
            move |connection: &Connection| find(connection, &filter, from, (limit as usize, &patience));
        let Found { ids, unsure, next, cost } = self.0.search(look).await?;
        let mut rows = self.summaries(&ids).await?;
        if matches!(from, From::Newest | From::Before(_)) {
            rows.reverse();
        }
        Ok(FoundPage { rows, unsure, next, cost })
    }

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

fn find(
    connection: &Connection,
    filter: &Filter,
    from: From,
    (limit, patience): (usize, &Patience),
) -> Result<Found, StoreError> {
    let (way, start) = match from {
        From::Newest => (Way::Older, i64::MAX),
        From::Before(ExchangeId(id)) => (Way::Older, id.saturating_sub(1)),
        From::After(ExchangeId(id)) => (Way::Newer, id.saturating_add(1)),
    };
    let mut scan = Scan::new(connection, filter, way, start)?;
    let (mut ids, mut unsure, mut next) = (Vec::new(), Vec::new(), None);
    'pages: while limit > 0
        && let Some(stretch) = scan.next(patience)?
    {
        for (row, truth) in &stretch.found {
            let id = stretch.id(*row);
            let truth = scan.judge(&stretch, *row, *truth)?;
            if truth != Truth::False {
                unsure.extend((truth == Truth::Unknown).then_some(ExchangeId(id)));
                ids.push(id);
            }
            if ids.len() == limit || patience.is_over() {
                next = Some(ExchangeId(id));
                break 'pages;
            }
        }
    }
    // It stopped between two stretches: the time was over.
    let stopped = scan.position().map(|id| ExchangeId(if way == Way::Older { id + 1 } else { id - 1 }));
    let next = next.or(stopped);
    let is_complete = next.is_none() || ids.len() == limit;
    Ok(Found { ids, unsure, next, cost: scan.cost(patience, is_complete) })
}

fn count(connection: &Connection, filter: &Filter, patience: &Patience) -> Result<Counted, StoreError> {
    let mut scan = Scan::new(connection, filter, Way::Older, i64::MAX)?;
    let (mut count, mut unsure) = (0, 0);
    let mut is_complete = true;
    while let Some(stretch) = scan.next(patience)? {
        for (row, truth) in &stretch.found {
            match scan.judge(&stretch, *row, *truth)? {
                Truth::True => count += 1,
                Truth::Unknown => unsure += 1,
                Truth::False => {}
            }
        }
        is_complete = !patience.is_over();
    }
    is_complete &= scan.position().is_none();
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
