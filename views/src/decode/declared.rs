//! The charset that a text declares in itself: HTML, XML and CSS have ways to.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::kind::Kind;

/// Browsers look for a declaration this far.
const FAR: usize = 1024;

/// The encoding that `bytes`, the beginning of a body of `kind`, declare.
pub(super) fn declared(kind: Kind, bytes: &[u8]) -> Option<&'static Encoding> {
    let start = &bytes[..bytes.len().min(FAR)];
    match kind {
        Kind::Html => xml(start).or_else(|| meta(start)),
        Kind::Xml => xml(start),
        Kind::Css => css(start),
        Kind::Text | Kind::Other => None,
    }
}

/// `<?xml version="1.0" encoding="…"?>`. In UTF-16 it shows by its first characters.
fn xml(start: &[u8]) -> Option<&'static Encoding> {
    if start.starts_with(b"<\0?\0") {
        return Some(UTF_16LE);
    }
    if start.starts_with(b"\0<\0?") {
        return Some(UTF_16BE);
    }
    let end = start.starts_with(b"<?xml").then(|| find(start, b"?>"))??;
    let declaration = &start[..end];
    named(value(&declaration[find(declaration, b"encoding")? + b"encoding".len()..])?)
}

/// `@charset "…";`, which has to stand first and in exactly this form.
fn css(start: &[u8]) -> Option<&'static Encoding> {
    let rest = start.strip_prefix(b"@charset \"")?;
    named(&rest[..find(rest, b"\";")?])
}

/// `<meta charset=…>`, or a `content` with it, outside of comments.
fn meta(start: &[u8]) -> Option<&'static Encoding> {
    let lower = start.to_ascii_lowercase();
    let mut rest = lower.as_slice();
    loop {
        rest = &rest[find(rest, b"<")?..];
        if rest.starts_with(b"<!--") {
            rest = &rest[2..];
            rest = &rest[find(rest, b"-->")? + 3..];
        } else if rest.starts_with(b"<meta") {
            let end = find(rest, b">").unwrap_or(rest.len());
            if let Some(encoding) = attribute(&rest[..end]) {
                return Some(encoding);
            }
            rest = &rest[end..];
        } else {
            rest = &rest[1..];
        }
    }
}

fn attribute(tag: &[u8]) -> Option<&'static Encoding> {
    let mut rest = tag;
    loop {
        rest = &rest[find(rest, b"charset")? + b"charset".len()..];
        if let Some(encoding) = value(rest).and_then(named) {
            return Some(encoding);
        }
    }
}

/// The value behind `=`, in quotes or without.
fn value(text: &[u8]) -> Option<&[u8]> {
    let text = text.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let ends = |byte: &u8| match text.first() {
        Some(quote @ (b'"' | b'\'')) => byte == quote,
        _ => byte.is_ascii_whitespace() || matches!(byte, b';' | b'"' | b'\'' | b'/' | b'?'),
    };
    let start = usize::from(matches!(text.first(), Some(b'"' | b'\'')));
    let text_end = text[start..].iter().position(ends).map_or(text.len(), |at| start + at);
    Some(&text[start..text_end])
}

/// UTF-16 can't be declared in what was read byte by byte: browsers take it for UTF-8.
fn named(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    match encoding {
        wide if wide == UTF_16LE || wide == UTF_16BE => Some(UTF_8),
        own if own == X_USER_DEFINED => Some(WINDOWS_1252),
        other => Some(other),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        let check = |kind, start: &str, expect: Option<&str>| {
            assert_eq!(declared(kind, start.as_bytes()).map(Encoding::name), expect, "{start}");
        };
        check(Kind::Html, "<!doctype html><META CharSet='gbk'>", Some("GBK"));
        check(Kind::Html, "<meta charset=shift_jis/>", Some("Shift_JIS"));
        check(Kind::Html, "<meta name=x><meta charset = utf-8 >", Some("UTF-8"));
        let equiv = "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\">";
        check(Kind::Html, equiv, Some("GBK"));
        check(
            Kind::Html,
            "<meta content='text/html; charset=koi8-r' http-equiv=content-type>",
            Some("KOI8-R"),
        );
        check(Kind::Html, "<!-- <meta charset=gbk> --><meta charset=big5>", Some("Big5"));
        check(Kind::Html, "<!--><meta charset=big5>", Some("Big5"));
        check(Kind::Html, "<meta charset=utf-16le>", Some("UTF-8"));
        check(Kind::Html, "<meta charset=nonsense><p charset=gbk>", None);
        check(Kind::Html, "<meta charset", None);
        check(Kind::Html, &format!("{}<meta charset=gbk>", " ".repeat(FAR)), None);
        check(Kind::Html, "<?xml version='1.0' encoding='big5'?><html>", Some("Big5"));
        check(Kind::Xml, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>", Some("windows-1252"));
        check(Kind::Xml, "<?xml version=\"1.0\"?><a encoding=\"gbk\"/>", None);
        check(Kind::Xml, "<\0?\0x\0", Some("UTF-16LE"));
        check(Kind::Xml, "\0<\0?\0x", Some("UTF-16BE"));
        check(Kind::Css, "@charset \"windows-1252\"; a{}", Some("windows-1252"));
        check(Kind::Css, "a{} @charset \"gbk\";", None);
        check(Kind::Text, "<meta charset=gbk>", None);
    }
}
