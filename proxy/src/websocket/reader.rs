//! Frames to messages, one direction of a connection.

use std::borrow::Cow;

use dashcam_exchange::{Direction, MessageCoding, MessageKind};
use dashcam_recorder::{MessageBuffer, MessageTap, Offered};

use crate::inflating::{Allowance, Compressed};
use crate::websocket::Extensions;
use crate::websocket::inflate::Inflater;

/// The most of one message that is kept, whatever the limits say: it is held in memory until it is whole.
const LARGEST_KEPT: u64 = 16 << 20;
/// A control frame's payload (RFC 6455 §5.5).
const LARGEST_CONTROL: u64 = 125;

/// Reads one direction's frames.
pub(crate) struct Reader {
    direction: Direction,
    tap: MessageTap,
    head: Vec<u8>,
    frame: Option<Frame>,
    message: Option<Message>,
    control: Option<Message>,
    inflater: Option<Inflater>,
    /// True once the bytes that come can't be understood any more, or are not wanted.
    blind: bool,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    control: bool,
    last: bool,
    left: u64,
    mask: Option<[u8; 4]>,
    /// Which of the mask's bytes is next.
    mask_at: usize,
}

impl Frame {
    /// The next bytes of the payload as they are meant.
    fn unmask<'b>(&mut self, payload: &'b [u8]) -> Cow<'b, [u8]> {
        let Some(mask) = self.mask else { return Cow::Borrowed(payload) };
        let at = self.mask_at;
        self.mask_at = (at + payload.len()) % mask.len();
        Cow::Owned(payload.iter().zip((0..4).cycle().skip(at)).map(|(byte, at)| byte ^ mask[at]).collect())
    }
}

/// A message that is not whole yet.
struct Message {
    kind: MessageKind,
    payload: Payload,
}

/// The part of a message's payload that has come.
enum Payload {
    Plain { size: u64, kept: MessageBuffer },
    Deflated(Compressed),
}

impl Reader {
    pub(crate) fn new(direction: Direction, extensions: &Extensions, tap: MessageTap) -> Self {
        Self::within(Allowance::default(), direction, extensions, tap)
    }

    /// A reader that may inflate what `allowance` has.
    pub(crate) fn within(
        allowance: Allowance,
        direction: Direction,
        extensions: &Extensions,
        tap: MessageTap,
    ) -> Self {
        let no_context = match direction {
            Direction::Request => extensions.client_no_context,
            Direction::Response => extensions.server_no_context,
        };
        let blind = extensions.unknown || !tap.wanted();
        if extensions.unknown {
            tap.unreadable(direction);
        }
        Self {
            direction,
            tap,
            head: Vec::with_capacity(14),
            frame: None,
            message: None,
            control: None,
            inflater: extensions.deflate.then(|| Inflater::new(no_context, allowance)),
            blind,
        }
    }

    /// Makes room for the messages in the next `bytes`.
    pub(crate) fn offer(&self, bytes: usize) -> Offered {
        if self.blind { Offered::Taken } else { self.tap.offer(bytes) }
    }

