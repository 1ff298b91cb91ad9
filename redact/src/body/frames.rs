//! Messages behind prefixes of five bytes: gRPC, gRPC-Web and Connect streams.

use super::codings::{self, Coding};
use super::cx::Cx;
use super::protobuf;

/// A prefix: flags and a length.
const PREFIX: usize = 5;

/// Messages of one body.
#[derive(Debug)]
pub(super) struct Frames {
    coding: Option<Coding>,
    /// Bytes that a message may have, compressed or not.
    most: usize,
}

/// How far frames were gone through.
pub(super) enum Scanned {
    Up(usize),
    /// The message there is too large, or can't be read.
    Broken(usize),
}

impl Frames {
    /// Messages compressed as `encoding` (`grpc-encoding`, `connect-content-encoding`) says, where their flags say that they are.
    pub(super) fn new(encoding: &[u8], most: usize) -> Self {
        Self { coding: Coding::of(encoding), most }
    }

    /// Puts whole messages into `out`, redacted; `changed` is set if one was.
    pub(super) fn scan(
        &self,
        cx: &mut Cx<'_, '_>,
        piece: &[u8],
        last: bool,
        (out, changed): (&mut Vec<u8>, &mut bool),
    ) -> Scanned {
        let mut at = 0;
        while at < piece.len() {
            let Some(&[flags, a, b, c, d]) =
                piece.get(at..at + PREFIX).and_then(|prefix| prefix.first_chunk())
            else {
                break;
            };
            let length = u32::from_be_bytes([a, b, c, d]) as usize;
            if length > self.most {
                return Scanned::Broken(at);
            }
            let start = at + PREFIX;
            let Some(message) = piece.get(start..start + length) else {
                if !last {
                    return Scanned::Up(at);
                }
                // It was cut off.
                return Scanned::Broken(at);
            };
            match self.message(cx, flags, message) {
                Ok(None) => out.extend_from_slice(&piece[at..start + length]),
                Ok(Some(redacted)) => {
                    *changed = true;
                    out.push(flags & !1);
                    out.extend_from_slice(&u32::try_from(redacted.len()).unwrap_or(u32::MAX).to_be_bytes());
                    out.extend_from_slice(&redacted);
                }
                Err(Unreadable) => return Scanned::Broken(at),
            }
            at = start + length;
        }
        if at < piece.len() && last { Scanned::Broken(at) } else { Scanned::Up(at) }
    }

    fn message(&self, cx: &mut Cx<'_, '_>, flags: u8, message: &[u8]) -> Result<Option<Vec<u8>>, Unreadable> {
        if flags & 1 == 0 {
            return whole_in(cx, message, flags);
        }
        let coding = self.coding.ok_or(Unreadable)?;
        let decoded = codings::at_once(coding, message, self.most).ok_or(Unreadable)?;
        whole_in(cx, &decoded, flags)
    }
}

fn whole_in(cx: &mut Cx<'_, '_>, message: &[u8], flags: u8) -> Result<Option<Vec<u8>>, Unreadable> {
    let redacted = message_in(cx, message, flags & 0x82 != 0);
    let is_forged = cx.redactor.is_forged_still(message, redacted.as_deref().unwrap_or(message));
    if is_forged { Err(Unreadable) } else { Ok(redacted) }
}

/// A message that can't be read.
struct Unreadable;

/// A message redacted, as Protobuf or as text; trailers and ends of streams are text.
pub(super) fn message_in(cx: &mut Cx<'_, '_>, message: &[u8], is_trailer: bool) -> Option<Vec<u8>> {
    if !is_trailer && protobuf::is_message(message) && !message.starts_with(b"{") {
        return protobuf::redact(cx, message, 0);
    }
    protobuf::text(cx, message)
}
