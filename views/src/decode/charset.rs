//! Bytes as text, in the charset that they say, and whether they are text at all: piece by piece.

use dashcam_exchange::Headers;
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::declared::declared;
use super::kind::Kind;
use super::utf8::Utf8;

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

/// Finds out whether pieces are text, and in which charset: by what a browser would go by. The first piece is the largest
/// sample that there is.
pub(super) struct Detector<'l> {
    kind: Kind,
    label: Option<&'l str>,
    named: Option<&'static Encoding>,
    has_begun: bool,
    controls: Controls,
    utf8: Utf8,
}

impl<'l> Detector<'l> {
    /// For bytes under a head that names the charset `label`, and a media type in lower case and without parameters.
    pub(super) fn new(label: Option<&'l str>, media_type: &str) -> Self {
        let named = named(label, Kind::Other, &[]);
        let (kind, controls) = (Kind::of(media_type), Controls::None);
        Self { kind, label, named, has_begun: false, controls, utf8: Utf8::default() }
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        if !self.has_begun {
            self.named = named(self.label, self.kind, piece);
            self.controls = Controls::of(piece, self.named.unwrap_or(UTF_8));
            self.has_begun = true;
        }
        if self.named.is_none() && self.controls != Controls::Many {
            self.utf8.push(piece);
        }
    }

    /// The text's encoding, `None` for what is no text, and its name.
    pub(super) fn end(self, truncated: bool) -> (Option<&'static Encoding>, String) {
        let encoding = self.named.or_else(|| self.guess(truncated));
        let is_text = encoding.filter(|_| self.controls != Controls::Many);
        (is_text, encoding.unwrap_or(UTF_8).name().to_ascii_lowercase())
    }

    /// The encoding of what names none: UTF-8 if it is, or nearly is; else windows-1252 if it is said to be text.
    fn guess(&self, truncated: bool) -> Option<&'static Encoding> {
        if self.controls == Controls::Many || self.utf8.end(truncated) {
            return Some(UTF_8);
        }
        // Pages of old have few characters beyond ASCII, and browsers don't take them for UTF-8.
        let is_old = self.kind == Kind::Html && !self.utf8.has_long();
        if self.utf8.is_nearly() && !is_old {
            return Some(UTF_8);
        }
        (self.kind != Kind::Other && self.controls == Controls::None).then_some(WINDOWS_1252)
    }
}

/// Returns whether bytes under such a head, as text in UTF-8, are surely the same bytes: whatever [`Detector`] finds. It
/// looks at much less.
pub(super) fn is_verbatim(label: Option<&str>, media_type: &str, bytes: &[u8]) -> bool {
    match named(label, Kind::of(media_type), bytes) {
        Some(encoding) if encoding == UTF_8 => true,
        Some(encoding) => encoding.is_ascii_compatible() && bytes.is_ascii(),
        None => std::str::from_utf8(bytes).is_ok(),
    }
}

/// The encoding that is named for bytes that begin with `start`. A byte order mark goes before what the head says, and
/// that before what the text says.
fn named(label: Option<&str>, kind: Kind, start: &[u8]) -> Option<&'static Encoding> {
    let mark = Encoding::for_bom(start).map(|(encoding, _)| encoding);
    let label = || label.and_then(|label| Encoding::for_label(label.as_bytes()));
    mark.or_else(label).or_else(|| declared(kind, start))
}

/// Control characters that text does not have; those that separate records are not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Controls {
    None,
    Few,
    /// A NUL, or many others.
    Many,
}

impl Controls {
    fn of(bytes: &[u8], encoding: &Encoding) -> Self {
        let sample = &bytes[..bytes.len().min(SAMPLE)];
        if encoding == UTF_16LE || encoding == UTF_16BE {
            return Self::None;
        }
        let count = sample.iter().filter(|byte| matches!(byte, 1..=8 | 14..=26)).count();
        if sample.contains(&0) || count * 10 > sample.len() {
            return Self::Many;
        }
        if count > 0 { Self::Few } else { Self::None }
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
