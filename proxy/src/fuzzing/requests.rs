//! A client's bytes through the whole service: an origin gets plain requests and nothing else, those that a
//! strict reader finds in the bytes, and the client gets one response for each.

use dashcam_exchange::Exchange;

use crate::exchange::route::{Route, RouteKind};
use crate::fuzzing::client::Client;
use crate::fuzzing::cuts::header;
use crate::fuzzing::model;
use crate::fuzzing::model::{By, Field, Message};
use crate::fuzzing::origin::{Answer, Origin};
use crate::fuzzing::world;
use crate::fuzzing::world::World;
use crate::http::claims;
use crate::in_memory;

/// The style of an origin that answers before it has the body.
const EARLY: u8 = 7;

/// Serves a client that sends what stands behind the first two bytes of `input`; the first one says how client,
/// proxy and origin are.
///
/// # Panics
/// When something ambiguous goes on to the origin, or back to the client.
pub fn requests(input: &[u8]) {
    let Some((flags, cuts, bytes)) = header(input) else { return };
    world::run(serve(flags, &cuts.of(bytes, 30)));
}

async fn serve(flags: u8, pieces: &[&[u8]]) {
    let (mut origin, connect) = Origin::new();
    let world = World::new(connect).await;
    let (near, far) = tokio::io::duplex(if flags & 0x40 == 0 { 64 << 10 } else { 64 });
    let mut client = Client::new(far);
    let (route, style) = (route(flags & 3), flags >> 3 & 7);
    let talk = async { tokio::join!(world.serve(near, &route), client.converse(pieces, flags & 4 == 0)) };
    Box::pin(origin.during(talk, move |number, request| answer(style, number, request))).await;
    let exchanges = world.end().await;
    let mut forwarded: Vec<_> = origin.end().await.into_iter().flat_map(|seen| seen.requests).collect();
    forwarded.sort_by_key(|(number, _)| *number);
    let forwarded: Vec<_> = forwarded.into_iter().map(|(_, request)| request).collect();
    let answered = assert_answered(&client.seen, &forwarded, style == EARLY);
    // One may have been answered though its body never came.
    assert!(answered == forwarded.len() || (style == EARLY && answered == forwarded.len() + 1), "{answered}");
    assert_as_sent(&pieces.concat(), &forwarded);
    assert_recorded(&exchanges, &forwarded);
}

pub(super) fn route(kind: u8) -> Route {
    let destination = (kind != 0).then(in_memory::origin);
    let mode = match kind {
        0 | 1 => RouteKind::Forward,
        _ => RouteKind::Reverse { keep_host: kind == 3, trusts_client: false },
    };
    Route { decrypted: kind == 1, ..in_memory::route(destination, mode) }
}

/// A response that names its request.
fn answer(style: u8, number: usize, request: &Message) -> Answer {
    let method = String::from_utf8_lossy(request.method());
    let body = request.body.as_slice();
    let mut head = format!("HTTP/1.1 200 OK\r\nX-Number: {number}\r\nX-Method: {method}\r\n");
    let mut tail = body.to_vec();
    match style {
        1 => {
            head += "Transfer-Encoding: chunked\r\n";
            tail = format!("{:x}\r\n", body.len()).into_bytes();
            tail.extend_from_slice(body);
            tail.extend_from_slice(if body.is_empty() { b"X: y\r\n\r\n" } else { b"\r\n0\r\nX: y\r\n\r\n" });
        }
        2 => head += "X-Until: close\r\n",
        3 => {
            head = head.replace("200 OK", "204 No Content");
            tail.clear();
        }
        4 => head += &format!("Connection: close\r\nContent-Length: {}\r\n", body.len()),
        5 => {
            tail = vec![b'x'; 40_000];
            head += "Content-Length: 40000\r\n";
        }
        6 => {
            head = format!(
                "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n{head}Content-Length: {}\r\n",
                body.len()
            );
        }
        EARLY => {
            tail = b"xxx".to_vec();
            head += "Content-Length: 3\r\n";
        }
        _ => head += &format!("Content-Length: {}\r\n", body.len()),
    }
    if method == "HEAD" {
        tail.clear();
    }
    let pieces = vec![format!("{head}\r\n").into_bytes(), tail];
    Answer { pieces, early: style == EARLY, closes: matches!(style, 2 | 4), switches: false }
}

