//! A client and a host of which one refuses our TLS: the rule about such pairs, and what is told of them.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dashcam_exchange::{Runtime, Side, Timestamp};

use crate::policy::ConnectionFacts;

/// The number of refusals after which a pair is tunnelled, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TunnelRejected {
    /// So many refusals …
    pub times: u32,
    /// … within this time …
    pub within: Duration,
    /// … make connections tunnels for this long.
    pub lasting: Duration,
}

impl Default for TunnelRejected {
    fn default() -> Self {
        Self { times: 3, within: Duration::from_secs(600), lasting: Duration::from_secs(3600) }
    }
}

/// A client and a host.
///
/// A client is an address and the shape of its ClientHello, so that programs on one machine (or behind one address) are
/// told apart: one that does not trust the certificate costs the others no recording.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    /// Where the client is.
    pub client: IpAddr,
    /// A digest of the shape of its ClientHello.
    pub hello: u64,
    /// The host that it asks for, as `HOST:PORT`.
    pub host: String,
}

impl Pair {
    /// The pair of a connection, once its ClientHello is known.
    #[must_use]
    pub fn of(facts: &ConnectionFacts<'_>) -> Option<Self> {
        let destination = facts.destination?;
        let host = match facts.sni {
            Some(sni) => format!("{sni}:{}", destination.port),
            None => destination.host_and_port(),
        };
        Some(Self { client: facts.client?.ip(), hello: facts.hello?, host })
    }
}

/// One refusal of our TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The client, or the upstream.
    pub side: Side,
    /// The client's software, if it is known.
    pub runtime: Option<Runtime>,
    /// The failure's message.
    pub message: String,
    /// True if the client said nothing, and only left right after the handshake: a refusal in all probability, as long as
    /// nothing speaks against it.
    pub is_silent: bool,
}

/// A pair whose connections are tunnelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedPair {
    /// Its number, since the start.
    pub id: u64,
    /// Where the client is.
    pub client: IpAddr,
    /// The host, as `HOST:PORT`.
    pub host: String,
    /// The last refusal: the reason.
    pub refusal: Refusal,
    /// Since when it is tunnelled.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How often it was refused before.
    pub refusals: u32,
    /// How many connections were tunnelled since.
    pub connections: u64,
}

impl RejectedPair {
    /// The pair number `id`, which is tunnelled from now on.
    pub(super) fn begin(id: u64, (pair, refusal): (&Pair, Refusal), rule: &TunnelRejected) -> Self {
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let since = micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        Self {
            id,
            client: pair.client,
            host: pair.host.clone(),
            refusal,
            since: Timestamp(since),
            until: Timestamp(since.saturating_add(micros(rule.lasting))),
            refusals: rule.times,
            connections: 0,
        }
    }
}

/// Counts since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RejectedCounts {
    /// Handshakes that clients refused.
    pub by_clients: u64,
    /// Handshakes that upstreams refused.
    pub by_upstreams: u64,
    /// Connections that were tunnelled for that.
    pub tunnelled: u64,
    /// Pairs that were forgotten for want of room.
    pub forgotten: u64,
}
