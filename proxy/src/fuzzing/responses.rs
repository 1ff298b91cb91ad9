//! An origin's bytes through the whole service: a client gets a plain response or sees that it has none, and
//! nothing of what comes behind a response is taken for the next one.

use dashcam_exchange::{Exchange, State};

use crate::fuzzing::client::Client;
use crate::fuzzing::cuts::header;
use crate::fuzzing::model;
use crate::fuzzing::model::{By, Framing, Message};
use crate::fuzzing::origin::{Answer, Origin};
use crate::fuzzing::requests::{passed_on, route};
use crate::fuzzing::world;
use crate::fuzzing::world::World;

const MARKER: &[u8] = b"HTTP/1.1 200 OK\r\nX-Marker: 1\r\nContent-Length: 6\r\n\r\nmarker";
const AFTER_SWITCH: &[u8] = b"\x81\x85\x01\x02\x03\x04ignored";

/// How the case is: the first byte of its input.
#[derive(Debug, Clone, Copy)]
struct Case {
    kind: Kind,
    http10: bool,
    /// The origin closes behind its bytes.
    closes: bool,
    narrow: bool,
    reverse: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Get,
    Head,
    Post,
    Switch,
}

impl From<u8> for Case {
    fn from(flags: u8) -> Self {
        Self {
            kind: [Kind::Get, Kind::Head, Kind::Post, Kind::Switch][usize::from(flags & 3)],
            http10: flags & 4 != 0,
            closes: flags & 8 != 0,
            narrow: flags & 16 != 0,
            reverse: flags & 32 != 0,
        }
    }
}

impl Case {
    fn method(self) -> &'static [u8] {
        match self.kind {
            Kind::Get | Kind::Switch => b"GET",
            Kind::Head => b"HEAD",
            Kind::Post => b"POST",
        }
    }

    fn request(self) -> String {
        let version = if self.http10 { "1.0\r\nConnection: keep-alive" } else { "1.1" };
        match self.kind {
            Kind::Get => format!("GET /1 HTTP/{version}\r\nHost: origin\r\n\r\n"),
            Kind::Head => format!("HEAD /1 HTTP/{version}\r\nHost: origin\r\n\r\n"),
            Kind::Post => format!("POST /1 HTTP/{version}\r\nHost: origin\r\nContent-Length: 5\r\n\r\nhello"),
            Kind::Switch => format!(
                "GET /1 HTTP/{version}\r\nHost: origin\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            ),
        }
    }
}

/// Lets an origin answer with what stands behind the first two bytes of `input`; the first one says how client
/// and origin are.
///
/// # Panics
/// When the client gets something that can be misunderstood, or that is no answer to its request.
pub fn responses(input: &[u8]) {
    let Some((flags, cuts, bytes)) = header(input) else { return };
    let case = Case::from(flags);
    let pieces = cuts.of(bytes, 30).into_iter().map(<[u8]>::to_vec).collect();
    world::run(serve(
        case,
        Answer { pieces, early: false, closes: case.closes, switches: case.kind == Kind::Switch },
    ));
}

async fn serve(case: Case, script: Answer) {
    let (mut origin, connect) = Origin::new();
    let world = World::new(connect).await;
    let (near, far) = tokio::io::duplex(if case.narrow { 64 } else { 64 << 10 });
    let mut client = Client::new(far);
    let route = route(if case.reverse { 2 } else { 1 });
    let sent = script.pieces.concat();
    let talk = async { tokio::join!(world.serve(near, &route), converse(case, &mut client)).1 };
    let answer = move |number, _: &Message| match number {
        0 => script.clone(),
        _ => Answer { pieces: vec![MARKER.to_vec()], ..Answer::default() },
    };
    let outcome = Box::pin(origin.during(talk, answer)).await;
    let exchanges = world.end().await;
    let seen = origin.end().await;
    let switched = seen.first().map(|first| first.rest.as_slice()).unwrap_or_default();
    check(case, &sent, &outcome, switched, &exchanges[0]);
}

/// The responses that the client got.
#[derive(Debug)]
struct Outcome {
    interim: usize,
    /// The first final response; `None` if it was cut short or never came.
    response: Option<Message>,
    /// Bytes that came behind a 101.
    behind: Vec<u8>,
}

/// Asks, and asks again over the same connection if it is still there.
async fn converse(case: Case, client: &mut Client) -> Outcome {
    let mut outcome = Outcome { interim: 0, response: None, behind: Vec::new() };
    assert!(client.send(case.request().as_bytes()).await);
    client
        .read_until(|seen| {
            final_response(seen, case).is_some_and(|(_, message, _)| !is_until_close(&message))
        })
        .await;
    let Some((interim, message, length)) = final_response(&client.seen, case) else {
        client.close_half().await;
        client.read_until(|_| false).await;
        outcome.interim = interims(&client.seen);
        return outcome;
    };
    outcome.interim = interim;
    if message.status() == 101 {
        client.send(AFTER_SWITCH).await;
        client.close_half().await;
        client.read_until(|_| false).await;
        outcome.behind = client.seen.split_off(length);
        outcome.response = Some(message);
        return outcome;
    }
    if is_until_close(&message) {
        client.read_until(|_| false).await;
        let whole = final_response(&client.seen, case).filter(|_| client.ended);
        outcome.response = whole.map(|(_, message, _)| message);
        client.close_half().await;
        client.read_until(|_| false).await;
        return outcome;
    }
    // Whatever the origin has still to send has come now.
    client.settle().await;
    let behind = String::from_utf8_lossy(&client.seen[length..]).into_owned();
    assert!(behind.is_empty(), "unasked: {behind}");
    outcome.response = Some(message);
    client.seen.clear();
    if !client.ended && client.send(b"GET /2 HTTP/1.1\r\nHost: origin\r\nConnection: close\r\n\r\n").await {
        client.read_until(|_| false).await;
        assert_next(&client.seen);
    }
    client.close_half().await;
    outcome
}

