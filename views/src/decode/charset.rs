//! Bytes as text, in the charset that they say, and whether they are text at all: piece by piece.

use dashcam_exchange::Headers;
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Text shows what it is in its first bytes.
const SAMPLE: usize = 8 << 10;

/// The charset that `Content-Type` names.
pub(super) fn label(headers: &Headers) -> Option<String> {
    let media_type = headers.text("content-type")?;
    let parameter = |text: &str| {
        let (name, value) = text.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    };
    media_type.split(';').skip(1).find_map(parameter)
}

/// Finds out whether pieces are text, and in which charset. The first piece is the largest sample that there is.
pub(super) struct Detector {
    named: Option<&'static Encoding>,
    has_begun: bool,
    is_binary: bool,
    utf8: Utf8,
}

impl Detector {
    /// For bytes under a head that names the charset `label`.
    pub(super) fn new(label: Option<&str>) -> Self {
        let named = label.and_then(|label| Encoding::for_label(label.as_bytes()));
        Self { named, has_begun: false, is_binary: false, utf8: Utf8::default() }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        if !self.has_begun {
            // A byte order mark goes before what the head says.
            let mark = Encoding::for_bom(piece).map(|(encoding, _)| encoding);
            self.named = mark.or(self.named);
            self.is_binary = is_binary(piece, self.named.unwrap_or(UTF_8));
            self.has_begun = true;
        }
        if self.named.is_none() {
            self.utf8.push(piece);
        }
    }

    /// The text's encoding, `None` for what is no text, and its name. Without a mark and a name it is UTF-8 or no text.
    pub(super) fn end(self, truncated: bool) -> (Option<&'static Encoding>, String) {
        let encoding = self.named.unwrap_or(UTF_8);
        let is_text = !self.is_binary && (self.named.is_some() || self.utf8.end(truncated));
        (is_text.then_some(encoding), encoding.name().to_ascii_lowercase())
    }
}

/// Control characters that no text has: a NUL, or many others.
fn is_binary(bytes: &[u8], encoding: &Encoding) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let control = |byte: &&u8| matches!(byte, 1..=8 | 14..=26 | 28..=31);
    !wide && (sample.contains(&0) || sample.iter().filter(control).count() * 10 > sample.len())
}

/// A check whether pieces are UTF-8 together.
#[derive(Debug, Default)]
pub(crate) struct Utf8 {
    /// The beginning of a character that a piece ended within.
    begun: Vec<u8>,
    is_broken: bool,
}

impl Utf8 {
    pub(crate) fn push(&mut self, piece: &[u8]) {
        for bytes in piece.chunks(SAMPLE) {
            if self.is_broken {
                return;
            }
            let all = [self.begun.as_slice(), bytes].concat();
            self.begun.clear();
            if let Err(error) = std::str::from_utf8(&all) {
                self.is_broken = error.error_len().is_some();
                self.begun.extend_from_slice(&all[error.valid_up_to()..]);
            }
        }
    }

    /// Returns whether they were. What is `truncated` may end within a character.
    pub(crate) fn end(self, truncated: bool) -> bool {
        !self.is_broken && (truncated || self.begun.is_empty())
    }
}

/// Turns pieces into text.
pub(crate) struct Writer(Decoder);

impl Writer {
    /// For text in `encoding`; a byte order mark is left out.
    pub(crate) fn new(encoding: &'static Encoding) -> Self {
        Self(encoding.new_decoder_with_bom_removal())
    }

    /// For UTF-8 of which every character counts.
    pub(crate) fn verbatim() -> Self {
        Self(UTF_8.new_decoder_without_bom_handling())
    }

    /// The text that `piece` completes.
    pub(crate) fn push(&mut self, piece: &[u8], is_last: bool) -> String {
        let length = self.0.max_utf8_buffer_length(piece.len()).unwrap_or(piece.len());
        let mut text = String::with_capacity(length);
        let _ = self.0.decode_to_string(piece, &mut text, is_last);
        text
    }
}
