//! Heads between HTTP/2's form and ours.

use dashcam_exchange::Headers;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Fields that have no place in HTTP/2 (RFC 9113 §8.2.2).
pub(crate) const OF_HTTP1: [&str; 5] =
    ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// h2's fields as ours, in the order of names' first appearance: fields of one name come together.
pub(crate) fn from_map(map: &HeaderMap) -> Headers {
    map.iter().collect()
}

/// Our fields as h2's; HTTP/2 has lower-case names only (RFC 9113 §8.2.1). What HTTP/2 can't carry is left out.
pub(crate) fn to_map(headers: &Headers) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter() {
        if OF_HTTP1.iter().any(|of_http1| name.eq_ignore_ascii_case(of_http1.as_bytes())) {
            continue;
        }
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            map.append(name, value);
        }
    }
    map
}

/// The length that `Content-Length` announces. h2 holds the stream to it.
pub(crate) fn length(headers: &Headers) -> Option<u64> {
    headers.text("content-length")?.parse().ok()
}

/// An error with its causes, as one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
