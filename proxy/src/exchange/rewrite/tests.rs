//! Heads before and after.

use dashcam_exchange::Scheme;

use crate::exchange::rewrite::*;
use crate::http::h2_to_h1::from_h2_to_h1;

fn route(kind: RouteKind) -> Route {
    let client = "192.0.2.7:5000".parse().ok();
    Route { client, decrypted: true, ..Route::new(kind) }
}

fn check(kind: RouteKind, version: Version, fields: &[(&str, &str)], expect: &[(&str, &str)]) {
    let mut head = RequestHead {
        method: "GET".into(),
        target: "/".into(),
        authority: None,
        version,
        headers: fields.iter().copied().collect(),
    };
    let destination = Destination::parse(Scheme::Https, "up.example:8443").unwrap();
    let expect: Headers = expect.iter().copied().collect();
    request(&mut head, &route(kind), &destination);
    assert_eq!(head.headers, expect, "{fields:?}");
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
    let switch = [("Host", "a"), ("connection", "keep-alive, upgrade"), ("Upgrade", "websocket")];
    check(Forward, Http11, &switch, &switch);
    let alive = [("Host", "a"), ("connection", "Keep-Alive"), ("X", "1")];
    check(Forward, Http11, &alive, &alive);
    check(Forward, Http2, &alive, &[("Host", "a"), ("X", "1")]);
    let trailers = [("te", "trailers"), ("Host", "a"), ("Connection", "TE, keep-alive")];
    check(Forward, Http11, &trailers, &trailers);
    check(
        Forward,
        Http11,
        &[("TE", "trailers, deflate;q=0.5"), ("Host", "a"), ("Connection", "close, TE")],
        &[("TE", "trailers"), ("Host", "a"), ("Connection", "TE")],
    );
    check(
        Forward,
        Http11,
        &[("Host", "a"), ("Connection", "close, Upgrade"), ("Upgrade", "websocket")],
        &[("Host", "a"), ("Connection", "Upgrade"), ("Upgrade", "websocket")],
    );
    check(Forward, Http11, &[("Host", "a"), ("Connection", "Upgrade"), ("Upgrade", "h2c")], &[("Host", "a")]);
    check(
        Forward,
        Http2,
        &[("cookie", "a=1"), ("cookie", "b=2"), ("host", "a")],
        &[("cookie", "a=1"), ("cookie", "b=2"), ("host", "a")],
    );
    check(
        Reverse { keep_host: false, trusts_client: true },
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

/// A stranger is not believed whom it asks for.
#[test]
fn claims_of_strangers() {
    let route = RouteKind::Reverse { keep_host: true, trusts_client: false };
    let told = [
        ("X-Forwarded-For", "192.0.2.7"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "me"),
        ("Forwarded", "for=192.0.2.7;host=\"me\";proto=https"),
    ];
    let expect: Vec<_> = [("Host", "me"), ("X-Other", "1")].into_iter().chain(told).collect();
    for claim in [
        "X-Forwarded-For",
        "x_forwarded_for",
        "X-Forwarded-Proto",
        "Forwarded",
        "X-Real-IP",
        "X-SSL-Client-Cert",
    ] {
        for version in [Version::Http11, Version::Http2] {
            let fields = [("Host", "me"), (claim, "198.51.100.1"), ("X-Other", "1"), (claim, "again")];
            check(route, version, &fields, &expect);
        }
    }
    // Naming it in `Connection` takes none of ours away.
    check(
        route,
        Version::Http11,
        &[("Host", "me"), ("Connection", "close, X-Forwarded-For"), ("X-Other", "1")],
        &expect,
    );
}

#[test]
fn what_http1_has_in_one_field() {
    let mut headers: Headers =
        [("cookie", "a=1"), ("te", "trailers"), ("cookie", "b=2"), ("cookie", "")].into_iter().collect();
    from_h2_to_h1(&mut headers);
    let expect = [("cookie", "a=1; b=2"), ("te", "trailers"), ("Connection", "TE")];
    assert_eq!(headers, expect.into_iter().collect());
}
