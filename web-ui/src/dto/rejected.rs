//! Clients and hosts of which one side refuses dashcam's TLS, so that their connections are tunnelled.

use dashcam_control as control;
use dashcam_views::dto::{Runtime, Side, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// After how many refusals connections are tunnelled, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedRule {
    /// So many refusals …
    pub times: u32,
    /// … within this time …
    pub within_us: i64,
    /// … make connections tunnels for this long.
    pub lasting_us: i64,
}

/// Counts of refusals since the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedSummary {
    /// The rule; null if nothing is tunnelled for refusals.
    #[schema(required)]
    pub rule: Option<RejectedRule>,
    /// How many pairs of a client and a host are tunnelled at this moment.
    pub pairs: u64,
    /// Handshakes that clients refused.
    pub by_clients: u64,
    /// Handshakes that upstreams refused.
    pub by_upstreams: u64,
    /// Connections that were tunnelled for that.
    pub tunnelled: u64,
    /// Pairs that were forgotten for want of room.
    pub forgotten: u64,
}

/// A client and a host whose connections are tunnelled unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedPair {
    /// Its number, since the start.
    pub id: u64,
    /// The client's address.
    pub client: String,
    /// The client's software, if it is known.
    #[schema(required)]
    pub runtime: Option<Runtime>,
    /// The host that the client asks for, as `HOST:PORT`.
    pub host: String,
    /// The side that refused.
    pub side: Side,
    /// The last refusal, with the cure.
    pub message: String,
    /// Since when it is tunnelled.
    pub since: Time,
    /// Until when.
    pub until: Time,
    /// How many refusals there were before.
    pub refusals: u32,
    /// How many connections were tunnelled since.
    pub connections: u64,
}

/// All pairs that are tunnelled, the latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedPairs {
    /// The pairs.
    pub pairs: Vec<RejectedPair>,
}

/// How many pairs are decrypted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedRemoved {
    /// Their number.
    pub removed: u64,
}

impl From<control::TunnelRejected> for RejectedRule {
    fn from(rule: control::TunnelRejected) -> Self {
        let micros = |duration: std::time::Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self { times: rule.times, within_us: micros(rule.within), lasting_us: micros(rule.lasting) }
    }
}

impl From<&control::Rejected> for RejectedSummary {
    fn from(rejected: &control::Rejected) -> Self {
        let counts = rejected.counts();
        Self {
            rule: rejected.rule().map(RejectedRule::from),
            pairs: rejected.pairs().len() as u64,
            by_clients: counts.by_clients,
            by_upstreams: counts.by_upstreams,
            tunnelled: counts.tunnelled,
            forgotten: counts.forgotten,
        }
    }
}

impl From<control::RejectedPair> for RejectedPair {
    fn from(pair: control::RejectedPair) -> Self {
        Self {
            id: pair.id,
            client: pair.client.to_string(),
            runtime: pair.refusal.runtime.map(Runtime::from),
            host: pair.host,
            side: pair.refusal.side.into(),
            message: pair.refusal.message,
            since: pair.since.into(),
            until: pair.until.into(),
            refusals: pair.refusals,
            connections: pair.connections,
        }
    }
}
