//! Exchanges and connections for tests and benchmarks: the one place, beside those that record, that names every field.
//!
//! A test says what matters to it: `Exchange { state: State::Open, ..sample::exchange(7) }`.

use crate::{
    BodyRecord, Connection, ConnectionId, Destination, Exchange, ExchangeId, Level, RequestHead,
    ResponseHead, Scheme, State, Timestamp, Timings, Version,
};

/// `GET http://a/` over HTTP/1.1 without a header, complete at the level `full`, with nothing in it but what must be: no
/// connection, no response, no bytes of bodies.
#[must_use]
pub fn exchange(id: i64) -> Exchange {
    Exchange {
        id: ExchangeId(id),
        connection: None,
        replay_of: None,
        started_at: Timestamp(1_700_000_000_000_000 + id),
        level: Level::Full,
        rule: None,
        keep_until: None,
        redaction: None,
        state: State::Complete,
        destination: Destination { scheme: Scheme::Http, host: "a".to_owned(), port: 80 },
        request: request("GET", "/", &[]),
        request_sent: None,
        request_body: BodyRecord::default(),
        interim: Vec::new(),
        response: None,
        response_sent: None,
        response_body: BodyRecord::default(),
        timings: Timings::default(),
        upstream: None,
        failure: None,
    }
}

/// A client's connection to a forward listener, open, of which no more is known.
#[must_use]
pub fn connection(id: i64) -> Connection {
    Connection {
        id: ConnectionId(id),
        opened_at: Timestamp(1),
        closed_at: None,
        client: "127.0.0.1:50000".to_owned(),
        program: None,
        mode: "forward".to_owned(),
        listener: None,
        destination: None,
        detected: None,
        verdict: None,
        tunnel_reason: None,
        runtime: None,
        tls: None,
        failure: None,
        bytes_in: 0,
        bytes_out: 0,
    }
}

/// A request's head in HTTP/1.1.
#[must_use]
pub fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> RequestHead {
    RequestHead {
        method: method.to_owned(),
        target: target.to_owned(),
        authority: None,
        version: Version::Http11,
        headers: headers.iter().copied().collect(),
    }
}

/// The head of a `200 OK` in HTTP/1.1.
#[must_use]
pub fn ok(headers: &[(&str, &str)]) -> ResponseHead {
    ResponseHead {
        version: Version::Http11,
        status: 200,
        reason: "OK".to_owned(),
        headers: headers.iter().copied().collect(),
    }
}

/// A body that passed to its end, all of which is to be stored at once.
#[must_use]
pub fn body(bytes: &[u8]) -> BodyRecord {
    let size = bytes.len() as u64;
    BodyRecord { size, stored: size, complete: true, rest: bytes.to_vec(), ..BodyRecord::default() }
}
