//! One client connection: kept with its verdict and failure even if no request came over it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::names;
use crate::{Certificate, ConnectionId, Destination, Failure, Program, Runtime, Scheme, Timestamp};

/// The protocol that the first bytes of a stream showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detected {
    /// A TLS ClientHello.
    Tls,
    /// An HTTP/1 request line.
    Http1,
    /// HTTP/2's preface, without TLS.
    Http2,
    /// Something else.
    Other,
    /// Nothing within the time limit: the server is to speak first.
    Silent,
}

names!(Detected { Tls => "tls", Http1 => "http1", Http2 => "http2", Other => "other", Silent => "silent" });

/// The decision about a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its TLS is terminated and its requests are read.
    Decrypt,
    /// It has no TLS; its requests are read.
    Plain,
    /// It is relayed unread.
    Tunnel,
    /// It is closed.
    Refuse,
}

names!(Verdict { Decrypt => "decrypt", Plain => "plain", Tunnel => "tunnel", Refuse => "refuse" });

/// The reason for which a stream is relayed unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TunnelReason {
    /// The level is `off`.
    Off,
    /// A rule excludes the host: `--ignore-hosts` or `--allow-hosts`.
    Rule,
    /// Our root may issue no certificate for the host.
    Constrained,
    /// It is no HTTP.
    NotHttp,
    /// The client speaks a kind of TLS that we don't.
    ForeignTls,
    /// The client said nothing: its server speaks first.
    Silent,
    /// The client refused our certificate for the host several times (`--tunnel-rejected`).
    ClientRejected,
    /// The upstream refused our TLS several times (`--tunnel-rejected`).
    UpstreamRejected,
}

names!(TunnelReason {
    Off => "off",
    Rule => "rule",
    Constrained => "constrained",
    NotHttp => "not_http",
    ForeignTls => "foreign_tls",
    Silent => "silent",
    ClientRejected => "client_rejected",
    UpstreamRejected => "upstream_rejected",
});

/// The facts that a TLS handshake agreed on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// "TLSv1.3" or "TLSv1.2".
    pub version: String,
    /// The cipher suite's IANA name.
    pub cipher: String,
    /// The name that was asked for.
    pub sni: Option<String>,
    /// The protocol agreed on by ALPN.
    pub alpn: Option<String>,
    /// The certificates that the other side showed, its own first.
    pub certificates: Vec<Certificate>,
}

/// A client connection as recorded. The times and counts are as of the moment of recording;
/// a connection is recorded when its verdict is known and again when it closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// When it was accepted.
    pub opened_at: Timestamp,
    /// When it closed; `None` while it is open.
    pub closed_at: Option<Timestamp>,
    /// The client's `ADDRESS:PORT`.
    pub client: String,
    /// The program that opened it, if it is on this machine and was found; it may be found later than the verdict.
    pub program: Option<Program>,
    /// The mode of the listener that took it, as given on the command line.
    pub mode: String,
    /// The name of that listener, if it has one.
    pub listener: Option<String>,
    /// `HOST:PORT` that a CONNECT, or the reverse mode, names; `None` for absolute-form requests, which name one each.
    pub destination: Option<String>,
    /// The protocol that the first bytes showed.
    pub detected: Option<Detected>,
    /// The decision.
    pub verdict: Option<Verdict>,
    /// The reason for which it is a tunnel, if it is one.
    pub tunnel_reason: Option<TunnelReason>,
    /// The software of the client, as far as its TLS and its User-Agent tell.
    pub runtime: Option<Runtime>,
    /// TLS with the client.
    pub tls: Option<TlsFacts>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Bytes from the client (counted for tunnels).
    pub bytes_in: u64,
    /// Bytes to the client (counted for tunnels).
    pub bytes_out: u64,
}

impl Connection {
    /// Where it goes, as far as that is known: the name that the client asks for, where its CONNECT names an address.
    #[must_use]
    pub fn goes_to(&self) -> Option<Destination> {
        let sni = self.tls.as_ref().and_then(|tls| tls.sni.as_deref());
        let scheme = if self.detected == Some(Detected::Http1) { Scheme::Http } else { Scheme::Https };
        let named = self.destination.as_deref().and_then(|name| Destination::parse(scheme, name).ok());
        match (named, sni) {
            (Some(named), Some(sni)) if named.ip().is_some() => {
                Some(Destination { host: sni.to_ascii_lowercase(), ..named })
            }
            (Some(named), _) => Some(named),
            (None, Some(sni)) => Destination::parse(scheme, sni).ok(),
            (None, None) => None,
        }
    }
}
