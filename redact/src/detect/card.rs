//! Card numbers: their lengths, their issuers' first digits, and the check digit by Luhn.

use std::ops::Range;

/// Digits of a card number, at least; any two neighbours among so many bytes of it have a digit.
const FEWEST: usize = 13;
/// Digits of a card number, at most.
const MOST: usize = 19;
/// Shapes in which card numbers are written with spaces or hyphens.
const SHAPES: [&[usize]; 4] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];

/// Calls `each` with the start of every run of digits, with single spaces or hyphens between them, that is long enough.
pub(super) fn runs(text: &[u8], mut each: impl FnMut(usize)) {
    let mut at = FEWEST - 1;
    while at < text.len() {
        let near = if text[at].is_ascii_digit() {
            at
        } else if text[at - 1].is_ascii_digit() {
            at - 1
        } else {
            at += FEWEST - 1;
            continue;
        };
        // Most are short.
        if !goes_on(text, near) {
            at += FEWEST - 1;
            continue;
        }
        let (start, end) = (start_of_run(text, near), end_of_run(text, near));
        let digits = || text[start..end].iter().filter(|byte| byte.is_ascii_digit()).count();
        if end - start >= FEWEST && digits() >= FEWEST {
            each(start);
        }
        at = end + FEWEST - 1;
    }
}

/// Returns false if the run of the digit at `near` is surely too short: it has as many bytes before that or behind it.
fn goes_on(text: &[u8], near: usize) -> bool {
    const HALF: usize = FEWEST / 2;
    let is_part = |at: usize| text.get(at).is_some_and(|byte| byte.is_ascii_digit() || is_separator(*byte));
    let before = || near >= HALF && is_part(near - HALF) && is_part(near - HALF / 2);
    is_part(near + HALF) && is_part(near + HALF / 2) || before()
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

fn start_of_run(text: &[u8], digit: usize) -> usize {
    let mut start = digit;
    while let Some(before) = start.checked_sub(1) {
        if text[before].is_ascii_digit() {
            start = before;
        } else if before > 0 && is_separator(text[before]) && text[before - 1].is_ascii_digit() {
            start = before - 1;
        } else {
            break;
        }
    }
    start
}

fn end_of_run(text: &[u8], digit: usize) -> usize {
    let mut end = digit + 1;
    while end < text.len() {
        if text[end].is_ascii_digit() {
            end += 1;
        } else if is_separator(text[end]) && text.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end += 2;
        } else {
            break;
        }
    }
    end
}

/// Card numbers in the run of digits that begins at `start`.
pub(super) fn find(text: &[u8], start: usize, mut each: impl FnMut(Range<usize>)) {
    let end = end_of_run(text, start);
    let groups = groups(text, start..end);
    let mut at = 0;
    while at < groups.len() {
        let used = card_at(text, &groups[at..]);
        if used == 0 {
            at += 1;
            continue;
        }
        let range = groups[at].start..groups[at + used - 1].end;
        if stands_alone(text, &range) {
            each(range);
        }
        at += used;
    }
}

fn groups(text: &[u8], run: Range<usize>) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut start = run.start;
    for at in run.clone() {
        if !text[at].is_ascii_digit() {
            groups.push(start..at);
            start = at + 1;
        }
    }
    groups.push(start..run.end);
    groups
}

/// How many groups form a card number; 0 if none do.
fn card_at(text: &[u8], groups: &[Range<usize>]) -> usize {
    let first = &groups[0];
    if (FEWEST..=MOST).contains(&first.len()) {
        return usize::from(is_card(&text[first.clone()]));
    }
    for shape in SHAPES {
        let Some(groups) = groups.get(..shape.len()) else { continue };
        let is_shape = groups.iter().zip(shape).all(|(group, length)| group.len() == *length);
        let separators = || groups[1..].iter().map(|group| text[group.start - 1]);
        let is_even = separators().all(|separator| separator == text[first.end]);
        if is_shape && is_even {
            let digits: Vec<u8> = groups.iter().flat_map(|group| &text[group.clone()]).copied().collect();
            if is_card(&digits) {
                return shape.len();
            }
        }
    }
    0
}

/// Returns whether nothing around it makes it part of an identifier, a decimal or a longer number.
fn stands_alone(text: &[u8], range: &Range<usize>) -> bool {
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
    };
    let before = &text[..range.start];
    let escape = matches!(before, [.., b'\\', b'n' | b'r' | b't'])
        || matches!(before, [.., b'%', b'2' | b'3', b'0' | b'2' | b'A' | b'a' | b'C' | b'c' | b'D' | b'd']);
    let behind = &text[range.end..];
    let is_decimal = matches!(before, [.., b'0'..=b'9', b'.']) || matches!(behind, [b'.', b'0'..=b'9', ..]);
    let is_last_escape = matches!(behind, [b'%', ..]);
    (!is_part(before.last()) || escape) && (!is_part(behind.first()) || is_last_escape) && !is_decimal
}

