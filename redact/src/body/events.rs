//! Event streams (`text/event-stream`): the data of one event together, whatever lines it comes in.

use super::cx::{Cx, Found, Within};
use super::escapes::Escapes;
use super::text;

/// Goes through whole events, and returns up to where.
pub(super) fn scan<'s>(cx: &mut Cx<'_, 's>, piece: &[u8], last: bool, found: &mut Vec<Found<'s>>) -> usize {
    let mut at = 0;
    while at < piece.len() {
        let end = match end_of_event(&piece[at..]) {
            Some(end) => at + end,
            None if last => piece.len(),
            None => return at,
        };
        event(cx, piece, (at, end), found);
        at = end;
    }
    at
}

fn end_of_event(rest: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\n', rest).find_map(|at| match &rest[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

fn event<'s>(cx: &mut Cx<'_, 's>, piece: &[u8], (start, end): (usize, usize), found: &mut Vec<Found<'s>>) {
    let data = data(piece, (start, end));
    match data.as_slice() {
        [] => {
            text::scan(cx, &piece[..end], start, true, found);
        }
        [(start, end)] => {
            (cx.contents)(
                cx,
                Within { text: piece, start: *start, end: *end, escapes: Escapes::None, is_id: false },
                found,
            );
        }
        lines => {
            let joined: Vec<&[u8]> = lines.iter().map(|(start, end)| &piece[*start..*end]).collect();
            let joined = joined.join(&b'\n');
            let inner = cx.within(&joined, |cx, found| {
                cx.depth -= 1;
                let within = Within {
                    text: &joined,
                    start: 0,
                    end: joined.len(),
                    escapes: Escapes::None,
                    is_id: false,
                };
                (cx.contents)(cx, within, found);
                cx.depth += 1;
            });
            found.extend(inner.into_iter().map(|inner| {
                let range = place(lines, inner.range.start)..place(lines, inner.range.end - 1) + 1;
                Found { range, ..inner }
            }));
        }
    }
}

/// The values of the lines `data:` of an event.
fn data(piece: &[u8], (start, end): (usize, usize)) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = start;
    for line in piece[start..end].split_inclusive(|byte| *byte == b'\n') {
        if let Some(value) = line.strip_prefix(b"data:") {
            let skipped = usize::from(value.first() == Some(&b' '));
            let from = at + b"data:".len() + skipped;
            found.push((from, (at + line.trim_ascii_end().len()).max(from)));
        }
        at += line.len();
    }
    found
}

/// Where a byte of the joined lines stands.
fn place(lines: &[(usize, usize)], joined: usize) -> usize {
    let mut before = 0;
    for (start, end) in lines {
        if joined <= before + (end - start) {
            return start + (joined - before);
        }
        before += end - start + 1;
    }
    lines.last().map_or(0, |(_, end)| *end)
}
