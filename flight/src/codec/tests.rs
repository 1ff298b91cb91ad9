//! Whole exchanges written and read again, and bytes of strangers that are refused.

use std::sync::Arc;

use dashcam_exchange::sample::{body, exchange, ok, request};
use dashcam_exchange::{
    Certificate, Connection, ConnectionEnd, ConnectionId, Destination, Detected, Direction, Exchange,
    ExchangeId, Failure, Headers, Level, Message, MessageCoding, MessageKind, Program, Runtime, Scheme, Side,
    Stage, State, Timestamp, TlsFacts, TunnelReason, Upstream, UpstreamConnection, UpstreamConnectionId,
    Verdict, Version,
};
use proptest::prelude::*;

use super::*;

fn write(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    match entry {
        Entry::Connection(connection) => write_connection(connection, &mut bytes),
        Entry::UpstreamConnection(connection) => write_upstream_connection(connection, &mut bytes),
        Entry::Certificate { certificate, at } => write_certificate(&certificate.der, *at, &mut bytes),
        Entry::Opened(exchange) => write_opened(exchange, &mut bytes),
        Entry::BodyPart { exchange, direction, seq, data } => {
            write_part((*exchange, *direction, *seq), data, &mut bytes);
        }
        Entry::Message(message) => write_message(message, &mut bytes),
        Entry::Finished(exchange) => write_finished(exchange, &mut bytes),
        Entry::Interrupted(id) => write_interrupted(*id, &mut bytes),
        Entry::Kept(id) => write_kept(*id, &mut bytes),
        Entry::Discarded(id) => write_discarded(*id, &mut bytes),
    }
    bytes
}

fn tls() -> TlsFacts {
    TlsFacts {
        version: "TLSv1.3".to_owned(),
        cipher: "TLS13_AES_128_GCM_SHA256".to_owned(),
        sni: Some("a.example".to_owned()),
        alpn: Some("h2".to_owned()),
        certificates: vec![Certificate::named(Certificate::new(b"der").sha256)],
    }
}

/// An exchange in which everything is set that can be.
fn everything() -> Exchange {
    let mut trailers = Headers::default();
    trailers.push("grpc-status", "0");
    let mut sent = request("POST", "/sent", &[("A", "1"), ("a", "2")]);
    sent.authority = Some("a.example".to_owned());
    sent.version = Version::Http2;
    let mut whole = exchange(1 << 50);
    whole.connection = Some(ConnectionId(7));
    whole.replay_of = Some(ExchangeId(-1));
    whole.level = Level::Full;
    whole.state = State::Failed;
    whole.destination = Destination { scheme: Scheme::Https, host: "a.example".to_owned(), port: 65_535 };
    whole.request = request("M\u{e4}", "/\u{1f600}?q", &[("Host", " a "), ("X", "")]);
    whole.request.headers.push(b"\xff\x00", b"\x80 ");
    whole.request.headers.push_line("Folded", "\t two  \t");
    whole.request_sent = Some(sent);
    whole.request_body = body(b"\x00\xffbody");
    whole.interim = vec![ok(&[("Link", "x")]), ok(&[])];
    whole.response = Some(ok(&[("Content-Type", "text/plain")]));
    whole.response_sent = Some(ok(&[("Via", "dashcam")]));
    whole.response_body = body(&[0xa5; 300]);
    whole.response_body.trailers = Some(trailers);
    whole.response_body.end = Some(ConnectionEnd::TcpClose);
    whole.response_body.truncated = true;
    whole.response_body.parts = 3;
    whole.timings.resolved_us = Some(0);
    whole.timings.end_us = Some(i64::MIN);
    whole.upstream = Some(Upstream {
        address: "[::1]:443".to_owned(),
        reused: true,
        tls_version: Some("TLSv1.2".to_owned()),
        connection: Some(UpstreamConnectionId(9)),
    });
    whole.failure = Some(Failure::new(Side::Upstream, Stage::ResponseBody, "it broke off"));
    whole.rule = Some(Arc::from("errors"));
    whole.keep_until = Some(Timestamp(5));
    whole
}

fn connection() -> Connection {
    Connection {
        id: ConnectionId(7),
        opened_at: Timestamp(-1),
        closed_at: Some(Timestamp(2)),
        client: "10.0.0.1:5".to_owned(),
        program: Some(Program { name: "curl".to_owned(), pid: u32::MAX, ..Program::default() }),
        mode: "forward".to_owned(),
        listener: Some("in".to_owned()),
        destination: None,
        detected: Some(Detected::Silent),
        verdict: Some(Verdict::Refuse),
        tunnel_reason: Some(TunnelReason::UpstreamRejected),
        runtime: Some(Runtime::Wget),
        tls: Some(tls()),
        failure: Some(Failure::new(Side::Client, Stage::Detect, "")),
        bytes_in: u64::MAX,
        bytes_out: 0,
    }
}

