//! Windows of a body's messages: so many of them, in bounded time.

use std::time::{Duration, Instant};

use dashcam_exchange::{Direction, Exchange, Headers, State, Timestamp};
use dashcam_store::ReadError;
use tokio::task::{JoinError, spawn_blocking};

use super::format::SplitFormat;
use super::piece::{End, Piece};
use super::splitter::{LARGEST, Splitter};
use super::times::{Times, unarmoured};
use super::unarmoured::Unarmoured;
use crate::content::decoded::Decoded;
use crate::content::multipart::first_boundary;
use crate::content::subject::Subject;
use crate::decode::Decoders;
use crate::payload::Parts;

/// The most bytes of all contents of a window together, with their kinds and media types.
const CONTENTS: usize = 4 << 20;
/// The longest time for a window in which something was found.
const TIME: Duration = Duration::from_millis(1000);

/// A window of a body's messages.
#[derive(Debug, Clone, Copy)]
pub struct SplitWindow {
    /// The place of the first one in the decoded body: 0, or as an earlier window has it.
    pub offset: u64,
    /// The most messages.
    pub most: usize,
    /// The most bytes of each.
    pub preview: usize,
}

/// The messages of a window.
#[derive(Debug, Default)]
pub struct Split {
    /// The messages, with the size of each: their contents may be cut.
    pub pieces: Vec<(Piece, u64)>,
    /// Where the next window begins.
    pub next: u64,
    /// True if there may be messages in it now.
    pub more: bool,
    /// Why there are no more, where something is wrong.
    pub note: Option<String>,
}

/// The messages in a window of one of an exchange's bodies, of which `parts` are the kept bytes.
///
/// # Errors
/// When the store cannot be read.
pub async fn split(
    parts: &Parts,
    decoders: &Decoders,
    (exchange, direction): (&Exchange, Direction),
    (format, window): (SplitFormat, SplitWindow),
) -> Result<Split, ReadError> {
    let _room = decoders.room().await;
    let mut decoded = Decoded::begin(parts, decoders, (exchange, direction)).await?;
    of_decoded(&mut decoded, (exchange, direction), (format, window)).await
}

/// The same of a body that is decoded no further than it takes.
async fn of_decoded(
    decoded: &mut Decoded,
    (exchange, direction): (&Exchange, Direction),
    (format, window): (SplitFormat, SplitWindow),
) -> Result<Split, ReadError> {
    let nothing = Headers::default();
    let headers = exchange.headers(direction).unwrap_or(&nothing);
    let subject = Subject::of_headers(headers);
    let mut boundary = subject.parameter("boundary").filter(|boundary| !boundary.is_empty());
    let mut armour = subject.is(&["application/grpc-web-text*"]).then(Unarmoured::default);
    let (mut filling, mut from, mut at) = (Filling::new(window, exchange.started_at), 0u64, 0u64);
    let mut splitter = None;
    while let Some(bytes) = decoded.next().await? {
        let (marks, text) = (decoded.take_marks(), bytes.len() as u64);
        let (bytes, marks) = match &mut armour {
            Some(armour) => unarmoured(armour, (&bytes, from), marks, at),
            None => (bytes, marks),
        };
        from += text;
        filling.times.add(marks.into_iter().filter(|mark| mark.end > window.offset));
        if at == 0 && boundary.is_none() {
            boundary = first_boundary(&bytes);
        }
        let skipped = window.offset.saturating_sub(at).min(bytes.len() as u64) as usize;
        at += bytes.len() as u64;
        if skipped == bytes.len() {
            match armour.as_ref().is_some_and(Unarmoured::is_broken) {
                true => break,
                false => continue,
            }
        }
        let new = || Splitter::new(format, headers, (window.offset, boundary.clone()));
        let mut splitting = splitter.take().unwrap_or_else(new);
        let step = spawn_blocking(move || {
            splitting.push(&bytes[skipped..]);
            let is_full = filling.take(&mut splitting, End::Open);
            (filling, splitting, is_full)
        });
        let (filled, splitting, is_full) = match step.await {
            Ok(step) => step,
            Err(error) => return Ok(failed(&error, window)),
        };
        if splitting.is_done() {
            let note = splitting.stopped().map(str::to_owned);
            return Ok(Split { note, ..filled.end(splitting.position(), false) });
        }
        if is_full {
            return Ok(filled.end(splitting.position(), true));
        }
        (filling, splitter) = (filled, Some(splitting));
    }
    let armour = armour.filter(Unarmoured::is_broken).map(|_| "Not all of it is base64.".to_owned());
    let Some(mut splitter) = splitter else {
        let note = armour.or_else(|| decoded.note());
        return Ok(Split { note, ..filling.end(window.offset, false) });
    };
    let body = exchange.body(direction);
    let end = match () {
        () if exchange.state == State::Open && !body.complete && !body.truncated => End::Open,
        () if armour.is_some() || decoded.is_truncated() => End::Cut,
        () => End::Whole,
    };
    splitter.settle();
    let step = spawn_blocking(move || {
        let is_full = filling.take(&mut splitter, end);
        (filling, splitter, is_full)
    });
    let (filling, splitter, is_full) = match step.await {
        Ok(step) => step,
        Err(error) => return Ok(failed(&error, window)),
    };
    let more = is_full && !splitter.is_done();
    let why = splitter.stopped().map(str::to_owned).or(armour).or_else(|| decoded.note());
    Ok(Split { note: why.filter(|_| !more), ..filling.end(splitter.position(), more) })
}

/// The window of a body over which dashcam failed.
fn failed(error: &JoinError, window: SplitWindow) -> Split {
    tracing::error!(%error, "splitting a body failed");
    let note = Some("dashcam failed to split it: its log says why.".to_owned());
    Split { note, next: window.offset, ..Split::default() }
}

/// The message at `offset` of one of an exchange's bodies, whole; `None` if there is none.
///
/// # Errors
/// When the store cannot be read.
pub async fn piece_at(
    parts: &Parts,
    decoders: &Decoders,
    of: (&Exchange, Direction),
    (format, offset): (SplitFormat, u64),
) -> Result<Option<Piece>, ReadError> {
    let window = SplitWindow { offset, most: 1, preview: LARGEST };
    let found = split(parts, decoders, of, (format, window)).await?;
    Ok(found.pieces.into_iter().next().map(|(piece, _)| piece))
}

/// A window that is filled.
struct Filling {
    window: SplitWindow,
    split: Split,
    contents: usize,
    times: Times,
    /// When its first bytes came.
    since: Option<Instant>,
}

impl Filling {
    fn new(window: SplitWindow, started_at: Timestamp) -> Self {
        Self { window, split: Split::default(), contents: 0, times: Times::new(started_at), since: None }
    }

    /// Takes the messages that there are; true once the window is full.
    fn take(&mut self, splitter: &mut Splitter, end: End) -> bool {
        let since = *self.since.get_or_insert_with(Instant::now);
        while let Some(mut piece) = splitter.next(end) {
            let size = piece.payload.len() as u64;
            piece.at = self.times.of(splitter.position());
            piece.payload.truncate(self.window.preview);
            self.contents += piece.payload.len() + piece.kind.len() + piece.media_type.len();
            self.split.pieces.push((piece, size));
            let is_full = self.split.pieces.len() >= self.window.most || self.contents >= CONTENTS;
            if is_full || since.elapsed() >= TIME {
                return true;
            }
        }
        splitter.position() > self.window.offset && since.elapsed() >= TIME
    }

    fn end(self, next: u64, more: bool) -> Split {
        Split { next, more, ..self.split }
    }
}

#[cfg(test)]
mod tests;
