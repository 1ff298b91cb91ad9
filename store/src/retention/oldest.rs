//! Which exchanges go first.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use super::bounds::Retention;
use super::holdings::Measure;
use super::window::{ROWS, Row, Window};
use crate::StoreError;
use crate::rows::deletion::{BYTES, Expired};

/// Exchanges that go in one step at most.
pub(super) const EXCHANGES: usize = 256;

/// Bytes of an exchange's messages. Read of those only that go: an exchange may have very many.
pub(super) const MESSAGES: &str = "SELECT coalesce(sum(length(data)), 0) FROM messages WHERE exchange = ?";

/// The bounds that are exceeded.
#[derive(Debug, Default)]
pub(super) struct Due {
    /// The database is too full.
    pub(super) is_full: bool,
    /// Exchanges that began before are too old.
    before: Option<i64>,
    /// So many are too many.
    surplus: usize,
}

/// The exchanges to delete.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing is due, or nothing may go.
    Nothing,
    /// Only exchanges that stay were seen so far.
    Passed,
    /// Some, as many as go in one step.
    Expired(Vec<Expired>),
}

impl Due {
    /// Looks at age and number.
    pub(super) fn look(connection: &Connection, bounds: &Retention, pinned: i64) -> Result<Self, StoreError> {
        let before =
            bounds.age.map(|age| now().saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX)));
        let surplus = match bounds.exchanges {
            None => 0,
            Some(most) => {
                let sql = "SELECT exchanges FROM meta";
                let stored: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
                let most = i64::try_from(most).unwrap_or(i64::MAX);
                usize::try_from(stored.saturating_sub(pinned).saturating_sub(most)).unwrap_or(0)
            }
        };
        Ok(Self { is_full: false, before, surplus })
    }

    /// By what the exchanges of somebody are measured who may hold too much, and how many of them may go.
    pub(super) fn measure(&self) -> (Measure, usize) {
        if self.is_full { (Measure::Bytes, EXCHANGES) } else { (Measure::Exchanges, self.surplus) }
    }

    /// How many of those go that their rules keep, where no others are left: as many as are wanted, whatever their age.
    pub(super) fn wanted(&self) -> usize {
        self.measure().1
    }

    /// Returns whether an exchange that began then is too old.
    pub(super) fn is_old(&self, started_at: i64) -> bool {
        self.before.is_some_and(|before| started_at < before)
    }

    fn is_nothing(&self) -> bool {
        !self.is_full && self.before.is_none() && self.surplus == 0
    }
}

/// How many exchanges are pinned.
pub(super) fn pinned(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached("SELECT count(*) FROM pins")?.query_row([], |row| row.get(0))?)
}

/// The oldest exchanges that are due.
pub(super) fn find(connection: &Connection, window: &mut Window, due: &Due) -> Result<Found, StoreError> {
    if due.is_nothing() {
        return Ok(Found::Nothing);
    }
    // Numbers ascend with time, or nearly so: of age more are looked at than go.
    let most = if due.is_full || due.before.is_none() { EXCHANGES } else { ROWS };
    let seen = window.rows(connection, most)?;
    if seen.rows.is_empty() {
        return Ok(if seen.is_all { Found::Nothing } else { Found::Passed });
    }
    let old = seen.rows.iter().rposition(|row| due.is_old(row.started_at)).map_or(0, |last| last + 1);
    let due = if due.is_full { EXCHANGES } else { old.max(due.surplus).min(EXCHANGES) };
    let (mut doomed, mut all) = (Vec::new(), 0);
    for Row { id, bytes, .. } in seen.rows.iter().take(due) {
        let messages: i64 = connection.prepare_cached(MESSAGES)?.query_row([id], |row| row.get(0))?;
        let bytes = bytes + messages;
        all += bytes;
        if all > BYTES && !doomed.is_empty() {
            break;
        }
        doomed.push(Expired { id: *id, large: bytes > BYTES });
    }
    Ok(if doomed.is_empty() { Found::Nothing } else { Found::Expired(doomed) })
}

/// Unix microseconds.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
