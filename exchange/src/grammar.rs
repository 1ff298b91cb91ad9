//! The characters that each part of a head may have (RFC 9110 §5, RFC 9112 §3 and §4): the one place that says so, for
//! what comes over HTTP/1, over HTTP/2, out of a recording or from an editor.

/// Returns whether `bytes` are a token (RFC 9110 §5.6.2): a method, a field's name, the name of a protocol.
#[must_use]
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| TOKEN[*byte as usize])
}

/// Returns whether `bytes` may stand in a field's value or a reason phrase: anything but control characters, tabs
/// excepted (RFC 9110 §5.5, RFC 9112 §4).
#[must_use]
#[inline]
pub fn is_text(bytes: &[u8]) -> bool {
    // Values are short, and most are looked at more than once on their way: eight bytes at a time.
    let Some(last) = bytes.last_chunk::<8>() else { return !bytes.iter().any(is_control) };
    let mut doubt = may_have_control(u64::from_ne_bytes(*last));
    for word in bytes.as_chunks::<8>().0 {
        doubt |= may_have_control(u64::from_ne_bytes(*word));
    }
    doubt & HIGH == 0 || !bytes.iter().any(is_control)
}

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH: u64 = ONES << 7;

fn is_control(byte: &u8) -> bool {
    (*byte < b' ' && *byte != b'\t') || *byte == 0x7f
}

/// The high bits of those of eight bytes that are below a space, or 0x7f. There may be others, but only if there is one.
const fn may_have_control(word: u64) -> u64 {
    let deletes = word ^ (ONES * 0x7f);
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let is_delete = deletes.wrapping_sub(ONES) & !deletes;
    below_space | is_delete
}

/// Returns whether `text` may stand as a request's target: not empty, and without white space and control characters,
/// which end a target for one reader or another. Characters beyond ASCII pass, as browsers of old and many programs
/// send them.
#[must_use]
pub fn is_target(text: &str) -> bool {
    !text.is_empty() && !text.bytes().fold(false, |found, byte| found | (byte <= b' ') | (byte == 0x7f))
}

/// Returns whether white space stands around `value`, which is none of a value (RFC 9110 §5.5) and malformed in HTTP/2
/// (RFC 9113 §8.2.1).
#[must_use]
pub fn is_padded(value: &[u8]) -> bool {
    let is_white = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_white(value.first()) || is_white(value.last())
}

const TOKEN: [bool; 256] = {
    let others = b"!#$%&'*+-.^_`|~";
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut index = 0;
    while index < others.len() {
        table[others[index] as usize] = true;
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens() {
        for token in ["GET", "websocket", "X-a_b", "!#$%&'*+-.^_`|~09azAZ"] {
            assert!(is_token(token.as_bytes()), "{token}");
        }
        for other in ["", "a b", "a\r\nb", "a:", "a/1", "(a)", "\u{e9}", "a\0", "a\t", "\"a\"", "a,b", "a;b"]
        {
            assert!(!is_token(other.as_bytes()), "{other:?}");
        }
    }

    #[test]
    fn no_control_character_is_text() {
        for byte in 0..=u8::MAX {
            let is_control = byte != b'\t' && byte.is_ascii_control();
            // At each place of a block that may be looked at as one.
            for length in 0..40 {
                let mut text = vec![b'a'; length];
                text.push(byte);
                text.extend(vec![b'\xe9'; 40 - length]);
                assert_eq!(is_text(&text), !is_control, "{byte} at {length}");
            }
        }
        assert!(is_text(b""));
    }

    #[test]
    fn targets() {
        for target in ["/", "*", "/a?b#c", "/\u{e9}", "/\"<>\\^`{|}[]'"] {
            assert!(is_target(target), "{target}");
        }
        for other in
            ["", "/a b", "/a\tb", "/a\r\nb", "/\0", "/\u{7f}", " /", "/a HTTP/1.1\r\nHost: b\r\n\r\n"]
        {
            assert!(!is_target(other), "{other:?}");
        }
    }

    #[test]
    fn padding() {
        for (value, expect) in [
            ("", false),
            ("a", false),
            ("a b", false),
            (" a", true),
            ("a\t", true),
            (" ", true),
            ("\ta ", true),
        ] {
            assert_eq!(is_padded(value.as_bytes()), expect, "{value:?}");
        }
    }
}
