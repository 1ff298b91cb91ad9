//! The other end: connections to upstreams.

use dashcam_exchange::UpstreamConnectionId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::certificate::Certificate;
use super::connection::Tls;
use super::time::Time;

/// The connection to the upstream that served an exchange.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Upstream {
    /// `ADDRESS:PORT`.
    pub address: String,
    /// True if the connection had served an exchange before.
    pub reused: bool,
    /// `TLSv1.3`, `TLSv1.2`; null without TLS.
    #[schema(required)]
    pub tls_version: Option<String>,
    /// The record of the connection itself; null if there is none (there was no room, or an older dashcam
    /// recorded the exchange).
    #[schema(required)]
    pub connection: Option<UpstreamConnection>,
}

/// A connection to an upstream: how it came about, and who is at its other end.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpstreamConnection {
    /// Its number.
    pub id: i64,
    /// When opening it began; it may be before the exchange.
    pub opened_at: Time,
    /// `HOST:PORT` that was asked for.
    pub destination: String,
    /// `ADDRESS:PORT` that answered.
    pub address: String,
    /// dashcam's own `ADDRESS:PORT`.
    #[schema(required)]
    pub local_address: Option<String>,
    /// How long resolving the name took, in microseconds; null if the destination is an address.
    #[schema(required)]
    pub dns_us: Option<i64>,
    /// How long the TCP connection took after that.
    #[schema(required)]
    pub connect_us: Option<i64>,
    /// How long the TLS handshake took after that; null without TLS.
    #[schema(required)]
    pub tls_us: Option<i64>,
    /// TLS with the upstream.
    #[schema(required)]
    pub tls: Option<Tls>,
    /// The certificate that dashcam showed.
    #[schema(required)]
    pub client_certificate: Option<Certificate>,
    /// The parent proxy that it goes through, as a URL without user and password; then `address` is the parent's.
    #[schema(required)]
    pub parent: Option<String>,
    /// The outcome of attempts at other addresses before this one answered, in words.
    #[schema(required)]
    pub tried: Option<String>,
}

impl Upstream {
    /// `connection` is what is stored of the one that `upstream` names.
    pub(crate) fn new(
        upstream: dashcam_exchange::Upstream,
        connection: Option<dashcam_exchange::UpstreamConnection>,
    ) -> Self {
        Self {
            address: upstream.address,
            reused: upstream.reused,
            tls_version: upstream.tls_version,
            connection: connection.map(UpstreamConnection::from),
        }
    }
}

impl From<dashcam_exchange::UpstreamConnection> for UpstreamConnection {
    fn from(connection: dashcam_exchange::UpstreamConnection) -> Self {
        let UpstreamConnectionId(id) = connection.id;
        Self {
            id,
            opened_at: connection.opened_at.into(),
            destination: connection.destination,
            address: connection.address,
            local_address: connection.local_address,
            dns_us: connection.dns_us,
            connect_us: connection.connect_us,
            tls_us: connection.tls_us,
            tls: connection.tls.map(Tls::from),
            client_certificate: connection.client_certificate.map(Certificate::from),
            parent: connection.parent,
            tried: connection.tried,
        }
    }
}
