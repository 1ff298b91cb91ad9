//! Private keys in blocks of text: PEM of all kinds, OpenSSH, PGP, SSH2; also with line ends as escapes.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::bytes::{begins, find};

/// Beginnings of blocks.
pub(super) const BEGINS: [&str; 2] = ["-----BEGIN", "---- BEGIN"];
/// Bytes of a label, at most.
const LABEL: usize = 80;

/// The label of the block whose beginning stands at `at`, and where its content begins.
fn label(text: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let rest = &text[at..text.len().min(at + LABEL)];
    let from = if rest.starts_with(b"-----") { 5 } else { 4 };
    let end = find(rest, from, &rest[..from])?;
    Some((&rest[from..end], at + end + from))
}

/// Returns whether the beginning at `at` is, or may become, that of a private key.
fn is_private(text: &[u8], at: usize) -> bool {
    match label(text, at) {
        Some((label, _)) => find(label, 0, b"PRIVATE KEY").is_some(),
        None => text.len() < at + LABEL,
    }
}

/// Where the last private key's block begins that is not over in `text`, or may not be.
pub(crate) fn open_block(text: &[u8]) -> Option<usize> {
    BEGINS
        .iter()
        .filter_map(|begin| memchr::memmem::rfind(text, begin.as_bytes()))
        .max()
        .filter(|at| is_private(text, *at) && end(text, *at).is_none())
}

/// The content of the private key whose block begins at `at`: up to its end, or as far as it goes.
pub(super) fn private_key(text: &[u8], at: usize) -> Option<Range<usize>> {
    let (label, from) = label(text, at)?;
    find(label, 0, b"PRIVATE KEY")?;
    let end = match end(text, at) {
        Some((end, _)) => end,
        None => from + text[from..].iter().take_while(|byte| is_content(**byte)).count(),
    };
    let content = trim(text, from..end);
    (content.len() >= 16).then_some(content)
}

/// The base64 of a private key's block, as Kubernetes and others have it, which begins at `at`.
pub(super) fn in_base64(text: &[u8], at: usize) -> Option<Range<usize>> {
    // Whole groups of four characters.
    let length = (text.len() - at).min(LABEL) / 4 * 4;
    let head = &text[at..at + length];
    let head = &head[..head.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count() / 4 * 4];
    let decoded = STANDARD_NO_PAD.decode(head).ok()?;
    find(&decoded, 0, b"PRIVATE KEY")?;
    let end = at + text[at..].iter().take_while(|byte| is_coded(**byte)).count();
    (begins(text, at) && end - at >= LABEL).then_some(at..end)
}

fn is_coded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// Where the end of the block that begins at `at` stands, and where it is over.
fn end(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let (label, from) = label(text, at)?;
    let dashes = &text[at..at + (from - at - label.len()) / 2];
    let name = label.trim_ascii().strip_prefix(b"BEGIN")?;
    let mut looked = from;
    loop {
        let end = find(text, looked, dashes)?;
        let behind = text[end + dashes.len()..].trim_ascii_start();
        if let Some(rest) = behind.strip_prefix(b"END").and_then(|rest| rest.strip_prefix(name)) {
            let rest = rest.trim_ascii_start().strip_prefix(dashes)?;
            return Some((end, text.len() - rest.len()));
        }
        if behind.starts_with(b"BEGIN") {
            return None;
        }
        looked = end + dashes.len();
    }
}

fn is_content(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b'\r' | b'\n' | b' ' | b'\t')
}

/// The range without white space, and escapes for it, at its ends.
fn trim(text: &[u8], range: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = range;
    loop {
        match &text[start..end] {
            [first, ..] if first.is_ascii_whitespace() => start += 1,
            [b'\\', b'n' | b'r' | b't', ..] => start += 2,
            [b'\\', b'\\', b'n' | b'r' | b't', ..] => start += 3,
            [b'%', b'0', b'A' | b'D' | b'a' | b'd', ..] => start += 3,
            [.., last] if last.is_ascii_whitespace() => end -= 1,
            [.., b'\\', b'\\', b'n' | b'r' | b't'] => end -= 3,
            [.., b'\\', b'n' | b'r' | b't'] => end -= 2,
            [.., b'%', b'0', b'A' | b'D' | b'a' | b'd'] => end -= 3,
            _ => return start..end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_in_base64() {
        let check = |label: &str, expect: bool| {
            let block =
                format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", "MIIBVgIBADANBgkq".repeat(8));
            let coded = STANDARD_NO_PAD.encode(block);
            let text = format!("client-key-data: {coded}\nuser: x");
            let found = in_base64(text.as_bytes(), 17).map(|range| text[range].to_owned());
            assert_eq!(found, expect.then_some(coded), "{label}");
        };
        check("RSA PRIVATE KEY", true);
        check("PRIVATE KEY", true);
        check("CERTIFICATE", false);
        check("PUBLIC KEY", false);
    }

    #[test]
    fn blocks() {
        let check = |text: &str, expect: Option<&str>| {
            let at = BEGINS.iter().find_map(|begin| text.find(begin)).unwrap();
            assert_eq!(private_key(text.as_bytes(), at).map(|range| &text[range]), expect, "{text}");
        };
        let content = "MIIBVgIBADANBgkqhkiG9w0BAQEFAASC";
        for (newline, label) in [
            ("\n", "PRIVATE KEY"),
            ("\r\n", "RSA PRIVATE KEY"),
            ("\\n", "OPENSSH PRIVATE KEY"),
            ("\\\\n", "ENCRYPTED PRIVATE KEY"),
            ("\n", "PGP PRIVATE KEY BLOCK"),
        ] {
            let text = format!(
                "a -----BEGIN {label}-----{newline}{content}{newline}-----END {label}-----{newline}b"
            );
            check(&text, Some(content));
        }
        check(&format!("-----BEGIN EC PRIVATE KEY-----\n{content}\n"), Some(content));
        check(
            &format!(
                "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n{content}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
            ),
            Some(content),
        );
        check(&format!("-----BEGIN CERTIFICATE-----\n{content}\n-----END CERTIFICATE-----"), None);
        check(&format!("-----BEGIN PUBLIC KEY-----\n{content}\n-----END PUBLIC KEY-----"), None);
        check("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----", None);
    }
}