fn upstream_connection() -> UpstreamConnection {
    UpstreamConnection {
        id: UpstreamConnectionId(9),
        opened_at: Timestamp(1),
        destination: "a.example:443".to_owned(),
        address: "10.0.0.2:443".to_owned(),
        local_address: Some("10.0.0.1:6".to_owned()),
        dns_us: Some(1),
        connect_us: None,
        tls_us: Some(3),
        tls: Some(tls()),
        client_certificate: Some(Certificate::named(Certificate::new(b"ours").sha256)),
        parent: Some("http://parent".to_owned()),
        tried: Some("none".to_owned()),
    }
}

fn message() -> Message {
    Message {
        exchange: ExchangeId(3),
        seq: 1 << 31,
        at: Timestamp(4),
        direction: Direction::Response,
        kind: MessageKind::Grpc,
        size: 1 << 40,
        coding: Some(MessageCoding::Other),
        redacted: true,
        data: b"data".to_vec(),
    }
}

/// One of each kind.
fn entries() -> Vec<Entry> {
    vec![
        Entry::Connection(Box::new(connection())),
        Entry::UpstreamConnection(Box::new(upstream_connection())),
        Entry::Certificate { certificate: Certificate::new(b"der"), at: Timestamp(8) },
        Entry::Opened(Box::new(exchange(1))),
        Entry::BodyPart {
            exchange: ExchangeId(1),
            direction: Direction::Request,
            seq: 300,
            data: vec![7; 200],
        },
        Entry::Message(Box::new(message())),
        Entry::Finished(Arc::new(everything())),
        Entry::Interrupted(ExchangeId(0)),
        Entry::Kept(ExchangeId(1 << 40)),
        Entry::Discarded(ExchangeId(1 << 41)),
    ]
}

/// `Exchange` equality leaves out where white space stands around values.
fn lines(entry: &Entry) -> Vec<(Vec<u8>, Vec<u8>)> {
    match entry {
        Entry::Finished(exchange) => {
            let lines = exchange.request.headers.lines();
            lines.map(|(name, rest)| (name.to_vec(), rest.to_vec())).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn entries_are_read_as_they_were_written() {
    let all = entries();
    let bytes: Vec<u8> = all.iter().flat_map(write).collect();
    let read: Result<Vec<_>, _> = Entry::read_all(&bytes).collect();
    let read = read.unwrap();
    assert_eq!(read, all);
    assert!(read.iter().map(lines).eq(all.iter().map(lines)));
}

#[test]
fn an_entry_that_is_cut_anywhere_is_none() {
    for entry in entries() {
        let bytes = write(&entry);
        for end in 1..bytes.len() {
            let read: Vec<_> = Entry::read_all(&bytes[..end]).collect();
            assert!(matches!(read.as_slice(), [Err(_)]), "{entry:?} cut at {end}: {read:?}");
        }
    }
}

#[test]
fn lengths_that_are_made_up_are_refused_before_anything_is_allocated() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for kind in 1..=9 {
        for zeros in 0..40 {
            let bytes = [&[kind][..], &vec![0; zeros], &huge].concat();
            // Whatever it is, it is small: nothing of 2^64 bytes was made.
            let read = Entry::read_all(&bytes).filter_map(Result::ok).count();
            assert!(read <= bytes.len());
        }
    }
}

fn headers() -> impl Strategy<Value = Headers> {
    let field = (
        proptest::collection::vec(any::<u8>(), 0..12),
        proptest::collection::vec(any::<u8>(), 0..40),
        any::<bool>(),
    );
    proptest::collection::vec(field, 0..12).prop_map(|fields| {
        let mut headers = Headers::default();
        for (name, value, is_line) in fields {
            if is_line {
                headers.push_line(name, value);
            } else {
                headers.push(name, value);
            }
        }
        headers
    })
}

proptest! {
    #[test]
    fn any_headers_and_bodies_are_read_as_they_were_written(
        headers in headers(),
        target in ".{0,40}",
        rest in proptest::collection::vec(any::<u8>(), 0..400),
        numbers in any::<(i64, u64, Option<i64>)>(),
    ) {
        let mut whole = everything();
        whole.id = ExchangeId(numbers.0);
        whole.request.headers = headers;
        whole.request.target = target;
        whole.request_body.size = numbers.1;
        whole.request_body.rest = rest;
        whole.timings.tls_us = numbers.2;
        let entry = Entry::Finished(Arc::new(whole));
        let read: Vec<_> = Entry::read_all(&write(&entry)).collect();
        prop_assert_eq!(read.len(), 1);
        let read = read[0].as_ref().unwrap();
        prop_assert_eq!(read, &entry);
        prop_assert_eq!(lines(read), lines(&entry));
    }

    #[test]
    fn garbage_is_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let read = Entry::read_all(&bytes).count();
        prop_assert!(read <= bytes.len());
    }

    #[test]
    fn entries_with_changed_bytes_are_read_without_harm(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes: Vec<u8> = entries().iter().flat_map(write).collect();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert!(Entry::read_all(&bytes).count() <= bytes.len());
    }
}
