//! Exchanges, messages and connections to store, and a folder to store them in.

pub(crate) mod noise;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use dashcam_exchange::{
    BodyRecord, Certificate, Connection, ConnectionEnd, ConnectionId, Destination, Detected, Direction,
    Exchange, ExchangeId, Failure, Headers, Level, Message, MessageKind, Record, Redaction, RequestHead,
    ResponseHead, Runtime, Scheme, Side, Stage, State, StoredAs, Timestamp, Timings, TlsFacts, TunnelReason,
    Upstream, UpstreamConnectionId, Verdict, Version, sample,
};
use dashcam_filter::{Context, Filter};
use dashcam_store::Store;

pub(crate) use dashcam_exchange::sample::exchange as plain;

/// A folder that goes with the value, and a database in it.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dashcam.db");
    Place { folder, path }
}

pub(crate) async fn store() -> (Place, Store) {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    (place, store)
}

/// An exchange with something in every place.
pub(crate) fn rich(id: i64) -> Exchange {
    Exchange {
        connection: Some(ConnectionId(7)),
        replay_of: Some(ExchangeId(1)),
        level: Level::Metadata,
        state: State::Failed,
        destination: Destination { scheme: Scheme::Https, host: "::1".to_owned(), port: 8443 },
        request: RequestHead {
            authority: Some("[::1]:8443".to_owned()),
            version: Version::Http2,
            headers: every_byte(),
            ..sample::request("pAtCh", "/\u{fc}?q=\"1\"", &[])
        },
        request_sent: Some(sample::request("pAtCh", "/\u{fc}?q=\"1\"", &[("Host", "[::1]:8443")])),
        request_body: body(&["request"], Some(every_byte())),
        interim: vec![head(103, "Early \"Hints\"", &[("link", "</a>")]), head(102, "", &[])],
        response: Some(head(
            299,
            "Sehr sch\u{f6}n",
            &[("Content-Type", "text/html"), ("x", "1"), ("X", "2")],
        )),
        response_sent: Some(head(502, "B\u{e4}d", &[("content-type", "text/plain")])),
        response_body: BodyRecord {
            end: Some(ConnectionEnd::TcpClose),
            stored_as: StoredAs::Redacted,
            ..body(&["resp", "onse"], Some(Headers::default()))
        },
        timings: Timings {
            resolved_us: Some(1),
            connected_us: Some(2),
            tls_us: Some(3),
            request_end_us: Some(4),
            response_start_us: Some(5),
            end_us: Some(6),
        },
        upstream: Some(Upstream {
            address: "[::1]:8443".to_owned(),
            reused: true,
            tls_version: Some("TLSv1.3".to_owned()),
            connection: Some(UpstreamConnectionId(9)),
        }),
        redaction: Some(Redaction { set: Arc::from("default@0badcafe"), replaced: 4_000_000_000 }),
        failure: Some(Failure::new(Side::Upstream, Stage::ResponseBody, "it closed; ask its owner")),
        ..plain(id)
    }
}

pub(crate) fn every_byte() -> Headers {
    let all: Vec<u8> = (0..=255).collect();
    [(b"Host".to_vec(), b"a".to_vec()), (all.clone(), all)].into_iter().collect()
}

pub(crate) fn head(status: u16, reason: &str, headers: &[(&str, &str)]) -> ResponseHead {
    let headers = headers.iter().copied().collect();
    ResponseHead { version: Version::Http10, status, reason: reason.to_owned(), headers }
}

/// A body whose last piece is its rest.
pub(crate) fn body(pieces: &[&str], trailers: Option<Headers>) -> BodyRecord {
    let size = pieces.concat().len() as u64;
    let (rest, parts) = pieces.split_last().map_or((&"", 0), |(rest, parts)| (rest, parts.len()));
    let rest = rest.as_bytes().to_vec();
    BodyRecord {
        size,
        stored: size,
        complete: true,
        trailers,
        parts: parts as u32,
        rest,
        ..BodyRecord::default()
    }
}

pub(crate) fn opened(exchange: &Exchange) -> Record {
    let mut exchange = exchange.clone();
    exchange.state = State::Open;
    exchange.request_body.rest.clear();
    exchange.response_body.rest.clear();
    Record::Opened(Box::new(exchange))
}

pub(crate) fn finished(exchange: &Exchange) -> Record {
    Record::Finished(Arc::new(exchange.clone()))
}

pub(crate) fn part(id: i64, seq: u32, data: &[u8]) -> Record {
    Record::BodyPart { exchange: ExchangeId(id), direction: Direction::Response, seq, data: data.to_vec() }
}

pub(crate) fn message(id: i64, seq: u32) -> Message {
    Message {
        exchange: ExchangeId(id),
        seq,
        at: Timestamp(i64::from(seq)),
        direction: if seq.is_multiple_of(2) { Direction::Request } else { Direction::Response },
        kind: MessageKind::Binary,
        size: 1000,
        coding: None,
        redacted: seq % 3 == 1,
        data: vec![seq as u8; 3],
    }
}

pub(crate) fn connection(id: i64) -> Connection {
    Connection {
        opened_at: Timestamp(5),
        client: "127.0.0.1:1".to_owned(),
        destination: Some("a:443".to_owned()),
        detected: Some(Detected::Tls),
        verdict: Some(Verdict::Decrypt),
        ..sample::connection(id)
    }
}

pub(crate) fn failed_connection(id: i64) -> Connection {
    let tls = TlsFacts {
        version: "TLSv1.3".to_owned(),
        cipher: "c".to_owned(),
        sni: None,
        alpn: Some("h2".to_owned()),
        certificates: [b"leaf", b"root"].map(|der| Certificate::named(Certificate::new(der).sha256)).to_vec(),
    };
    Connection {
        closed_at: Some(Timestamp(9)),
        tunnel_reason: Some(TunnelReason::ClientRejected),
        runtime: Some(Runtime::Python),
        tls: Some(tls),
        failure: Some(Failure::new(Side::Client, Stage::TlsHandshake, "it rejected our certificate")),
        bytes_out: 3,
        ..connection(id)
    }
}

/// A filter as people write it.
pub(crate) fn filter(text: &str) -> Filter {
    let (now, presets) = (jiff::Zoned::default(), BTreeMap::new());
    Filter::parse(text, &Context { now: &now, presets: &presets })
        .unwrap_or_else(|error| panic!("{}", error.render()))
}
