//! Bodies that are read: from rows of their own, or out of a pack.

use dashcam_exchange::{Direction, ExchangeId};

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::rows::body_key::{body_key, body_keys};
use crate::rows::pack::Stored;

/// NULL stands for more bytes than any dashcam writes at once: they are not even read, as a stranger's file may have a gigabyte
/// in each row.
pub(crate) const PACKED: &str = "SELECT packs.compression, packs.size, \
    CASE WHEN octet_length(packs.data) <= 16777216 THEN packs.data END \
    FROM exchanges JOIN packs ON packs.id = exchanges.pack WHERE exchanges.id = ?";
pub(crate) const PIECE: &str =
    "SELECT CASE WHEN octet_length(data) <= 16777216 THEN data END FROM bodies WHERE key = ?";
pub(crate) const PIECES: &str = "SELECT key, CASE WHEN octet_length(data) <= 16777216 THEN data END FROM bodies \
    WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 8";

impl Reader {
    /// The stored bytes of a body, up to `limit`; none if there is no such exchange.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn body(
        &self,
        id: ExchangeId,
        direction: Direction,
        limit: Option<u64>,
    ) -> Result<Vec<u8>, ReadError> {
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let mut body = self.pieces(id, direction, limit).await?;
        if body.is_empty() && limit > 0 {
            body = self.packed(id, direction).await?;
        }
        // It may have been taken out of its pack meanwhile; never the other way.
        if body.is_empty() && limit > 0 {
            body = self.pieces(id, direction, limit).await?;
        }
        body.truncate(limit);
        Ok(body)
    }

    /// The piece `seq` of a body, from 0, so that a large one can be read in constant memory; `None` after the last.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn body_part(
        &self,
        id: ExchangeId,
        direction: Direction,
        seq: u32,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let key = body_key(id, direction, seq)?;
        let part = self.piece(key).await?;
        if part.is_some() || seq > 0 {
            return Ok(part);
        }
        let body = self.packed(id, direction).await?;
        // As above.
        if body.is_empty() { self.piece(key).await } else { Ok(Some(body)) }
    }

    async fn piece(&self, key: i64) -> Result<Option<Vec<u8>>, ReadError> {
        let part = sqlx::query_scalar(PIECE).bind(key).fetch_optional(&*self.0.readers().await?).await?;
        Ok(part.map(sized).transpose()?)
    }

    /// A body that has rows of its own.
    async fn pieces(&self, id: ExchangeId, direction: Direction, limit: usize) -> Result<Vec<u8>, ReadError> {
        let (mut next, last) = body_keys(id, direction)?;
        let mut body: Vec<u8> = Vec::new();
        while body.len() < limit {
            let parts: Vec<(i64, Option<Vec<u8>>)> =
                sqlx::query_as(PIECES).bind(next).bind(last).fetch_all(&*self.0.readers().await?).await?;
            let Some((key, _)) = parts.last() else { break };
            next = key + 1;
            for (_, data) in parts {
                body.extend_from_slice(&sized(data)?);
            }
        }
        Ok(body)
    }

    /// A body that is in a pack.
    async fn packed(&self, id: ExchangeId, direction: Direction) -> Result<Vec<u8>, ReadError> {
        let stored: Option<(String, i64, Option<Vec<u8>>)> =
            sqlx::query_as(PACKED).bind(id.0).fetch_optional(&*self.0.readers().await?).await?;
        let Some((compression, size, data)) = stored else { return Ok(Vec::new()) };
        Ok(Stored { compression, size, data: sized(data)? }.body(body_key(id, direction, 0)?)?)
    }
}

fn sized(data: Option<Vec<u8>>) -> Result<Vec<u8>, StoreError> {
    data.ok_or_else(|| {
        StoreError::Damaged("a piece of a body is larger than any that dashcam writes".to_owned())
    })
}
