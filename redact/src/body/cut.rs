//! The ends of bodies and messages that were cut: a last word may be half of a secret, which nobody can tell from other
//! words.

use crate::placeholder::placeholders;

/// Bytes that are left out, at most.
const LONGEST: usize = 4 << 10;
/// A longer word of a few different characters is no secret.
const EVEN: usize = 32;
/// So few.
const FEW: usize = 5;
/// Digits of a card in groups, at most.
const CARD: usize = 24;

/// How much of `text`, behind which it was cut, is certain to be whole: all but the last word. What stands for a secret is
/// whole.
pub(super) fn whole_words(text: &[u8]) -> usize {
    let word = text.iter().rev().take(LONGEST).take_while(|byte| !ends_words(**byte)).count();
    let start = grouped(text, text.len() - word);
    let start = placeholders(&text[start..]).last().map_or(start, |(range, _)| start + range.end);
    if is_even(&text[start..]) { text.len() } else { start }
}

/// Returns whether no secret goes on behind `byte`. Those of URLs and `name=value` do behind all others.
fn ends_words(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'"' | b'\''
                | b'`'
                | b','
                | b';'
                | b'&'
                | b'<'
                | b'>'
                | b'('
                | b')'
                | b'{'
                | b'}'
                | b'['
                | b']'
                | b'|'
                | 0x7f
        )
}

/// Where the groups of digits begin of which the word at `start` is the last: those of a card.
fn grouped(text: &[u8], start: usize) -> usize {
    if !text[start..].iter().all(u8::is_ascii_digit) {
        return start;
    }
    let end = if start == text.len() { start.saturating_sub(1) } else { start };
    let is_group = |byte: &&u8| byte.is_ascii_digit() || **byte == b' ';
    let groups = text[..end].iter().rev().take(CARD).take_while(is_group).count();
    let first = text[end - groups..end].iter().position(u8::is_ascii_digit);
    first.map_or(start, |first| end - groups + first)
}

fn is_even(word: &[u8]) -> bool {
    let mut seen = [false; 256];
    word.len() > EVEN && {
        word.iter().for_each(|byte| seen[usize::from(*byte)] = true);
        seen.iter().filter(|seen| **seen).count() < FEW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_goes() {
        for (text, expect) in [
            ("", ""),
            ("a b ", "a b "),
            ("a ghp_abc", "a "),
            ("a=1&b=https://u:hunt", "a=1&"),
            (r#"{"a":"eyJabc.eyJdef.x"#, r#"{"a":""#),
            ("<a>x", "<a>"),
            ("pay 4111 1111 111", "pay "),
            ("pay 4111 1111 ", "pay "),
            ("in 2024, 17", "in 2024, "),
            ("~masked.card.lt32~", "~masked.card.lt32~"),
            ("x~masked.card.lt32~y", "x~masked.card.lt32~"),
        ] {
            assert_eq!(&text[..whole_words(text.as_bytes())], expect, "{text}");
        }
        let long = format!("a {}", "0aB1cD".repeat(1000));
        assert_eq!(whole_words(long.as_bytes()), long.len() - LONGEST);
        assert_eq!(whole_words(&[b'x'; 100]), 100);
    }
}
