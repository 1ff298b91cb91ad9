//! Tokens with a role. Only their SHA-256 digests are stored.

use dashcam_exchange::Timestamp;
use rusqlite::{Connection, Row};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::columns::Columns;

/// The most tokens that are valid at once: all are held in memory.
pub const MOST_TOKENS: usize = 1000;

/// A token. What its role allows is the caller's business: here it is a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token {
    /// Its number; 0 for one that is not stored yet.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The name of its role.
    pub role: String,
    /// The SHA-256 digest of the token itself.
    pub sha256: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` if it does not by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, to some minutes; `None` if it was not.
    pub last_used_at: Option<Timestamp>,
    /// The one who made it.
    pub who: String,
    /// When it was revoked; `None` if it was not.
    pub revoked_at: Option<Timestamp>,
}

impl Token {
    /// Returns whether it lets somebody in at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

/// Columns in the order in which they are written and read.
pub(crate) const COLUMNS: &str =
    "id, name, role, sha256, created_at, expires_at, last_used_at, who, revoked_at";

/// Tokens that were over at a time go, but for the newest of them.
const FORGET: &str = "DELETE FROM tokens WHERE coalesce(revoked_at, expires_at) < ?1 AND id NOT IN \
    (SELECT id FROM tokens WHERE coalesce(revoked_at, expires_at) < ?1 ORDER BY id DESC LIMIT ?2)";
const VALID: &str =
    "SELECT count(*) FROM tokens WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)";
const USE: &str = "UPDATE tokens SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE sha256 = ?";
const REVOKE: &str = "UPDATE tokens SET revoked_at = ? WHERE sha256 = ? AND revoked_at IS NULL";

/// The statement for all tokens, the newest first.
pub(crate) fn list() -> String {
    format!("SELECT {COLUMNS} FROM tokens ORDER BY id DESC")
}

/// Stores a new token and returns its number; `None` if there are too many. Of those that are over, the newest
/// [`MOST_TOKENS`] stay.
pub(crate) fn put(connection: &Connection, token: &Token) -> Result<Option<i64>, StoreError> {
    let now = token.created_at.0;
    let valid: i64 = connection.query_row(VALID, [now], |row| row.get(0))?;
    if valid >= MOST_TOKENS as i64 {
        return Ok(None);
    }
    insert(connection, token)?;
    let id = connection.last_insert_rowid();
    connection.execute(FORGET, [now, MOST_TOKENS as i64])?;
    Ok(Some(id))
}

/// Stores a token with its number, or with another one if a token of the file has that; not again if it is there.
pub(crate) fn insert(connection: &Connection, token: &Token) -> Result<(), StoreError> {
    let id = "(SELECT ?1 WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM tokens WHERE id = ?1))";
    let sql =
        format!("INSERT OR IGNORE INTO tokens ({COLUMNS}) VALUES ({id}, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    connection.execute(
        &sql,
        rusqlite::params![
            token.id,
            token.name,
            token.role,
            token.sha256,
            token.created_at.0,
            token.expires_at.map(|at| at.0),
            token.last_used_at.map(|at| at.0),
            token.who,
            token.revoked_at.map(|at| at.0),
        ],
    )?;
    Ok(())
}

/// Revokes the token with a digest; `false` if there is none, or it is revoked.
pub(crate) fn revoke(connection: &Connection, sha256: [u8; 32], at: Timestamp) -> Result<bool, StoreError> {
    Ok(connection.execute(REVOKE, (at.0, sha256))? > 0)
}

/// Notes that tokens were used, each by its digest.
pub(crate) fn note_use(connection: &Connection, used: &[([u8; 32], Timestamp)]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(USE)?;
    for (sha256, at) in used {
        statement.execute((at.0, sha256))?;
    }
    Ok(())
}

/// All of them, as another file would have to be told.
pub(crate) fn all(connection: &Connection) -> Result<Vec<Token>, StoreError> {
    let time = |row: &Row<'_>, at| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.map(Timestamp));
    let token = |row: &Row<'_>| {
        Ok(Token {
            id: row.get(0)?,
            name: row.get(1)?,
            role: row.get(2)?,
            sha256: row.get(3)?,
            created_at: Timestamp(row.get(4)?),
            expires_at: time(row, 5)?,
            last_used_at: time(row, 6)?,
            who: row.get(7)?,
            revoked_at: time(row, 8)?,
        })
    };
    let mut statement = connection.prepare(&list())?;
    let tokens = statement.query_map([], token)?.collect::<Result<_, _>>()?;
    Ok(tokens)
}

pub(crate) fn read(row: &SqliteRow) -> Result<Token, StoreError> {
    let mut columns = Columns::of(row);
    let damaged = |_| StoreError::Damaged("the digest of a token has not 32 bytes".to_owned());
    Ok(Token {
        id: columns.take()?,
        name: columns.take()?,
        role: columns.take()?,
        sha256: columns.take::<Vec<u8>>()?.try_into().map_err(damaged)?,
        created_at: Timestamp(columns.take()?),
        expires_at: columns.take::<Option<i64>>()?.map(Timestamp),
        last_used_at: columns.take::<Option<i64>>()?.map(Timestamp),
        who: columns.take()?,
        revoked_at: columns.take::<Option<i64>>()?.map(Timestamp),
    })
}
