//! Messages of WebSockets and gRPC: text as a document or text, binary as Protobuf, a document, or bytes with text inside.

use dashcam_exchange::{Message, MessageCoding, MessageKind};

use super::codings::{self, Coding};
use super::contents::contents;
use super::cut::whole_words;
use super::cx::{Cx, Looked};
use super::frames::message_in;
use super::kind::{ENOUGH, Kind};
use super::protobuf;
use super::scanner::Scanner;
use crate::definitions::TooLarge;
use crate::how::On;
use crate::redactor::Redactor;

/// Bytes of an inflated message, at most.
const LARGEST: usize = 16 << 20;

/// Facts about a message's exchange that its redaction needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MessageContext<'h> {
    /// The header `grpc-encoding`, for messages in a coding of that name ([`MessageCoding::Other`]).
    pub encoding: Option<&'h [u8]>,
}

impl Redactor<'_> {
    /// Redacts a message in place. One that can't be read, as it needs those before it to be inflated, is emptied, unless
    /// the set says that such things are kept.
    pub fn message(&mut self, message: &mut Message, context: &MessageContext<'_>) {
        // One that was redacted before may have become shorter by that.
        let is_cut = message.size > message.data.len() as u64 && !message.redacted;
        let inflated = match message.coding {
            None => None,
            Some(coding) => {
                let Some(data) = inflated(coding, (&message.data, is_cut), context) else {
                    if self.set.too_large() == TooLarge::Drop
                        || self.is_forged_still(&message.data, &message.data)
                    {
                        withhold(message);
                    }
                    return;
                };
                Some(data)
            }
        };
        let data = inflated.as_deref().unwrap_or(&message.data);
        let hits = std::mem::take(&mut self.hits);
        let mut cx =
            Cx { redactor: &mut *self, on: On::Message, depth: 0, contents, looked: Looked::with_room(hits) };
        let redacted = match message.kind {
            MessageKind::Text => text(&mut cx, data),
            MessageKind::Grpc => message_in(&mut cx, data, false),
            MessageKind::Binary | MessageKind::Ping | MessageKind::Pong | MessageKind::Close => {
                binary(&mut cx, data)
            }
        };
        self.hits = cx.looked.hits;
        if self.is_forged_still(data, redacted.as_deref().unwrap_or(data)) {
            return withhold(message);
        }
        if let Some(redacted) = redacted {
            message.data = redacted;
            message.coding = None;
            message.redacted = true;
        }
        if is_cut {
            if message.coding.is_some()
                && let Some(inflated) = inflated
            {
                (message.data, message.coding, message.redacted) = (inflated, None, true);
            }
            message.data.truncate(whole_words(&message.data));
        }
    }
}

fn inflated(
    coding: MessageCoding,
    (data, is_cut): (&[u8], bool),
    context: &MessageContext<'_>,
) -> Option<Vec<u8>> {
    match coding {
        MessageCoding::Deflate => codings::inflated(data, is_cut, LARGEST),
        MessageCoding::Gzip => codings::at_once(Coding::Gzip, data, LARGEST),
        MessageCoding::Zlib => codings::at_once(Coding::Deflate, data, LARGEST),
        MessageCoding::Other => codings::at_once(Coding::of(context.encoding?)?, data, LARGEST),
    }
}

fn withhold(message: &mut Message) {
    (message.data, message.coding, message.redacted) = (Vec::new(), None, true);
}

/// Text: JSON also behind numbers (Socket.IO) and in records (SignalR).
fn text(cx: &mut Cx<'_, '_>, data: &[u8]) -> Option<Vec<u8>> {
    match cx.redactor.forged(data) {
        Some(data) => scanned(cx, &data).or(Some(data)),
        None => scanned(cx, data),
    }
}

fn scanned(cx: &mut Cx<'_, '_>, data: &[u8]) -> Option<Vec<u8>> {
    let digits = data.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let kind = match data.get(digits) {
        Some(b'{' | b'[') => Kind::Json,
        _ => Kind::of(b"", &data[..data.len().min(ENOUGH)]),
    };
    let mut scanner = Scanner::of(if kind == Kind::Opaque { Kind::Text } else { kind });
    let mut found = Vec::new();
    scanner.scan(cx, data, true, &mut found);
    cx.replaced(data, data.len(), &found)
}

/// Bytes: Protobuf if they can be, else text, or text between other bytes (STOMP, MQTT).
fn binary(cx: &mut Cx<'_, '_>, data: &[u8]) -> Option<Vec<u8>> {
    if std::str::from_utf8(data).is_err() && protobuf::is_message(data) {
        return protobuf::redact(cx, data, 0);
    }
    text(cx, data).or_else(|| protobuf::redact(cx, data, 0))
}
