//! Kinds of resources, as Chrome's network panel sorts them.

use dashcam_exchange::{Direction, Exchange};

use crate::web_socket;

/// The kind of an exchange's resource by the names that Chrome has: as the browser said, or by its media type.
pub(super) fn kind(exchange: &Exchange) -> &'static str {
    let headers = &exchange.request.headers;
    let media_type = media_type(exchange);
    match headers.text("sec-fetch-dest") {
        _ if web_socket::is_asked_for(exchange) => "websocket",
        _ if is_preflight(exchange) => "preflight",
        _ if media_type == "text/event-stream" => "eventsource",
        Some("document" | "iframe" | "frame" | "embed" | "object" | "fencedframe") => "document",
        Some("style" | "xslt") => "stylesheet",
        Some(
            "script" | "worker" | "sharedworker" | "serviceworker" | "audioworklet" | "paintworklet" | "json",
        ) => "script",
        Some("image") => "image",
        Some("font") => "font",
        Some("audio" | "video") => "media",
        Some("track") => "texttrack",
        Some("manifest") => "manifest",
        Some("report") => "other",
        Some("empty") if !is_by_xhr(exchange) => "fetch",
        _ if is_by_xhr(exchange) => "xhr",
        _ => by_media_type(&media_type),
    }
}

fn is_preflight(exchange: &Exchange) -> bool {
    exchange.request.method == "OPTIONS" && exchange.request.headers.contains("access-control-request-method")
}

/// Libraries name it so that servers can tell.
fn is_by_xhr(exchange: &Exchange) -> bool {
    exchange.request.headers.has_token("x-requested-with", "xmlhttprequest")
}

fn by_media_type(media_type: &str) -> &'static str {
    match media_type.split_once('/').unwrap_or_default() {
        (_, "html" | "xhtml+xml") => "document",
        ("text", "css") => "stylesheet",
        (_, "javascript" | "ecmascript" | "x-javascript") => "script",
        ("image", _) => "image",
        ("font", _) | (_, "font-woff" | "vnd.ms-fontobject") => "font",
        ("audio" | "video", _) => "media",
        ("text", "vtt") => "texttrack",
        (_, "manifest+json") => "manifest",
        (_, "json") => "fetch",
        (_, suffixed) if suffixed.ends_with("+json") => "fetch",
        _ => "other",
    }
}

/// The response's media type, in lower case and without parameters.
fn media_type(exchange: &Exchange) -> String {
    let headers = exchange.headers(Direction::Response);
    let named = headers.and_then(|headers| headers.text("content-type")).unwrap_or_default();
    named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Headers, ResponseHead, Version};

    use super::*;
    use crate::sample;

    #[test]
    fn kinds() {
        let check = |request: &[(&'static str, &str)], media_type: &str, expect| {
            let mut exchange = sample::exchange();
            request.iter().for_each(|(name, value)| exchange.request.headers.push(name, value));
            let headers: Headers = [("Content-Type", media_type)].into_iter().collect();
            let (version, reason) = (Version::Http11, String::new());
            exchange.response = Some(ResponseHead { version, status: 200, reason, headers });
            assert_eq!(kind(&exchange), expect, "{request:?} {media_type}");
        };
        check(&[], "text/html; charset=utf-8", "document");
        check(&[], "application/problem+json", "fetch");
        check(&[], "Text/CSS", "stylesheet");
        check(&[], "application/octet-stream", "other");
        check(&[], "", "other");
        check(&[], "text/event-stream", "eventsource");
        check(&[("Upgrade", "websocket")], "", "websocket");
        check(&[("Sec-Fetch-Dest", "iframe")], "application/json", "document");
        check(&[("Sec-Fetch-Dest", "empty")], "text/html", "fetch");
        check(&[("Sec-Fetch-Dest", "empty"), ("X-Requested-With", "XMLHttpRequest")], "", "xhr");
        check(&[("X-Requested-With", "XMLHttpRequest")], "text/html", "xhr");
    }
}
