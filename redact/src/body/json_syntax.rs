//! Pieces of JSON's syntax, and what stands ahead of a scanner.

use crate::names::is_pair_name;

/// How far ahead a pair's name is looked for behind its value.
const AHEAD: usize = 512;
/// Bytes of a string that are looked at in eights: beyond them, a search pays.
const SHORT: usize = 48;

/// Returns whether a list's first element can only be a header's name.
pub(super) fn is_header(name: &[u8]) -> bool {
    let known: [&[u8]; 3] = [b"authorization", b"cookie", b"set-cookie"];
    let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    is_name
        && (name.starts_with(b"X-")
            || name.starts_with(b"x-")
            || known.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

/// Returns false if surely no list's first element that begins so is a header's name.
#[inline]
pub(super) fn may_be_header(first: u8) -> bool {
    matches!(first | 0x20, b'x' | b'a' | b'c' | b's')
}

/// Where the white space ends that goes on at `at`.
#[inline]
pub(super) fn behind_white(piece: &[u8], mut at: usize) -> usize {
    // Most have none.
    while let Some(byte) = piece.get(at)
        && *byte <= b' '
        && matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
    {
        at += 1;
    }
    at
}

/// The sixteen bytes at `start`, and how many of them are a string's content that has no escapes; `None` if it is longer, or
/// has some.
#[inline]
pub(super) fn short_string(piece: &[u8], start: usize) -> Option<(&[u8; 16], usize)> {
    let sixteen = piece.get(start..)?.first_chunk::<16>()?;
    let ([first, last], _) = sixteen.as_chunks::<8>() else { return None };
    let length = match (signs(*first), signs(*last)) {
        (0, 0) => return None,
        (0, signs) => 8 + signs.trailing_zeros() as usize / 8,
        (signs, _) => signs.trailing_zeros() as usize / 8,
    };
    (sixteen[length & 15] == b'"').then_some((sixteen, length & 15))
}

/// The end of the string whose content begins at `start`, and whether it has escapes.
#[inline]
pub(super) fn end_of_string(piece: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut at = start;
    // Most are short.
    while at < start + SHORT
        && let Some(eight) = piece.get(at..).and_then(<[u8]>::first_chunk)
    {
        let signs = signs(*eight);
        if signs != 0 {
            let next = at + signs.trailing_zeros() as usize / 8;
            return if piece[next] == b'"' { Some((next, false)) } else { end_of_escaped(piece, next) };
        }
        at += 8;
    }
    end_of_long(piece, at)
}

/// The highest bit of the first byte that is `"` or a backslash is the lowest bit that is set; 0 if there is none.
#[inline]
fn signs(eight: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    let word = u64::from_le_bytes(eight);
    zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES)
}

/// The same for one whose first escape is known.
fn end_of_escaped(piece: &[u8], escape: usize) -> Option<(usize, bool)> {
    end_of_long(piece, escape + 2).map(|(end, _)| (end, true))
}

fn end_of_long(piece: &[u8], start: usize) -> Option<(usize, bool)> {
    let (mut at, mut escaped) = (start, false);
    loop {
        let next = at + memchr::memchr2(b'"', b'\\', piece.get(at..)?)?;
        if piece[next] == b'"' {
            return Some((next, escaped));
        }
        (at, escaped) = (next + 2, true);
    }
}

/// A number or a literal.
pub(super) struct Word {
    pub(super) end: usize,
    /// False if it has characters that no number has.
    pub(super) is_number: bool,
}

/// Reads the number or literal that begins at `start`.
#[inline]
pub(super) fn word(piece: &[u8], start: usize) -> Word {
    let (mut end, mut all) = (start, NUMBER);
    while let Some(byte) = piece.get(end) {
        let class = CLASSES[usize::from(*byte)];
        if class == 0 {
            break;
        }
        all &= class;
        end += 1;
    }
    let begins = piece.get(start).is_some_and(|first| first.is_ascii_digit() || *first == b'-');
    Word { end, is_number: begins && all & NUMBER != 0 }
}

/// Literals and numbers may have it.
const PART: u8 = 1;
/// Numbers may have it.
const NUMBER: u8 = 2;
static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        if byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E') {
            classes[at] = PART | NUMBER;
        } else if byte.is_ascii_alphabetic() {
            classes[at] = PART;
        }
        at += 1;
    }
    classes
}

/// The length of what servers put before JSON: a byte order mark, and guards against scripts.
pub(super) fn prefix(piece: &[u8]) -> usize {
    let mark = if piece.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    let guards: [&[u8]; 4] = [b")]}',", b")]}'", b"while(1);", b"for(;;);"];
    let guard = guards.iter().find(|guard| piece[mark..].starts_with(guard)).map_or(0, |guard| guard.len());
    mark + guard
}

/// The name of a pair, looked for behind its value.
pub(super) enum Ahead<'t> {
    Name(&'t [u8]),
    More,
    Nothing,
}

/// Looks for a member `name` or `key` behind the value of a flat object.
pub(super) fn pair_name(rest: &[u8]) -> Ahead<'_> {
    let near = &rest[..rest.len().min(AHEAD)];
    let (mut at, mut strings, mut key): (usize, usize, Option<&[u8]>) = (0, 0, None);
    while let Some(byte) = near.get(at) {
        match byte {
            b'}' | b'{' | b'[' | b']' => return Ahead::Nothing,
            b'"' => {
                let Some((end, _)) = end_of_string(near, at + 1) else { break };
                let string = &near[at + 1..end];
                let is_key = near[end + 1..].trim_ascii_start().starts_with(b":");
                match key {
                    Some(key) if is_pair_name(key) && !is_key => return Ahead::Name(string),
                    _ => key = is_key.then_some(string),
                }
                strings += 1;
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    if near.len() == AHEAD || strings > 64 { Ahead::Nothing } else { Ahead::More }
}
