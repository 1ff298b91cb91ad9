//! A body that is split while its bytes come.

use dashcam_exchange::Headers;

use super::format::SplitFormat;
use super::frames::{self, Frames};
use super::piece::{End, Piece, Step};
use super::{documents, events, parts};
use crate::content::framed;
use crate::content::subject::Subject;

/// The largest message.
pub(super) const LARGEST: usize = 16 << 20;
/// Bytes that are in use no more, and are let go at once.
const LET_GO: usize = 1 << 20;

/// Splits the bytes that come.
#[derive(Debug)]
pub(super) struct Splitter {
    framing: Framing,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are in use no more.
    used: usize,
    /// Bytes of the body before the buffer.
    before: u64,
    /// Fewer bytes than these don't tell more than before.
    enough: usize,
    /// True where the messages end before the body may.
    is_at_end: bool,
    /// Why the rest is not read.
    stopped: Option<&'static str>,
}

#[derive(Debug)]
enum Framing {
    Events,
    Documents,
    /// Between lines that begin so.
    Parts(Vec<u8>),
    AwsEvents,
    Frames(Frames),
}

impl Splitter {
    /// For the body behind `headers`, of which the bytes behind `offset` will come. A boundary that they do not name is that of
    /// its first line.
    pub(super) fn new(
        format: SplitFormat,
        headers: &Headers,
        (offset, boundary): (u64, Option<String>),
    ) -> Self {
        let subject = Subject::of_headers(headers);
        let framing = match format {
            SplitFormat::Events => Framing::Events,
            SplitFormat::Documents => Framing::Documents,
            SplitFormat::AwsEvents => Framing::AwsEvents,
            SplitFormat::Parts => Framing::Parts(format!("--{}", boundary.unwrap_or_default()).into_bytes()),
            SplitFormat::Frames => Framing::Frames(Frames {
                is_connect: subject.is(&["application/connect+*"]),
                coding: framed::coding(headers).map(str::to_owned),
                media_type: if subject.is(&["*+json"]) { "application/json" } else { "application/protobuf" },
            }),
        };
        Self {
            framing,
            buffer: Vec::new(),
            used: 0,
            before: offset,
            enough: 0,
            is_at_end: false,
            stopped: None,
        }
    }

    /// Takes bytes, unless the rest is not read.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.is_done() {
            return;
        }
        if self.used >= LET_GO {
            self.buffer.drain(..self.used);
            self.before += self.used as u64;
            self.used = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The place in the body behind which nothing was found yet.
    pub(super) fn position(&self) -> u64 {
        self.before + self.used as u64
    }

    /// No more bytes come for now: a message is looked for in few of them too.
    pub(super) fn settle(&mut self) {
        self.enough = 0;
    }

    /// Returns whether nothing more can be found, whatever comes.
    pub(super) fn is_done(&self) -> bool {
        self.is_at_end || self.stopped.is_some()
    }

    /// Why the rest is not read, if something is wrong with it.
    pub(super) fn stopped(&self) -> Option<&'static str> {
        self.stopped
    }

    /// The next message in the bytes that are there.
    pub(super) fn next(&mut self, end: End) -> Option<Piece> {
        loop {
            let bytes = &self.buffer[self.used..];
            let is_enough = end != End::Open || bytes.len() >= self.enough.min(LARGEST);
            if self.is_done() || bytes.is_empty() || !is_enough {
                return None;
            }
            let step = match &self.framing {
                Framing::Events => events::next(bytes, end),
                Framing::Documents => documents::next(bytes, end),
                Framing::Parts(mark) => parts::next(bytes, mark, end),
                Framing::AwsEvents => frames::next_aws(bytes, end),
                Framing::Frames(about) => frames::next_frame(bytes, about, end),
            };
            let count = bytes.len();
            match step {
                Step::Message(length, piece) => {
                    let offset = self.position();
                    self.advance(length);
                    return Some(Piece { offset, ..piece });
                }
                Step::Skip(length) => self.advance(length),
                Step::More if count >= LARGEST => {
                    self.stopped =
                        Some("A message is larger than 16 MiB: it and the rest are in the body alone.");
                }
                // So that a large one is not looked through again with each piece of it.
                Step::More => {
                    self.enough = count + count / 4;
                    return None;
                }
                Step::End => self.is_at_end = true,
                Step::Stop(why) => self.stopped = Some(why),
            }
        }
    }

    fn advance(&mut self, length: usize) {
        self.used += length;
        self.enough = 0;
    }
}

#[cfg(test)]
mod tests;
