//! Exchanges of somebody who holds more than an even share: their oldest go before anybody else's.

use std::collections::HashSet;

use rusqlite::Connection;

use super::holdings::{BITS, Heavy, Holder, Holdings, Measure, block_of};
use super::oldest::{EXCHANGES, MESSAGES};
use super::window::ROWS;
use crate::StoreError;
use crate::rows::deletion::{self, BYTES, Expired};
use crate::rows::deletions::Cause;

const BLOCK: &str = "SELECT id, connection, host, state = 'open', \
    EXISTS (SELECT 1 FROM pins WHERE exchange = id), request_stored + response_stored, started_at, \
    upstream_connection, keep_until IS NOT NULL FROM exchange_rows WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?";
const OPEN: &str = "SELECT id FROM exchange_rows WHERE state = 'open' \
    AND NOT EXISTS (SELECT 1 FROM pins WHERE exchange = id) ORDER BY id LIMIT 64";
/// Connections of exchanges that go, unless they may serve more of them, or have served some that stay. Those to upstreams
/// serve others as well, and go by their number and age.
const CLOSED: &str = "DELETE FROM connections WHERE id = ?1 AND closed_at < ?2 \
    AND NOT EXISTS (SELECT 1 FROM pins JOIN exchange_rows AS e ON e.id = pins.exchange WHERE e.connection = ?1) \
    AND NOT EXISTS (SELECT 1 FROM exchange_rows AS e WHERE e.state = 'open' AND e.connection = ?1)";

/// The holders and how much each has, and how far it was taken from whoever holds too much.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    pub(crate) holdings: Holdings,
    walk: Option<Walk>,
    /// Exchanges under way of which nothing more is to be stored but messages.
    pub(super) cut: Vec<i64>,
}

/// Where the oldest exchanges of somebody are.
#[derive(Debug)]
struct Walk {
    heavy: Heavy,
    /// Exchanges with lower numbers were looked at.
    from: i64,
    /// Nothing has gone since it began at the first one.
    is_vain: bool,
    /// Exchanges that their rules keep are spared.
    spares: bool,
    /// Some were since it began at the first one.
    has_spared: bool,
}

/// The exchanges that were deleted, and what they leave to do.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(super) exchanges: u64,
    /// Bodies are left to be swept.
    pub(super) marked: bool,
    /// Messages of exchanges under way.
    pub(super) messages: bool,
}

/// An exchange of a block.
struct Row {
    id: i64,
    holder: Holder,
    is_open: bool,
    is_pinned: bool,
    /// Its rule keeps it.
    is_kept: bool,
    bytes: i64,
    started_at: i64,
    connections: [Option<i64>; 2],
}

/// The findings of one look at a block.
#[derive(Default)]
struct Found {
    doomed: Vec<Expired>,
    holders: Vec<Holder>,
    bytes: i64,
    open: Vec<(i64, Holder)>,
    /// Some were spared.
    spared: bool,
    /// Connections of those that go, and of those that stay.
    gone: [HashSet<i64>; 2],
    named: [HashSet<i64>; 2],
    /// When the last of those that go began.
    until: i64,
}

impl Walk {
    fn begin(heavy: Heavy) -> Self {
        Self { heavy, from: 0, is_vain: true, spares: true, has_spared: false }
    }

    /// Begins at the first one again, and spares none.
    fn spare_none(&mut self) {
        (self.from, self.is_vain, self.spares, self.has_spared) = (0, true, false, false);
    }
}

