//! Events as they are sent.

use axum::body::Bytes;
use dashcam_exchange::Live;
use dashcam_views::dto::{Connection, Gap, Message, Summary};
use serde::Serialize;

use crate::dto::{Left, LiveMessage};

/// Tells an event to any watcher.
pub(super) fn told(live: &Live) -> Bytes {
    match live.clone() {
        Live::Started(summary) => event("started", Summary::from(summary)),
        Live::Responded(summary) => event("responded", Summary::from(summary)),
        Live::Finished(summary) => event("finished", Summary::from(summary)),
        // Named only; it is told as it stands.
        Live::GoesOn(_) => Bytes::new(),
        Live::Discarded(id) => event("discarded", Left { id: id.0 }),
        Live::Message(message) => {
            event("message", LiveMessage { exchange: message.exchange.0, message: Message::from(*message) })
        }
        Live::Connection(connection) => event("connection", Connection::from(*connection)),
        Live::Gap(gap) => event("gap", Gap::from(gap)),
    }
}

/// An event as it is sent (WHATWG HTML, server-sent events): JSON has no line's end of its own.
pub(super) fn event(name: &str, data: impl Serialize) -> Bytes {
    let mut bytes = format!("event: {name}\ndata: ").into_bytes();
    serde_json::to_writer(&mut bytes, &data).expect("the API's shapes serialize");
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{
        Certificate, ConnectionId, Destination, Detected, Direction, ExchangeId, Failure, Fingerprint, Level,
        MessageKind, Runtime, Scheme, Side, Stage, State, Timestamp, TlsFacts, TunnelReason, Verdict,
    };

    use super::*;

    fn failure(text: &str) -> Failure {
        Failure::new(Side::Upstream, Stage::TlsHandshake, text.to_owned())
    }

    fn summary(text: &str) -> Live {
        let text = || text.to_owned();
        let summary = dashcam_exchange::Summary {
            id: ExchangeId(i64::MAX),
            connection: Some(ConnectionId(i64::MAX)),
            replay_of: Some(ExchangeId(i64::MAX)),
            started_at: Timestamp(1_800_000_000_000_000),
            level: Level::Metadata,
            rule: Some(text().into()),
            state: State::Interrupted,
            method: text(),
            destination: Destination { scheme: Scheme::Https, host: text(), port: 65_535 },
            target: text(),
            status: Some(999),
            content_type: Some(text()),
            request_size: u64::MAX,
            response_size: u64::MAX,
            duration_us: Some(i64::MAX),
            failure: Some(failure(&text())),
            program: Some(text()),
            client: Some("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".to_owned()),
            grpc_status: Some(u16::MAX),
            tags: Vec::new(),
            pinned: false,
            is_cut: false,
        };
        let summary = summary.cut();
        assert!(summary.is_cut && summary.target.ends_with('…'));
        Live::Finished(summary)
    }

    fn connection(text: &str) -> Live {
        let text = || text.to_owned();
        Live::connection(&dashcam_exchange::Connection {
            id: ConnectionId(i64::MAX),
            opened_at: Timestamp(1_800_000_000_000_000),
            closed_at: Some(Timestamp(1_800_000_000_000_000)),
            client: text(),
            program: Some(dashcam_exchange::Program {
                name: text(),
                pid: u32::MAX,
                path: Some(text()),
                command: Some(text()),
                cgroup: Some(text()),
            }),
            mode: text(),
            listener: Some(text()),
            destination: Some(text()),
            detected: Some(Detected::Http1),
            verdict: Some(Verdict::Decrypt),
            tunnel_reason: Some(TunnelReason::UpstreamRejected),
            runtime: Some(Runtime::Chromium),
            tls: Some(TlsFacts {
                version: "TLSv1.3".to_owned(),
                cipher: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256".to_owned(),
                sni: Some(text()),
                alpn: Some(text()),
                certificates: vec![Certificate::named(Fingerprint([255; 32])); 100],
            }),
            failure: Some(failure(&text())),
            bytes_in: u64::MAX,
            bytes_out: u64::MAX,
        })
    }

    fn message(data: Vec<u8>) -> Live {
        Live::message(&dashcam_exchange::Message {
            exchange: ExchangeId(i64::MAX),
            seq: u32::MAX,
            at: Timestamp(1_800_000_000_000_000),
            direction: Direction::Response,
            kind: MessageKind::Text,
            size: u64::MAX,
            coding: None,
            redacted: false,
            data,
        })
    }

    #[test]
    fn every_event_is_small() {
        for piece in ["a", "\"", "\\", "\u{1}", "ü", "\u{1F980}", "a\u{1}\u{1F980}\""] {
            let long = piece.repeat(100_000);
            for live in [summary(&long), connection(&long), message(long.clone().into_bytes())] {
                let event = told(&live);
                assert!(event.len() <= Live::LARGEST, "{} bytes: {event:?}", event.len());
                assert_eq!(event.iter().filter(|byte| **byte == b'\n').count(), 3, "{event:?}");
            }
        }
    }
}
