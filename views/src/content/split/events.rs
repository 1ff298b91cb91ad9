//! Server-sent events, block by block.

use super::piece::{End, Piece, Step};
use crate::content::sse;

/// The first block of lines, up to an empty one.
pub(super) fn next(bytes: &[u8], end: End) -> Step {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    if blank > 0 {
        return Step::Skip(blank);
    }
    match block(bytes) {
        Some(length) => Step::Message(length, event(&bytes[..length])),
        None if end == End::Open => Step::More,
        None => Step::Message(bytes.len(), Piece { is_whole: false, ..event(bytes) }),
    }
}

/// The length of the first block with its empty line.
fn block(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr2(b'\r', b'\n', &bytes[from..])?;
        let behind = at + if bytes[at..].starts_with(b"\r\n") { 2 } else { 1 };
        match bytes.get(behind)? {
            b'\n' => return Some(behind + 1),
            // The line feed that may follow it is skipped with the next block.
            b'\r' => return Some(behind + 1),
            _ => from = behind,
        }
    }
}

/// The event of a block; its comment, or its fields, where it has no data.
fn event(block: &[u8]) -> Piece {
    let text = String::from_utf8_lossy(block);
    if let Some(event) = sse::events(&text).next() {
        return Piece::new(event.name, event.data.as_bytes());
    }
    let text = text.trim_end();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.lines().all(|line| line.starts_with(':')) {
        true => {
            let lines: Vec<_> = text.lines().map(|line| line[1..].trim_start()).collect();
            Piece::new("comment", lines.join("\n").as_bytes())
        }
        false => Piece::new("no data", text.as_bytes()),
    }
}
