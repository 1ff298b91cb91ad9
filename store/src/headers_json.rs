//! Headers as the JSON that is stored: what serde makes of them, without its two strings a field.

use dashcam_exchange::Headers;

/// A JSON array of `[name, value]` in wire order, each byte mapped to the character of its number.
pub(crate) fn encode(headers: &Headers) -> String {
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
    let mut json = String::with_capacity(bytes + 2);
    json.push('[');
    for (index, (name, value)) in headers.iter().enumerate() {
        json.push_str(if index == 0 { "[" } else { ",[" });
        quote(&mut json, name);
        json.push(',');
        quote(&mut json, value);
        json.push(']');
    }
    json.push(']');
    json
}

fn quote(json: &mut String, bytes: &[u8]) {
    json.push('"');
    // Without an early exit the compiler looks at many bytes at once; nearly every value is plain.
    let plain = bytes.iter().fold(true, |plain, byte| plain & is_plain(*byte));
    match std::str::from_utf8(bytes) {
        Ok(text) if plain => json.push_str(text),
        _ => bytes.iter().for_each(|byte| escape(json, *byte)),
    }
    json.push('"');
}

/// Whether the byte is a character that stands for itself in JSON.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

fn escape(json: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => json.push_str("\\\""),
        b'\\' => json.push_str("\\\\"),
        0..=0x1f => {
            json.push_str("\\u00");
            json.push(char::from(HEX[usize::from(byte >> 4)]));
            json.push(char::from(HEX[usize::from(byte & 15)]));
        }
        _ => json.push(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[(&[u8], &[u8])]) {
        let headers: Headers = fields.iter().copied().collect();
        let json = encode(&headers);
        assert_eq!(serde_json::from_str::<Headers>(&json).unwrap(), headers, "{json}");
    }

    #[test]
    fn what_serde_reads_is_what_was_written() {
        check(&[]);
        check(&[(b"Host", b"a"), (b"x-a", b""), (b"X-A", b"\"quoted\" \\ back")]);
        check(&[(b"utf-8", "gr\u{fc}\u{df}e \u{1f600}".as_bytes()), (b"", b"no name")]);
        check(&[(b"every byte", &(0..=255).collect::<Vec<u8>>())]);
    }
}
