//! Reads WebSocket messages (RFC 6455, RFC 7692) from bytes that pass. It only looks: the relay neither
//! waits for it nor changes anything, and when it can't understand what it sees, it stops looking.

use dashcam_exchange::{Direction, Headers, MessageKind};
use dashcam_recorder::MessageTap;
use flate2::{Decompress, FlushDecompress, Status};

/// The most of one message that is kept, whatever the limits say: it is held in memory until it is whole.
const LARGEST_KEPT: u64 = 16 << 20;
/// A control frame's payload (RFC 6455 §5.5).
const LARGEST_CONTROL: u64 = 125;

/// What client and server agreed on beyond RFC 6455.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    deflate: bool,
    /// Each message of the client (of the server) is deflated for itself.
    client_no_context: bool,
    server_no_context: bool,
    /// Something else that may change what frames mean.
    unknown: bool,
}

impl Extensions {
    /// The extensions that a server's answer names.
    pub(crate) fn negotiated(headers: &Headers) -> Self {
        let mut found = Self::default();
        for extension in headers.tokens("sec-websocket-extensions") {
            let mut parts = extension.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            if !parts.next().is_some_and(|name| name.eq_ignore_ascii_case(b"permessage-deflate")) {
                found.unknown = true;
                continue;
            }
            found.deflate = true;
            for parameter in parts {
                found.client_no_context |= parameter.eq_ignore_ascii_case(b"client_no_context_takeover");
                found.server_no_context |= parameter.eq_ignore_ascii_case(b"server_no_context_takeover");
            }
        }
        found
    }
}

/// Reads one direction's frames.
pub(crate) struct Reader {
    direction: Direction,
    tap: MessageTap,
    head: Vec<u8>,
    frame: Option<Frame>,
    message: Message,
    control: Message,
    inflater: Option<Inflater>,
    /// What comes can't be understood any more, or is not wanted.
    blind: bool,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    control: bool,
    last: bool,
    left: u64,
    mask: Option<[u8; 4]>,
    mask_at: usize,
}

/// A message that is not whole yet.
#[derive(Default)]
struct Message {
    kind: Option<MessageKind>,
    deflated: bool,
    size: u64,
    kept: Vec<u8>,
}

impl Message {
    fn keep(&mut self, bytes: &[u8], limit: u64) {
        self.size += bytes.len() as u64;
        let room = usize::try_from(limit.saturating_sub(self.kept.len() as u64)).unwrap_or(usize::MAX);
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

impl Reader {
    pub(crate) fn new(direction: Direction, extensions: &Extensions, tap: MessageTap) -> Self {
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
            message: Message::default(),
            control: Message::default(),
            inflater: extensions.deflate.then(|| Inflater::new(no_context)),
            blind,
        }
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
                self.message = Message::default();
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
            (false, None) => self.message.kind.is_some() && !deflated,
            (false, Some(_)) => self.message.kind.is_none(),
        };
        if !fits {
            return None;
        }
        if control {
            self.control = Message { kind, ..Message::default() };
        } else if kind.is_some() {
            self.message = Message { kind, deflated, ..Message::default() };
        }
        Some(Frame { control, last, left, mask, mask_at: 0 })
    }

    fn read_payload(&mut self, mut frame: Frame, bytes: &mut &[u8]) -> Option<()> {
        let length = usize::try_from(frame.left).unwrap_or(usize::MAX).min(bytes.len());
        let (payload, rest) = bytes.split_at(length);
        *bytes = rest;
        let mut payload = payload.to_vec();
        if let Some(mask) = frame.mask {
            for byte in &mut payload {
                *byte ^= mask[frame.mask_at % 4];
                frame.mask_at += 1;
            }
        }
        frame.left -= length as u64;
        let limit = self.tap.limit().min(LARGEST_KEPT);
        if frame.control {
            self.control.keep(&payload, LARGEST_CONTROL);
        } else if self.message.deflated {
            self.inflater.as_mut()?.inflate(&payload, &mut self.message, limit)?;
        } else {
            self.message.keep(&payload, limit);
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
        let message = if frame.control {
            std::mem::take(&mut self.control)
        } else {
            let limit = self.tap.limit().min(LARGEST_KEPT);
            if self.message.deflated {
                self.inflater.as_mut()?.finish(&mut self.message, limit)?;
            }
            std::mem::take(&mut self.message)
        };
        self.tap.message(self.direction, message.kind?, message.size, message.kept);
        Some(())
    }
}

/// Undoes permessage-deflate.
struct Inflater {
    state: Decompress,
    /// Every message begins anew.
    no_context: bool,
    scratch: Vec<u8>,
}

impl Inflater {
    fn new(no_context: bool) -> Self {
        Self { state: Decompress::new(false), no_context, scratch: vec![0; 8 << 10] }
    }

    /// Inflates into `message`; `None` when the bytes are not deflated.
    fn inflate(&mut self, mut bytes: &[u8], message: &mut Message, limit: u64) -> Option<()> {
        loop {
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(bytes, &mut self.scratch, FlushDecompress::Sync).ok()?;
            let read = usize::try_from(self.state.total_in() - read).ok()?;
            let written = usize::try_from(self.state.total_out() - written).ok()?;
            message.keep(&self.scratch[..written], limit);
            bytes = &bytes[read..];
            match status {
                Status::StreamEnd => {
                    // A final block (RFC 7692 §7.2.3.4): the next one begins anew.
                    self.state.reset(false);
                    return Some(());
                }
                // It may still hold output when all input is read: only standing still is the end.
                _ if read == 0 && written == 0 => return bytes.is_empty().then_some(()),
                _ => {}
            }
        }
    }

