//! A client's requests over HTTP/2 through the whole service to an origin that speaks HTTP/1: the origin gets at most one
//! request for each, that one, and the record says what it got.

use std::sync::Arc;

use dashcam_exchange::Exchange;

use crate::exchange::route::Route;
use crate::fuzzing::client::Client;
use crate::fuzzing::cuts::header;
use crate::fuzzing::h2_client::{Request, STREAM, answers, conversation};
use crate::fuzzing::model::{Field, Message};
use crate::fuzzing::origin::{Answer, Origin};
use crate::fuzzing::requests::{end_to_end, route};
use crate::fuzzing::world;
use crate::fuzzing::world::World;

/// Serves a client that sends the requests behind the first two bytes of `input`, each ended by 0x1c; the first byte says
/// how client, proxy and origin are.
///
/// # Panics
/// When something else goes on to the origin than what was asked, or is recorded.
pub fn h2_requests(input: &[u8]) {
    let Some((flags, cuts, bytes)) = header(input) else { return };
    let requests: Vec<Request> = bytes.split(|byte| *byte == 0x1c).take(20).map(Request::new).collect();
    let sent = conversation(&requests);
    world::run(serve(flags, &requests, &cuts.of(&sent, 30)));
}

async fn serve(flags: u8, requests: &[Request], pieces: &[&[u8]]) {
    let (mut origin, connect) = Origin::new();
    let world = World::new(connect).await;
    let (near, far) = tokio::io::duplex(if flags & 0x40 == 0 { 64 << 10 } else { 64 });
    let mut client = Client::new(far);
    // To an origin without TLS behind a client with it, HTTP/1 is spoken.
    let route = Arc::new(Route { decrypted: true, ..route(1 + (flags & 3) % 3) });
    let switches = flags & 8 != 0;
    let talk = async { tokio::join!(world.serve_h2(near, route), client.converse(pieces, flags & 4 == 0)) };
    Box::pin(origin.during(talk, move |number, request| answer(switches, number, request))).await;
    let exchanges = world.end().await;
    let mut forwarded: Vec<_> = origin.end().await.into_iter().flat_map(|seen| seen.requests).collect();
    forwarded.sort_by_key(|(number, _)| *number);
    let answers = answers(&client.seen);
    let mut streams = Vec::new();
    for (number, message) in &forwarded {
        let stream = stream_of(message);
        assert!(!streams.contains(&stream), "stream {stream} became two requests: {forwarded:?}");
        streams.push(stream);
        assert_as_asked(&requests[(stream as usize - 1) / 2], message);
        assert_recorded(stream, &exchanges, message);
        let own = answers.get(&stream).is_none_or(|answer| is_answer(answer, *number));
        assert!(own || switches, "stream {stream} got another's answer: {answers:?}, {forwarded:?}");
    }
}

/// The stream that a request came on, which it names once.
fn stream_of(message: &Message) -> u32 {
    let named = message.all(STREAM).last().and_then(|value| std::str::from_utf8(value).ok());
    let stream = named.and_then(|stream| stream.parse().ok());
    stream.unwrap_or_else(|| panic!("it came on no stream: {message:?}"))
}

fn answer(switches: bool, number: usize, request: &Message) -> Answer {
    if let Some(protocol) = request.all("upgrade").next().filter(|_| switches) {
        let protocol = String::from_utf8_lossy(protocol);
        let head =
            format!("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: {protocol}\r\n\r\n");
        return Answer { pieces: vec![head.into_bytes()], switches: true, ..Answer::default() };
    }
    let body = if request.method() == b"HEAD" { String::new() } else { format!("#{number}.") };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    Answer { pieces: vec![head.into_bytes()], ..Answer::default() }
}

/// Returns whether a stream got (the beginning of) the answer to request `number`, or one of the proxy's own.
fn is_answer(seen: &[u8], number: usize) -> bool {
    format!("#{number}.").as_bytes().starts_with(seen)
        || seen.starts_with(b"{\"error\"")
        || seen.starts_with(b"<!doctype")
}

/// Asserts that the proxy forwarded the request that was `asked`.
fn assert_as_asked(asked: &Request, message: &Message) {
    let protocol = asked.first(":protocol");
    let method = if protocol.is_some() { Some(&b"GET"[..]) } else { asked.first(":method") };
    assert_eq!(Some(message.method()), method, "{asked:?}");
    // A fragment is none of a target; h2 leaves it behind, and makes `/` of nothing.
    let path = asked.first(":path").and_then(|path| path.split(|byte| *byte == b'#').next());
    let path = path.map(|path| if path.is_empty() { b"/" } else { path });
    assert_eq!(Some(message.start[1].as_slice()), path, "{asked:?}");
    assert_eq!(message.all("upgrade").next(), protocol, "{asked:?}");
    if protocol.is_none() {
        // One that says that it has none is whole before its body comes, which resets the stream.
        let says_none =
            asked.first("content-length").is_some_and(|text| text.iter().all(|digit| *digit == b'0'));
        let body = asked.body.as_deref().filter(|_| !says_none).unwrap_or_default();
        assert_eq!(message.body.as_slice(), body, "{asked:?}");
    }
    let own = asked.fields.iter().filter(|(name, _)| !name.starts_with(b":")).cloned().collect::<Vec<_>>();
    let mut asked_for = sorted(&own);
    let mut got = sorted(&message.fields);
    got.retain(|(name, value)| {
        name != STREAM.as_bytes()
            && !(protocol.is_some()
                && name.eq_ignore_ascii_case(b"sec-websocket-key")
                && own.iter().all(|(_, own)| own != value))
    });
    asked_for.retain(|(name, _)| name != STREAM.as_bytes());
    assert_eq!(got, asked_for, "{asked:?}");
}

/// The fields that a proxy has no business with, without the pieces that cookies come in; h2 brings fields of one name
/// together.
fn sorted(fields: &[Field]) -> Vec<Field> {
    let is_cookie = |name: &[u8]| name.eq_ignore_ascii_case(b"cookie");
    let kept = end_to_end(fields, &[]).into_iter().filter(|(name, _)| !is_cookie(name));
    let mut kept: Vec<Field> =
        kept.map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec())).collect();
    // Stable: those of one name stay in their order.
    kept.sort_by(|(a, _), (b, _)| a.cmp(b));
    kept
}

/// The record says what went out, field by field.
fn assert_recorded(stream: u32, exchanges: &[Exchange], message: &Message) {
    let stream = stream.to_string();
    let is_it = |exchange: &&Exchange| exchange.request.headers.all(STREAM).last() == Some(stream.as_bytes());
    let exchange = exchanges.iter().find(is_it).expect("what is forwarded is recorded");
    let sent = exchange.request_sent.as_ref().unwrap_or(&exchange.request);
    assert_eq!(
        (sent.method.as_bytes(), sent.target.as_bytes()),
        (message.method(), message.start[1].as_slice())
    );
    let recorded: Vec<Field> =
        sent.headers.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
    assert_eq!(recorded, message.fields, "{exchange:?}");
}
