//! Bytes as text, in the charset that they say, and whether they are text at all.

use dashcam_exchange::Headers;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

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

/// The text in `bytes` and its charset; `None` for what is no text. A byte order mark goes before `label`;
/// without either it is UTF-8 or no text.
pub(super) fn decode(bytes: &[u8], label: Option<&str>, truncated: bool) -> (Option<String>, String) {
    let mark = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let named = mark.or_else(|| label.and_then(|label| Encoding::for_label(label.as_bytes())));
    let encoding = named.unwrap_or(UTF_8);
    let charset = encoding.name().to_ascii_lowercase();
    if is_binary(bytes, encoding) || (named.is_none() && !is_utf8(bytes, truncated)) {
        return (None, charset);
    }
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len()));
    // A character that the cut went through is left out: that is what `last` being false does.
    let _ = decoder.decode_to_string(bytes, &mut text, !truncated);
    (Some(text), charset)
}

/// Control characters that no text has: a NUL, or many others.
fn is_binary(bytes: &[u8], encoding: &Encoding) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let wide = encoding == UTF_16LE || encoding == UTF_16BE;
    let control = |byte: &&u8| matches!(byte, 1..=8 | 14..=26 | 28..=31);
    !wide && (sample.contains(&0) || sample.iter().filter(control).count() * 10 > sample.len())
}

fn is_utf8(bytes: &[u8], truncated: bool) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => truncated && error.error_len().is_none(),
    }
}
