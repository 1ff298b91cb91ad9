//! Parts of a multipart body.

use super::piece::{End, Piece, Step};
use crate::content::multipart::{self, Part};

/// The longest boundary, with its hyphens and the white space behind it.
const LONGEST_BOUNDARY: usize = 256;

/// The first part, between two lines of a boundary. Bytes before the first line, and those behind the one that closes, are no part.
pub(super) fn next(bytes: &[u8], mark: &[u8], end: End) -> Step {
    let Some((_, behind)) = multipart::delimiter(bytes, mark) else {
        // The last line may turn out to be one, once it is whole.
        let whole = memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        let length = if end == End::Open { whole } else { bytes.len() };
        return if length > 0 { Step::Skip(length) } else { Step::More };
    };
    // So that the part's place is that of its boundary.
    let before = behind - mark.len();
    if before > 0 {
        return Step::Skip(before);
    }
    let rest = &bytes[behind..];
    if rest.starts_with(b"--") {
        return Step::End;
    }
    let Some(line) = memchr::memchr(b'\n', rest) else {
        return if end == End::Open { Step::More } else { Step::Skip(bytes.len()) };
    };
    let start = behind + line + 1;
    match multipart::delimiter(&bytes[start..], mark) {
        Some((_, behind)) if end == End::Open && goes_on(&bytes[start + behind..]) => Step::More,
        Some((length, behind)) => {
            let piece = piece(Part::new(&bytes[start..start + length], true));
            Step::Message(start + behind - mark.len(), piece)
        }
        None if end == End::Open => Step::More,
        None => Step::Message(bytes.len(), piece(Part::new(&bytes[start..], false))),
    }
}

/// Returns whether a line that begins with a boundary may turn out to be another one.
fn goes_on(line: &[u8]) -> bool {
    !line.starts_with(b"--") && memchr::memchr(b'\n', line).is_none() && line.len() < LONGEST_BOUNDARY
}

fn piece(part: Part<'_>) -> Piece {
    let media_type = part.field("content-type").unwrap_or_default();
    let kind = part.media_type().filter(|named| !named.is_empty()).unwrap_or_else(|| "part".to_owned());
    Piece { is_whole: part.is_whole, ..Piece::new(kind, part.content) }.of_type(&media_type)
}
