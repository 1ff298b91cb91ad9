//! What a proxy must change in heads (RFC 9110 §7.6), and nothing else.

use dashcam_exchange::{Destination, Headers, RequestHead, ResponseHead, Version};

use crate::http::h1::framing;
use crate::message::{Route, RouteKind};

/// Fields for one hop only, besides `Connection`, what that names, `Upgrade` and `TE`. The framing's fields
/// are not among them: whoever writes the message sets those.
const HOP_BY_HOP: [&str; 4] = ["keep-alive", "proxy-connection", "proxy-authorization", "http2-settings"];
/// Fields that stay even where `Connection` names them: without them it would be another message.
const FRAMING_AND_ROUTING: [&str; 3] = ["transfer-encoding", "content-length", "host"];

/// What may not stand in trailers.
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

/// The request as it goes to the upstream.
pub(crate) fn request(head: &RequestHead, route: &Route, destination: &Destination) -> RequestHead {
    let upgrade = upgrade(head).is_some();
    let trailers = head.headers.has_token("te", "trailers");
    let h1 = head.version != Version::Http2;
    let mut headers = without_hop_by_hop(&head.headers, Says { keep_alive: h1, upgrade, trailers });
    let host = host(head, route, destination);
    set_host(&mut headers, &host);
    if matches!(route.kind, RouteKind::Reverse { .. }) {
        forwarded(&mut headers, route, head.host().unwrap_or(&host));
    }
    RequestHead { authority: Some(host), headers, ..head.clone() }
}

/// The response as it goes to the client.
pub(crate) fn response(head: &ResponseHead, route: &Route) -> ResponseHead {
    let upgrade = head.status == 101 || offers_upgrade(head);
    let mut headers = without_hop_by_hop(&head.headers, Says { keep_alive: true, upgrade, trailers: false });
    without_promise(head.status, &mut headers);
    if route.kind == RouteKind::Forward {
        // A client that follows it to HTTP/3 has left the proxy.
        headers.remove("alt-svc");
    }
    ResponseHead { headers, ..head.clone() }
}

/// An interim response as it goes to the client.
pub(crate) fn interim(head: &ResponseHead) -> ResponseHead {
    let says = Says { keep_alive: true, upgrade: false, trailers: false };
    let mut headers = without_hop_by_hop(&head.headers, says);
    without_promise(head.status, &mut headers);
    ResponseHead { headers, ..head.clone() }
}

/// Whether a field may stand behind a body: not what frames or routes a message, or concerns one hop (RFC 9110 §6.5.1). A
/// recipient that merged those would read another message.
pub(crate) fn may_be_trailer(name: &[u8]) -> bool {
    !NO_TRAILERS.iter().any(|no| name.eq_ignore_ascii_case(no.as_bytes()))
}

/// The trailers that are passed on.
pub(crate) fn passed_trailers(mut trailers: Headers) -> Headers {
    trailers.retain(|name, _| may_be_trailer(name));
    trailers
}

/// What never has a body must not promise one (RFC 9110 §8.6, RFC 9112 §6.1): who believes it would take the
/// next response for it. A length of 0 does no harm.
fn without_promise(status: u16, headers: &mut Headers) {
    if framing::leaves_doubt(status, headers) {
        headers.remove("transfer-encoding");
        headers.remove("content-length");
    }
}

/// The protocol that the request wants to switch to, if that can be passed on.
pub(crate) fn upgrade(head: &RequestHead) -> Option<&str> {
    let wanted = head.headers.text("upgrade").filter(|_| head.headers.has_token("connection", "upgrade"))?;
    let passed_on = head.version == Version::Http11 && all_passed_on(&head.headers);
    passed_on.then_some(wanted)
}

/// Whether a response names protocols to switch to (426 must), and all of them are such as we pass on.
fn offers_upgrade(head: &ResponseHead) -> bool {
    head.version != Version::Http2
        && head.headers.contains("upgrade")
        && head.headers.has_token("connection", "upgrade")
        && all_passed_on(&head.headers)
}

/// Whether no protocol of `Upgrade` is HTTP/2, which would hide what is inside.
fn all_passed_on(headers: &Headers) -> bool {
    headers.tokens("upgrade").all(|protocol| !protocol.to_ascii_lowercase().starts_with(b"h2"))
}

/// What `Connection` says to the next hop too.
#[derive(Clone, Copy)]
struct Says {
    keep_alive: bool,
    upgrade: bool,
    trailers: bool,
}