    /// Looks at bytes that pass.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        while !self.blind && !bytes.is_empty() {
            let understood = match self.frame {
                None => self.read_head(&mut bytes),
                Some(frame) => self.read_payload(frame, &mut bytes),
            };
            if understood.is_none() {
                self.blind = true;
                (self.message, self.control) = (None, None);
                self.tap.unreadable(self.direction);
            }
        }
    }

    fn read_head(&mut self, bytes: &mut &[u8]) -> Option<()> {
        let (first, rest) = bytes.split_first()?;
        self.head.push(*first);
        *bytes = rest;
        if self.head.len() < 2 {
            return Some(());
        }
        let masked = self.head[1] & 0x80 != 0;
        let length_bytes = match self.head[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if self.head.len() < 2 + length_bytes + if masked { 4 } else { 0 } {
            return Some(());
        }
        let left = match length_bytes {
            0 => u64::from(self.head[1] & 0x7f),
            _ => self.head[2..2 + length_bytes].iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
        };
        let mask = masked.then(|| self.head[2 + length_bytes..].try_into().ok()).flatten();
        let frame = self.begin(self.head[0], left, mask)?;
        self.head.clear();
        self.frame = Some(frame);
        if left == 0 { self.end(frame) } else { Some(()) }
    }

    /// A frame begins; `None` if it does not fit where we are.
    fn begin(&mut self, first: u8, left: u64, mask: Option<[u8; 4]>) -> Option<Frame> {
        let (last, reserved, opcode) = (first & 0x80 != 0, first & 0x70, first & 0x0f);
        let deflated = reserved == 0x40 && self.inflater.is_some();
        if reserved != 0 && !deflated {
            return None;
        }
        let kind = match opcode {
            0 => None,
            1 => Some(MessageKind::Text),
            2 => Some(MessageKind::Binary),
            8 => Some(MessageKind::Close),
            9 => Some(MessageKind::Ping),
            10 => Some(MessageKind::Pong),
            _ => return None,
        };
        let control = opcode >= 8;
        let fits = match (control, kind) {
            (true, _) => last && left <= LARGEST_CONTROL && !deflated,
            (false, None) => self.message.is_some() && !deflated,
            (false, Some(_)) => self.message.is_none(),
        };
        if !fits {
            return None;
        }
        if let Some(kind) = kind {
            let message = Message { kind, payload: self.payload(deflated)? };
            let place = if control { &mut self.control } else { &mut self.message };
            *place = Some(message);
        }
        Some(Frame { control, last, left, mask, mask_at: 0 })
    }

    fn payload(&mut self, deflated: bool) -> Option<Payload> {
        if !deflated {
            return Some(Payload::Plain { size: 0, kept: self.tap.buffer() });
        }
        let mut message = Compressed::new(&self.tap, self.tap.limit().min(LARGEST_KEPT));
        self.inflater.as_mut()?.begin(&mut message);
        Some(Payload::Deflated(message))
    }

    fn read_payload(&mut self, mut frame: Frame, bytes: &mut &[u8]) -> Option<()> {
        let length = usize::try_from(frame.left).unwrap_or(usize::MAX).min(bytes.len());
        let (payload, rest) = bytes.split_at(length);
        *bytes = rest;
        frame.left -= length as u64;
        let limit = self.tap.limit().min(LARGEST_KEPT);
        let (message, limit) = match frame.control {
            true => (self.control.as_mut()?, LARGEST_CONTROL),
            false => (self.message.as_mut()?, limit),
        };
        match &mut message.payload {
            Payload::Deflated(message) => {
                let payload = frame.unmask(payload);
                self.inflater.as_mut()?.inflate(&payload, message)?;
            }
            Payload::Plain { size, kept } => {
                if *size < limit {
                    kept.push(&frame.unmask(payload), limit);
                }
                // Of a message that is cut, only the length matters any more.
                *size += length as u64;
            }
        }
        self.frame = Some(frame);
        if frame.left == 0 { self.end(frame) } else { Some(()) }
    }

    /// A frame ends, and with it perhaps a message.
    fn end(&mut self, frame: Frame) -> Option<()> {
        self.frame = None;
        if !frame.last {
            return Some(());
        }
        let message = if frame.control { self.control.take()? } else { self.message.take()? };
        let (size, kept) = match message.payload {
            Payload::Plain { size, kept } => (size, kept),
            Payload::Deflated(mut message) => {
                self.inflater.as_mut()?.finish(&mut message)?;
                message.finish(MessageCoding::Deflate)
            }
        };
        self.tap.message(self.direction, message.kind, size, kept);
        Some(())
    }
}

/// Notes a stream that ends inside a message: part of it is missing from the record.
impl Drop for Reader {
    fn drop(&mut self) {
        if !self.blind && (self.message.is_some() || self.frame.is_some() || !self.head.is_empty()) {
            self.tap.unreadable(self.direction);
        }
    }
}
