//! The first look at a text in a body: most are surely no document, and no base64 of a text.

/// Base64 that is shorter holds no secret with its name.
pub(super) const SHORTEST: usize = 20;
/// A byte that no alphabet has.
const NONE: u8 = 0x80;
/// Padding: what it means is not decided here.
const PADDING: u8 = 0x40;
/// The six bits of each character, in either alphabet.
static BITS: [u8; 256] = bits();

const fn bits() -> [u8; 256] {
    let mut bits = [NONE; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value: u8 = 0;
    while value < 64 {
        bits[letters[value as usize] as usize] = value;
        value += 1;
    }
    (bits[b'-' as usize], bits[b'_' as usize]) = (62, 63);
    bits[b'=' as usize] = PADDING;
    bits
}

/// Returns false if `characters` are surely no base64 of a text. Most are told by their first few.
fn is_of_text(characters: &[u8]) -> bool {
    let (fours, _) = characters.as_chunks::<4>();
    for four in fours {
        let [a, b, c, d] = four.map(|character| BITS[usize::from(character)]);
        let all = a | b | c | d;
        if all & NONE != 0 {
            return false;
        }
        if all & PADDING == 0 && ![a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d].into_iter().all(is_text) {
            return false;
        }
    }
    true
}

/// Returns false if `text` (without escapes) is surely no document.
#[inline]
pub(super) fn may_be_document(text: &[u8]) -> bool {
    let is_begin = |first: &u8| matches!(first, b'{' | b'[' | b'<' | b'%') || first.is_ascii_whitespace();
    text.first().is_some_and(is_begin)
}

/// Returns false if `text` (without escapes) is surely no base64 of a text.
#[inline]
pub(super) fn may_be_base64_of_text(text: &[u8]) -> bool {
    text.len() >= SHORTEST && is_of_text(text)
}

/// Returns whether text has such bytes.
pub(super) fn is_text(byte: u8) -> bool {
    byte >= 0x20 && byte != 0x7f || matches!(byte, b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    #[test]
    fn texts_are_told_from_other_bytes() {
        let check = |bytes: &[u8], expect: bool| {
            for coded in [STANDARD.encode(bytes), URL_SAFE.encode(bytes)] {
                assert_eq!(is_of_text(coded.as_bytes()), expect, "{coded}");
            }
        };
        check(b"password=hunter2\n", true);
        check("größer als >>>??? \u{7fff}".as_bytes(), true);
        check(b"password=hunte\x00", false);
        check(b"\x7fassword=hunter", false);
        assert!(is_of_text(b"cGFzc3dvcmQ=cGFzc3dv"));
        assert!(!is_of_text(b"A thing of some kind"));
    }
}