impl Says {
    /// Whether what `named` says is just what the next hop is told: then it stays as it is, and the next hop
    /// can't tell that we are there.
    fn is(self, named: &[Vec<u8>]) -> bool {
        let has = |token: &[u8]| named.iter().any(|name| name == token);
        let all_mean_it = named.iter().all(|name| match name.as_slice() {
            b"keep-alive" => self.keep_alive,
            b"upgrade" => self.upgrade,
            b"te" => self.trailers,
            _ => false,
        });
        all_mean_it && self.upgrade == has(b"upgrade") && self.trailers == has(b"te")
    }

    fn text(self) -> Option<&'static str> {
        match (self.upgrade, self.trailers) {
            (true, true) => Some("Upgrade, TE"),
            (true, false) => Some("Upgrade"),
            (false, true) => Some("TE"),
            (false, false) => None,
        }
    }
}

/// The fields without those that concern one hop; those that go on to say something stay in their place.
fn without_hop_by_hop(headers: &Headers, says: Says) -> Headers {
    let named: Vec<Vec<u8>> = headers.tokens("connection").map(<[u8]>::to_ascii_lowercase).collect();
    let unchanged = says.is(&named);
    let mut kept = headers.clone();
    kept.retain(|name, _| {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("connection") {
            return unchanged || says.text().is_some();
        }
        if is("upgrade") {
            return says.upgrade;
        }
        if is("te") {
            return says.trailers;
        }
        let listed = !FRAMING_AND_ROUTING.iter().any(|kept| is(kept))
            && named.iter().any(|listed| name.eq_ignore_ascii_case(listed));
        !HOP_BY_HOP.iter().any(|hop| is(hop)) && !listed
    });
    if says.trailers && !kept.all("te").eq([b"trailers"]) {
        kept.set("TE", "trailers");
    }
    if let Some(text) = says.text().filter(|_| !unchanged) {
        kept.set("Connection", text);
    }
    kept
}

fn host(head: &RequestHead, route: &Route, destination: &Destination) -> String {
    match route.kind {
        RouteKind::Reverse { keep_host: false } => destination.authority(),
        _ => head.host().map_or_else(|| destination.authority(), str::to_owned),
    }
}

/// `Host` in its place, or first where it was not.
fn set_host(headers: &mut Headers, host: &str) {
    if headers.contains("host") {
        if !headers.all("host").eq([host.as_bytes()]) {
            headers.set("Host", host);
        }
        return;
    }
    let rest = std::mem::take(headers);
    headers.push("Host", host);
    for (name, value) in rest.iter() {
        headers.push(name, value);
    }
}

/// The fields of an HTTP/2 client's request for an HTTP/1 upstream: the connection says what the request does (RFC 9110
/// §10.1.4), and pieces of a cookie become one field (RFC 9113 §8.2.3).
pub(crate) fn from_h2_to_h1(headers: &mut Headers) {
    if headers.contains("te") {
        headers.set("Connection", "TE");
    }
    join_cookies(headers);
}

pub(crate) fn join_cookies(headers: &mut Headers) {
    let cookies: Vec<&[u8]> = headers.all("cookie").collect();
    if cookies.len() > 1 {
        let joined = cookies.join(&b"; "[..]);
        headers.set("cookie", joined);
    }
}

/// Tells the upstream behind a reverse listener who asked, for what (RFC 7239 and its forerunners).
fn forwarded(headers: &mut Headers, route: &Route, asked: &str) {
    let Some(client) = route.client.map(|client| client.ip()) else { return };
    let proto = if route.decrypted { "https" } else { "http" };
    append(headers, "X-Forwarded-For", &client.to_string());
    if !headers.contains("x-forwarded-proto") {
        headers.push("X-Forwarded-Proto", proto);
    }
    if !headers.contains("x-forwarded-host") {
        headers.push("X-Forwarded-Host", asked);
    }
    let node = if client.is_ipv6() { format!("\"[{client}]\"") } else { client.to_string() };
    append(headers, "Forwarded", &format!("for={node};host=\"{asked}\";proto={proto}"));
}

fn append(headers: &mut Headers, name: &str, value: &str) {
    let before: Vec<_> = headers.all(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    let all = before.iter().map(String::as_str).chain([value]).collect::<Vec<_>>().join(", ");
    headers.set(name, all);
}

#[cfg(test)]
mod tests;