/// The second answer is the origin's second.
fn assert_next(seen: &[u8]) {
    let text = String::from_utf8_lossy(seen);
    let parsed = model::response(seen, b"GET", By::Proxy).unwrap_or_else(|why| panic!("{why}, in {text}"));
    let (second, length) = parsed.unwrap_or_else(|| panic!("cut short: {text}"));
    assert!(
        length == seen.len() && second.body == b"marker",
        "the first answer goes on in the second: {text}"
    );
}

/// Interim responses, then a final one and where it ends; `None` if it is not all there.
fn final_response(seen: &[u8], case: Case) -> Option<(usize, Message, usize)> {
    let mut at = 0;
    for interim in 0.. {
        let text = || String::from_utf8_lossy(seen).into_owned();
        let parsed = model::response(&seen[at..], case.method(), By::Proxy);
        let (message, length) = parsed.unwrap_or_else(|why| panic!("{why}, in {}", text()))?;
        at += length;
        let status = message.status();
        assert!(
            !case.http10 || status >= 200 || status == 101,
            "HTTP/1.0 knows no interim responses: {}",
            text()
        );
        if status >= 200 || (status == 101 && case.kind == Kind::Switch) {
            return Some((interim, message, at));
        }
        assert_ne!(status, 101, "nobody asked to switch: {}", text());
    }
    None
}

fn interims(seen: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while let Ok(Some((message, length))) = model::response(&seen[at..], b"HEAD", By::Proxy)
        && message.status() < 200
    {
        (at, count) = (at + length, count + 1);
    }
    count
}

fn is_until_close(message: &Message) -> bool {
    message.framing == Framing::UntilClose
}

/// The client got what the origin sent, where a strict reader understands that; the record says the same.
fn check(case: Case, sent: &[u8], outcome: &Outcome, switched: &[u8], exchange: &Exchange) {
    let got = outcome.response.as_ref();
    assert!(exchange.state != State::Open);
    if let Some(got) = got.filter(|got| got.all("proxy-status").next().is_none() && !is_until_close(got)) {
        assert!(exchange.response.is_some(), "{exchange:?}");
        if got.status() != 101 {
            assert!(exchange.response_body.complete && exchange.state == State::Complete, "{exchange:?}");
            assert_eq!(exchange.response_body.rest, got.body, "{exchange:?}");
        }
    }
    let (mut at, mut interim) = (0, 0);
    let expect = loop {
        let (message, length) = match model::response(&sent[at..], case.method(), By::Peer) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => {
                // Heads that are not as strict may have been understood.
                let head = model::response(&sent[at..], b"HEAD", By::Peer).is_ok_and(|head| head.is_some());
                let from_origin = |got: &&Message| got.all("proxy-status").next().is_none();
                let whole = got.filter(from_origin).filter(|got| !is_until_close(got));
                return assert!(!head || whole.is_none(), "cut short, but looks whole: {outcome:?}");
            }
            Err(_) => return,
        };
        at += length;
        match message.status() {
            101 => break message,
            100..=199 => interim += 1,
            _ => break message,
        }
    };
    let until_close = is_until_close(&expect);
    if expect.status() == 101 && (case.kind != Kind::Switch || case.http10) {
        return assert!(got.is_some_and(|got| got.status() == 502), "{got:?}");
    }
    if until_close && !case.closes {
        return;
    }
    let old = expect.start[0] == b"HTTP/1.0" && expect.all("transfer-encoding").next().is_some();
    let Some(got) = got.filter(|_| !old) else {
        return assert!(old || case.http10, "{expect:?} never came: {outcome:?}");
    };
    assert_eq!(outcome.interim, if case.http10 { 0 } else { interim }, "{outcome:?}");
    assert_eq!(got.status(), expect.status(), "{outcome:?}");
    assert_eq!(got.start[2], expect.start[2], "{outcome:?}");
    assert_eq!(got.body, expect.body, "{outcome:?}");
    assert_eq!(passed_on(got), passed_on(&expect), "{outcome:?}");
    if got.framing == Framing::Chunked {
        assert_eq!(got.trailers, expect.passed_trailers(), "{outcome:?}");
    }
    if got.status() == 101 {
        assert_eq!(outcome.behind, sent[at..], "{outcome:?}");
        // An origin that has closed reads no more.
        assert!(case.closes || switched == AFTER_SWITCH, "the origin got {switched:?} behind it");
    }
}
