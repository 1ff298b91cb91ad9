//! Fields behind a body, and which of them are passed on.

use dashcam_exchange::Headers;

use crate::http::claims::is_claim;

/// Fields that may not stand in trailers.
const NO_TRAILERS: [&str; 12] = [
    "transfer-encoding",
    "content-length",
    "host",
    "trailer",
    "te",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "proxy-authenticate",
    "upgrade",
    "http2-settings",
];

/// True for a field that may stand behind a body: not one that frames or routes a message, concerns one hop (RFC 9110 §6.5.1), or
/// says who asks. A recipient that merged those would read another message.
pub(crate) fn may_be_trailer(name: &[u8]) -> bool {
    !NO_TRAILERS.iter().any(|no| name.eq_ignore_ascii_case(no.as_bytes())) && !is_claim(name)
}

/// The trailers that are passed on.
pub(crate) fn passed_trailers(mut trailers: Headers) -> Headers {
    trailers.retain(|name, _| may_be_trailer(name));
    trailers
}
