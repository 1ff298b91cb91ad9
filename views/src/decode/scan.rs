//! A body, read to its end or its limit to know what is in it, and held only if it is small.

use dashcam_store::ReadError;
use encoding_rs::Encoding;

use super::charset::Detector;
use super::decoders::Decoders;
use super::plan::Plan;
use super::reading::Reading;
use crate::payload::Parts;

/// The findings in a body.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// How it can be read again, byte by byte the same.
    pub(crate) plan: Plan,
    /// Its decoded bytes, if they were few enough to be held.
    pub(crate) bytes: Vec<u8>,
    /// True if they were.
    pub(crate) is_held: bool,
    /// The decoded size; of what was decoded when `truncated`.
    pub(crate) size: u64,
    /// The encoding of its text; `None` for what is no text.
    pub(crate) encoding: Option<&'static Encoding>,
    /// That encoding's name, or the one that it would have if it were text.
    pub(crate) charset: String,
    /// True if there is more of it.
    pub(crate) truncated: bool,
    /// The part that was not decoded, and why.
    pub(crate) note: Option<String>,
}

/// Reads `parts`, and holds what comes of them up to `held` bytes. A body that is not coded as its head says is read as it is
/// stored.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn scan(
    decoders: &Decoders,
    parts: &Parts,
    plan: Plan,
    held: u64,
) -> Result<Scanned, ReadError> {
    let (scanned, failed) = once(decoders, parts.clone(), plan.clone(), held).await?;
    if !failed || scanned.size > 0 {
        return Ok(scanned);
    }
    let (as_stored, _) = once(decoders, parts.clone(), plan.as_stored(), held).await?;
    Ok(Scanned { truncated: true, note: scanned.note, ..as_stored })
}

async fn once(
    decoders: &Decoders,
    parts: Parts,
    plan: Plan,
    held: u64,
) -> Result<(Scanned, bool), ReadError> {
    let plan = plan.of_unsealed(parts.is_unsealed());
    let mut reading = Reading::begin(decoders, parts, plan.clone());
    let mut detector = Detector::new(plan.charset.as_deref(), plan.media_type());
    let (mut bytes, mut is_held) = (Vec::new(), true);
    while let Some(piece) = reading.next().await? {
        detector.push(&piece);
        is_held &= (bytes.len() + piece.len()) as u64 <= held;
        if is_held {
            bytes.extend_from_slice(&piece);
        } else {
            bytes = Vec::new();
        }
    }
    let end = reading.end();
    let (encoding, charset) = detector.end(end.truncated);
    // Of what is not coded it is known without decoding.
    let size = if plan.codings.is_empty() { plan.stored.max(end.decoded) } else { end.decoded };
    let plan = plan.up_to(end.decoded);
    let scanned =
        Scanned { plan, bytes, is_held, size, encoding, charset, truncated: end.truncated, note: end.note };
    Ok((scanned, end.failed && !reading.is_only_cut()))
}
