//! The kind of a body: by its Content-Type, and by its first bytes where that says nothing, or cannot be.

use std::borrow::Cow;

/// The ways to go through a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    Form,
    /// Parts between lines with this boundary.
    Multipart(Vec<u8>),
    Xml,
    Events,
    Csv,
    Text,
    /// Messages behind prefixes of five bytes.
    Grpc,
    /// The same, as base64.
    GrpcText,
    Protobuf,
    /// Nothing that could be read.
    Opaque,
}

/// First bytes that are enough to tell the kind.
pub(super) const ENOUGH: usize = 64;

/// The same where the Content-Type names one that has a length before its first text.
const ENOUGH_FRAMED: usize = 4;

impl Kind {
    /// How many of a body's first bytes tell its kind, once there are enough of them: its first line where the
    /// Content-Type says something, as short messages of a stream shall not wait.
    pub(super) fn enough(content_type: &[u8], start: &[u8]) -> Option<usize> {
        if is_json(content_type) {
            let enough = enough(Some(&Self::Json), start);
            return (start.len() >= enough).then_some(enough);
        }
        let text = String::from_utf8_lossy(content_type);
        let enough = enough(Self::named(&media_type(&text), &text).as_ref(), start);
        (start.len() >= enough).then_some(enough)
    }

    /// The kind of a body that begins with `start`, under a Content-Type.
    pub(super) fn of(content_type: &[u8], start: &[u8]) -> Self {
        if is_json(content_type) && matches!(start, [b'{' | b'[', ..]) {
            let start = &start[..enough(Some(&Self::Json), start).min(start.len())];
            return if is_printable(start) { Self::Json } else { Self::guess(start) };
        }
        let text = String::from_utf8_lossy(content_type);
        let media_type = media_type(&text);
        let named = Self::named(&media_type, &text);
        let start = &start[..enough(named.as_ref(), start).min(start.len())];
        let first = start.trim_ascii_start().first().copied();
        let is_json = matches!(first, Some(b'{' | b'['));
        match named {
            Some(Self::Form | Self::Text | Self::Csv) if is_json => Self::Json,
            Some(Self::Json) if first == Some(b'<') => Self::Xml,
            Some(Self::Json | Self::Text | Self::Form) if !is_printable(start) => Self::guess(start),
            Some(Self::Text) if first == Some(b'<') => Self::Xml,
            Some(kind) => kind,
            None if is_media(&media_type) && !is_printable(start) => Self::Opaque,
            None => Self::guess(start),
        }
    }

    /// The kind that a media type names.
    fn named(media_type: &str, whole: &str) -> Option<Self> {
        let (family, name) = media_type.split_once('/')?;
        let is = |suffix: &str| name.ends_with(suffix);
        Some(match (family, name) {
            ("multipart", _) => Self::Multipart(boundary(whole)?),
            (_, "x-www-form-urlencoded") => Self::Form,
            (_, "event-stream") => Self::Events,
            (_, "csv" | "tab-separated-values") => Self::Csv,
            ("application", "grpc-web-text" | "grpc-web-text+proto") => Self::GrpcText,
            ("application", grpc) if grpc.starts_with("grpc") || grpc.starts_with("connect+") => Self::Grpc,
            (
                "application",
                "proto" | "x-protobuf" | "protobuf" | "x-google-protobuf" | "vnd.google.protobuf",
            ) => Self::Protobuf,
            _ if is("json") || is("ndjson") || is("jsonl") || is("json-seq") || is("jsonlines") => Self::Json,
            _ if is("xml") || is("html") => Self::Xml,
            ("text", _) => Self::Text,
            (
                _,
                "javascript" | "x-javascript" | "ecmascript" | "yaml" | "x-yaml" | "toml" | "graphql" | "sql",
            ) => Self::Text,
            _ => return None,
        })
    }

    fn guess(start: &[u8]) -> Self {
        if !is_printable(start) {
            return Self::Opaque;
        }
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        let is_form = || {
            let name = start
                .iter()
                .take_while(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']')
                })
                .count();
            name > 0
                && start.get(name) == Some(&b'=')
                && !start.contains(&b' ')
                && !start.contains(&b'\n')
                && start.contains(&b'&')
        };
        match start.first() {
            Some(b'{' | b'[') => Self::Json,
            Some(b'<') => Self::Xml,
            _ if start.starts_with(b"data:") || start.starts_with(b"event:") => Self::Events,
            _ if is_form() => Self::Form,
            _ => Self::Text,
        }
    }
}

/// Returns whether a Content-Type is the most frequent of those that name JSON, as it is mostly written.
fn is_json(content_type: &[u8]) -> bool {
    content_type.strip_prefix(b"application/json").is_some_and(|rest| matches!(rest, [] | [b';', ..]))
}

/// How many of a body's first bytes tell its kind, where its Content-Type names this one.
fn enough(named: Option<&Kind>, start: &[u8]) -> usize {
    match named {
        None => ENOUGH,
        Some(Kind::Grpc | Kind::GrpcText | Kind::Protobuf) => ENOUGH_FRAMED,
        Some(_) => {
            let start = &start[..start.len().min(ENOUGH)];
            let blank = start.len() - start.trim_ascii_start().len();
            memchr::memchr(b'\n', &start[blank..])
                .map_or(ENOUGH, |end| (blank + end + 1).clamp(ENOUGH_FRAMED, ENOUGH))
        }
    }
}

/// The media type that a Content-Type names, in lower case.
fn media_type(content_type: &str) -> Cow<'_, str> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    match media_type.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(media_type.to_ascii_lowercase()),
        false => Cow::Borrowed(media_type),
    }
}

/// Returns whether a media type is of pictures, sounds, fonts or archives.
fn is_media(media_type: &str) -> bool {
    ["image/", "video/", "audio/", "font/"].iter().any(|family| media_type.starts_with(family))
        || media_type.contains("zip")
        || media_type.contains("octet-stream")
}

/// Returns whether bytes are text, as far as they go.
fn is_printable(start: &[u8]) -> bool {
    let start = &start[..start.len().min(ENOUGH)];
    let is_control =
        |byte: u8| byte < 9 || (14..0x1b).contains(&byte) || (0x1c..0x1e).contains(&byte) || byte == 0x1f;
    // Without branches, many are looked at in one instruction.
    start.iter().fold(0, |any, byte| any | u8::from(is_control(*byte))) == 0
}

/// The boundary in a Content-Type.
fn boundary(content_type: &str) -> Option<Vec<u8>> {
    let parameter = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty()).then(|| value.as_bytes().to_vec())
    };
    content_type.split(';').skip(1).find_map(parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let check = |content_type: &str, start: &str, expect: Kind| {
            assert_eq!(Kind::of(content_type.as_bytes(), start.as_bytes()), expect, "{content_type} {start}");
        };
        check("application/problem+json; charset=utf-8", "{}", Kind::Json);
        check("application/json", "<html>", Kind::Xml);
        check("application/x-www-form-urlencoded", "a=b", Kind::Form);
        check("application/x-www-form-urlencoded", "{\"a\":1}", Kind::Json);
        check("multipart/form-data; boundary=\"x y\"", "--x y", Kind::Multipart(b"x y".to_vec()));
        check("text/plain", "[1]", Kind::Json);
        check("", "a=b&c=d", Kind::Form);
        check("application/octet-stream", "plain text", Kind::Text);
        check("image/png", "\u{1}\u{2}", Kind::Opaque);
        check("application/grpc+proto", "\0\0", Kind::Grpc);
        check("application/soap+xml", "<a/>", Kind::Xml);
    }
}
