//! Requests and responses on their way through [`crate::exchange_service`].

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{ConnectionId, Destination, ExchangeId, Level, RequestHead, ResponseHead};
use dashcam_recorder::{Client, OpenExchange};
use tokio::sync::mpsc;

use crate::admission::Account;
use crate::body::Body;
use crate::io::Io;
use crate::meter::Count;
use crate::rewrite::forwarded::Known;
use crate::transit::Room;
use crate::upstream::ClientSession;

/// A request as a client sent it.
pub(crate) struct Request {
    pub(crate) head: RequestHead,
    pub(crate) body: Body,
    /// Where it goes.
    pub(crate) destination: Destination,
    /// Takes interim responses to the client; `None` where they can't be sent.
    pub(crate) interim: Option<mpsc::Sender<ResponseHead>>,
}

/// What is the same for all requests of a connection.
pub(crate) struct Route {
    pub(crate) connection: Option<ConnectionId>,
    /// What its connection may hold of the recorder.
    pub(crate) account: Option<Client>,
    pub(crate) client: Option<SocketAddr>,
    /// What the client's source address takes.
    pub(crate) source: Option<Arc<Account>>,
    /// What the client's connection may hold.
    pub(crate) room: Option<Arc<Room>>,
    /// Our own address that the client connected to.
    pub(crate) entrance: Option<SocketAddr>,
    /// Where requests go; `None` when each names its own destination (absolute form).
    pub(crate) destination: Option<Destination>,
    /// The name to verify the upstream by, when it is not the destination's host: the client's SNI.
    pub(crate) sni: Option<String>,
    pub(crate) kind: RouteKind,
    /// Whether the client's TLS is terminated here.
    pub(crate) decrypted: bool,
    /// What upstreams remember of it.
    pub(crate) session: ClientSession,
    /// What its upstream is told of who asked, once it was.
    pub(crate) forwarded: Known,
    /// For a replay.
    pub(crate) replay: Option<ReplayRoute>,
}

impl Route {
    /// A route of which no more is known than its kind.
    pub(crate) fn new(kind: RouteKind) -> Self {
        Self {
            connection: None,
            account: None,
            client: None,
            source: None,
            room: None,
            entrance: None,
            destination: None,
            sni: None,
            kind,
            decrypted: false,
            session: ClientSession::default(),
            forwarded: Known::new(),
            replay: None,
        }
    }
}

impl Route {
    /// Whether its connections end when recording goes off: then nothing is decrypted in forward mode. A reverse listener
    /// has no other way to serve TLS.
    pub(crate) fn ends_when_off(&self) -> bool {
        self.decrypted && self.kind == RouteKind::Forward
    }
}

/// How a route's destination became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RouteKind {
    Forward,
    Reverse {
        /// Pass the client's `Host` on.
        keep_host: bool,
        /// Believe the client whom it asks for.
        trusts_client: bool,
    },
}

/// A replay is recorded whatever the level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReplayRoute {
    pub(crate) of: ExchangeId,
    pub(crate) level: Level,
}

/// What the client is to get.
pub(crate) struct Response {
    pub(crate) head: ResponseHead,
    pub(crate) body: Body,
    /// Its exchange, which is to be told of the head as it is written.
    pub(crate) open: Option<OpenExchange>,
    /// The upstream's side of an upgraded connection (101).
    pub(crate) upgrade: Option<Box<Upgrade>>,
    /// The client's connection can't be used after this response.
    pub(crate) close: bool,
    /// A client that speaks HTTP/2 gets this error in place of the response, as it would from the upstream.
    pub(crate) reset: Option<h2::Reason>,
}

/// An upgraded connection to the upstream.
pub(crate) struct Upgrade {
    pub(crate) io: Io,
    pub(crate) websocket: Option<crate::websocket::Extensions>,
    /// Counts the exchange, which ends with the connection.
    pub(crate) count: Option<Count>,
}
