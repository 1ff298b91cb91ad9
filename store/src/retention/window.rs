//! Where the oldest exchanges are that may go, so that those that stay are passed once and not at every step.

use std::collections::BTreeSet;

use roaring::RoaringTreemap;
use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;

/// Rows that are looked at in one step at most.
pub(super) const ROWS: usize = 1024;
/// The most numbers that are remembered one by one.
const REMEMBERED: usize = 4096;

pub(crate) const NEXT: &str = "SELECT id, started_at, state <> 'open' AND keep_until IS NULL \
    AND NOT EXISTS (SELECT 1 FROM pins WHERE exchange = id), \
    request_stored + response_stored FROM exchange_rows WHERE id >= ? ORDER BY id LIMIT ?";
const ONE: &str = "SELECT id, started_at, state <> 'open' AND keep_until IS NULL \
    AND NOT EXISTS (SELECT 1 FROM pins WHERE exchange = id), \
    request_stored + response_stored FROM exchange_rows WHERE id = ?";
const NAMED: &str = "SELECT connection, upstream_connection FROM exchange_rows WHERE id = ?";

/// Knowledge of the oldest exchanges.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Those with lower numbers stay, but for those in `below`.
    pub(super) from: i64,
    /// Lower numbers that may be of exchanges that go: they were unpinned, or they ended.
    below: BTreeSet<i64>,
    /// Connections that exchanges name which were passed, to clients and to upstreams. Those of an exchange that goes
    /// later stay in here, as others may name them: until the next start.
    pub(super) named: [RoaringTreemap; 2],
    /// Connections with lower numbers were looked at, and stay.
    pub(super) connections_from: [i64; 2],
}

/// An exchange that may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) started_at: i64,
    /// Bytes of its bodies.
    pub(super) bytes: i64,
}

/// The rows that [`Window::rows`] saw.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The oldest exchanges that may go, in their order.
    pub(super) rows: Vec<Row>,
    /// There are none behind them.
    pub(super) is_all: bool,
}

impl Window {
    /// An exchange may go that perhaps was passed.
    pub(super) fn add(&mut self, id: i64) {
        if id >= self.from {
            return;
        }
        self.below.insert(id);
        if self.below.len() > REMEMBERED {
            self.from = self.below.first().copied().unwrap_or(0);
            self.below.clear();
        }
    }

    /// Returns whether it is known which exchanges were passed and stay.
    pub(super) fn is_settled(&self) -> bool {
        self.below.is_empty()
    }

    /// Looks at a part of the exchanges, from the oldest that may go on, until `most` were found.
    pub(super) fn rows(&mut self, connection: &Connection, most: usize) -> Result<Seen, StoreError> {
        let mut seen = Seen::default();
        self.look_below(connection, most, &mut seen)?;
        let mut statement = connection.prepare_cached(NEXT)?;
        let mut rows = statement.query([self.from, i64::try_from(ROWS).unwrap_or(i64::MAX)])?;
        let (mut looked, mut leading) = (0, true);
        while seen.rows.len() < most {
            let Some(row) = rows.next()? else {
                seen.is_all = looked < ROWS;
                break;
            };
            looked += 1;
            let (row, may_go) = read(row)?;
            if may_go {
                seen.rows.push(row);
                leading = false;
            } else if leading {
                self.pass(connection, row.id)?;
                self.from = row.id + 1;
            }
        }
        Ok(seen)
    }

    fn look_below(
        &mut self,
        connection: &Connection,
        most: usize,
        seen: &mut Seen,
    ) -> Result<(), StoreError> {
        let ids: Vec<i64> = self.below.iter().copied().take(most).collect();
        for id in ids {
            match connection.prepare_cached(ONE)?.query_row([id], read).optional()? {
                Some((row, true)) => seen.rows.push(row),
                Some((_, false)) => {
                    self.below.remove(&id);
                    self.pass(connection, id)?;
                }
                None => {
                    self.below.remove(&id);
                }
            }
        }
        Ok(())
    }

    /// The exchange stays, and so do its connections.
    fn pass(&mut self, connection: &Connection, id: i64) -> Result<(), StoreError> {
        let named = |row: &rusqlite::Row<'_>| Ok([row.get(0)?, row.get(1)?]);
        let named: [Option<i64>; 2] = connection.prepare_cached(NAMED)?.query_row([id], named)?;
        for (all, one) in self.named.iter_mut().zip(named) {
            all.extend(one.map(i64::cast_unsigned));
        }
        Ok(())
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<(Row, bool)> {
    let [id, started_at, bytes] = [row.get(0)?, row.get(1)?, row.get(3)?];
    Ok((Row { id, started_at, bytes }, row.get(2)?))
}
