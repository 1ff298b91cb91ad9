//! The way through a body: a scanner of text, or messages behind prefixes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::cx::Cx;
use super::frames::{Frames, Scanned, message_in};
use super::kind::Kind;
use super::scanner::Scanner;

/// Bytes of a token that waits for its end, at most.
const TOKEN: usize = 64 << 10;
/// Bytes of a message that waits for its end, at most.
const MESSAGE: usize = 4 << 20;

/// The way through a body.
#[derive(Debug)]
pub(super) enum Way {
    Scan(Scanner),
    Frames(Frames),
    /// gRPC-Web's text: all of it is decoded at the end.
    FramesAsText(Frames),
    /// One message of Protocol buffers.
    Message,
}

/// How far a way went through what is at hand.
pub(super) struct Passed {
    /// Up to where.
    pub(super) used: usize,
    /// The bytes that stand there now; `None` if nothing was replaced.
    pub(super) out: Option<Vec<u8>>,
    /// True if what follows can't be gone through.
    pub(super) is_broken: bool,
}

impl Way {
    /// The way through a body of this kind, whose messages may be compressed as `message_coding` says.
    pub(super) fn of(kind: Kind, message_coding: &[u8]) -> Self {
        let frames = || Frames::new(message_coding, MESSAGE);
        match kind {
            Kind::Grpc => Self::Frames(frames()),
            Kind::GrpcText => Self::FramesAsText(frames()),
            Kind::Protobuf => Self::Message,
            kind => Self::Scan(Scanner::of(kind)),
        }
    }

    /// Returns whether what stands there can become longer without more ado: nothing counts its bytes.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Scan(_))
    }

    /// Returns whether words are looked at up to its end.
    pub(super) fn has_words(&self) -> bool {
        matches!(self, Self::Scan(_) | Self::Message) && !matches!(self, Self::Scan(Scanner::Opaque))
    }

    /// Bytes that may wait for more, at most.
    pub(super) fn most(&self) -> usize {
        if matches!(self, Self::Scan(_)) { TOKEN } else { MESSAGE }
    }

    /// Goes through `text`.
    pub(super) fn pass(&mut self, cx: &mut Cx<'_, '_>, text: &[u8], last: bool) -> Passed {
        match self {
            Self::Scan(scanner) => {
                let mut found = Vec::new();
                let used = scanner.scan(cx, text, last, &mut found);
                Passed { used, out: cx.replaced(text, used, &found), is_broken: false }
            }
            Self::Frames(frames) => frames_in(frames, cx, text, last),
            Self::FramesAsText(_) | Self::Message if !last => Passed { used: 0, out: None, is_broken: false },
            Self::FramesAsText(frames) => frames_as_text(frames, cx, text),
            Self::Message => {
                let out = message_in(cx, text, false);
                match cx.redactor.is_forged_still(text, out.as_deref().unwrap_or(text)) {
                    true => Passed { used: 0, out: None, is_broken: true },
                    false => Passed { used: text.len(), out, is_broken: false },
                }
            }
        }
    }
}

fn frames_in(frames: &Frames, cx: &mut Cx<'_, '_>, text: &[u8], last: bool) -> Passed {
    let (mut out, mut changed) = (Vec::new(), false);
    let scanned = frames.scan(cx, text, last, (&mut out, &mut changed));
    let (Scanned::Up(used) | Scanned::Broken(used)) = scanned;
    Passed { used, out: changed.then_some(out), is_broken: matches!(scanned, Scanned::Broken(_)) }
}

/// gRPC-Web's text: base64 of frames, in one piece or several.
fn frames_as_text(frames: &Frames, cx: &mut Cx<'_, '_>, text: &[u8]) -> Passed {
    let mut decoded = Vec::new();
    // Each piece may be padded.
    for piece in text.trim_ascii().split_inclusive(|byte| *byte == b'=').filter(|piece| *piece != b"=") {
        let unpadded = piece.strip_suffix(b"=").unwrap_or(piece);
        let padding = (4 - unpadded.len() % 4) % 4;
        let padded = [unpadded, &b"==="[..padding]].concat();
        match STANDARD.decode(padded) {
            Ok(bytes) => decoded.extend(bytes),
            Err(_) => return Passed { used: 0, out: None, is_broken: true },
        }
    }
    let passed = frames_in(frames, cx, &decoded, true);
    if passed.is_broken {
        return Passed { used: 0, out: None, is_broken: true };
    }
    let out = passed.out.map(|frames| STANDARD.encode(frames).into_bytes());
    Passed { used: text.len(), out, is_broken: false }
}
