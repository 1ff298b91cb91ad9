//! Messages that are read without being held: the beginnings of many, and one in parts.
//!
//! Each call is a read of its own, that ends before it answers: a caller that takes its time between two of them keeps
//! no transaction open, behind which the write-ahead log could not start over.

use dashcam_exchange::{ExchangeId, Message};
use futures_util::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};

use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::rows::message_data;
use crate::rows::payload_rows;

/// Bytes of a part of a message.
const PART: u32 = 256 << 10;
/// Bytes of payloads that one page carries, and that it passes over. SQLite reads a payload whole, however little of
/// it is wanted.
const CARRIED: u64 = 2 << 20;
const PASSED: u64 = 64 << 20;

/// Columns of a message with the beginning of its data, and how long that is.
const PREVIEW: &str = "exchange, seq, at, direction, kind, size, coding, redacted, compression, substr(data, 1, ?), \
    octet_length(data)";

/// A part of what is not compressed, else all of it, or as much as any has.
const DATA: &str = "SELECT compression, CASE compression WHEN 'none' THEN substr(data, ?, ?) ELSE substr(data, 1, 16777216) END \
    FROM messages WHERE exchange = ? AND seq = ?";

/// A message with the beginning of its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePreview {
    /// The message; its `data` are the first bytes of what is stored.
    pub message: Message,
    /// How many bytes of its payload are stored.
    pub stored: u64,
}

impl MessagePreview {
    /// Returns whether more of its payload is stored than is here.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        (self.message.data.len() as u64) < self.stored
    }
}

/// Messages that follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages; at least one, if there is one.
    pub messages: Vec<MessagePreview>,
    /// True if there are more behind them.
    pub more: bool,
}

impl Reader {
    /// At most `limit` messages of an exchange in the order they passed, those after the number `after` if given, each with
    /// at most `preview` bytes of its payload. There are fewer where they are large: a page carries 2 MiB of payloads.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn message_previews(
        &self,
        id: ExchangeId,
        after: Option<u32>,
        limit: u32,
        preview: u32,
    ) -> Result<MessagePage, ReadError> {
        let sql =
            format!("SELECT {PREVIEW} FROM messages WHERE exchange = ? AND seq > ? ORDER BY seq LIMIT ?");
        let after = after.map_or(-1, i64::from);
        let query =
            sqlx::query(AssertSqlSafe(sql)).bind(message_data::wanted(preview)).bind(id.0).bind(after);
        let query = query.bind(i64::from(limit) + 1);
        let readers = self.0.message_reader().await?;
        let mut rows = query.fetch(&*readers);
        let (mut page, mut carried, mut passed) = (MessagePage::default(), 0, 0);
        while let Some(row) = rows.try_next().await? {
            if page.messages.len() == limit as usize || carried >= CARRIED || passed >= PASSED {
                page.more = true;
                break;
            }
            let (message, stored) = payload_rows::read_preview(&row, preview)?;
            carried += message.data.len() as u64;
            passed += stored;
            page.messages.push(MessagePreview { message, stored });
        }
        Ok(page)
    }

    /// One message, with at most `preview` bytes of its payload; `None` if there is no such message.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn message(
        &self,
        id: ExchangeId,
        seq: u32,
        preview: u32,
    ) -> Result<Option<MessagePreview>, ReadError> {
        let page = self.message_previews(id, seq.checked_sub(1), 1, preview).await?;
        Ok(page.messages.into_iter().next().filter(|found| found.message.seq == seq))
    }

    /// A part of a message's payload, from the byte `from` on, so that a large one can be read in constant memory; `None`
    /// behind its end, or if there is no such message.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn message_part(
        &self,
        id: ExchangeId,
        seq: u32,
        from: u64,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let first = i64::try_from(from).unwrap_or(i64::MAX).saturating_add(1);
        let query = sqlx::query(DATA).bind(first).bind(PART).bind(id.0).bind(seq);
        let Some(row) = query.fetch_optional(&*self.0.message_reader().await?).await? else {
            return Ok(None);
        };
        let (compression, data): (&str, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
        let part = match compression {
            "none" => data.to_vec(),
            _ => message_data::part(compression, data, from, u64::from(PART))?,
        };
        Ok((!part.is_empty()).then_some(part))
    }
}
