//! Client connections.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::certificate::Certificate;
use super::names::{Detected, Runtime, TunnelReason, Verdict};
use super::program::Program;
use super::summary::Failure;
use super::time::Time;

/// The outcome of a TLS handshake.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Tls {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// The cipher suite's IANA name.
    pub cipher: String,
    /// The name that was asked for.
    #[schema(required)]
    pub sni: Option<String>,
    /// The protocol agreed on.
    #[schema(required)]
    pub alpn: Option<String>,
    /// The certificates that the other side showed, its own first.
    pub certificates: Vec<Certificate>,
}

/// A client connection, also one that no request came over.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Connection {
    /// Its number.
    pub id: i64,
    /// When it was accepted.
    pub opened_at: Time,
    /// When it closed; null while it is open.
    #[schema(required)]
    pub closed_at: Option<Time>,
    /// The client's `ADDRESS:PORT`.
    pub client: String,
    /// The program that opened it; null if it is not on this machine, was not found, or is not known yet.
    #[schema(required)]
    pub program: Option<Program>,
    /// The mode of the listener that took it.
    pub mode: String,
    /// The name of that listener, if it has one.
    #[schema(required)]
    pub listener: Option<String>,
    /// `HOST:PORT` that a CONNECT, or the reverse mode, names.
    #[schema(required)]
    pub destination: Option<String>,
    /// The protocol that was detected in its first bytes.
    #[schema(required)]
    pub detected: Option<Detected>,
    /// The verdict about it.
    #[schema(required)]
    pub verdict: Option<Verdict>,
    /// The reason for a tunnel.
    #[schema(required)]
    pub tunnel_reason: Option<TunnelReason>,
    /// The client's software, as far as its TLS and its User-Agent tell.
    #[schema(required)]
    pub runtime: Option<Runtime>,
    /// TLS with the client.
    #[schema(required)]
    pub tls: Option<Tls>,
    /// Why it failed.
    #[schema(required)]
    pub failure: Option<Failure>,
    /// Bytes from the client (counted for tunnels).
    pub bytes_in: u64,
    /// Bytes to the client (counted for tunnels).
    pub bytes_out: u64,
}

impl From<dashcam_exchange::Connection> for Connection {
    fn from(connection: dashcam_exchange::Connection) -> Self {
        Self {
            id: connection.id.0,
            opened_at: connection.opened_at.into(),
            closed_at: connection.closed_at.map(Time::from),
            client: connection.client,
            program: connection.program.map(Program::from),
            mode: connection.mode,
            listener: connection.listener,
            destination: connection.destination,
            detected: connection.detected.map(Detected::from),
            verdict: connection.verdict.map(Verdict::from),
            tunnel_reason: connection.tunnel_reason.map(TunnelReason::from),
            runtime: connection.runtime.map(Runtime::from),
            tls: connection.tls.map(Tls::from),
            failure: connection.failure.map(Failure::from),
            bytes_in: connection.bytes_in,
            bytes_out: connection.bytes_out,
        }
    }
}

impl From<dashcam_exchange::TlsFacts> for Tls {
    fn from(tls: dashcam_exchange::TlsFacts) -> Self {
        let certificates = tls.certificates.into_iter().map(Certificate::from).collect();
        Self { version: tls.version, cipher: tls.cipher, sni: tls.sni, alpn: tls.alpn, certificates }
    }
}

/// A page of connections, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Connections {
    /// The connections.
    pub connections: Vec<Connection>,
    /// The `before` of the next page; null on the last one.
    #[schema(required)]
    pub next_before: Option<i64>,
}
