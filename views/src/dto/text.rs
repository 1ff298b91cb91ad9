//! A body for reading.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::content::Readable;

/// A body decoded for reading.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Text {
    /// The text; null when it is binary or could not be decoded.
    #[schema(required)]
    pub text: Option<String>,
    /// The content codings that were on it, as in `Content-Encoding`.
    #[schema(required)]
    pub encoding: Option<String>,
    /// The charset that it was read in.
    pub charset: String,
    /// The decoded size in bytes; of what was decoded, when `truncated`.
    pub size: u64,
    /// True if there is more than what was decoded.
    pub truncated: bool,
    /// True if it is no text.
    pub binary: bool,
    /// A note on what was not decoded, and why; null if there is nothing to say.
    #[schema(required)]
    pub note: Option<String>,
}

impl From<Readable> for Text {
    fn from(body: Readable) -> Self {
        Self {
            binary: body.text.is_none(),
            text: body.text,
            charset: body.charset,
            encoding: body.encoding,
            size: body.size,
            truncated: body.truncated,
            note: body.note,
        }
    }
}
