//! One connection to an upstream: how it came about, and who is at its other end.

use crate::{Certificate, Timestamp, TlsFacts, UpstreamConnectionId};

/// A connection to an upstream as recorded: once, when it is there. It may have been opened before the first
/// exchange that it serves began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamConnection {
    /// Its number.
    pub id: UpstreamConnectionId,
    /// When opening it began.
    pub opened_at: Timestamp,
    /// `HOST:PORT` that was asked for.
    pub destination: String,
    /// `ADDRESS:PORT` that answered.
    pub address: String,
    /// Our own `ADDRESS:PORT`.
    pub local_address: Option<String>,
    /// How long resolving the name took, in microseconds; `None` if the destination is an address.
    pub dns_us: Option<i64>,
    /// How long the TCP connection took after that.
    pub connect_us: Option<i64>,
    /// How long the TLS handshake took after that; `None` without TLS.
    pub tls_us: Option<i64>,
    /// The facts of the handshake, with the upstream's certificates; `sni` is the name that we asked for.
    pub tls: Option<TlsFacts>,
    /// The certificate that we showed.
    pub client_certificate: Option<Certificate>,
    /// The parent proxy that it goes through, as a URL without user and password; then `address` is the parent's.
    pub parent: Option<String>,
    /// The outcome of attempts at other addresses before this one answered, in words.
    pub tried: Option<String>,
}

impl UpstreamConnection {
    /// The certificates that it names: the upstream's and ours.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let upstream = self.tls.iter().flat_map(|tls| &tls.certificates);
        upstream.chain(&self.client_certificate)
    }

    /// The same, to be changed.
    pub fn certificates_mut(&mut self) -> impl Iterator<Item = &mut Certificate> {
        let upstream = self.tls.iter_mut().flat_map(|tls| &mut tls.certificates);
        upstream.chain(&mut self.client_certificate)
    }
}
