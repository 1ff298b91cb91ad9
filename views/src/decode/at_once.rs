//! A body that is held whole, decoded on the thread that asks: the same bytes as step by step ([`super::scan`]).

use std::borrow::Cow;
use std::io::{Cursor, ErrorKind, Read};

use super::charset::{Detector, is_verbatim};
use super::decoders::Decoders;
use super::dictionary::Lookup;
use super::layer::Layer;
use super::pace::Pace;
use super::plan::Plan;
use super::{Writer, codings};

/// Bytes of a step in [`super::reading`]: the first of them are the sample by which text is known.
const STEP: usize = 32 << 10;

/// A body's bytes, as far as they could be decoded.
#[derive(Clone, Copy)]
struct Whole<'b> {
    bytes: &'b [u8],
    is_truncated: bool,
}

/// The first bytes of a body (those that are `stored`), decoded as `plan` says, and as UTF-8 if it is text. `room` is where
/// codings are undone. `None` if others of the recording have to be read for it: its dictionary.
pub(crate) fn searched<'b>(
    decoders: &Decoders,
    plan: &Plan,
    stored: &'b [u8],
    room: &'b mut Vec<u8>,
) -> Option<Cow<'b, [u8]>> {
    if plan.needs_dictionary() {
        return None;
    }
    if plan.codings.is_empty() {
        return Some(as_text(plan, as_stored(plan, stored)));
    }
    room.clear();
    let (is_truncated, failed) = undo(decoders, plan, stored, room);
    if failed && room.is_empty() {
        // It is not coded as its head says.
        let whole = as_stored(&plan.as_stored(), stored);
        return Some(as_text(plan, Whole { is_truncated: true, ..whole }));
    }
    Some(as_text(plan, Whole { bytes: room, is_truncated }))
}

fn as_stored<'b>(plan: &Plan, stored: &'b [u8]) -> Whole<'b> {
    let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
    let bytes = &stored[..stored.len().min(limit)];
    let has_all = stored.len() <= limit && bytes.len() as u64 >= plan.stored;
    Whole { bytes, is_truncated: !has_all || !plan.is_whole }
}

/// Undoes the codings of a body; returns whether there is more of it, and whether it could not be decoded to its end.
fn undo(decoders: &Decoders, plan: &Plan, stored: &[u8], room: &mut Vec<u8>) -> (bool, bool) {
    let wanted = usize::try_from(plan.wanted).unwrap_or(usize::MAX).min(stored.len());
    let pace = Pace::new(decoders.limits.time);
    pace.begin();
    let body = Box::new(Cursor::new(stored[..wanted].to_vec()));
    let lookup = Lookup::new(&decoders.dictionaries, None);
    let read = codings::undo(&plan.codings, decoders.limits.codings, (body, &lookup), &pace)
        .and_then(|mut body| read(&mut body, plan.limit, room));
    let is_over = room.len() as u64 > plan.limit;
    room.truncate(usize::try_from(plan.limit).unwrap_or(usize::MAX));
    let is_only_cut = |error: &std::io::Error| {
        !plan.is_whole && pace.cut().is_none() && error.kind() == ErrorKind::UnexpectedEof
    };
    let failed = read.as_ref().is_err_and(|error| !is_only_cut(error));
    (is_over || !plan.is_whole || read.is_err() || !plan.wants_all(), failed)
}

/// Reads at most one byte more than `limit`, in the steps of [`super::reading`]: codings that break off give what came with
/// the reads before.
fn read(body: &mut Layer, limit: u64, room: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let left = limit.saturating_sub(room.len() as u64);
        let most = (STEP as u64).min(left.saturating_add(1));
        room.reserve(usize::try_from(most).unwrap_or(STEP));
        let read = body.by_ref().take(most).read_to_end(room)?;
        if (read as u64) < most || read as u64 > left {
            return Ok(());
        }
    }
}

fn as_text<'b>(plan: &Plan, whole: Whole<'b>) -> Cow<'b, [u8]> {
    let Whole { bytes, is_truncated } = whole;
    if is_verbatim(plan.charset.as_deref(), plan.media_type(), bytes) {
        return bytes.into();
    }
    let mut detector = Detector::new(plan.charset.as_deref(), plan.media_type());
    bytes.chunks(STEP).for_each(|piece| detector.push(piece));
    let (encoding, _) = detector.end(is_truncated);
    match encoding.filter(|encoding| *encoding != encoding_rs::UTF_8) {
        None => bytes.into(),
        Some(encoding) => {
            let (mut writer, mut text) = (Writer::new(encoding), String::with_capacity(bytes.len()));
            bytes.chunks(STEP).for_each(|piece| text.push_str(&writer.push(piece, false)));
            text.push_str(&writer.push(&[], !is_truncated));
            Cow::Owned(text.into_bytes())
        }
    }
}
