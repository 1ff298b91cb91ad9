//! A body or a message for a reader: the same on the page, in the API and in `dashcam show`.
//!
//! The first of the [`VIEWS`] that takes a body's media type, and can read its bytes, shows it. A further view is a file
//! beside [`text`] and a line in that table.

mod decoded;
mod file_type;
mod message;
mod text;
mod view;

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::ReadError;

use crate::decode::{Decoders, Plan, scan};
use crate::payload::Parts;
use view::ViewSpec;

pub use decoded::{Decoded, DecodedText};
pub use file_type::extension;
pub use message::message_text;

/// All views, in the order in which they are asked.
const VIEWS: &[ViewSpec] = &[text::VIEW];

/// A body as a view shows it, as far as it could be decoded.
#[derive(Debug)]
pub struct Readable {
    /// The name of the view; `None` where none can show it.
    pub view: Option<&'static str>,
    /// The text that it makes of the body; `None` where there is no view.
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
            Ok((text::VIEW.render)(&scanned).unwrap_or_default().into_bytes())
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
    let taken = VIEWS.iter().filter(|view| view.takes(scanned.plan.media_type()));
    let shown = taken.filter_map(|view| Some((view.name, (view.render)(&scanned)?))).next();
    Ok(Readable {
        view: shown.as_ref().map(|(name, _)| *name),
        text: shown.map(|(_, text)| text),
        charset: scanned.charset,
        encoding: scanned.plan.encoding(),
        size: scanned.size,
        truncated: scanned.truncated,
        note: scanned.note,
    })
}
