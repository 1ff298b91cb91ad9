//! Gathers the bodies of a batch into packs.

use std::fmt;
use std::time::{Duration, Instant};

use dashcam_exchange::{Direction, Exchange};
use zstd::bulk::Compressor;

use super::format::add;
use super::rows::Pack;
use crate::StoreError;
use crate::rows::body_key::body_key;
use crate::rows::exchange_detail::Row;
use crate::rows::payload_rows::MessageRow;

/// A pack is closed when it holds so much. A body that is read takes a whole pack to be decompressed.
const FULL: usize = 256 << 10;
/// zstd's level: the next ones cost more time than the bytes that they save.
const LEVEL: i32 = 1;
/// Nanoseconds a byte: about what a byte costs on its way into the log, back and into the database. A writer that is busy
/// compresses only what takes less: rather larger on disk than lost.
const CHEAP: f64 = 1.0;
/// While that is not so, one of this many packs is compressed, to see whether it still isn't.
const TRY: u32 = 16;
/// Messages of fewer bytes are not compressed: by itself each gains little.
const SMALL: usize = 256;
/// Compressed bodies are kept as such if they take less than this share of their size, in percent.
const WORTH: usize = 90;

/// How bodies are stored that end while their exchange's batch is gathered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Packing {
    /// Many to a row, compressed while there is time for it.
    #[default]
    Packed,
    /// In a row of their own, as they are: other programs can read them with SQL alone.
    Plain,
}

/// Makes packs, one batch after another.
#[derive(Default)]
pub(crate) struct Packer {
    packing: Packing,
    compressor: Option<Compressor<'static>>,
    /// Where a pack is put together.
    content: Vec<u8>,
    cost: Cost,
    /// The cost of compressing messages, which are smaller.
    message_cost: Cost,
}

/// The cost of compression.
#[derive(Debug, Default)]
struct Cost {
    /// The time that it took to compress a byte last time, in nanoseconds.
    byte: f64,
    /// Packs that were not compressed since.
    skipped: u32,
}

impl Packer {
    pub(crate) fn set(&mut self, packing: Packing) {
        self.packing = packing;
    }

    /// Puts the whole bodies of `rows` together and says in which pack they are: the first is number 0.
    pub(crate) fn pack<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a mut Row>,
        busy: bool,
    ) -> Result<Vec<Pack>, StoreError> {
        let mut packs = Vec::new();
        if self.packing == Packing::Plain {
            return Ok(packs);
        }
        // Of a batch that failed half-way.
        self.content.clear();
        let mut last = 0;
        for row in rows {
            if !add_bodies(&row.exchange, &mut self.content)? {
                continue;
            }
            row.place = Some(packs.len());
            last = row.exchange.id.0.max(last);
            if self.content.len() >= FULL {
                packs.push(self.close(last, busy)?);
                last = 0;
            }
        }
        if !self.content.is_empty() {
            packs.push(self.close(last, busy)?);
        }
        Ok(packs)
    }

    /// Compresses the payloads of `messages`, each by itself: an exchange may have very many of them over a long time, and
    /// its messages go with it.
    pub(crate) fn pack_messages(
        &mut self,
        messages: &mut [MessageRow],
        busy: bool,
    ) -> Result<(), StoreError> {
        if self.packing == Packing::Plain {
            return Ok(());
        }
        for MessageRow { message, compression } in messages {
            let size = message.data.len();
            // Twice for a batch that is written again.
            if size < SMALL || *compression != "none" || (busy && !self.message_cost.is_low()) {
                continue;
            }
            let began = Instant::now();
            let data = self.compress(&message.data)?;
            self.message_cost.compressed(size, began.elapsed());
            if data.len() < size * WORTH / 100 {
                (message.data, *compression) = (data, "zstd");
            }
        }
        Ok(())
    }

    fn close(&mut self, last_exchange: i64, busy: bool) -> Result<Pack, StoreError> {
        let size = self.content.len();
        if !busy || self.cost.is_low() {
            let began = Instant::now();
            let content = std::mem::take(&mut self.content);
            let data = self.compress(&content)?;
            self.content = content;
            self.cost.compressed(size, began.elapsed());
            if data.len() < size * WORTH / 100 {
                self.content.clear();
                return Ok(Pack { id: 0, is_kept: false, last_exchange, size, compression: "zstd", data });
            }
        }
        let data = std::mem::take(&mut self.content);
        Ok(Pack { id: 0, is_kept: false, last_exchange, size, compression: "none", data })
    }

    fn compress(&mut self, content: &[u8]) -> Result<Vec<u8>, StoreError> {
        let compressor = match self.compressor.take() {
            Some(compressor) => compressor,
            None => Compressor::new(LEVEL).map_err(compressing)?,
        };
        self.compressor.insert(compressor).compress(content).map_err(compressing)
    }
}

impl Cost {
    /// Returns whether it is worth it while there is much to do, as far as is known.
    fn is_low(&mut self) -> bool {
        let low = self.byte < CHEAP || self.skipped >= TRY;
        self.skipped += u32::from(!low);
        low
    }

    fn compressed(&mut self, bytes: usize, took: Duration) {
        self.byte = took.as_secs_f64() * 1e9 / bytes.max(1) as f64;
        self.skipped = 0;
    }
}

/// Adds the bodies of `exchange` that are whole to `content`; says whether there were any.
fn add_bodies(exchange: &Exchange, content: &mut Vec<u8>) -> Result<bool, StoreError> {
    let id = exchange.id;
    let before = content.len();
    let bodies = [&exchange.request_body, &exchange.response_body];
    for (direction, body) in [Direction::Request, Direction::Response].into_iter().zip(bodies) {
        if body.parts == 0 && !body.rest.is_empty() {
            add(content, body_key(id, direction, 0)?, &body.rest);
        }
    }
    Ok(content.len() > before)
}

fn compressing(error: std::io::Error) -> StoreError {
    StoreError::Sql(error.into())
}

impl fmt::Debug for Packer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packing, cost, .. } = self;
        formatter.debug_struct("Packer").field("packing", packing).field("cost", cost).finish_non_exhaustive()
    }
}
