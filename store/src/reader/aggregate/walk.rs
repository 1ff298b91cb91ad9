//! The walk that all figures are made of.

use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_filter::{Filter, Truth};
use rusqlite::{Connection, OptionalExtension as _};

use super::tally::Tally;
use crate::StoreError;
use crate::reader::cost::{Cost, Patience};
use crate::reader::scan::{Scan, Way};

/// A tally after a walk through a recording, or a part of it.
#[derive(Debug)]
pub struct Tallied {
    /// The tally, with the exchanges that surely match.
    pub tally: Tally,
    /// Exchanges that were met of which only the contents of their bodies or messages tell, newest first. The tally does
    /// not have them.
    pub unsure: Vec<ExchangeId>,
    /// The walk goes on below this exchange; `None` if all that can match was looked at.
    pub next: Option<ExchangeId>,
    /// When the oldest exchange began that was looked at, where there are more.
    pub reached: Option<Timestamp>,
    /// The walk's coverage, and its cost.
    pub cost: Cost,
}

/// Adds the exchanges that match to `tally`, newest first, from below `before` on. It ends when the time is over, and once
/// there are `most` or more exchanges of which only contents tell.
pub(super) fn walk(
    (connection, filter): (&Connection, &Filter),
    mut tally: Tally,
    before: Option<ExchangeId>,
    (most, patience): (usize, &Patience),
) -> Result<Tallied, StoreError> {
    let start = before.map_or(i64::MAX, |id| id.0.saturating_sub(1));
    let mut scan = Scan::new((connection, filter), tally.wanted(), Way::Older, start)?;
    let (mut unsure, mut rows) = (Vec::new(), Vec::new());
    while unsure.len() < most
        && let Some(stretch) = scan.next(patience)?
    {
        rows.clear();
        for (row, truth) in &stretch.found {
            let id = stretch.id(*row);
            if tally.passes_over(id) {
                continue;
            }
            match truth {
                Truth::True => rows.push(*row),
                _ => unsure.push(ExchangeId(id)),
            }
        }
        tally.add_stretch(connection, &stretch, &rows)?;
    }
    let next = scan.position().map(|position| position.saturating_add(1));
    let reached = next.map(|next| began(connection, next)).transpose()?.flatten();
    let cost = scan.cost(patience, next.is_none());
    Ok(Tallied { tally, unsure, next: next.map(ExchangeId), reached, cost })
}

/// When the first exchange from `id` on began.
fn began(connection: &Connection, id: i64) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT started_at FROM exchange_rows WHERE id >= ? ORDER BY id LIMIT 1";
    let began: Option<i64> = connection.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?;
    Ok(began.map(Timestamp))
}
