//! A body or a message for a reader: the same on the page, in the API and in `dashcam show`.
//!
//! [`body`] has it as plain text. [`views`] says which views fit it, and [`view`] shows it in one of them. A further view is
//! a file beside [`json`] and a line in [`table::VIEWS`].

mod aws_events;
mod budget;
mod cbor;
mod code;
mod csv;
mod cursor;
mod decoded;
mod descriptors;
mod dns;
mod file_type;
mod form;
mod framed;
mod graphql;
mod hex;
mod json;
mod json_lines;
mod llm;
mod markup;
mod message;
mod msgpack;
mod multipart;
mod notation;
mod plain;
mod protobuf;
mod split;
mod sse;
mod subject;
mod table;
mod text;
mod thrift;
mod typed;
mod view;
mod viewing;
mod wire;

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::ReadError;

use crate::decode::{Decoders, Plan, scan};
use crate::payload::Parts;

pub use decoded::{Decoded, DecodedText};
pub use descriptors::{Descriptors, NoDescriptors};
pub use file_type::extension;
pub use message::message_text;
pub use plain::plain;
pub use split::{Piece, Split, SplitFormat, SplitWindow, piece_at, split};
pub use viewing::{Viewing, Wanted, is_view, view, view_names, views};

/// A body as text, as far as it could be decoded.
#[derive(Debug)]
pub struct Readable {
    /// The text; `None` where it is none.
    pub text: Option<String>,
    /// The charset that it was read in.
    pub charset: String,
    /// The content codings that the head names.
    pub encoding: Option<String>,
    /// The decoded size in bytes; of what was decoded, when `truncated`.
    pub size: u64,
    /// True if there is more than what was decoded.
    pub truncated: bool,
    /// The part that was not decoded, and why.
    pub note: Option<String>,
}

/// One of an exchange's bodies, of which `parts` are the kept bytes, decoded to at most `limit` bytes, which are held in
/// memory.
///
/// # Errors
/// When the store cannot be read.
pub async fn body(
    parts: &Parts,
    decoders: &Decoders,
    (exchange, direction): (&Exchange, Direction),
    limit: u64,
) -> Result<Readable, ReadError> {
    readable(decoders, parts, Plan::of(exchange, direction, limit)).await
}

/// One of an exchange's bodies as filters look at it: decoded to at most `limit` bytes, and as UTF-8 if it is text.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn searched(
    parts: &Parts,
    decoders: &Decoders,
    (exchange, direction): (&Exchange, Direction),
    limit: u64,
) -> Result<Vec<u8>, ReadError> {
    let scanned = scan(decoders, parts, Plan::of(exchange, direction, limit), limit).await?;
    match scanned.encoding {
        Some(encoding) if encoding != encoding_rs::UTF_8 => {
            Ok(text::text(&scanned).unwrap_or_default().into_bytes())
        }
        _ => Ok(scanned.bytes),
    }
}

/// The body in `parts`, decoded as `plan` says.
///
/// # Errors
/// When the store cannot be read.
pub(crate) async fn readable(decoders: &Decoders, parts: &Parts, plan: Plan) -> Result<Readable, ReadError> {
    let limit = plan.limit();
    let scanned = scan(decoders, parts, plan, limit).await?;
    Ok(Readable {
        text: text::text(&scanned),
        charset: scanned.charset,
        encoding: scanned.plan.encoding(),
        size: scanned.size,
        truncated: scanned.truncated,
        note: scanned.note,
    })
}
