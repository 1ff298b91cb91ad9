//! Text without structure: secrets by their shape, line by line, so that it does not matter where pieces end.

use super::cx::{Cx, Found};
use crate::detect;

/// Bytes of a line, a string or a private key that are looked at together, at most.
pub(super) const LONGEST: usize = 64 << 10;
/// Of what is longer, as many bytes are looked at again with what follows.
const OVERLAP: usize = 4 << 10;

/// Goes through text from `from` on, and returns up to where.
pub(super) fn scan<'s>(
    cx: &mut Cx<'_, 's>,
    text: &[u8],
    from: usize,
    last: bool,
    found: &mut Vec<Found<'s>>,
) -> usize {
    let mut at = from;
    loop {
        let lines = if last { text.len() - at } else { whole_lines(&text[at..]) };
        if lines > 0 {
            cx.detect(text, (at, at + lines), false, found);
            at += lines;
        } else if text.len() - at >= LONGEST {
            at = part(cx, text, at, found);
        } else {
            return at;
        }
    }
}

/// Goes through a part of what is longer than [`LONGEST`], and returns up to where.
pub(super) fn part<'s>(cx: &mut Cx<'_, 's>, text: &[u8], from: usize, found: &mut Vec<Found<'s>>) -> usize {
    let mut cut = from + LONGEST - OVERLAP;
    // No escape is cut.
    while text[cut - 1] == b'\\' && cut > from + 1 {
        cut -= 1;
    }
    let before = found.len();
    cx.detect(text, (from, from + LONGEST), false, found);
    let later = found[before..].iter().position(|found| found.range.start >= cut);
    found.truncate(later.map_or(found.len(), |later| before + later));
    found[before..].last().map_or(cut, |last| cut.max(last.range.end))
}

/// How much of the text is whole lines, in which no private key is open.
fn whole_lines(text: &[u8]) -> usize {
    let line_end = |text: &[u8]| memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
    let lines = line_end(text);
    match detect::open_block(&text[..lines]) {
        Some(open) => line_end(&text[..open]),
        None => lines,
    }
}
