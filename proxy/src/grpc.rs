//! gRPC messages read from bodies that pass (gRPC over HTTP/2: each has a flag and its length before it). They are only
//! looked at: the relay neither waits nor changes anything, and what can't be understood is not looked at any further: the
//! body has it.

use std::io::{self, Write};

use dashcam_exchange::{Direction, Headers, MessageKind};
use dashcam_recorder::{MessageBuffer, MessageTap};
use flate2::write::{GzDecoder, ZlibDecoder};

/// The most of one message that is kept, whatever the limits say: it is held in memory until it is whole.
const LARGEST_KEPT: u64 = 16 << 20;
/// A flag and a length.
const PREFIX: usize = 5;

/// Reads one direction's messages.
pub(crate) struct Reader {
    direction: Direction,
    tap: MessageTap,
    coding: Coding,
    prefix: Vec<u8>,
    /// The message that is not whole yet, and how many bytes of it are to come.
    message: Option<(Message, u32)>,
    /// What comes can't be understood any more.
    blind: bool,
}

/// How a direction's compressed messages are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    /// What gRPC calls "deflate" is zlib's format (RFC 1950).
    Zlib,
    /// One that is kept as it is.
    Other,
}

/// Where a message's bytes go.
enum Message {
    AsItIs(Kept),
    Gzip(Box<GzDecoder<Kept>>),
    Zlib(Box<ZlibDecoder<Kept>>),
}

/// What is kept of a message.
struct Kept {
    buffer: MessageBuffer,
    size: u64,
    limit: u64,
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.size += bytes.len() as u64;
        if self.size > LARGEST_KEPT.max(self.limit) {
            // A few bytes that grow without end are not followed for ever.
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.buffer.push(bytes, self.limit);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Reader {
    /// A reader of the body behind `headers`, if those say that it is gRPC.
    pub(crate) fn new(
        direction: Direction,
        headers: &Headers,
        tap: impl FnOnce() -> MessageTap,
    ) -> Option<Self> {
        let content_type = headers.first("content-type")?;
        let rest = content_type.strip_prefix(b"application/grpc")?;
        if !matches!(rest.first(), None | Some(b'+' | b';' | b' ')) {
            return None;
        }
        let coding = match headers.first("grpc-encoding") {
            Some(b"gzip") => Coding::Gzip,
            Some(b"deflate") => Coding::Zlib,
            _ => Coding::Other,
        };
        let tap = tap();
        tap.wanted().then_some(Self {
            direction,
            tap,
            coding,
            prefix: Vec::new(),
            message: None,
            blind: false,
        })
    }

    /// Looks at bytes that pass.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        while !self.blind && !bytes.is_empty() {
            if self.step(&mut bytes).is_none() {
                self.blind = true;
                self.message = None;
            }
        }
    }

    fn step(&mut self, bytes: &mut &[u8]) -> Option<()> {
        let Some((mut message, left)) = self.message.take() else {
            let wanted = PREFIX - self.prefix.len();
            let (start, rest) = bytes.split_at(wanted.min(bytes.len()));
            self.prefix.extend_from_slice(start);
            *bytes = rest;
            return if self.prefix.len() == PREFIX { self.begin() } else { Some(()) };
        };
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let (piece, rest) = bytes.split_at(length);
        *bytes = rest;
        message.write(piece)?;
        self.go_on(message, left - u32::try_from(length).ok()?)
    }

    fn begin(&mut self) -> Option<()> {
        let &[flag, a, b, c, d] = self.prefix.as_slice() else { return None };
        self.prefix.clear();
        let limit = self.tap.limit().min(LARGEST_KEPT);
        let kept = Kept { buffer: self.tap.buffer(), size: 0, limit };
        let message = match (flag, self.coding) {
            (0, _) | (1, Coding::Other) => Message::AsItIs(kept),
            (1, Coding::Gzip) => Message::Gzip(Box::new(GzDecoder::new(kept))),
            (1, Coding::Zlib) => Message::Zlib(Box::new(ZlibDecoder::new(kept))),
            _ => return None,
        };
        self.go_on(message, u32::from_be_bytes([a, b, c, d]))
    }

    fn go_on(&mut self, message: Message, left: u32) -> Option<()> {
        if left > 0 {
            self.message = Some((message, left));
            return Some(());
        }
        let Kept { buffer, size, .. } = message.finish()?;
        self.tap.message(self.direction, MessageKind::Grpc, size, buffer);
        Some(())
    }
}

impl Message {
    fn write(&mut self, bytes: &[u8]) -> Option<()> {
        let written = match self {
            // A message as it is costs no more than its own bytes, however large it is.
            Self::AsItIs(kept) => {
                kept.size += bytes.len() as u64;
                kept.buffer.push(bytes, kept.limit);
                Ok(())
            }
            Self::Gzip(decoder) => decoder.write_all(bytes),
            Self::Zlib(decoder) => decoder.write_all(bytes),
        };
        written.ok()
    }

    fn finish(self) -> Option<Kept> {
        match self {
            Self::AsItIs(kept) => Some(kept),
            Self::Gzip(decoder) => decoder.finish().ok(),
            Self::Zlib(decoder) => decoder.finish().ok(),
        }
    }
}

#[cfg(test)]
mod tests;
