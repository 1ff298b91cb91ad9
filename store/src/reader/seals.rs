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
