//! Messages of AWS event streams, of gRPC-Web and of Connect: each has its length before it.

use super::piece::{End, Piece, Step};
use crate::content::cursor::Cursor;
use crate::content::{aws_events, framed};

/// Two lengths and a checksum.
const PRELUDE: usize = 12;
/// A flag and a length.
const PREFIX: usize = 5;

/// The first message of an AWS event stream.
pub(super) fn next_aws(bytes: &[u8], end: End) -> Step {
    if bytes.len() >= PRELUDE {
        if !aws_events::has_right_prelude(bytes) {
            return Step::Stop(
                "The rest is no event stream: the checksum of a message's beginning is wrong.",
            );
        }
        if aws_events::has_impossible_lengths(bytes) {
            return Step::Stop("The rest is no event stream: a message's lengths contradict each other.");
        }
    }
    let mut cursor = Cursor(bytes);
    match aws_events::message(&mut cursor) {
        Some(found) => {
            let media_type = found.media_type().unwrap_or_default();
            let piece = Piece::new(found.named(), found.payload).of_type(&media_type);
            Step::Message(bytes.len() - cursor.0.len(), piece)
        }
        None => rest(bytes, PRELUDE, end),
    }
}

/// The frames of a body.
#[derive(Debug, Clone, Default)]
pub(super) struct Frames {
    /// True for Connect, false for gRPC-Web.
    pub(super) is_connect: bool,
    /// The coding of compressed ones.
    pub(super) coding: Option<String>,
    /// The media type of their messages.
    pub(super) media_type: &'static str,
}

/// The first frame of gRPC-Web or of Connect.
pub(super) fn next_frame(bytes: &[u8], frames: &Frames, end: End) -> Step {
    let mut cursor = Cursor(bytes);
    let Some((flags, payload)) = framed::frame(&mut cursor) else { return rest(bytes, PREFIX, end) };
    let length = bytes.len() - cursor.0.len();
    let inflated = (flags & framed::COMPRESSED != 0)
        .then(|| framed::inflate(frames.coding.as_deref()?, payload))
        .flatten();
    let is_coded = flags & framed::COMPRESSED != 0 && inflated.is_none();
    let payload = inflated.as_deref().unwrap_or(payload);
    let (kind, media_type) = match () {
        () if is_coded => ("compressed message".to_owned(), "application/x-compressed"),
        () if flags & framed::TRAILERS != 0 => (trailers(payload), "text/plain"),
        () if frames.is_connect && flags & framed::END_OF_STREAM != 0 => {
            (end_of_stream(payload), "application/json")
        }
        () => ("message".to_owned(), frames.media_type),
    };
    Step::Message(length, Piece::new(kind, payload).of_type(media_type))
}

/// The rest of a body that ends in a message.
fn rest(bytes: &[u8], head: usize, end: End) -> Step {
    match end {
        End::Open => Step::More,
        End::Whole | End::Cut => {
            let payload = bytes.get(head..).unwrap_or_default();
            Step::Message(bytes.len(), Piece { is_whole: false, ..Piece::new("message", payload) })
        }
    }
}

/// The status of gRPC-Web's trailers, which is the call's.
fn trailers(payload: &[u8]) -> String {
    let text = String::from_utf8_lossy(payload);
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    let status = fields.find(|(name, _)| name.trim().eq_ignore_ascii_case("grpc-status"));
    match status {
        Some((_, status)) => format!("trailers: status {}", status.trim()),
        None => "trailers".to_owned(),
    }
}

/// The error of Connect's end of a stream, if it has one.
fn end_of_stream(payload: &[u8]) -> String {
    let end: Option<serde_json::Value> = serde_json::from_slice(payload).ok();
    match end.as_ref().and_then(|end| end["error"]["code"].as_str()) {
        Some(code) => format!("end: {code}"),
        None => "end".to_owned(),
    }
}
