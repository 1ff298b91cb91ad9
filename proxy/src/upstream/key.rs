//! Which connections can serve which requests.

use std::sync::Arc;

use dashcam_exchange::{ConnectionId, Destination};

/// Properties that a connection must have to serve a request; connections are kept apart by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) destination: Destination,
    /// True if the operator named the destination, and not a client: a reverse listener's upstream.
    pub(crate) named: bool,
    /// The way there.
    pub(crate) via: Via,
    /// The name to ask for and to verify, when it is not the destination's host.
    pub(crate) sni: Option<String>,
    pub(crate) protocol: Protocol,
    /// The one client connection that it serves, where that is authenticated as a whole, or where the upstream is told of
    /// it.
    pub(crate) pinned: Option<ConnectionId>,
    /// The one client connection that an HTTP/2 connection serves: a client that does not read fills the window that all
    /// streams of a connection share, and may do that to nobody else.
    pub(crate) own: Option<ConnectionId>,
    /// Bytes that the upstream gets before all others: the PROXY header with the client's address.
    pub(crate) proxy_header: Option<Arc<[u8]>>,
}

impl Key {
    /// The same, over HTTP/1.
    pub(crate) fn over_h1(&self) -> Self {
        Self { protocol: Protocol::Http1, own: None, ..self.clone() }
    }
}

/// A parent proxy, by its place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ParentId(pub(super) usize);

/// The way to a destination.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Via {
    #[default]
    Direct,
    /// A connection that the parent opens to the destination.
    Tunnel(ParentId),
    /// Requests for the destination, which the parent reads and passes on.
    Requests(ParentId),
}

impl Via {
    pub(crate) fn parent(self) -> Option<ParentId> {
        match self {
            Self::Direct => None,
            Self::Tunnel(parent) | Self::Requests(parent) => Some(parent),
        }
    }
}

/// The protocols that are offered to the upstream: those that the client speaks with us, so that the
/// upstream sees what it would see without us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) enum Protocol {
    Http1,
    /// By ALPN.
    #[default]
    Http2OrHttp1,
    /// By ALPN as well, without a choice; an upstream that knows no ALPN is spoken to in HTTP/1.1.
    Http2,
    /// HTTP/2 without TLS, known beforehand (RFC 9113 §3.3).
    Http2PriorKnowledge,
}
