//! Why an upstream did not answer.

use std::io;

use dashcam_exchange::{Destination, Failure, Side, Stage};

use crate::config::Parent;
use crate::context::OwnAddress;
use crate::net::limited::{Limit, Limited};

/// Why there is no answer, and the status to say so with.
#[derive(Debug, Clone)]
pub(crate) struct NoAnswer {
    pub(crate) failure: Failure,
    pub(crate) status: u16,
    /// True if the request was meant for one of our own addresses: what it says in confidence is not recorded.
    pub(crate) ours: bool,
    /// The error that the upstream ended the HTTP/2 stream with: a client that speaks HTTP/2 gets that instead.
    pub(crate) reset: Option<::h2::Reason>,
    /// The outcome of the attempts to connect, if none of them succeeded.
    pub(crate) unreached: Option<Unreached>,
    /// True if the upstream refused our TLS: a tunnel would give it the client's. It is counted once for each attempt.
    pub(crate) refuses_tls: bool,
}

/// The outcome of attempts to connect; of several addresses' outcomes the greatest says most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unreached {
    /// There is no way to the network.
    Network,
    /// There is no way to the host.
    Host,
    /// Nothing came back in time.
    Silent,
    /// The host refused.
    Refused,
}

impl Unreached {
    /// The outcome of an attempt that failed with an error of `kind`, if that is one of these.
    pub(super) fn of(kind: io::ErrorKind) -> Option<Self> {
        match kind {
            io::ErrorKind::NetworkUnreachable => Some(Self::Network),
            io::ErrorKind::HostUnreachable => Some(Self::Host),
            io::ErrorKind::TimedOut => Some(Self::Silent),
            io::ErrorKind::ConnectionRefused => Some(Self::Refused),
            _ => None,
        }
    }
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        let status = match (failure.side, failure.stage) {
            (Side::Upstream, _) => 502,
            // There was no room for it.
            (Side::Proxy, Stage::RequestBody | Stage::ResponseHead) => 503,
            (Side::Client | Side::Proxy, _) => 400,
        };
        Self { failure, status, ours: false, reset: None, unreached: None, refuses_tls: false }
    }
}

impl From<(u16, Failure)> for NoAnswer {
    fn from((status, failure): (u16, Failure)) -> Self {
        Self { status, ..failure.into() }
    }
}

impl NoAnswer {
    /// The same for those who waited for the attempt of another.
    pub(super) fn shared(&self) -> Self {
        Self { refuses_tls: false, ..self.clone() }
    }

    /// One more connection to an upstream would be beyond `limit`.
    pub(super) fn no_room(limited: &Limited, limit: Limit) -> Self {
        limited.count(limit);
        let message = match limit {
            Limit::UpstreamConnectionsOfAddress => {
                "The requests of this client's address have as many connections to upstreams open as one address may have. Try again in a moment."
            }
            _ => "dashcam has as many connections to upstreams open as it may have. Try again in a moment.",
        };
        Self::busy(Stage::Connect, message.to_owned())
    }

    /// There is no room at the moment.
    pub(super) fn busy(stage: Stage, message: String) -> Self {
        Self { status: 503, ..Failure::new(Side::Proxy, stage, message).into() }
    }

    /// A request to one of our own addresses.
    pub(super) fn own_address(own: OwnAddress, destination: &Destination) -> Self {
        let (status, message) = match own {
            OwnAddress::Listener => {
                (508, format!("{destination} is this proxy itself: the request would go round for ever."))
            }
            OwnAddress::Page => {
                (403, format!("{destination} is dashcam's own page: open it without the proxy."))
            }
        };
        let failure = Failure::new(Side::Proxy, Stage::Connect, message);
        Self { status, ours: true, ..failure.into() }
    }

    /// A parent proxy that is one of our own addresses.
    pub(super) fn own_parent(parent: &Parent) -> Self {
        let message = format!(
            "The parent proxy {parent} is this dashcam itself: everything would go round for ever. Name another one, or let this host go without it (--no-proxy)."
        );
        (508, Failure::new(Side::Proxy, Stage::Connect, message)).into()
    }
}
