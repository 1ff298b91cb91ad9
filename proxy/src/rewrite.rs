//! What a proxy must change in heads (RFC 9110 §7.6), and nothing else.

mod forwarded;
mod own_cookies;

use dashcam_exchange::{Destination, Headers, Names, RequestHead, ResponseHead, Version};

pub(crate) use self::forwarded::{Forwarded, is_claim};
pub(crate) use self::own_cookies::OwnCookies;
use crate::http::h1::framing;
use crate::message::{Route, RouteKind};

/// Fields for one hop only, besides `Connection`, what that names, `Upgrade` and `TE`. The framing's fields
/// are not among them: whoever writes the message sets those.
const HOP_BY_HOP: [&str; 4] = ["keep-alive", "proxy-connection", "proxy-authorization", "http2-settings"];
/// All fields for one hop only.
const ONE_HOP: Names = Names::new(&[
    "connection",
    "upgrade",
    "te",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "http2-settings",
]);
/// The same, without `Connection`.
const BESIDE_CONNECTION: Names =
    Names::new(&["upgrade", "te", "keep-alive", "proxy-connection", "proxy-authorization", "http2-settings"]);
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

/// Makes `head` the request as it goes to the upstream.
pub(crate) fn request(head: &mut RequestHead, route: &Route, destination: &Destination) {
    let upgrade = upgrade(head).is_some();
    let trailers = head.headers.has_token("te", "trailers");
    let h1 = head.version != Version::Http2;
    let reverse = matches!(route.kind, RouteKind::Reverse { .. });
    let host = host(head, route, destination);
    if matches!(route.kind, RouteKind::Reverse { trusts_client: false, .. }) {
        forwarded::forget(&mut head.headers);
    }
    let told = reverse.then(|| forwarded::tell(route, head.host().unwrap_or(&host))).flatten();
    without_hop_by_hop(&mut head.headers, Says { keep_alive: h1, upgrade, trailers });
    set_host(&mut head.headers, &host);
    if let Some(told) = told {
        told.add(&mut head.headers);
    }
    // From here on the field names it.
    head.authority = None;
}

/// Makes `head` the response as it goes to the client.
pub(crate) fn response(head: &mut ResponseHead, route: &Route) {
    let upgrade = head.status == 101 || offers_upgrade(head);
    without_hop_by_hop(&mut head.headers, Says { keep_alive: true, upgrade, trailers: false });
    without_promise(head.status, &mut head.headers);
    if route.kind == RouteKind::Forward {
        // A client that follows it to HTTP/3 has left the proxy.
        head.headers.remove("alt-svc");
    }
}

/// Makes `head` an interim response as it goes to the client.
pub(crate) fn interim(head: &mut ResponseHead) {
    without_hop_by_hop(&mut head.headers, Says { keep_alive: true, upgrade: false, trailers: false });
    without_promise(head.status, &mut head.headers);
}

/// Whether a field may stand behind a body: not what frames or routes a message, concerns one hop (RFC 9110 §6.5.1), or
/// says who asks. A recipient that merged those would read another message.
pub(crate) fn may_be_trailer(name: &[u8]) -> bool {
    !NO_TRAILERS.iter().any(|no| name.eq_ignore_ascii_case(no.as_bytes())) && !is_claim(name)
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

/// Takes the fields out that concern one hop; those that go on to say something stay in their place.
fn without_hop_by_hop(kept: &mut Headers, says: Says) {
    // Most heads have none of them, and nothing to say to the next hop.
    if says.text().is_none() && !kept.contains_any(&ONE_HOP) {
        return;
    }
    if says.keep_alive && says.text().is_none() && keeps_alive_only(kept) {
        return;
    }
    let headers = &*kept;
    let named: Vec<Vec<u8>> = headers.tokens("connection").map(<[u8]>::to_ascii_lowercase).collect();
    let unchanged = says.is(&named);
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
}

/// Whether all that concerns this hop is the most usual thing to say, which goes for the next hop too.
fn keeps_alive_only(headers: &Headers) -> bool {
    let mut said = headers.all("connection");
    said.next().is_some_and(|said| said.eq_ignore_ascii_case(b"keep-alive"))
        && said.next().is_none()
        && !headers.contains_any(&BESIDE_CONNECTION)
}

fn host(head: &RequestHead, route: &Route, destination: &Destination) -> String {
    match route.kind {
        RouteKind::Reverse { keep_host: false, .. } => destination.authority(),
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
    headers.add("Host", host);
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

/// Joins the pieces of a cookie. Empty ones are left out: a value can't end in a blank.
pub(crate) fn join_cookies(headers: &mut Headers) {
    if headers.all("cookie").count() > 1 {
        let pieces: Vec<&[u8]> = headers.all("cookie").filter(|piece| !piece.is_empty()).collect();
        let joined = pieces.join(&b"; "[..]);
        headers.set("cookie", joined);
    }
}

#[cfg(test)]
mod tests;
