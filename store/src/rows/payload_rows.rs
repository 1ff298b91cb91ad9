//! Rows of `body_rows` (read through the view `bodies`), `messages` and `gaps`.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, ExchangeId, Gap, GapReason, Message, MessageCoding, MessageKind,
    Timestamp,
};
use sqlx::sqlite::SqliteRow;

use crate::StoreError;
use crate::rows::body_key::{BITS, direction_of};
use crate::rows::columns::Columns;
use crate::rows::message_data;
use crate::rows::table::Table;
use crate::rows::values::Values;

/// A body is its own; a piece that is there already is a fault.
pub(crate) static BODIES: LazyLock<Table> = LazyLock::new(|| Table::new("INSERT", "body_rows", "key, data"));

/// Columns of a message in the order in which they are written and read.
pub(crate) const MESSAGE: &str =
    "exchange, seq, at, direction, kind, size, coding, redacted, compression, data";

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
        direction_of(self.key)
    }
}

/// A message on its way into the database.
#[derive(Debug)]
pub(crate) struct MessageRow {
    pub(crate) message: Message,
    /// How its data has been compressed to be stored.
    pub(crate) compression: &'static str,
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
    values.push(message.redacted);
    values.push(*compression);
    values.push(message.data.as_slice());
}

pub(crate) fn read_message(row: &SqliteRow) -> Result<Message, StoreError> {
    let mut columns = Columns::of(row);
    let mut message = read_facts(&mut columns)?;
    let compression: &str = columns.take()?;
    message.data = message_data::whole(compression, columns.take()?, message.size)?;
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
        redacted: columns.take()?,
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
