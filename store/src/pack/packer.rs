//! Gathers the bodies of a batch into packs.

use std::fmt;
use std::time::{Duration, Instant};

use dashcam_exchange::{Direction, Exchange};
use zstd::bulk::Compressor;

use super::add;
use super::rows::Pack;
use crate::StoreError;
use crate::batch::Row;
use crate::payload_rows::body_key;

/// A pack is closed when it holds so much. A body that is read takes a whole pack to be decompressed.
const FULL: usize = 256 << 10;
/// zstd's level: the next ones cost more time than the bytes that they save.
const LEVEL: i32 = 1;
/// Beyond this share of the time at work, in percent, only what is compressed faster than it would be written is
/// compressed: rather larger on disk than lost.
const BUSY: u32 = 60;
/// Nanoseconds a byte: about what a byte costs on its way into the log, back and into the database.
const CHEAP: f64 = 1.0;
/// While that is not so, one of this many packs is compressed, to see whether it still isn't.
const TRY: u32 = 16;
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
    load: Load,
}

/// How hard the writer works.
#[derive(Debug, Default)]
struct Load {
    /// The share of its time that it was at work lately, in percent.
    percent: u32,
    rested: Option<Instant>,
    /// What it took to compress a byte last time, in nanoseconds.
    cost: f64,
    /// Packs that were not compressed since.
    skipped: u32,
}

impl Packer {
    pub(crate) fn set(&mut self, packing: Packing) {
        self.packing = packing;
    }

    /// Takes the whole bodies out of `rows` and says in which pack they are: the first is number 0.
    pub(crate) fn pack<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a mut Row>,
    ) -> Result<Vec<Pack>, StoreError> {
        let mut packs = Vec::new();
        if self.packing == Packing::Plain {
            return Ok(packs);
        }
        // Of a batch that failed half-way.
        self.content.clear();
        let mut last = 0;
        for row in rows {
            if !take(&mut row.exchange, &mut self.content)? {
                continue;
            }
            row.pack = i64::try_from(packs.len()).ok();
            last = row.exchange.id.0.max(last);
            if self.content.len() >= FULL {
                packs.push(self.close(last)?);
                last = 0;
            }
        }
        if !self.content.is_empty() {
            packs.push(self.close(last)?);
        }
        Ok(packs)
    }

    fn close(&mut self, last_exchange: i64) -> Result<Pack, StoreError> {
        let size = self.content.len();
        if self.load.affords_compression() {
            let began = Instant::now();
            let data = self.compress()?;
            self.load.compressed(size, began.elapsed());
            if data.len() < size * WORTH / 100 {
                self.content.clear();
                return Ok(Pack { last_exchange, size, compression: "zstd", data });
            }
        }
        Ok(Pack { last_exchange, size, compression: "none", data: std::mem::take(&mut self.content) })
    }

    fn compress(&mut self) -> Result<Vec<u8>, StoreError> {
        let compressor = match self.compressor.take() {
            Some(compressor) => compressor,
            None => Compressor::new(LEVEL).map_err(compressing)?,
        };
        self.compressor.insert(compressor).compress(&self.content).map_err(compressing)
    }

    /// A batch that was begun at `began` is done.
    pub(crate) fn worked(&mut self, began: Instant) {
        self.load.worked(began, Instant::now());
    }
}

impl Load {
    fn affords_compression(&mut self) -> bool {
        let affords = self.percent < BUSY || self.cost < CHEAP || self.skipped >= TRY;
        self.skipped += u32::from(!affords);
        affords
    }

    fn compressed(&mut self, bytes: usize, took: Duration) {
        self.cost = took.as_secs_f64() * 1e9 / bytes.max(1) as f64;
        self.skipped = 0;
    }

    fn worked(&mut self, began: Instant, ended: Instant) {
        let since = self.rested.replace(ended).unwrap_or(began);
        let (work, all) = (ended.duration_since(began), ended.duration_since(since));
        let percent = work.as_micros() * 100 / all.as_micros().max(1);
        let percent = u32::try_from(percent.min(100)).unwrap_or(100);
        // Of the last batches, rather than the last one: a checkpoint takes long now and then.
        self.percent = (self.percent * 7 + percent) / 8;
    }
}

/// Moves the bodies of `exchange` that are whole to `content`; says whether there were any.
fn take(exchange: &mut Exchange, content: &mut Vec<u8>) -> Result<bool, StoreError> {
    let id = exchange.id;
    let before = content.len();
    let bodies = [&mut exchange.request_body, &mut exchange.response_body];
    for (direction, body) in [Direction::Request, Direction::Response].into_iter().zip(bodies) {
        if body.parts == 0 && !body.rest.is_empty() {
            add(content, body_key(id, direction, 0)?, &body.rest);
            body.rest = Vec::new();
        }
    }
    Ok(content.len() > before)
}

fn compressing(error: std::io::Error) -> StoreError {
    StoreError::Sql(error.into())
}

impl fmt::Debug for Packer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { packing, load, .. } = self;
        formatter.debug_struct("Packer").field("packing", packing).field("load", load).finish_non_exhaustive()
    }
}
