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

pub(crate) fn quote(json: &mut Vec<u8>, bytes: &[u8]) {
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

/// The fields of stored headers that have one of these `names`, in lower case. `None` where the JSON is not as [`encode`] writes
/// it, or such a field has an escape: then all of it has to be parsed, which takes ten times as long.
pub(crate) fn pick(json: &str, names: &[&str]) -> Option<Headers> {
    let mut picked = Headers::default();
    let mut rest = json.strip_prefix('[')?;
    while let Some(field) = rest.strip_prefix("[\"") {
        let (name, behind) = text(field)?;
        let (value, behind) = text(behind.strip_prefix(",\"")?)?;
        if name.contains('\\') || names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)) {
            let is_plain = |text: &str| text.is_ascii() && !text.contains('\\');
            (is_plain(name) && is_plain(value)).then_some(())?;
            picked.push(name, value);
        }
        rest = behind.strip_prefix(']')?;
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    (rest == "]").then_some(picked)
}

/// A text up to the quote at its end, and what stands behind that.
pub(crate) fn text(json: &str) -> Option<(&str, &str)> {
    let bytes = json.as_bytes();
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
        if bytes[at] == b'"' {
            return Some((&json[..at], &json[at + 1..]));
        }
        at += 2;
        (at <= bytes.len()).then_some(())?;
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

    #[test]
    fn fields_are_picked_as_serde_reads_them() {
        let names = ["content-type", "content-encoding"];
        let headers: Headers = [
            (&b"Content-Type"[..], &b"text/html; charset=utf-8"[..]),
            (b"ETag", b"\"a\\\""),
            (b"x", "gr\u{fc}n".as_bytes()),
            (b"CONTENT-encoding", b"gzip, br"),
            (b"content-type", b""),
        ]
        .into_iter()
        .collect();
        let picked = pick(&encode(&headers), &names).unwrap();
        let fields: Vec<_> = picked.iter().collect();
        let expect: [(&[u8], &[u8]); 3] = [
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"CONTENT-encoding", b"gzip, br"),
            (b"content-type", b""),
        ];
        assert_eq!(fields, expect);
        assert!(pick("[]", &names).unwrap().is_empty());
        for odd in [
            "",
            "{}",
            "[[\"a\"]]",
            "[[\"a\",\"b\"]",
            "[[\"a\",\"b\\",
            "[ [\"a\",\"b\"]]",
            "[[\"content-typ\\u0065\",\"b\"]]",
            "[[\"content-type\",\"\\u0061\"]]",
            "[[\"content-type\",\"\u{fc}\"]]",
        ] {
            assert!(pick(odd, &names).is_none(), "{odd}");
        }
    }
}
