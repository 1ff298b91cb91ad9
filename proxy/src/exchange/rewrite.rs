//! Changes that a proxy must make in heads (RFC 9110 §7.6), and no others.

pub(crate) mod forwarded;
mod own_cookies;

use dashcam_exchange::{Destination, Headers, RequestHead, ResponseHead, Version};

pub(crate) use crate::exchange::rewrite::own_cookies::OwnCookies;
pub use crate::exchange::rewrite::own_cookies::session_cookie;
use crate::exchange::route::{Route, RouteKind};
use crate::http::hop_by_hop::{Says, offers_upgrade, upgrade, without_hop_by_hop, without_promise};

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
    // A replay has no client.
    let client = route.client.filter(|_| reverse);
    let told = client.map(|client| {
        forwarded::tell(&route.forwarded, client.ip(), route.decrypted, head.host().unwrap_or(&host))
    });
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

#[cfg(test)]
mod tests;
