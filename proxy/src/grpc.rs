//! gRPC messages read from bodies that pass (gRPC over HTTP/2: each has a flag and its length before it). They are only
//! looked at: the relay neither waits nor changes anything, and what can't be understood is not looked at any further: the
//! body has it.

use dashcam_exchange::{Direction, Headers, MessageCoding, MessageKind};
use dashcam_recorder::{MessageBuffer, MessageTap, Offered};

use crate::inflating::{Allowance, Compressed, RESTART};
use decoding::Decoding;

mod decoding;

/// The most of one message that is kept, whatever the limits say: it is held in memory until it is whole.
const LARGEST_KEPT: u64 = 16 << 20;
/// A flag and a length.
const PREFIX: usize = 5;

/// Reads one direction's messages.
pub(crate) struct Reader {
    direction: Direction,
    tap: MessageTap,
    /// How compressed messages are compressed.
    coding: MessageCoding,
    /// The bytes that may be inflated; lent to the message that is not whole yet, if it is compressed.
    allowance: Allowance,
    prefix: Vec<u8>,
    /// The message that is not whole yet, and how many bytes of it are to come.
    message: Option<(Message, u32)>,
    /// True once the bytes that come can't be understood any more.
    blind: bool,
}

/// Where a message's bytes go.
enum Message {
    AsItIs { size: u64, kept: MessageBuffer, limit: u64 },
    Compressed(Box<Decoding>),
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
            Some(b"gzip") => MessageCoding::Gzip,
            // What gRPC calls "deflate" is zlib's format.
            Some(b"deflate") => MessageCoding::Zlib,
            _ => MessageCoding::Other,
        };
        let tap = tap();
        tap.wanted().then_some(Self {
            direction,
            tap,
            coding,
            allowance: Allowance::default(),
            prefix: Vec::new(),
            message: None,
            blind: false,
        })
    }

    /// Makes room for the messages in the next `bytes`.
    pub(crate) fn offer(&self, bytes: usize) -> Offered {
        if self.blind { Offered::Taken } else { self.tap.offer(bytes) }
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
        let message = match (flag, self.coding) {
            (0, _) => Message::AsItIs { size: 0, kept: self.tap.buffer(), limit },
            (1, MessageCoding::Gzip | MessageCoding::Zlib) if self.allowance.spend(RESTART) => {
                let message = Compressed::new(&self.tap, limit);
                let allowance = std::mem::take(&mut self.allowance);
                Message::Compressed(Box::new(Decoding::new(self.coding, message, allowance)))
            }
            (1, coding) => Message::AsItIs { size: 0, kept: self.tap.buffer().coded(coding), limit },
            _ => return None,
        };
        self.go_on(message, u32::from_be_bytes([a, b, c, d]))
    }

    fn go_on(&mut self, message: Message, left: u32) -> Option<()> {
        if left > 0 {
            self.message = Some((message, left));
            return Some(());
        }
        let (size, kept) = match message {
            Message::AsItIs { size, kept, .. } => (size, kept),
            Message::Compressed(message) => {
                let (message, allowance) = message.finish()?;
                self.allowance = allowance;
                message.finish(self.coding)
            }
        };
        self.tap.message(self.direction, MessageKind::Grpc, size, kept);
        Some(())
    }
}

impl Message {
    fn write(&mut self, bytes: &[u8]) -> Option<()> {
        match self {
            Self::AsItIs { size, kept, limit } => {
                *size += bytes.len() as u64;
                kept.push(bytes, *limit);
                Some(())
            }
            Self::Compressed(message) => message.write(bytes),
        }
    }
}

#[cfg(test)]
mod tests;