/// Returns whether digits are a card number of a known issuer, by its length and check digit.
pub(super) fn is_card(digits: &[u8]) -> bool {
    has_issuer(digits) && luhn(digits) && !(digits.len() == 13 && is_article(digits))
}

fn has_issuer(digits: &[u8]) -> bool {
    let first = |count: usize| {
        digits.iter().take(count).fold(0_u32, |number, digit| number * 10 + u32::from(digit - b'0'))
    };
    match (digits.len(), first(1), first(2), first(3), first(4)) {
        // Visa.
        (13 | 16 | 19, 4, ..) => true,
        // American Express.
        (15, _, 34 | 37, ..) => true,
        // Mastercard.
        (16, _, 51..=55, ..) | (16, .., 2221..=2720) => true,
        // Diners Club.
        (14, _, 36 | 38 | 39, ..) | (14, _, _, 300..=305, _) => true,
        // Discover, UnionPay, JCB, Mir.
        (16..=19, .., 6011 | 3528..=3589 | 2200..=2204) => true,
        (16..=19, _, 65 | 62 | 81, ..) | (16..=19, _, _, 644..=649, _) => true,
        // Maestro.
        (13..=19, .., 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) => true,
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (u32::from(digit - b'0'), place % 2) {
            (digit, 0) => digit,
            (digit, _) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Returns whether thirteen digits are an article's number (GTIN), by its own check digit.
fn is_article(digits: &[u8]) -> bool {
    let weighed = |(place, digit): (usize, &u8)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 };
    digits.iter().enumerate().map(weighed).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let mut found = Vec::new();
        runs(text.as_bytes(), |start| find(text.as_bytes(), start, |range| found.push(&text[range])));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn cards() {
        check("4111111111111111", &["4111111111111111"]);
        check("card 4111 1111 1111 1111 12/27 declined", &["4111 1111 1111 1111"]);
        check("5555-5555-5555-4444", &["5555-5555-5555-4444"]);
        check("x=378282246310005&y", &["378282246310005"]);
        check("3782 822463 10005.", &["3782 822463 10005"]);
        check(
            "pay 30569309025904, 6011000990139424 and 3530111333300000",
            &["30569309025904", "6011000990139424", "3530111333300000"],
        );
        check("4222222222222", &["4222222222222"]);
        check("no 7 4111 1111 1111 1111", &["4111 1111 1111 1111"]);
        check("2223003122003222", &["2223003122003222"]);
        check(&"4111111111111111 ".repeat(20), &["4111111111111111"; 20]);
        check("card%3D4111111111111111%26x", &["4111111111111111"]);
    }

    #[test]
    fn runs_are_found_wherever_they_stand() {
        for run in ["4111111111111111", "4111 1111-1111 1111", "1-2-3-4-5-6-7-8-9-0-1-2-3", "1234567890123"] {
            for (before, after) in (0..70).flat_map(|before| (0..70).map(move |after| (before, after))) {
                for between in ["", "x", "  ", "12 x"] {
                    let text = format!("{}{run}{between}x{run}{}", ".".repeat(before), " ".repeat(after));
                    let mut found = Vec::new();
                    runs(text.as_bytes(), |at| found.push(at));
                    assert_eq!(found, [before, text.rfind(run).unwrap()], "{text}");
                }
            }
        }
        let long = "12 ".repeat(100);
        let mut found = Vec::new();
        runs(long.as_bytes(), |at| found.push(at));
        assert_eq!(found, [0]);
    }

    #[test]
    fn other_numbers() {
        check("4111111111111112", &[]);
        check("1700000000000000", &[]);
        check("00004111111111111111", &[]);
        check("0.4111111111111111", &[]);
        check("a4111111111111111", &[]);
        check("4111111111111111f", &[]);
        check("ORD-4111-1111-1111-1111", &[]);
        check("550e8400-e29b-41d4-a716-446655440000", &[]);
        check("2024-01-02 10:11:12.123456789", &[]);
        check("DE89 3704 0044 0532 0130 00", &[]);
        check("4006381333931", &[]);
        check("9111111111111111", &[]);
        check("4111 11 11 1111 1111", &[]);
    }
}
