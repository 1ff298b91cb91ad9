//! The first look at what may be base64: most of it is of other bytes than text, or none at all.

use super::is_text;

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
pub(super) fn is_of_text(characters: &[u8]) -> bool {
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
