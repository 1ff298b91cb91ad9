//! What a proxy must change in heads (RFC 9110 §7.6), and nothing else.

use dashcam_exchange::{Destination, Headers, RequestHead, ResponseHead, Version};

use crate::message::{Route, RouteKind};

/// Fields for one hop only, besides those that `Connection` names. The framing's fields are not among
/// them: whoever writes the message sets those.
const HOP_BY_HOP: [&str; 5] = ["connection", "keep-alive", "proxy-connection", "proxy-authorization", "te"];

/// The request as it goes to the upstream.
pub(crate) fn request(head: &RequestHead, route: &Route, destination: &Destination) -> RequestHead {
    let upgrade = upgrade(head);
    let mut headers = without_hop_by_hop(&head.headers, upgrade.is_some());
    if upgrade.is_none() {
        headers.remove("upgrade");
        headers.remove("http2-settings");
    }
    let trailers = head.headers.has_token("te", "trailers");
    if trailers {
        headers.push("TE", "trailers");
    }
    if head.version == Version::Http2 {
        join_cookies(&mut headers);
    } else {
        connection(&mut headers, upgrade.is_some(), trailers);
    }
    let host = host(head, route, destination);
    set_host(&mut headers, &host);
    if matches!(route.kind, RouteKind::Reverse { .. }) {
        forwarded(&mut headers, route, head.host().unwrap_or(&host));
    }
    RequestHead { authority: Some(host), headers, ..head.clone() }
}

/// The response as it goes to the client.
pub(crate) fn response(head: &ResponseHead, route: &Route) -> ResponseHead {
    let switching = head.status == 101;
    let mut headers = without_hop_by_hop(&head.headers, switching);
    if switching {
        connection(&mut headers, true, false);
    } else {
        headers.remove("upgrade");
    }
    if route.kind == RouteKind::Forward {
        // A client that follows it to HTTP/3 has left the proxy.
        headers.remove("alt-svc");
    }
    ResponseHead { headers, ..head.clone() }
}

/// The protocol that the request wants to switch to, if that can be passed on.
pub(crate) fn upgrade(head: &RequestHead) -> Option<&str> {
    let wanted = head.headers.text("upgrade").filter(|_| head.headers.has_token("connection", "upgrade"))?;
    let passed_on = head.version == Version::Http11 && !wanted.to_ascii_lowercase().starts_with("h2");
    passed_on.then_some(wanted)
}

/// Keeps `Connection` in its place when it goes on to say something, so that the order stays.
fn without_hop_by_hop(headers: &Headers, keep_connection: bool) -> Headers {
    let named: Vec<Vec<u8>> = headers.tokens("connection").map(<[u8]>::to_ascii_lowercase).collect();
    let framing = |name: &[u8]| {
        name.eq_ignore_ascii_case(b"transfer-encoding")
            || name.eq_ignore_ascii_case(b"content-length")
            || name.eq_ignore_ascii_case(b"host")
    };
    let mut kept = headers.clone();
    kept.retain(|name, _| {
        if keep_connection
            && (name.eq_ignore_ascii_case(b"connection") || name.eq_ignore_ascii_case(b"upgrade"))
        {
            return true;
        }
        let hop = HOP_BY_HOP.iter().any(|hop| name.eq_ignore_ascii_case(hop.as_bytes()));
        let listed = !framing(name) && named.iter().any(|listed| name.eq_ignore_ascii_case(listed));
        !hop && !listed
    });
    kept
}

fn connection(headers: &mut Headers, upgrade: bool, trailers: bool) {
    match (upgrade, trailers) {
        (true, true) => headers.set("Connection", "Upgrade, TE"),
        (true, false) => headers.set("Connection", "Upgrade"),
        (false, true) => headers.set("Connection", "TE"),
        (false, false) => {}
    }
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
        if headers.text("host") != Some(host) {
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

/// HTTP/2 clients may send a cookie in pieces; HTTP/1 has one field (RFC 9113 §8.2.3).
fn join_cookies(headers: &mut Headers) {
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
mod tests {
    use std::sync::Arc;

    use dashcam_exchange::Scheme;

    use super::*;

    fn route(kind: RouteKind) -> Route {
        let client = "192.0.2.7:5000".parse().ok();
        Route {
            connection: None,
            client,
            entrance: None,
            destination: None,
            sni: None,
            kind,
            decrypted: true,
            authenticated: Arc::default(),
            replay: None,
        }
    }

    fn check(kind: RouteKind, version: Version, fields: &[(&str, &str)], expect: &[(&str, &str)]) {
        let head = RequestHead {
            method: "GET".into(),
            target: "/".into(),
            authority: None,
            version,
            headers: fields.iter().copied().collect(),
        };
        let destination = Destination::parse(Scheme::Https, "up.example:8443").unwrap();
        let expect: Headers = expect.iter().copied().collect();
        assert_eq!(request(&head, &route(kind), &destination).headers, expect, "{fields:?}");
    }

    #[test]
    fn requests() {
        use RouteKind::{Forward, Reverse};
        use Version::{Http2, Http11};
        let same = [("hOST", "a"), ("X-b", "1"), ("x-B", "2")];
        check(Forward, Http11, &same, &same);
        check(Forward, Http11, &[("X", "1")], &[("Host", "up.example:8443"), ("X", "1")]);
        check(
            Forward,
            Http11,
            &[("Host", "a"), ("Connection", "close, X-Hop"), ("X-Hop", "1"), ("Proxy-Authorization", "s")],
            &[("Host", "a")],
        );
        check(Forward, Http11, &[("Connection", "content-length, host"), ("Host", "a")], &[("Host", "a")]);
        let switch = [("Host", "a"), ("connection", "keep-alive, Upgrade"), ("Upgrade", "websocket")];
        check(
            Forward,
            Http11,
            &switch,
            &[("Host", "a"), ("connection", "Upgrade"), ("Upgrade", "websocket")],
        );
        check(
            Forward,
            Http11,
            &[("Host", "a"), ("Connection", "Upgrade"), ("Upgrade", "h2c")],
            &[("Host", "a")],
        );
        check(
            Forward,
            Http2,
            &[("cookie", "a=1"), ("cookie", "b=2"), ("host", "a")],
            &[("cookie", "a=1; b=2"), ("host", "a")],
        );
        check(
            Reverse { keep_host: false },
            Http11,
            &[("Host", "me"), ("X-Forwarded-For", "198.51.100.1")],
            &[
                ("Host", "up.example:8443"),
                ("X-Forwarded-For", "198.51.100.1, 192.0.2.7"),
                ("X-Forwarded-Proto", "https"),
                ("X-Forwarded-Host", "me"),
                ("Forwarded", "for=192.0.2.7;host=\"me\";proto=https"),
            ],
        );
    }
}