/// The client got the origin's responses in order, then perhaps one of the proxy's own, and nothing more. Gives how
/// many of the origin's.
fn assert_answered(mut seen: &[u8], forwarded: &[Message], may_be_cut: bool) -> usize {
    let text = String::from_utf8_lossy(seen).into_owned();
    let mut answered = 0;
    let mut last = false;
    while !seen.is_empty() {
        let parse = |method: &[u8]| {
            let parsed = model::response(seen, method, By::Proxy);
            parsed.unwrap_or_else(|why| panic!("{why}, in {text}"))
        };
        // Until it is known whose response it is, the head is enough.
        let head = parse(b"HEAD");
        let field = |name: &'static str| head.as_ref().and_then(|(head, _)| head.all(name).next());
        // A refused HEAD does not say what it was, but nothing follows its answer.
        let is_all = head.as_ref().is_some_and(|(_, length)| *length == seen.len());
        let refused = if is_all && field("proxy-status").is_some() { b"HEAD".as_slice() } else { b"GET" };
        let method = field("x-method").unwrap_or(refused).to_vec();
        let Some((response, length)) = parse(&method) else {
            // A request that breaks off takes its answer along.
            assert!(may_be_cut, "cut short: {text}");
            break;
        };
        assert!(!last, "something follows the last response: {text}");
        seen = &seen[length..];
        if response.status() < 200 {
            assert_eq!(response.all("x-interim").count(), 1, "{text}");
            continue;
        }
        if response.all("proxy-status").next().is_some() {
            last = response.all("connection").any(|value| value == b"close");
            continue;
        }
        let number = answered.to_string();
        assert_eq!(response.all("x-number").next(), Some(number.as_bytes()), "{text}");
        if response.status() == 200 && method != b"HEAD" && !response.body.starts_with(b"xxx") {
            assert_eq!(response.body, forwarded[answered].body, "{text}");
        }
        answered += 1;
    }
    answered
}

/// Asserts that the proxy forwarded what a strict reader finds in the bytes that the client has sent.
fn assert_as_sent(mut sent: &[u8], forwarded: &[Message]) {
    let text = String::from_utf8_lossy(sent).into_owned();
    for request in forwarded {
        while let Some(behind) = sent.strip_prefix(b"\r\n") {
            sent = behind;
        }
        let parsed = model::request(sent, By::Peer)
            .unwrap_or_else(|why| panic!("forwarded all the same: {why}, in {text}"));
        let (expect, length) = parsed.unwrap_or_else(|| panic!("forwarded before it was all there: {text}"));
        assert_eq!(request.method(), expect.method(), "{text}");
        assert_eq!(request.body, expect.body, "{text}");
        assert_eq!(request.trailers, expect.passed_trailers(), "{text}");
        if expect.start[1].starts_with(b"/") {
            assert_eq!(request.start[1], expect.start[1], "{text}");
        }
        assert_eq!(passed_on(request), passed_on(&expect), "{text}");
        sent = &sent[length..];
    }
}

/// The fields that a proxy has no business with, in order.
pub(super) fn passed_on(message: &Message) -> Vec<(&[u8], &[u8])> {
    let named: Vec<&[u8]> =
        message.all("connection").flat_map(|value| value.split(|byte| *byte == b',')).collect();
    end_to_end(&message.fields, &named)
}

/// Those of `fields` that concern neither one hop only nor framing and routing, and are not `named`.
pub(super) fn end_to_end<'m>(fields: &'m [Field], named: &[&[u8]]) -> Vec<(&'m [u8], &'m [u8])> {
    const CHANGED: [&str; 17] = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "proxy-authenticate",
        "te",
        "upgrade",
        "http2-settings",
        "host",
        "transfer-encoding",
        "content-length",
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-forwarded-host",
        "alt-svc",
        "trailer",
    ];
    let kept = fields.iter().filter(|(name, _)| {
        let changed = CHANGED.iter().any(|changed| name.eq_ignore_ascii_case(changed.as_bytes()));
        !changed
            && !claims::is_claim(name)
            && !named.iter().any(|named| named.trim_ascii().eq_ignore_ascii_case(name))
    });
    kept.map(|(name, value)| (name.as_slice(), value.as_slice())).collect()
}

/// The record has the bodies that the origin got.
fn assert_recorded(exchanges: &[Exchange], forwarded: &[Message]) {
    let whole = |exchange: &&Exchange| exchange.response.is_some() && exchange.request_body.complete;
    let mut exchanges: Vec<_> = exchanges.iter().filter(whole).collect();
    exchanges.sort_by_key(|exchange| exchange.id.0);
    assert_eq!(
        exchanges.len(),
        forwarded.len(),
        "every request of the origin's is recorded with its response"
    );
    for (exchange, request) in exchanges.iter().zip(forwarded) {
        assert!(!exchange.request_body.truncated, "{exchange:?}");
        assert_eq!(exchange.request_body.rest, request.body, "{exchange:?}");
    }
}
