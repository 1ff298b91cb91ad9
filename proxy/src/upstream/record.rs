//! The record of a connection to an upstream.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dashcam_exchange::{Certificate, Scheme, Timestamp, Upstream, UpstreamConnection};
use dashcam_recorder::{OpenExchange, Recorder, Serving};
use tokio::time::Instant;

use crate::net::io::Io;
use crate::net::tls;
use crate::upstream::key::Key;
use crate::upstream::parent::table::Parents;

/// A connection's record. It is handed over once: when the connection is opened, or, if it was not certain then that
/// anything is recorded, with the first exchange that it serves and that is kept.
#[derive(Debug, Clone)]
pub(super) struct UpstreamRecord(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    serving: Arc<Serving>,
    /// True once it has served a request.
    served: AtomicBool,
}

/// How a connection came about: when, and the time that had passed since after each step.
#[derive(Clone)]
pub(super) struct ConnectTimings {
    pub(super) at: Timestamp,
    pub(super) since: Instant,
    /// `None` for an address: there was nothing to resolve.
    pub(super) resolved: Option<Duration>,
    pub(super) connected: Duration,
    pub(super) tls: Option<Duration>,
    /// The certificate that the upstream got to see.
    pub(super) shown: Option<Certificate>,
    /// The outcome of attempts at other addresses.
    pub(super) tried: Option<String>,
}

impl UpstreamRecord {
    /// Of `io`, just opened for `key`; `records` says that it is to be handed over at once.
    pub(super) fn new(
        (recorder, parents): (&Recorder, &Parents),
        (key, records): (&Key, bool),
        io: &Io,
        opening: ConnectTimings,
    ) -> Self {
        // TLS names no addresses (RFC 6066 §3).
        let sni = key.sni.as_ref().unwrap_or(&key.destination.host);
        let sni = sni.parse::<IpAddr>().is_err().then(|| sni.clone());
        // In clear text it may be the parent's.
        let tls = io.tls().filter(|_| key.destination.scheme == Scheme::Https);
        let before_tcp = opening.resolved.unwrap_or_default();
        let connection = UpstreamConnection {
            id: recorder.upstream_connection_id(),
            opened_at: opening.at,
            destination: key.destination.host_and_port(),
            address: io.peer().map(|peer| peer.to_string()).unwrap_or_default(),
            local_address: io.local().map(|local| local.to_string()),
            dns_us: opening.resolved.map(microseconds),
            connect_us: Some(microseconds(opening.connected.saturating_sub(before_tcp))),
            tls_us: opening.tls.map(|tls| microseconds(tls.saturating_sub(opening.connected))),
            tls: tls.map(|state| tls::facts(state, sni)),
            client_certificate: opening.shown,
            parent: parents.shown(key.via),
            tried: opening.tried,
        };
        let serving = Serving::new(connection);
        if records {
            serving.hand_over(recorder, None);
        }
        Self(Arc::new(Shared { serving, served: AtomicBool::new(false) }))
    }

    /// Tells `open` that this connection serves it.
    pub(super) fn note(&self, open: Option<&OpenExchange>) {
        let reused = self.0.served.swap(true, Ordering::Relaxed);
        let Some(open) = open else { return };
        open.served_by(&self.0.serving);
        let connection = self.0.serving.connection();
        open.upstream(Upstream {
            address: connection.address.clone(),
            reused,
            tls_version: connection.tls.as_ref().map(|tls| tls.version.clone()),
            connection: Some(connection.id),
        });
    }

    /// Of a connection that was given, of which nothing is known, and nothing handed over.
    pub(super) fn unknown(recorder: &Recorder) -> Self {
        let connection = UpstreamConnection {
            id: recorder.upstream_connection_id(),
            opened_at: dashcam_recorder::now(),
            destination: String::new(),
            address: String::new(),
            local_address: None,
            dns_us: None,
            connect_us: None,
            tls_us: None,
            tls: None,
            client_certificate: None,
            parent: None,
            tried: None,
        };
        Self(Arc::new(Shared { serving: Serving::unknown(connection), served: AtomicBool::new(false) }))
    }
}

fn microseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
