//! Leases: rules before all others that end by themselves.

use dashcam_exchange::Timestamp;
use rusqlite::Connection;
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// A lease. What its rule is is the caller's business: here it is JSON.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lease {
    /// Its number; 0 for one that is not stored yet.
    pub id: i64,
    /// The rule.
    pub rule: Value,
    /// When it began.
    pub from: Timestamp,
    /// When it ends; `None` if no time bounds it.
    pub until: Option<Timestamp>,
    /// The most bytes of heads and bodies.
    pub max_bytes: Option<u64>,
    /// The most exchanges.
    pub max_exchanges: Option<u64>,
    /// Why, in the words of the one that asked for it.
    pub reason: Option<String>,
    /// The one that asked for it.
    pub who: String,
    /// The address from which it was asked for.
    pub address: Option<String>,
    /// The session of the page in which it was asked for.
    pub session: Option<String>,
    /// True if it goes on after a restart.
    pub persist: bool,
    /// Its use so far.
    pub used: LeaseUse,
    /// When and why it ended; `None` while it is in force.
    pub ended: Option<LeaseEnd>,
}

/// The use of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeaseUse {
    /// Bytes of heads and bodies.
    pub bytes: u64,
    /// Exchanges.
    pub exchanges: u64,
}

/// The end of a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseEnd {
    /// When it ended.
    pub at: Timestamp,
    /// Why: `time`, `bytes`, `count`, `ended`, `restart`.
    pub why: String,
}

/// Columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str = "id, rule, from_at, until_at, max_bytes, max_exchanges, reason, who, address, session, \
    persist, used_bytes, used_exchanges, ended_at, ended_why";

const USE: &str = "UPDATE leases SET used_bytes = ?, used_exchanges = ? WHERE id = ?";
const END: &str = "UPDATE leases SET ended_at = ?, ended_why = ? WHERE id = ? AND ended_at IS NULL";

/// Keeps a lease, in place of the one that has its number; a new one gets a number. Returns that.
pub(crate) fn put(connection: &Connection, lease: &Lease) -> Result<i64, StoreError> {
    let size = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let sql = format!(
        "INSERT OR REPLACE INTO leases ({COLUMNS}) VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    );
    connection.prepare_cached(&sql)?.execute(rusqlite::params![
        lease.id,
        lease.rule.to_string(),
        lease.from.0,
        lease.until.map(|until| until.0),
        lease.max_bytes.map(size),
        lease.max_exchanges.map(size),
        lease.reason,
        lease.who,
        lease.address,
        lease.session,
        lease.persist,
        size(lease.used.bytes),
        size(lease.used.exchanges),
        lease.ended.as_ref().map(|end| end.at.0),
        lease.ended.as_ref().map(|end| &end.why),
    ])?;
    Ok(connection.last_insert_rowid())
}

/// Notes what leases have used, each by its number.
pub(crate) fn note_use(connection: &Connection, used: &[(i64, LeaseUse)]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(USE)?;
    for (id, LeaseUse { bytes, exchanges }) in used {
        let [bytes, exchanges] = [bytes, exchanges].map(|size| i64::try_from(*size).unwrap_or(i64::MAX));
        statement.execute([bytes, exchanges, *id])?;
    }
    Ok(())
}

/// Ends a lease; `false` if there is none of that number, or it has ended.
pub(crate) fn end(connection: &Connection, id: i64, end: &LeaseEnd) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached(END)?.execute((end.at.0, &end.why, id))? > 0)
}

/// The statement for leases, the newest first; only those in force if `open`.
pub(crate) fn list(open: bool) -> String {
    let which = if open { "WHERE ended_at IS NULL" } else { "" };
    format!("SELECT {COLUMNS} FROM leases {which} ORDER BY id DESC LIMIT ?")
}

pub(crate) fn read(row: &SqliteRow) -> Result<Lease, StoreError> {
    let mut columns = Columns::of(row);
    let size = |value: Option<i64>| value.map(i64::unsigned_abs);
    Ok(Lease {
        id: columns.take()?,
        rule: columns.json()?.unwrap_or_default(),
        from: Timestamp(columns.take()?),
        until: columns.take::<Option<i64>>()?.map(Timestamp),
        max_bytes: size(columns.take()?),
        max_exchanges: size(columns.take()?),
        reason: columns.take()?,
        who: columns.take()?,
        address: columns.take()?,
        session: columns.take()?,
        persist: columns.take()?,
        used: LeaseUse { bytes: columns.number()?, exchanges: columns.number()? },
        ended: {
            let at: Option<i64> = columns.take()?;
            let why: Option<String> = columns.take()?;
            at.map(|at| LeaseEnd { at: Timestamp(at), why: why.unwrap_or_default() })
        },
    })
}
