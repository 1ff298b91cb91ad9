//! Bodies for reading: content codings undone and charsets decoded, within limits that no body can exceed.
//!
//! A body is never held whole. [`Plan`] is how it is coded; [`Reading`] undoes that in steps, each on a thread that holds
//! nobody up, a few at a time in the whole process; [`scan`] reads it once and says what is in it. Who stops asking
//! stops the work.

use dashcam_exchange::{BodyRecord, Headers};
use dashcam_store::StoreError;

use crate::payload::Parts;

mod charset;
mod codings;
mod decoders;
pub(crate) mod pace;
mod plan;
mod reading;
mod scan;

pub(crate) use charset::{Utf8, Writer};
pub use decoders::{Decoders, Decoding};
pub(crate) use plan::Plan;
pub(crate) use reading::Reading;
pub(crate) use scan::{Scanned, scan};

/// Bytes that become text at once: room for them is taken for the worst of charsets.
const PIECE: usize = 32 << 10;

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
