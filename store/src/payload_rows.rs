//! Rows of `body_rows` (read through the view `bodies`), `messages` and `gaps`.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, ExchangeId, Gap, GapReason, Message, MessageCoding, MessageKind,
    Timestamp,
};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::columns::Columns;
use crate::message_data;
use crate::pack;
use crate::table::Table;
use crate::values::Values;

/// Bits of a body key that number the piece.
const SEQ_BITS: u32 = 21;
/// Bits of a body key below the exchange.
pub(crate) const BITS: u32 = SEQ_BITS + 1;

/// A body is its own; a piece that is there already is a fault.
pub(crate) static BODIES: LazyLock<Table> = LazyLock::new(|| Table::new("INSERT", "body_rows", "key, data"));

/// Columns of a message in the order in which they are written and read.
pub(crate) const MESSAGE: &str = "exchange, seq, at, direction, kind, size, coding, compression, data";

pub(crate) static MESSAGES: LazyLock<Table> = LazyLock::new(|| Table::new("INSERT", "messages", MESSAGE));

pub(crate) static GAPS: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT", "gaps", "from_at, until_at, reason, exchanges"));

/// A piece of a body.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) key: i64,
    pub(crate) data: Data,
}

/// The bytes of a piece of a body.
#[derive(Debug)]
pub(crate) enum Data {
    /// The piece's own.
    Own(Vec<u8>),
    /// Those that came with their exchange's end.
    Rest(Rest),
}

/// The last bytes of a body, in an exchange that is shared with the recorder.
#[derive(Debug)]
pub(crate) struct Rest {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) direction: Direction,
}

impl Rest {
    pub(crate) fn record(&self) -> &BodyRecord {
        self.exchange.body(self.direction)
    }
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Rest(rest) => &rest.record().rest,
        }
    }
}

impl Part {
    /// Whose it is.
    pub(crate) fn exchange(&self) -> i64 {
        self.key >> BITS
    }

    /// Of which of its bodies.
    pub(crate) fn direction(&self) -> Direction {
        if self.key >> SEQ_BITS & 1 == 0 { Direction::Request } else { Direction::Response }
    }
}

/// A message on its way into the database.
#[derive(Debug)]
pub(crate) struct MessageRow {
    pub(crate) message: Message,
    /// How its data has been compressed to be stored.
    pub(crate) compression: &'static str,
}

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

/// The keys of the first and the last piece that a body can have.
pub(crate) fn body_keys(exchange: ExchangeId, direction: Direction) -> Result<(i64, i64), StoreError> {
    let first = body_key(exchange, direction, 0)?;
    Ok((first, first | ((1 << SEQ_BITS) - 1)))
}

pub(crate) fn bind_part<'r>(part: &'r Part, values: &mut Values<'_, '_, 'r>) {
    values.push(part.key);
    values.push_data(&part.data);
}

pub(crate) fn bind_message<'r>(row: &'r MessageRow, values: &mut Values<'_, '_, 'r>) {
    let MessageRow { message, compression } = row;
    values.push(message.exchange.0);
    values.push(message.seq);
    values.push(message.at.0);
    values.push(message.direction.as_str());
    values.push(message.kind.as_str());
    values.push_size(message.size);
    values.push(message.coding.map(MessageCoding::as_str));
    values.push(*compression);
    values.push(message.data.as_slice());
}

pub(crate) fn read_message(row: &SqliteRow) -> Result<Message, StoreError> {
    let mut columns = Columns::of(row);
    let mut message = read_facts(&mut columns)?;
    let compression: &str = columns.take()?;
    message.data = pack::message(compression, columns.take()?, message.size)?;
    Ok(message)
}

/// A message with the first `most` bytes of its data, of which the row has the beginning; and how many it has.
pub(crate) fn read_preview(row: &SqliteRow, most: u32) -> Result<(Message, u64), StoreError> {
    let mut columns = Columns::of(row);
    let mut message = read_facts(&mut columns)?;
    let (compression, start): (&str, &[u8]) = (columns.take()?, columns.take()?);
    let (data, stored) = message_data::beginning((compression, columns.number()?), start, most)?;
    message.data = data;
    Ok((message, stored))
}

/// A message without its data.
fn read_facts(columns: &mut Columns<'_>) -> Result<Message, StoreError> {
    Ok(Message {
        exchange: ExchangeId(columns.take()?),
        seq: columns.number()?,
        at: Timestamp(columns.take()?),
        direction: columns.name(Direction::parse)?,
        kind: columns.name(MessageKind::parse)?,
        size: columns.number()?,
        coding: columns.optional_name(MessageCoding::parse)?,
        data: Vec::new(),
    })
}

pub(crate) fn bind_gap<'r>(gap: &'r Gap, values: &mut Values<'_, '_, 'r>) {
    values.push(gap.from.0);
    values.push(gap.until.0);
    values.push(gap.reason.as_str());
    values.push_size(gap.exchanges);
}

pub(crate) fn read_gap(row: &SqliteRow) -> Result<Gap, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Gap {
        from: Timestamp(columns.take()?),
        until: Timestamp(columns.take()?),
        reason: columns.name(GapReason::parse)?,
        exchanges: columns.number()?,
    })
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