impl Shares {
    /// Deletes some of the oldest exchanges of the heaviest holder, at most `most` of them, within the transaction that
    /// the caller has begun; `None` if nobody is heavy, or nothing of theirs may go.
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        measure: Measure,
        most: usize,
    ) -> Result<Option<Taken>, StoreError> {
        let same = self.walk.take().filter(|walk| self.holdings.is_heavy(&walk.heavy, measure));
        let begin = || self.holdings.heaviest(measure).map(Walk::begin);
        let Some(mut at) = same.or_else(begin) else { return Ok(None) };
        let mut looked = 0;
        while looked < ROWS {
            let Some(block) = self.holdings.block_with(&at.heavy, block_of(at.from)) else {
                match (at.is_vain, at.spares && at.has_spared) {
                    (true, false) => return Ok(None),
                    (true, true) => at.spare_none(),
                    // Some may have ended that were under way when they were looked at.
                    (false, _) => at = Walk::begin(at.heavy),
                }
                continue;
            };
            at.from = at.from.max(block << BITS);
            let (found, seen) = look(connection, &mut self.holdings, &mut at, most.min(EXCHANGES))?;
            looked += seen;
            at.has_spared |= found.spared;
            let taken = self.delete(connection, (&at.heavy, measure), &found)?;
            if block_of(at.from) > block && found.open.is_empty() && !found.spared {
                self.holdings.strip(block, &at.heavy);
            }
            self.holdings.store(connection, std::iter::once(block))?;
            if taken.exchanges > 0 || taken.messages {
                self.walk = Some(Walk { is_vain: false, ..at });
                return Ok(Some(taken));
            }
        }
        // There may be more behind what was looked at. But what comes does not wait: where nothing else is near, those go
        // that were spared.
        if at.spares && at.has_spared {
            at.spare_none();
        }
        self.walk = Some(at);
        Ok(Some(Taken::default()))
    }

    /// Deletes the oldest messages of exchanges under way, where all else is gone that may go; `None` if they have few.
    pub(super) fn take_from_open(&mut self, connection: &Connection) -> Result<Option<Taken>, StoreError> {
        let open = connection
            .prepare_cached(OPEN)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<i64>, _>>()?;
        let mut taken = Taken::default();
        for id in open {
            if let Some(holder) = self.holdings.holder_at(connection, id)? {
                taken.messages |= self.lighten(connection, id, &holder)?;
            }
        }
        Ok(taken.messages.then_some(taken))
    }

    /// Deletes some of the oldest messages of an exchange under way; `false` if it has few.
    fn lighten(&mut self, connection: &Connection, id: i64, holder: &Holder) -> Result<bool, StoreError> {
        let bytes = deletion::oldest_messages(connection, id)?;
        self.holdings.lighten(id, holder, bytes);
        // Nothing more of its bodies is stored either.
        self.cut.push(id);
        Ok(bytes > 0)
    }

    fn delete(
        &mut self,
        connection: &Connection,
        (heavy, measure): (&Heavy, Measure),
        found: &Found,
    ) -> Result<Taken, StoreError> {
        let mut taken = Taken::default();
        if found.doomed.is_empty() {
            // Without their messages there are as many exchanges.
            for (id, holder) in found.open.iter().filter(|_| measure == Measure::Bytes) {
                taken.messages |= self.lighten(connection, *id, holder)?;
            }
            return Ok(taken);
        }
        (taken.exchanges, taken.marked) = deletion::picked(connection, &found.doomed, Some(Cause::Bounds))?;
        for (doomed, holder) in found.doomed.iter().zip(&found.holders) {
            self.holdings.remove(doomed.id, holder);
        }
        // What a client closed before the last of them began has served none that is left.
        let closed = found.gone[0].difference(&found.named[0]).filter(|_| matches!(heavy, Heavy::Client(_)));
        for id in closed {
            connection.prepare_cached(CLOSED)?.execute([*id, found.until])?;
        }
        Ok(taken)
    }
}

/// Looks at a part of a block, from where `at` is on; says how many rows that were.
fn look(
    connection: &Connection,
    holdings: &mut Holdings,
    at: &mut Walk,
    most: usize,
) -> Result<(Found, usize), StoreError> {
    let end = (block_of(at.from) + 1) << BITS;
    let mut statement = connection.prepare_cached(BLOCK)?;
    let mut rows = statement.query([at.from, end - 1, i64::try_from(ROWS).unwrap_or(i64::MAX)])?;
    let (mut found, mut seen) = (Found::default(), 0);
    while let Some(row) = rows.next()? {
        seen += 1;
        let row = Row::read(connection, holdings, row)?;
        let is_spared = at.spares && row.is_kept;
        let is_doomed = at.heavy.is(&row.holder) && !row.is_pinned && !row.is_open && !is_spared;
        found.spared |= is_spared && at.heavy.is(&row.holder) && !row.is_pinned;
        if is_doomed {
            let messages: i64 = connection.prepare_cached(MESSAGES)?.query_row([row.id], |row| row.get(0))?;
            let bytes = row.bytes + messages;
            let is_full = found.doomed.len() >= most || found.bytes + bytes > BYTES;
            if is_full && !found.doomed.is_empty() {
                return Ok((found, seen));
            }
            found.bytes += bytes;
            found.until = row.started_at;
            found.doomed.push(Expired { id: row.id, large: bytes > BYTES });
            found.holders.push(row.holder);
        } else if row.is_open && !row.is_pinned && at.heavy.is(&row.holder) {
            found.open.push((row.id, row.holder));
        }
        let named = if is_doomed { &mut found.gone } else { &mut found.named };
        named.iter_mut().zip(row.connections).for_each(|(all, one)| all.extend(one));
        at.from = row.id + 1;
    }
    if seen < ROWS {
        at.from = end;
    }
    Ok((found, seen))
}

impl Row {
    fn read(
        connection: &Connection,
        holdings: &mut Holdings,
        row: &rusqlite::Row<'_>,
    ) -> Result<Self, StoreError> {
        let (connected, host): (Option<i64>, &str) = (row.get(1)?, row.get_ref(2)?.as_str().unwrap_or(""));
        Ok(Self {
            id: row.get(0)?,
            holder: holdings.holder_of(connection, connected, host)?,
            is_open: row.get(3)?,
            is_pinned: row.get(4)?,
            bytes: row.get(5)?,
            started_at: row.get(6)?,
            connections: [connected, row.get(7)?],
            is_kept: row.get(8)?,
        })
    }
}
