//! Bodies in UTF-16, as UTF-8: secrets are looked for, and placeholders written, in ASCII.

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};

use super::kind::ENOUGH;

/// The encoding of a text that is in UTF-16, by its mark, its head's charset or its first characters.
pub(super) fn utf16(content_type: &[u8], start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xff, 0xfe, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] => return Some(UTF_16BE),
        [0xef, 0xbb, 0xbf, ..] => return None,
        [first, 0, ..] if is_begin(*first) && has_zeros_at(start, 1) => return Some(UTF_16LE),
        [0, first, ..] if is_begin(*first) && has_zeros_at(start, 0) => return Some(UTF_16BE),
        _ => {}
    }
    memchr::memchr(0, &start[..start.len().min(16)])?;
    let text = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    let label = text.split("charset=").nth(1)?.split(';').next()?.trim().trim_matches('"');
    let named = Encoding::for_label(label.as_bytes())?;
    (named == UTF_16LE || named == UTF_16BE).then_some(named)
}

/// Returns whether the first bytes have zeros at every second place from `first` on, and nowhere else.
fn has_zeros_at(start: &[u8], first: usize) -> bool {
    let start = &start[..start.len().min(ENOUGH) / 2 * 2];
    start.len() >= 4 && start.iter().enumerate().all(|(at, byte)| (*byte == 0) == (at % 2 == first))
}

fn is_begin(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'<' | b'"')
}

/// A body in UTF-16 that comes in pieces.
pub(super) struct Utf16(Decoder);

impl Utf16 {
    pub(super) fn new(encoding: &'static Encoding) -> Self {
        Self(encoding.new_decoder_with_bom_removal())
    }

    /// The text of the next bytes, as UTF-8.
    pub(super) fn push(&mut self, bytes: &[u8], last: bool) -> Vec<u8> {
        let room = self.0.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3 + 16);
        let mut text = String::with_capacity(room);
        // There is room for all of it.
        let _ = self.0.decode_to_string(bytes, &mut text, last);
        text.into_bytes()
    }
}

impl std::fmt::Debug for Utf16 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Utf16").field(&self.0.encoding().name()).finish()
    }
}
