//! Points at a distance from others, or from a beginning, as tokens of several pieces have them.

/// Bytes from one point of a Discord token to the other.
const BETWEEN: usize = 7;
/// The beginning of an Airtable token, and the bytes from there to its point.
const BEGIN: &[u8] = b"pat";
const BEHIND: usize = 17;
/// Places that are looked at together.
const PLACES: usize = 32;

/// Calls `each` with the place of every such point.
pub(super) fn find(text: &[u8], mut each: impl FnMut(usize)) {
    let mut at = 0;
    if text.len() > BEHIND {
        at = BEHIND;
        one_by_one(text, 0..at, &mut each);
        while let Some(around) = text[at - BEHIND..].first_chunk() {
            if any(around) {
                one_by_one(text, at..at + PLACES, &mut each);
            }
            at += PLACES;
        }
    }
    one_by_one(text, at..text.len(), &mut each);
}

/// Returns false if no place has such a point; `around` are those that are looked at, and what is before and behind
/// them. There are no branches in it, so that many places are looked at in one instruction.
#[inline]
fn any(around: &[u8; BEHIND + PLACES + BETWEEN]) -> bool {
    let is = |at: usize, byte: u8| u8::from(around[at] == byte);
    let look = |at: usize| is(at + BEHIND, b'.') & (is(at + BEHIND + BETWEEN, b'.') | is(at, BEGIN[0]));
    (0..PLACES).fold(0, |any, at| any | look(at)) != 0
}

fn one_by_one(text: &[u8], places: std::ops::Range<usize>, each: &mut impl FnMut(usize)) {
    let from = places.start;
    for at in memchr::memchr_iter(b'.', &text[places]).map(|at| from + at) {
        let begins = || at.checked_sub(BEHIND).is_some_and(|start| text[start..].starts_with(BEGIN));
        if text.get(at + BETWEEN) == Some(&b'.') || begins() {
            each(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_found_wherever_they_stand() {
        for piece in ["a.123456.b", "pat0123456789abcd.x"] {
            for before in 0..100 {
                for after in 0..100 {
                    let text = format!("{}{piece}{}", "~".repeat(before), "~".repeat(after));
                    let mut found = Vec::new();
                    find(text.as_bytes(), |at| found.push(at));
                    assert_eq!(found, [text.find('.').unwrap()], "{text}");
                }
            }
        }
        find(b"a.12345.b 1.2 pat012345678.abcd. .................~"[..30].as_ref(), |at| panic!("{at}"));
    }
}
