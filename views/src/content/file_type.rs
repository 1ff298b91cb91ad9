//! The endings of files' names by media types.

/// The ending for a file of `media_type`, which may have parameters; `None` for a type that has no usual one.
#[must_use]
pub fn extension(media_type: &str) -> Option<&'static str> {
    let named = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, name) = named.split_once('/')?;
    Some(match (kind, name) {
        (_, "json") => "json",
        (_, "x-ndjson" | "ndjson" | "jsonl") => "ndjson",
        (_, "html" | "xhtml+xml") => "html",
        (_, "javascript" | "x-javascript" | "ecmascript") => "js",
        ("text", "css") => "css",
        ("text", "csv") => "csv",
        ("text", "markdown") => "md",
        ("text", "plain" | "event-stream") => "txt",
        (_, "yaml" | "x-yaml") => "yaml",
        ("image", "svg+xml") => "svg",
        ("image", "jpeg") => "jpg",
        ("image", "png") => "png",
        ("image", "gif") => "gif",
        ("image", "webp") => "webp",
        ("image", "avif") => "avif",
        ("image", "x-icon" | "vnd.microsoft.icon") => "ico",
        ("font", "woff") => "woff",
        ("font", "woff2") => "woff2",
        ("font", "ttf") => "ttf",
        ("audio", "mpeg") => "mp3",
        ("video" | "audio", "mp4") => "mp4",
        ("video" | "audio", "webm") => "webm",
        ("application", "pdf") => "pdf",
        ("application", "zip") => "zip",
        ("application", "gzip" | "x-gzip") => "gz",
        ("application", "wasm") => "wasm",
        ("application", "x-protobuf" | "protobuf") => "pb",
        (_, "xml") => "xml",
        (_, suffixed) if suffixed.ends_with("+json") => "json",
        (_, suffixed) if suffixed.ends_with("+xml") => "xml",
        ("application", "octet-stream") => "bin",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        let check = |media_type, expect| assert_eq!(extension(media_type), expect, "{media_type}");
        check("Application/JSON; charset=utf-8", Some("json"));
        check("application/problem+json", Some("json"));
        check("image/svg+xml", Some("svg"));
        check("application/atom+xml", Some("xml"));
        check("application/../x", None);
        check("", None);
    }
}
