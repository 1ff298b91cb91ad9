//! When the bytes of bodies came.

use dashcam_exchange::{Direction, ExchangeId, Stretch};

use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::rows::arrivals;
use crate::rows::body_key::{SEQ_BITS, body_key, body_keys};

impl Reader {
    /// Some stretches of a body's arrivals from number `next` on, in their order, and the number at which the next ones
    /// begin; `None` if there are no more. They are of the body as it passed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn arrivals(
        &self,
        id: ExchangeId,
        direction: Direction,
        next: u32,
    ) -> Result<Option<(Vec<Stretch>, u32)>, ReadError> {
        let (first, last) = (body_key(id, direction, next)?, body_keys(id, direction)?.1);
        let rows: Vec<(i64, Option<Vec<u8>>)> = sqlx::query_as(arrivals::SOME)
            .bind(first)
            .bind(last)
            .fetch_all(&*self.0.readers().await?)
            .await?;
        let Some((key, _)) = rows.last() else { return Ok(None) };
        let next = (key & ((1 << SEQ_BITS) - 1)) + 1;
        // Of bytes whose stretch makes no sense it is not known when they came.
        let stretches = rows.into_iter().filter_map(|(_, data)| Stretch::decode(&data?)).collect();
        Ok(Some((stretches, u32::try_from(next).unwrap_or(u32::MAX))))
    }
}
