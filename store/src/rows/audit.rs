//! The audit log: reads and changes of the recording by those who use the page and the API.

use dashcam_exchange::{ExchangeId, Timestamp};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// The most entries that go in one transaction when the log is cut to its bounds.
const STEP: i64 = 2000;

/// An entry. What its action and role are is the caller's business: here they are names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditEntry {
    /// Its number; 0 for one that is not stored yet.
    pub id: i64,
    /// When it was.
    pub at: Timestamp,
    /// The one who did it.
    pub who: String,
    /// The name of their role.
    pub role: String,
    /// The address from which it was done.
    pub address: Option<String>,
    /// The session of the page in which it was done.
    pub session: Option<String>,
    /// The name of what was done.
    pub action: String,
    /// The exchanges that it was done to, if they are known by number.
    pub exchanges: Vec<ExchangeId>,
    /// The filter that chose them.
    pub filter: Option<String>,
    /// How many exchanges, or secrets; `None` if that is not known.
    pub count: Option<u64>,
    /// The rest, as a JSON object.
    pub detail: Option<Value>,
}

/// A step of writing the log.
#[derive(Debug, Clone, PartialEq)]
pub enum AuditChange {
    /// A new entry.
    Add(Box<AuditEntry>),
    /// More is known of an entry: its count, or its detail; `None` leaves them as they are.
    Amend {
        /// The entry's number.
        id: i64,
        /// Its count.
        count: Option<u64>,
        /// Its detail.
        detail: Option<Value>,
    },
}

/// The entries that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// A part of the name of the one who did it, whatever its case.
    pub who: Option<String>,
    /// The name of what was done.
    pub action: Option<String>,
    /// Not before this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Only entries with smaller numbers.
    pub before: Option<i64>,
}

/// Columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str =
    "id, at, who, role, address, session, action, exchanges, filter, count, detail";

const AMEND: &str =
    "UPDATE audit SET count = coalesce(?2, count), detail = coalesce(?3, detail) WHERE id = ?1";
/// The number up to which entries are too old, or too many. Numbers are given in the order of time.
pub(crate) const TOO_OLD: &str = "SELECT max(+id) FROM audit WHERE at < ?";
pub(crate) const TOO_MANY: &str = "SELECT id FROM audit ORDER BY id DESC LIMIT 1 OFFSET ?";
/// The newest stays, so that no number is used twice.
pub(crate) const FORGET: &str = "DELETE FROM audit WHERE id IN \
    (SELECT id FROM audit WHERE id <= ?1 AND id < (SELECT max(id) FROM audit) ORDER BY id LIMIT ?2)";

/// The statement for entries, the newest first.
pub(crate) fn list() -> String {
    format!(
        "SELECT {COLUMNS} FROM audit WHERE id < ?1 AND +at >= ?2 AND +at < ?3 AND (?4 IS NULL OR action = ?4) \
         AND (?5 IS NULL OR instr(lower(who), lower(?5)) > 0) ORDER BY id DESC LIMIT ?6"
    )
}

/// Makes changes of the log; the numbers of the new entries, in their order.
pub(crate) fn write(connection: &Connection, changes: &[AuditChange]) -> Result<Vec<i64>, StoreError> {
    let insert = format!("INSERT INTO audit ({COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    let mut insert = connection.prepare_cached(&insert)?;
    let mut amend = connection.prepare_cached(AMEND)?;
    let mut ids = Vec::new();
    for change in changes {
        match change {
            AuditChange::Add(entry) => {
                add(&mut insert, entry)?;
                ids.push(connection.last_insert_rowid());
            }
            AuditChange::Amend { id, count, detail } => {
                amend.execute((id, count.map(size), detail.as_ref().map(ToString::to_string)))?;
            }
        }
    }
    Ok(ids)
}

fn add(insert: &mut CachedStatement<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let AuditEntry { id: _, at, who, role, address, session, action, exchanges, filter, count, detail } =
        entry;
    let numbers: Vec<i64> = exchanges.iter().map(|id| id.0).collect();
    let exchanges = (!numbers.is_empty()).then(|| Value::from(numbers).to_string());
    insert.execute(rusqlite::params![
        at.0,
        who,
        role,
        address,
        session,
        action,
        exchanges,
        filter,
        count.map(size),
        detail.as_ref().map(ToString::to_string),
    ])?;
    Ok(())
}

fn size(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Forgets the oldest entries that were before a time, or beyond a number, a step of them; says how many went.
pub(crate) fn forget(
    connection: &Connection,
    before: Option<Timestamp>,
    most: Option<u64>,
) -> Result<usize, StoreError> {
    let find = |sql, bound: Option<i64>| -> Result<Option<i64>, StoreError> {
        let Some(bound) = bound else { return Ok(None) };
        let found = connection.prepare_cached(sql)?.query_row([bound], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    };
    let old = find(TOO_OLD, before.map(|before| before.0))?;
    let many = find(TOO_MANY, most.map(size))?;
    let Some(last) = old.max(many) else { return Ok(0) };
    Ok(connection.prepare_cached(FORGET)?.execute([last, STEP])?)
}

pub(crate) fn read(row: &SqliteRow) -> Result<AuditEntry, StoreError> {
    let mut columns = Columns::of(row);
    Ok(AuditEntry {
        id: columns.take()?,
        at: Timestamp(columns.take()?),
        who: columns.take()?,
        role: columns.take()?,
        address: columns.take()?,
        session: columns.take()?,
        action: columns.take()?,
        exchanges: {
            let numbers: Vec<i64> = columns.json()?.unwrap_or_default();
            numbers.into_iter().map(ExchangeId).collect()
        },
        filter: columns.take()?,
        count: columns.take::<Option<i64>>()?.map(i64::unsigned_abs),
        detail: columns.json()?,
    })
}
