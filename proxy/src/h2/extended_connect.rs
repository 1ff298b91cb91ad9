//! Extended CONNECT (RFC 8441): a WebSocket, or another protocol, over one stream of an HTTP/2 connection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Headers, Names, RequestHead, ResponseHead};

use crate::http::h2_to_h1::join_cookies;

/// Fields of an extended CONNECT that are not the upgrade's.
const NOT_OF_UPGRADES: Names = Names::new(&["host", "content-length", "transfer-encoding"]);

/// The pseudo-field that names the protocol: kept first among the request's fields.
pub(crate) const PROTOCOL: &str = ":protocol";

/// The protocol that a request wants to switch to, if it is an extended CONNECT.
pub(crate) fn protocol(head: &RequestHead) -> Option<&str> {
    if head.method == "CONNECT" { head.headers.text(PROTOCOL) } else { None }
}

/// The fields of a request with its protocol, if it names one, before them.
pub(crate) fn with_protocol(fields: Headers, protocol: Option<&str>) -> Headers {
    let Some(protocol) = protocol else { return fields };
    let mut headers = Headers::default();
    headers.push(PROTOCOL, protocol);
    fields.iter().for_each(|(name, value)| headers.push(name, value));
    headers
}

/// The same request for an HTTP/1.1 upstream: an upgrade (RFC 8441 §5 in reverse). HTTP/2's WebSockets have no key;
/// HTTP/1.1's need one.
pub(crate) fn over_h1(head: &RequestHead) -> RequestHead {
    let protocol = protocol(head).unwrap_or_default();
    let mut headers = Headers::default();
    if let Some(host) = head.headers.first("host") {
        headers.add("Host", host);
    }
    headers.add("Connection", "Upgrade");
    headers.add("Upgrade", protocol);
    for (name, value) in head.headers.iter() {
        // Its stream carries no body, and none is to be waited for.
        if !name.starts_with(b":") && !NOT_OF_UPGRADES.contains(name) {
            headers.push(name, value);
        }
    }
    join_cookies(&mut headers);
    if protocol.eq_ignore_ascii_case("websocket") && !headers.contains("sec-websocket-key") {
        headers.add("Sec-WebSocket-Key", key());
    }
    RequestHead {
        method: "GET".to_owned(),
        version: dashcam_exchange::Version::Http11,
        headers,
        ..head.clone()
    }
}

/// A 101 as the answer to an extended CONNECT.
pub(crate) fn granted(mut head: ResponseHead) -> ResponseHead {
    head.status = 200;
    head.headers.remove("sec-websocket-accept");
    head
}

/// 16 bytes that nobody can have known (RFC 6455 §4.1).
fn key() -> String {
    let mut bytes = [0; 16];
    // Should the system have no randomness, the key is a known one: it guards against caches, not attackers.
    let _ = rustls::crypto::aws_lc_rs::default_provider().secure_random.fill(&mut bytes);
    STANDARD.encode(bytes)
}
