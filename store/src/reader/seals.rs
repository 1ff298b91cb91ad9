//! Sealed secrets, as long as they live.

use dashcam_exchange::{Seal, SealId, Timestamp};
use sqlx::Row as _;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::state::known::now;

/// One of those whose time is not over.
const SEAL: &str = "SELECT sealed, expires_at FROM seals WHERE id = ? AND expires_at > ?";
/// All of those.
const ALL: &str = "SELECT count(*), coalesce(sum(length(sealed)), 0), min(expires_at), max(expires_at) FROM seals \
    WHERE expires_at > ?";

/// The oldest, and the newest. Numbers are given in the order in which secrets are sealed first.
const ENDS: [&str; 2] = [
    "SELECT id, sealed, expires_at FROM seals WHERE expires_at > ? ORDER BY number LIMIT 16",
    "SELECT id, sealed, expires_at FROM seals WHERE expires_at > ? ORDER BY number DESC LIMIT 16",
];

/// The sealed secrets of a recording that can still be put back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SealsInfo {
    /// How many there are.
    pub count: u64,
    /// Bytes of their ciphertexts.
    pub bytes: u64,
    /// When the next one is forgotten.
    pub next_expiry: Option<Timestamp>,
    /// When the last one is.
    pub last_expiry: Option<Timestamp>,
}

impl Reader {
    /// A sealed secret; `None` if there is none of that name, or its time is over.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seal(&self, id: &SealId) -> Result<Option<Seal>, ReadError> {
        let query = sqlx::query(SEAL).bind(id.0.as_slice()).bind(now().0);
        let Some(row) = query.fetch_optional(&*self.0.readers().await?).await? else { return Ok(None) };
        let expires_at = Timestamp(row.try_get(1)?);
        Ok(Some(Seal { id: *id, sealed: row.try_get(0)?, expires_at }))
    }

    /// Some of the sealed secrets: those that were sealed first, and last. With them one can see whether a key opens them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn sample_seals(&self) -> Result<Vec<Seal>, ReadError> {
        let mut seals = Vec::new();
        for ends in ENDS {
            let rows = sqlx::query(ends).bind(now().0).fetch_all(&*self.0.readers().await?).await?;
            for row in rows {
                let id: Vec<u8> = row.try_get(0)?;
                let id = id.try_into().map_err(|_| StoreError::Damaged("the id of a seal".to_owned()))?;
                let expires_at = Timestamp(row.try_get(2)?);
                seals.push(Seal { id: SealId(id), sealed: row.try_get(1)?, expires_at });
            }
        }
        Ok(seals)
    }

    /// How many sealed secrets can be put back, and until when. Looks at each of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seals_info(&self) -> Result<SealsInfo, ReadError> {
        let (count, bytes, next, last): (i64, i64, Option<i64>, Option<i64>) =
            sqlx::query_as(ALL).bind(now().0).fetch_one(&*self.0.readers().await?).await?;
        let number = |number: i64| {
            u64::try_from(number).map_err(|_| StoreError::Damaged("a count of seals is negative".to_owned()))
        };
        Ok(SealsInfo {
            count: number(count)?,
            bytes: number(bytes)?,
            next_expiry: next.map(Timestamp),
            last_expiry: last.map(Timestamp),
        })
    }
}
