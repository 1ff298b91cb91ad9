//! The spellings in which a secret could be left behind.

use crate::base64;

/// The fewest bytes that are looked for: fewer are found anywhere by chance.
pub const LEAST: usize = 8;

/// The bytes that must be nowhere, as `value` stands on the wire.
#[must_use]
pub fn all(value: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for plain in plain(value) {
        all.push(plain.clone());
        all.push(percent(&plain, false));
        all.push(percent(&plain, true));
        all.push(json(&plain));
        all.push(hex(&plain, false));
        all.push(hex(&plain, true));
        for shift in 0..3 {
            all.push(within_base64(&plain, shift, base64::standard));
            all.push(within_base64(&plain, shift, base64::url));
        }
    }
    all.retain(|spelling| spelling.len() >= LEAST);
    all.sort();
    all.dedup();
    all
}

/// The value, the values that it spells, and pieces of a long one.
fn plain(value: &[u8]) -> Vec<Vec<u8>> {
    if value.starts_with(b"-----BEGIN") {
        return key_lines(value);
    }
    let mut all = vec![value.to_vec(), percent_decoded(value), unescaped(value)];
    if let Some(decoded) = base64::decode(value).filter(|decoded| decoded.iter().all(u8::is_ascii_graphic)) {
        let password = decoded.split(|byte| *byte == b':').next_back().unwrap_or_default();
        all.extend([password.to_vec(), decoded]);
    }
    if value.len() >= 32 {
        all.extend([value[value.len() / 2..][..12].to_vec(), value[value.len() - 12..].to_vec()]);
    }
    all.retain(|plain| plain.len() >= LEAST);
    all
}

/// The lines of a private key block, whichever way its lines are divided.
fn key_lines(value: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(value).replace("\\n", "\n");
    text.lines().filter(|line| !line.starts_with("-----")).map(|line| line.as_bytes().to_vec()).collect()
}

fn percent(value: &[u8], lower: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for byte in value {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(*byte),
            other if lower => out.extend(format!("%{other:02x}").bytes()),
            other => out.extend(format!("%{other:02X}").bytes()),
        }
    }
    out
}

fn percent_decoded(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(byte) = value.get(at) {
        let digits = value.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) if *byte == b'%' => {
                out.push(decoded);
                at += 3;
            }
            _ => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    out
}

/// As JSON or XML reads it.
fn unescaped(value: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(value);
    let pairs =
        [("\\\"", "\""), ("\\/", "/"), ("\\u00fc", "\u{fc}"), ("\\\\", "\\"), ("&amp;", "&"), ("&lt;", "<")];
    pairs.iter().fold(text.into_owned(), |text, (from, to)| text.replace(from, to)).into_bytes()
}

/// As JSON writes it, with the slash escaped as PHP does.
fn json(value: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(value).replace('\\', "\\\\").replace('"', "\\\"").replace('/', "\\/").into_bytes()
}

fn hex(value: &[u8], upper: bool) -> Vec<u8> {
    let digits = |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
    value.iter().map(digits).collect::<String>().into_bytes()
}

/// The base64 of `value` that stands `shift` bytes into another text, without the characters that depend on that.
fn within_base64(value: &[u8], shift: usize, encode: impl Fn(&[u8]) -> String) -> Vec<u8> {
    let text = encode(&[&vec![b' '; shift][..], value].concat());
    let start = (shift * 8).div_ceil(6);
    let end = (shift + value.len()) * 8 / 6;
    text.as_bytes().get(start..end).unwrap_or_default().to_vec()
}
