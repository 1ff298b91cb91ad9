//! The walk that all figures are made of.

use dashcam_exchange::Timestamp;
use dashcam_filter::{Filter, Truth};
use rusqlite::Connection;

use crate::StoreError;
use crate::reader::cost::{Cost, Patience};
use crate::reader::scan::{Scan, Stretch, Way};
use crate::rows::segment::{Column, Segment, Wanted};

/// The exchanges that figures are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Covered {
    /// How many there are.
    pub exchanges: u64,
    /// How many more there may be, as only the contents of their bodies or messages tell. No figure counts them.
    pub unsure: u64,
    /// When the first of them began, and the last; `None` if there are none.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Exchanges that were dropped within that time, and are in no figure.
    pub lost: u64,
    /// How many were looked at, and how long it took.
    pub cost: Cost,
}

/// The parts of an exchange that say whether it went wrong.
pub(super) const ERRORS: Wanted = Wanted::column(Column::Status).and(Wanted::column(Column::Outcome));

/// Looks through all exchanges that match, newest first. `add` has each stretch, with what is `wanted` of its exchanges,
/// and the places of those that match.
pub(super) fn each(
    (connection, filter): (&Connection, &Filter),
    wanted: Wanted,
    patience: &Patience,
    mut add: impl FnMut(&Connection, &Stretch, &[usize]) -> Result<(), StoreError>,
) -> Result<Covered, StoreError> {
    let mut scan = Scan::new((connection, filter), wanted, Way::Older, i64::MAX)?;
    let (mut covered, mut span, mut rows) = (Covered::default(), None, Vec::new());
    while let Some(stretch) = scan.next(patience)? {
        rows.clear();
        for (row, truth) in &stretch.found {
            match truth {
                Truth::True => rows.push(*row),
                _ => covered.unsure += 1,
            }
        }
        for row in &rows {
            let at = stretch.segment.numbers.of(Column::StartedAt)[*row];
            span = Some(span.map_or((at, at), |(first, last): (i64, i64)| (first.min(at), last.max(at))));
        }
        covered.exchanges += rows.len() as u64;
        add(connection, &stretch, &rows)?;
    }
    covered.cost = scan.cost(patience, scan.position().is_none());
    if let Some((first, last)) = span {
        covered.span = Some((Timestamp(first), Timestamp(last)));
        let sql = "SELECT coalesce(sum(exchanges), 0) FROM gaps WHERE until_at >= ? AND from_at <= ?";
        let lost: i64 = connection.query_row(sql, [first, last], |row| row.get(0))?;
        covered.lost = lost.unsigned_abs();
    }
    Ok(covered)
}

/// Returns whether an exchange went wrong: it failed, or the server said that it could not do it (5xx).
pub(super) fn is_error(segment: &Segment, row: usize) -> bool {
    let name = |column| usize::try_from(segment.numbers.of(column)[row]).unwrap_or_default();
    let names = &segment.names;
    names.statuses[name(Column::Status)].is_some_and(|status| status >= 500)
        || names.outcomes[name(Column::Outcome)].failure.is_some()
}
