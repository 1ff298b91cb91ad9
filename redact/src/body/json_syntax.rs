//! Pieces of JSON's syntax, and what stands ahead of a scanner.

use super::json_place::is_name_key;

/// How far ahead a pair's name is looked for behind its value.
const AHEAD: usize = 512;

/// Returns whether a list's first element can only be a header's name.
pub(super) fn is_header(name: &[u8]) -> bool {
    let known: [&[u8]; 3] = [b"authorization", b"cookie", b"set-cookie"];
    let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    is_name
        && (name.starts_with(b"X-")
            || name.starts_with(b"x-")
            || known.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

/// The end of the string whose content begins at `start`, and whether it has escapes.
pub(super) fn end_of_string(piece: &[u8], start: usize) -> Option<(usize, bool)> {
    let (mut at, mut escaped) = (start, false);
    loop {
        let next = at + memchr::memchr2(b'"', b'\\', piece.get(at..)?)?;
        if piece[next] == b'"' {
            return Some((next, escaped));
        }
        (at, escaped) = (next + 2, true);
    }
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
                    Some(key) if is_name_key(key) && !is_key => return Ahead::Name(string),
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
