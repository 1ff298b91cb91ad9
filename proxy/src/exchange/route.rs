//! Facts that are the same for all requests of a connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use dashcam_control::{ClientFacts, ConnectionFacts, Narrowed};
use dashcam_exchange::{ConnectionId, Destination, ExchangeId, Level, Program, RequestHead, Runtime};
use dashcam_recorder::Client;

use crate::exchange::rewrite::forwarded::Known;
use crate::net::admission::Account;
use crate::net::transit::Room;
use crate::upstream::{ClientSession, ParentId};

/// Facts of a client's connection.
pub(crate) struct Route {
    pub(crate) connection: Option<ConnectionId>,
    /// Its connection's account with the recorder.
    pub(crate) account: Option<Client>,
    /// Name of the mode of the client's listener.
    pub(crate) mode: Option<&'static str>,
    pub(crate) client: Option<SocketAddr>,
    /// The client's connection as rules ask for it.
    pub(crate) described: Option<Arc<ClientFacts>>,
    /// The rules that are left over for its requests.
    pub(crate) narrowed: Narrowed,
    /// The account of the client's source address.
    pub(crate) source: Option<Arc<Account>>,
    /// Room for what the client's connection holds.
    pub(crate) room: Option<Arc<Room>>,
    /// Our own address that the client connected to.
    pub(crate) entrance: Option<SocketAddr>,
    /// The parent proxy of the client's listener.
    pub(crate) parent: Option<ParentId>,
    /// Where requests go; `None` when each names its own destination (absolute form).
    pub(crate) destination: Option<Destination>,
    /// The name to verify the upstream by, when it is not the destination's host: the client's SNI.
    pub(crate) sni: Option<String>,
    pub(crate) kind: RouteKind,
    /// A digest of the shape of the client's hello, if it speaks TLS.
    pub(crate) hello: Option<u64>,
    /// The client's software, if it is known.
    pub(crate) runtime: Option<Runtime>,
    /// True if the client's TLS is terminated here.
    pub(crate) decrypted: bool,
    /// The upstreams' memory of it.
    pub(crate) session: ClientSession,
    /// Fields that tell its upstream who asked, once they were made.
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
            mode: None,
            client: None,
            described: None,
            narrowed: Narrowed::default(),
            source: None,
            room: None,
            entrance: None,
            parent: None,
            destination: None,
            sni: None,
            kind,
            hello: None,
            runtime: None,
            decrypted: false,
            session: ClientSession::default(),
            forwarded: Known::new(),
            replay: None,
        }
    }
}

impl Route {
    /// Facts for the policy about an exchange with `destination`.
    pub(crate) fn facts<'a>(&'a self, destination: &'a Destination) -> ConnectionFacts<'a> {
        ConnectionFacts {
            mode: self.mode,
            listener: self.entrance,
            client: self.client,
            destination: Some(destination),
            sni: self.sni.as_deref(),
            hello: self.hello,
            described: self.described.as_ref(),
            ..ConnectionFacts::default()
        }
    }

    /// The same for rules about a request with `head`: they know the destination as the record names it, which is `named` if
    /// that is not what it is connected to.
    pub(crate) fn facts_for_rules<'a>(
        &'a self,
        destination: &'a Destination,
        named: Option<&'a Destination>,
    ) -> ConnectionFacts<'a> {
        let is_same = self.destination.is_some() && named.is_none();
        let is_fixed = is_same && (self.kind != RouteKind::Forward || destination.ip().is_none());
        let mut facts = self.facts(named.unwrap_or(destination));
        facts.narrowed = is_fixed.then_some(&self.narrowed);
        facts
    }

    /// The program that made the connection, if it is known by now.
    pub(crate) fn program(&self) -> Option<Program> {
        self.account.as_ref()?.program()
    }

    /// The destination of a request with `head` as the record names it: where the client's CONNECT named an address, by the
    /// name that the client asks for there.
    pub(crate) fn shown(&self, destination: &Destination, head: &RequestHead) -> Destination {
        self.named(destination, head).unwrap_or_else(|| destination.clone())
    }

    /// The same, if it is not `destination` itself.
    pub(crate) fn named(&self, destination: &Destination, head: &RequestHead) -> Option<Destination> {
        let is_tunnelled = self.kind == RouteKind::Forward && self.destination.is_some();
        let host =
            if is_tunnelled && destination.ip().is_some() { self.name(destination, head) } else { None };
        host.map(|host| Destination { scheme: destination.scheme, host, port: destination.port })
    }

    fn name(&self, destination: &Destination, head: &RequestHead) -> Option<String> {
        let by_host = || Destination::parse(destination.scheme, head.host()?).ok().map(|named| named.host);
        let name = self.sni.clone().or_else(by_host)?;
        name.parse::<IpAddr>().is_err().then_some(name)
    }

    /// True if its connections end when recording goes off: then nothing is decrypted in forward mode. A reverse listener
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
#[derive(Debug, Clone)]
pub(crate) struct ReplayRoute {
    pub(crate) of: Option<ExchangeId>,
    pub(crate) level: Level,
    /// The set of redaction that its original was under, where that was not the one for all.
    pub(crate) redaction: Option<Arc<str>>,
}
