//! Headers as the JSON that is stored: what serde makes of them, without its two strings a field.

use dashcam_exchange::Headers;

/// A JSON array of `[name, value]` in wire order, each byte mapped to the character of its number.
pub(crate) fn encode(headers: &Headers) -> String {
    let bytes: usize = headers.iter().map(|(name, value)| name.len() + value.len() + 8).sum();
    let mut json = Vec::with_capacity(bytes + 2);
    json.push(b'[');
    for (name, value) in headers.iter() {
        json.extend_from_slice(if json.len() == 1 { b"[\"" } else { b",[\"" });
        quote(&mut json, name);
        json.extend_from_slice(b"\",\"");
        quote(&mut json, value);
        json.extend_from_slice(b"\"]");
    }
    json.push(b']');
    String::from_utf8(json).expect("only whole characters are pushed")
}

fn quote(json: &mut Vec<u8>, bytes: &[u8]) {
    // Without an early exit the compiler looks at many bytes at once; nearly every value is plain.
    if bytes.iter().fold(true, |plain, byte| plain & is_plain(*byte)) {
        json.extend_from_slice(bytes);
    } else {
        bytes.iter().for_each(|byte| escape(json, *byte));
    }
}

/// Returns whether the byte is a character that stands for itself in JSON.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) & (byte != b'"') & (byte != b'\\')
}

fn escape(json: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => json.extend_from_slice(b"\\\""),
        b'\\' => json.extend_from_slice(b"\\\\"),
        0..=0x1f => {
            json.extend_from_slice(b"\\u00");
            json.push(HEX[usize::from(byte >> 4)]);
            json.push(HEX[usize::from(byte & 15)]);
        }
        _ => json.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 2]).as_bytes()),
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
