//! How a stored body is to be decoded.

use dashcam_exchange::{BodyRecord, Direction, Exchange, Headers, MessageCoding, State, StoredAs};
use dashcam_store::MessagePreview;

use super::body_place::Place;
use super::charset;

/// Bytes to read beyond the output's limit, for what a coding adds to short or random data.
const CODING_OVERHEAD: u64 = 64 << 10;

/// The coding of uploads by programs of AWS.
const AWS_CHUNKED: &str = "aws-chunked";

/// Names that stand for no coding: `identity` by the standard, the others by mistake.
const CHANGE_NOTHING: [&str; 8] = ["identity", "none", "null", "binary", "7bit", "8bit", "utf-8", "utf8"];

/// How a stored body is coded, and how much of it is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Content codings in the order in which they were applied, those left out that change nothing.
    pub(super) codings: Vec<String>,
    /// The codings that the head names, whether they are undone or not; none of a redacted body.
    named: Vec<String>,
    /// The media type that the head names, in lower case and without parameters; empty if it names none.
    media_type: String,
    /// The charset that the head names.
    pub(super) charset: Option<String>,
    /// Bytes that are stored of it.
    pub(super) stored: u64,
    /// True if what is stored is all of it.
    pub(super) is_whole: bool,
    /// Where it stands among others, if one of them may be its dictionary.
    pub(super) place: Option<Place>,
    /// True if more of it may come.
    pub(super) goes_on: bool,
    /// True if nothing of it is stored because it could not be read to be redacted.
    pub(super) is_withheld: bool,
    /// The most bytes that are wanted once it is decoded.
    pub(super) limit: u64,
    /// How many of the stored bytes that may need.
    pub(super) wanted: u64,
}

impl Plan {
    /// The headers that say how a body is coded.
    pub(crate) const HEADERS: &[&str] = &["content-encoding", "content-type", "x-amz-content-sha256"];

    /// For one of an exchange's bodies. Without a head (no response came) there is nothing to undo.
    pub(crate) fn of(exchange: &Exchange, direction: Direction, limit: u64) -> Self {
        let nothing = Headers::default();
        let headers = exchange.headers(direction).unwrap_or(&nothing);
        let body = exchange.body(direction);
        let goes_on = exchange.state == State::Open && !body.complete && !body.truncated;
        let plan = Self::new(headers, body, limit);
        Self { place: plan.needs_dictionary().then(|| Place::of(exchange)), goes_on, ..plan }
    }

    /// For the body `record` under a head with `headers`.
    pub(crate) fn new(headers: &Headers, record: &BodyRecord, limit: u64) -> Self {
        let tokens = headers.tokens("content-encoding").map(|token| token.trim_ascii().to_ascii_lowercase());
        let names = tokens.map(|token| String::from_utf8_lossy(&token).trim_matches('"').to_owned());
        let mut named: Vec<_> = names.filter(|coding| !CHANGE_NOTHING.contains(&coding.as_str())).collect();
        if is_aws_chunked(headers, &named) {
            // It is the outermost wherever it is named: before the others or behind them.
            named.retain(|coding| coding != AWS_CHUNKED);
            named.push(AWS_CHUNKED.to_owned());
        }
        // Nothing has no coding: answers to HEAD, 304, and what is not stored. A redacted body is stored without its codings,
        // whatever its head says.
        let is_coded = record.stored > 0 && record.stored_as == StoredAs::Sent;
        let codings = if is_coded { named.clone() } else { Vec::new() };
        let overhead = if codings.is_empty() { 1 } else { CODING_OVERHEAD };
        Self {
            wanted: limit.saturating_add(overhead),
            named,
            codings,
            media_type: media_type(headers),
            charset: charset::label(headers),
            place: None,
            stored: record.stored,
            is_whole: record.is_whole(),
            goes_on: false,
            is_withheld: record.stored_as == StoredAs::Withheld,
            limit,
        }
    }

    /// For a message: the codings that WebSocket and gRPC put on it are undone where it is recorded, unless that would
    /// have taken too much.
    pub(crate) fn of_message(preview: &MessagePreview, limit: u64) -> Self {
        let (message, stored) = (&preview.message, preview.stored);
        let mut headers = Headers::default();
        match message.coding {
            Some(MessageCoding::Gzip) => headers.add("content-encoding", "gzip"),
            Some(MessageCoding::Zlib) => headers.add("content-encoding", "deflate"),
            Some(MessageCoding::Deflate | MessageCoding::Other) | None => {}
        }
        // A redacted body is stored whole, in another size.
        let size = if message.redacted { stored } else { message.size };
        let record = BodyRecord { size, stored, complete: true, ..BodyRecord::default() };
        Self::new(&headers, &record, limit)
    }

    /// The same body as it is stored.
    pub(crate) fn as_stored(&self) -> Self {
        Self { codings: Vec::new(), wanted: self.limit.saturating_add(1), ..self.clone() }
    }

    /// The same of a body whose size nobody knows, as secrets are put back in it while it is read.
    pub(crate) fn of_unsealed(self, is_unsealed: bool) -> Self {
        if is_unsealed { Self { stored: 0, ..self } } else { self }
    }

    /// The same, to be read again to the byte at which the first reading ended.
    pub(super) fn up_to(&self, limit: u64) -> Self {
        Self { limit, ..self.clone() }
    }

    /// Returns whether another body of the recording may be its dictionary.
    pub(super) fn needs_dictionary(&self) -> bool {
        self.codings.iter().any(|coding| matches!(coding.as_str(), "dcb" | "dcz"))
    }

    /// The content codings that the head names, if the stored bytes are coded so.
    pub(crate) fn encoding(&self) -> Option<String> {
        (!self.named.is_empty()).then(|| self.named.join(", "))
    }

    /// The media type that the head names, in lower case and without parameters; empty if it names none.
    pub(crate) fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The most bytes that are wanted once it is decoded.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Returns whether all that is stored of it may be read.
    pub(super) fn wants_all(&self) -> bool {
        self.wanted >= self.stored
    }
}

/// Some programs of AWS say it only in the field that is signed.
fn is_aws_chunked(headers: &Headers, named: &[String]) -> bool {
    let signed = || headers.text("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    named.iter().any(|coding| coding == AWS_CHUNKED) || signed()
}

fn media_type(headers: &Headers) -> String {
    let named = headers.text("content-type").unwrap_or_default();
    named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
