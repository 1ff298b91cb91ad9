//! Which exchanges go first.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use super::Retention;
use crate::StoreError;
use crate::delete::Doomed;

/// Exchanges that go in one step, at the most …
const EXCHANGES: i64 = 256;
/// … with so many bytes of bodies and messages, unless a single one has more.
const BYTES: i64 = 8 << 20;

/// Exchanges that are not under way.
const MAY_GO: &str = "exchange_rows WHERE state <> 'open'";

/// Up to which exchange all are too old, or too many; `None` if none is.
pub(super) fn expired(connection: &Connection, bounds: &Retention) -> Result<Option<i64>, StoreError> {
    let by_age = match bounds.age {
        None => None,
        Some(age) => {
            let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
            // Numbers ascend with time: only the oldest are looked at.
            let sql = format!(
                "SELECT max(id) FROM (SELECT id, started_at FROM {MAY_GO} ORDER BY id LIMIT 1024) \
                WHERE started_at < ?"
            );
            connection.prepare_cached(&sql)?.query_row([now().saturating_sub(age)], |row| row.get(0))?
        }
    };
    let by_number = match bounds.exchanges {
        None => None,
        Some(most) => {
            let sql = "SELECT exchanges FROM meta";
            let stored: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            let surplus = stored.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX)).clamp(0, EXCHANGES);
            let sql = format!("SELECT max(id) FROM (SELECT id FROM {MAY_GO} ORDER BY id LIMIT ?)");
            connection.prepare_cached(&sql)?.query_row([surplus], |row| row.get(0))?
        }
    };
    Ok(std::cmp::max::<Option<i64>>(by_age, by_number))
}

/// The oldest exchanges up to `last`, as many as go in one step.
pub(super) fn up_to(connection: &Connection, last: i64) -> Result<Vec<Doomed>, StoreError> {
    let sql = format!(
        "SELECT id, request_stored + response_stored \
            + (SELECT coalesce(sum(length(data)), 0) FROM messages WHERE exchange = id) \
        FROM {MAY_GO} AND id <= ? ORDER BY id LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([last, EXCHANGES])?;
    let (mut found, mut all) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let bytes: i64 = row.get(1)?;
        all += bytes;
        if all > BYTES && !found.is_empty() {
            break;
        }
        found.push(Doomed { id: row.get(0)?, large: bytes > BYTES });
    }
    Ok(found)
}

/// Unix microseconds.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
