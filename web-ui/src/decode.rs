//! Bodies for reading: content codings undone and charsets decoded, within limits that no body can exceed.
//!
//! A body is never held whole. [`Plan`] is how it is coded; [`Reading`] undoes that in steps, each on a thread that holds
//! nobody up, a few at a time in the whole process; [`scan`] reads it once and says what is in it. Who stops asking
//! stops the work.

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{BodyRecord, Headers};
use dashcam_store::StoreError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::payload::Parts;

mod charset;
mod codings;
mod pace;
mod plan;
mod reading;
mod scan;

pub(crate) use charset::{Utf8, Writer};
pub(crate) use pace::Pace;
pub(crate) use plan::Plan;
pub(crate) use reading::Reading;
pub(crate) use scan::{Scanned, scan};

/// Decoding steps that run at once.
const AT_ONCE: usize = 2;

/// Bytes that become text at once: room for them is taken for the worst of charsets.
const PIECE: usize = 32 << 10;

/// Limits on decoding one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoding {
    /// The most content codings that are undone, one within the other.
    pub codings: usize,
    /// The longest time that it may compute.
    pub time: Duration,
}

impl Default for Decoding {
    fn default() -> Self {
        Self { codings: 2, time: Duration::from_secs(2) }
    }
}

/// The places at which bodies are decoded. Clones share them.
#[derive(Debug, Clone)]
pub struct Decoders {
    limits: Decoding,
    places: Arc<Semaphore>,
}

impl Decoders {
    /// Places at which bodies are decoded within `limits`.
    #[must_use]
    pub fn new(limits: Decoding) -> Self {
        Self { limits, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// A place, as soon as one is free.
    async fn place(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.places).acquire_owned().await.expect("it is never closed")
    }
}

/// A body as text, as far as it could be decoded.
#[derive(Debug)]
pub struct Readable {
    /// The text; `None` where it is none.
    pub text: Option<String>,
    /// The charset that it was read in.
    pub charset: String,
    /// The content codings that the head names.
    pub encoding: Option<String>,
    /// The decoded size in bytes; of what was decoded, when `truncated`.
    pub size: u64,
    /// True if there is more than what was decoded.
    pub truncated: bool,
    /// The part that was not decoded, and why.
    pub note: Option<String>,
}

/// The body in `parts`, under a head with `headers`, decoded to at most `limit` bytes.
///
/// # Errors
/// When the store cannot be read.
pub async fn readable(
    decoders: &Decoders,
    parts: Parts,
    (headers, record): (&Headers, &BodyRecord),
    limit: u64,
) -> Result<Readable, StoreError> {
    let scanned = scan(decoders, &parts, Plan::new(headers, record, limit), limit).await?;
    let text = scanned.encoding.map(|encoding| {
        let (mut writer, mut text) = (Writer::new(encoding), String::with_capacity(scanned.bytes.len()));
        scanned.bytes.chunks(PIECE).for_each(|piece| text.push_str(&writer.push(piece, false)));
        // A character that the cut went through is left out: that is what no piece being the last does.
        text + &writer.push(&[], !scanned.truncated)
    });
    Ok(Readable {
        text,
        charset: scanned.charset,
        encoding: scanned.plan.encoding(),
        size: scanned.size,
        truncated: scanned.truncated,
        note: scanned.note,
    })
}

#[cfg(test)]
mod tests;