    /// The end of a message: what the sender left out (RFC 7692 §7.2.2).
    fn finish(&mut self, message: &mut Message, limit: u64) -> Option<()> {
        self.inflate(&[0x00, 0x00, 0xff, 0xff], message, limit)?;
        if self.no_context {
            self.state.reset(false);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use dashcam_control::Settings;
    use dashcam_exchange::{
        ConnectionId, Destination, ExchangeId, GapReason, Level, Record, RequestHead, Scheme, Version,
    };
    use dashcam_recorder::{Begin, Limits, recorder};
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    /// The messages that are recorded of `wire`, read in pieces of `step` bytes, and whether it could all be read.
    async fn read(wire: &[u8], step: usize, extensions: &str) -> (Vec<(MessageKind, u64, Vec<u8>)>, bool) {
        let (recorder, writer) = recorder(Limits::default(), (ExchangeId(0), ConnectionId(0)));
        let open = recorder.begin(Begin {
            connection: None,
            replay_of: None,
            level: Level::Full,
            body_limit: Settings::default().body_limit,
            destination: Destination::parse(Scheme::Http, "a").unwrap(),
            request: RequestHead {
                method: "GET".into(),
                target: "/".into(),
                authority: None,
                version: Version::Http11,
                headers: Headers::default(),
            },
        });
        let open = open.unwrap();
        let headers = [("Sec-WebSocket-Extensions", extensions)].into_iter().collect();
        let mut reader = Reader::new(Direction::Request, &Extensions::negotiated(&headers), open.messages());
        wire.chunks(step).for_each(|piece| reader.read(piece));
        drop((open, reader));
        recorder.close();
        let records = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&records);
        let append = move |batch| {
            kept.lock().unwrap().extend::<Vec<Record>>(batch);
            std::future::ready(Ok::<_, String>(()))
        };
        writer.run(append, |_| GapReason::DiskError).await;
        let mut messages = Vec::new();
        let mut whole = true;
        for record in records.lock().unwrap().drain(..) {
            match record {
                Record::Message(message) => messages.push((message.kind, message.size, message.data)),
                Record::Finished(exchange) => whole = !exchange.request_body.truncated,
                _ => {}
            }
        }
        (messages, whole)
    }

    fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
        let masked = if mask.is_some() { 0x80 } else { 0 };
        let mut frame = vec![first];
        match payload.len() {
            length @ 0..126 => frame.push(masked | length as u8),
            length @ 126..0x1_0000 => {
                frame.push(masked | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            length => {
                frame.push(masked | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend(mask.iter().flatten());
        let mask = mask.unwrap_or_default();
        frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
        frame
    }

    fn deflate(compress: &mut Compress, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(payload.len() + 100);
        compress.compress_vec(payload, &mut out, FlushCompress::Sync).unwrap();
        out.truncate(out.len() - 4);
        out
    }

    #[tokio::test]
    async fn fragments_masks_and_control_frames() {
        let large = vec![7; 70_000];
        let wire = [
            frame(0x01, Some([1, 2, 3, 4]), b"he"),
            frame(0x89, Some([9, 9, 9, 9]), b"ping"),
            frame(0x80, Some([5, 6, 7, 8]), b"llo"),
            frame(0x82, None, &large),
            frame(0x81, None, b""),
            frame(0x88, Some([0, 1, 0, 1]), b"\x03\xe8bye"),
        ];
        for step in [1, 7, 1 << 20] {
            let (messages, whole) = read(&wire.concat(), step, "").await;
            let expect = [
                (MessageKind::Ping, 4, b"ping".to_vec()),
                (MessageKind::Text, 5, b"hello".to_vec()),
                (MessageKind::Binary, 70_000, large.clone()),
                (MessageKind::Text, 0, Vec::new()),
                (MessageKind::Close, 5, b"\x03\xe8bye".to_vec()),
            ];
            assert_eq!((messages, whole), (expect.to_vec(), true), "in steps of {step}");
        }
    }

    #[tokio::test]
    async fn deflated_messages_with_and_without_context() {
        let text = "the same words, the same words, the same words ".repeat(1000);
        for extensions in ["permessage-deflate", "permessage-deflate; client_no_context_takeover"] {
            let mut compress = Compress::new(Compression::default(), false);
            let mut wire = Vec::new();
            for payload in [b"hello".as_slice(), text.as_bytes(), b"hello"] {
                if extensions.contains("no_context") {
                    compress.reset();
                }
                let deflated = deflate(&mut compress, payload);
                let (head, tail) = deflated.split_at(deflated.len() / 2);
                wire.extend(frame(0x41, Some([1, 2, 3, 4]), head));
                wire.extend(frame(0x80, Some([4, 3, 2, 1]), tail));
            }
            for step in [1, 13, 1 << 20] {
                let (messages, whole) = read(&wire, step, extensions).await;
                let found: Vec<_> =
                    messages.iter().map(|(_, _, data)| String::from_utf8_lossy(data)).collect();
                assert_eq!(
                    (found, whole),
                    (vec!["hello".into(), text.as_str().into(), "hello".into()], true)
                );
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_websocket_is_marked_and_ends_the_looking() {
        for wire in [b"\xf1\x00".as_slice(), b"\x80\x00", b"\x83\x00", b"\x09\x00", b"\x89\x7e\x00\x80"] {
            let (messages, whole) = read(&[wire, &frame(0x81, None, b"later")].concat(), 1, "").await;
            assert_eq!((messages, whole), (Vec::new(), false), "{wire:x?}");
        }
        let (messages, whole) = read(&frame(0x81, None, b"x"), 1, "x-unknown").await;
        assert_eq!((messages, whole), (Vec::new(), false));
    }
}
