//! The keys of `body_rows`: an exchange, a direction, and the number of a piece.

use dashcam_exchange::{Direction, ExchangeId};

use crate::StoreError;

/// Bits of a body key that number the piece.
pub(crate) const SEQ_BITS: u32 = 21;
/// Bits of a body key below the exchange.
pub(crate) const BITS: u32 = SEQ_BITS + 1;

/// The key of a piece: `exchange << 22 | direction << 21 | seq`.
pub(crate) fn body_key(exchange: ExchangeId, direction: Direction, seq: u32) -> Result<i64, StoreError> {
    if exchange.0 < 0 || exchange.0 >= 1 << (63 - BITS) {
        return Err(StoreError::OutOfRange("an exchange's id"));
    }
    if seq >= 1 << SEQ_BITS {
        return Err(StoreError::OutOfRange("the number of pieces of one body"));
    }
    Ok(exchange.0 << BITS | (direction as i64) << SEQ_BITS | i64::from(seq))
}

/// Of which of the exchange's bodies the piece with that key is.
pub(crate) fn direction_of(key: i64) -> Direction {
    if key >> SEQ_BITS & 1 == 0 { Direction::Request } else { Direction::Response }
}

/// The keys of the first and the last piece that a body can have.
pub(crate) fn body_keys(exchange: ExchangeId, direction: Direction) -> Result<(i64, i64), StoreError> {
    let first = body_key(exchange, direction, 0)?;
    Ok((first, first | ((1 << SEQ_BITS) - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_bodies_and_refuse_what_would_overlap() {
        let key = |exchange, direction, seq| body_key(ExchangeId(exchange), direction, seq).ok();
        assert_eq!(key(1, Direction::Request, 0), Some(1 << 22));
        assert_eq!(key(1, Direction::Response, 3), Some(1 << 22 | 1 << 21 | 3));
        assert_eq!(key(1, Direction::Request, 1 << 21), None);
        assert_eq!(key(-1, Direction::Request, 0), None);
        assert_eq!(key((1 << 41) - 1, Direction::Response, (1 << 21) - 1), Some(i64::MAX));
        assert_eq!(key(1 << 41, Direction::Request, 0), None);
    }
}
