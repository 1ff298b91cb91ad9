//! The way to upstreams: a connection from the pool or a new one, HTTP/1 or HTTP/2.

mod answer_timeout;
mod connect;
mod facts;
mod h1;
pub(crate) mod h1_response;
mod h2;
mod h2_connections;
mod h2_sender;
mod place;
mod pool;
mod resolve;
mod tls;
mod upload;

use std::sync::Arc;

use dashcam_exchange::{ConnectionId, Destination, Failure, RequestHead, ResponseHead, Side, Stage};
use dashcam_recorder::OpenExchange;
use tokio::sync::mpsc;

use crate::admission::Account;
use crate::alpn::Alpn;
use crate::body::Body;
use crate::engine::{Engine, OwnAddress};
use crate::io::Io;
use crate::limited::Limit;
use crate::transit::Room;

pub(crate) use connect::connect_tcp;
pub(crate) use h2::Underway;
pub(crate) use place::Place;
pub(crate) use pool::Upstreams;
pub(crate) use resolve::{LOOKUPS_OF_ADDRESS, Resolver};
pub(crate) use tls::ClientTls;
#[cfg(feature = "bench")]
pub(crate) use upload::prepare as prepare_h1;

/// What a connection must be like to serve a request; connections are kept apart by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) destination: Destination,
    /// The name to ask for and to verify, when it is not the destination's host.
    pub(crate) sni: Option<String>,
    pub(crate) protocol: Protocol,
    /// The one client connection that it serves, where that is authenticated as a whole.
    pub(crate) pinned: Option<ConnectionId>,
    /// The one client connection that an HTTP/2 connection serves: a client that does not read fills the window that all
    /// streams of a connection share, and may do that to nobody else.
    pub(crate) own: Option<ConnectionId>,
}

impl Key {
    /// The same, over HTTP/1.
    fn over_h1(&self) -> Self {
        Self { protocol: Protocol::Http1, own: None, ..self.clone() }
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

/// A request for an upstream, rewritten. Its head stays the caller's, which may have to tell of a failure.
pub(crate) struct Call<'a> {
    pub(crate) place: Arc<Place>,
    pub(crate) head: &'a mut RequestHead,
    pub(crate) body: Body,
    pub(crate) interim: Option<mpsc::Sender<ResponseHead>>,
    pub(crate) open: Option<&'a OpenExchange>,
    /// The source address whose share the connection takes.
    pub(crate) account: Option<&'a Arc<Account>>,
    /// What the client's connection may hold.
    pub(crate) room: Option<&'a Arc<Room>>,
}

/// What an upstream answered.
pub(crate) struct Answer {
    pub(crate) head: ResponseHead,
    pub(crate) body: Body,
    /// The connection itself, after a 101.
    pub(crate) upgraded: Option<Io>,
}

/// Why there is no answer, and the status to say so with.
#[derive(Debug, Clone)]
pub(crate) struct NoAnswer {
    pub(crate) failure: Failure,
    pub(crate) status: u16,
    /// The error that the upstream ended the HTTP/2 stream with: a client that speaks HTTP/2 gets that instead.
    pub(crate) reset: Option<::h2::Reason>,
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        let status = match (failure.side, failure.stage) {
            (Side::Upstream, _) => 502,
            // There was no room for it.
            (Side::Proxy, Stage::RequestBody | Stage::ResponseHead) => 503,
            (Side::Client | Side::Proxy, _) => 400,
        };
        Self { failure, status, reset: None }
    }
}

impl NoAnswer {
    /// One more connection to an upstream would be beyond `limit`.
    fn no_room(engine: &Engine, limit: Limit) -> Self {
        engine.limited.count(limit);
        let message = match limit {
            Limit::UpstreamConnectionsOfAddress => {
                "The requests of this client's address have as many connections to upstreams open as one address may have. Try again in a moment."
            }
            _ => "dashcam has as many connections to upstreams open as it may have. Try again in a moment.",
        };
        Self::busy(Stage::Connect, message.to_owned())
    }

    /// There is no room at the moment.
    fn busy(stage: Stage, message: String) -> Self {
        Self { failure: Failure::new(Side::Proxy, stage, message), status: 503, reset: None }
    }

    /// A request to one of our own addresses.
    fn own_address(own: OwnAddress, destination: &Destination) -> Self {
        let (status, message) = match own {
            OwnAddress::Listener => {
                (508, format!("{destination} is this proxy itself: the request would go round for ever."))
            }
            OwnAddress::Page => {
                (403, format!("{destination} is dashcam's own page: open it without the proxy."))
            }
        };
        Self { failure: Failure::new(Side::Proxy, Stage::Connect, message), status, reset: None }
    }
}

/// Sends `call` and waits for the response's head.
pub(crate) async fn send(engine: &Arc<Engine>, call: Call<'_>) -> Result<Answer, NoAnswer> {
    match call.place.key.protocol {
        Protocol::Http1 => h1::send(engine, h2::over_h1(engine, call)).await,
        Protocol::Http2OrHttp1 | Protocol::Http2 | Protocol::Http2PriorKnowledge => {
            // Large, and a small part of the cost there: requests over HTTP/1 need not carry its room.
            Box::pin(h2::send(engine, call)).await
        }
    }
}

/// Connects to a destination that a client opens TLS to, to see which protocol it chooses of those that the client
/// offers; the connection is kept for the client's first request. What it chose.
pub(crate) async fn prepare(
    engine: &Arc<Engine>,
    key: &Key,
    account: Option<&Arc<Account>>,
) -> Result<Alpn, NoAnswer> {
    h2_connections::prepare(engine, key, account).await
}
