//! Messages inside an exchange.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_store::MessagePreview;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::{Direction, MessageCoding, MessageKind};
use super::time::Time;
use crate::content::message_text;

/// One WebSocket or gRPC message.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its number in the exchange, from 0.
    pub seq: u32,
    /// When its last byte passed.
    pub at: Time,
    /// Request: from the client. Response: from the upstream.
    pub direction: Direction,
    /// The kind of message.
    pub kind: MessageKind,
    /// How large it was, in bytes.
    pub size: u64,
    /// How the payload is compressed where it is kept as it passed, because inflating it would have taken too much;
    /// null: it is not compressed. `size` is that of what passed, then.
    #[schema(required)]
    pub coding: Option<MessageCoding>,
    /// True if secrets in it are replaced, or all of it is withheld. `size` is that of what passed, then.
    pub redacted: bool,
    /// How many of these bytes are stored; null in live events, which do not know.
    #[schema(required)]
    pub stored: Option<u64>,
    /// True if `text` and `data` are only the beginning of the payload.
    pub preview: bool,
    /// The payload, when it is UTF-8; of a close the reason; null for gRPC and where there is a `coding`.
    #[schema(required)]
    pub text: Option<String>,
    /// The payload in base64.
    pub data: String,
}

impl From<MessagePreview> for Message {
    fn from(preview: MessagePreview) -> Self {
        let is_cut = preview.is_cut();
        Self { stored: Some(preview.stored), ..Self::new(&preview.message, is_cut) }
    }
}

impl From<dashcam_exchange::Message> for Message {
    fn from(message: dashcam_exchange::Message) -> Self {
        let is_cut = !message.redacted && (message.data.len() as u64) < message.size;
        Self::new(&message, is_cut)
    }
}

impl Message {
    fn new(message: &dashcam_exchange::Message, preview: bool) -> Self {
        let readable = match message.kind {
            // Compressed bytes are no text, even where they happen to be.
            _ if message.coding.is_some() => None,
            dashcam_exchange::MessageKind::Close => Some(message.data.get(2..).unwrap_or_default()),
            // Protobuf is no text, even where its bytes happen to be.
            dashcam_exchange::MessageKind::Grpc => None,
            _ => Some(message.data.as_slice()),
        };
        Self {
            text: readable.and_then(|bytes| message_text(bytes, preview)).map(str::to_owned),
            data: STANDARD.encode(&message.data),
            seq: message.seq,
            at: message.at.into(),
            direction: message.direction.into(),
            kind: message.kind.into(),
            size: message.size,
            coding: message.coding.map(MessageCoding::from),
            redacted: message.redacted,
            stored: None,
            preview,
        }
    }
}

/// A page of messages, oldest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Messages {
    /// The messages.
    pub messages: Vec<Message>,
    /// The `after` of the next page; null on the last one.
    #[schema(required)]
    pub next_after: Option<u32>,
}
