//! Rows of `arrivals`: when the bytes of bodies came, a stretch of a body a row. Their keys are like those of `body_rows`,
//! and number stretches rather than pieces.

use std::sync::LazyLock;

use dashcam_exchange::Direction;

use crate::rows::body_key::{BITS, direction_of};
use crate::rows::table::Table;
use crate::rows::values::Values;

/// A stretch that is there already comes from a transaction of which nobody knew that it survived.
pub(crate) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR REPLACE", "arrivals", "key, data"));

pub(crate) const OF: &str = "DELETE FROM arrivals WHERE key BETWEEN ? AND ?";
/// One step of sweeping.
pub(crate) const SWEEP: &str = "DELETE FROM arrivals WHERE key IN (SELECT arrival.key FROM orphans AS orphan \
    CROSS JOIN arrivals AS arrival ON arrival.key BETWEEN (orphan.exchange << 22) AND (orphan.exchange << 22 | 4194303) \
    WHERE orphan.deleted = 1 LIMIT 1024)";
/// Some stretches of a body. NULL stands for more bytes than any dashcam writes.
pub(crate) const SOME: &str = "SELECT key, CASE WHEN octet_length(data) <= 1048576 THEN data END FROM arrivals \
    WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 64";

/// A stretch on its way into the database.
#[derive(Debug)]
pub(crate) struct ArrivalsRow {
    pub(crate) key: i64,
    pub(crate) data: Vec<u8>,
}

impl ArrivalsRow {
    /// The exchange's id.
    pub(crate) fn exchange(&self) -> i64 {
        self.key >> BITS
    }

    /// Of which of its bodies.
    pub(crate) fn direction(&self) -> Direction {
        direction_of(self.key)
    }
}

pub(crate) fn bind<'r>(row: &'r ArrivalsRow, values: &mut Values<'_, '_, 'r>) {
    values.push(row.key);
    values.push(row.data.as_slice());
}
