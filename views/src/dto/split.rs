//! Messages that stand in a body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::content::{Piece, Split, message_text};
use crate::dto::time::Time;

/// A message that stands in a body: an event, a document, a part or a frame.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BodyMessage {
    /// Its place in the decoded body, by which other calls name it.
    pub offset: u64,
    /// When its last byte came; null where that is not known.
    #[schema(required)]
    pub at: Option<Time>,
    /// Its kind, as its protocol names it: the type of an event, of a document, or of a part.
    pub kind: String,
    /// Its own media type; empty if nothing says it.
    pub media_type: String,
    /// The size of its content, in bytes.
    pub size: u64,
    /// False if the body ends before it does.
    pub complete: bool,
    /// True if `text` and `data` are only the beginning of its content.
    pub preview: bool,
    /// The content, when it is UTF-8 and may be text.
    #[schema(required)]
    pub text: Option<String>,
    /// The content in base64, where it is no text; empty where it is.
    pub data: String,
}

/// A window of a body's messages, in their order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BodyMessages {
    /// The messages.
    pub messages: Vec<BodyMessage>,
    /// The `offset` of the next window, also where nothing is in it yet.
    pub next_offset: u64,
    /// True if there may be messages in the next window now.
    pub more: bool,
    /// Why there are no more, where something is wrong; null if nothing is.
    #[schema(required)]
    pub note: Option<String>,
}

impl From<Split> for BodyMessages {
    fn from(Split { pieces, next, more, note }: Split) -> Self {
        let messages = pieces.into_iter().map(|(piece, size)| BodyMessage::new(piece, size)).collect();
        Self { messages, next_offset: next, more, note }
    }
}

impl BodyMessage {
    fn new(piece: Piece, size: u64) -> Self {
        let preview = (piece.payload.len() as u64) < size;
        // Protobuf and compressed bytes are no text, even where they happen to be.
        let may_be_text = !["protobuf", "compressed"].iter().any(|kind| piece.media_type.ends_with(kind));
        let text = message_text(&piece.payload, preview || !piece.is_whole);
        let text = text.filter(|text| may_be_text && !text.contains('\0')).map(str::to_owned);
        Self {
            data: if text.is_some() { String::new() } else { STANDARD.encode(&piece.payload) },
            offset: piece.offset,
            at: piece.at.map(Time::from),
            kind: piece.kind,
            media_type: piece.media_type,
            size,
            complete: piece.is_whole,
            preview,
            text,
        }
    }
}
