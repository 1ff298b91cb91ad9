//! How many connections there may be, and how many there are.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Limits on connections, and how near to them they are. Null: there is no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionLimits {
    /// How many client connections may be open.
    #[schema(required)]
    pub limit: Option<u64>,
    /// How many of one source address (in IPv6: one /64).
    #[schema(required)]
    pub limit_per_address: Option<u64>,
    /// Connections to upstreams: in use, kept, or being opened.
    pub upstream: u64,
    /// How many of those there may be.
    #[schema(required)]
    pub upstream_limit: Option<u64>,
    /// The source address with the most client connections, if that is more than three quarters of what it may have.
    #[schema(required)]
    pub near_limit: Option<NearLimit>,
}

/// A source address near its limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NearLimit {
    /// The address, or the network.
    pub address: String,
    /// How many client connections it has open.
    pub open: u64,
}

impl From<dashcam_proxy::Connections> for ConnectionLimits {
    fn from(connections: dashcam_proxy::Connections) -> Self {
        let limit = |limit: usize| (limit > 0).then_some(limit as u64);
        let dashcam_proxy::Connections { limits, near_limit, upstreams, .. } = connections;
        Self {
            limit: limit(limits.clients),
            limit_per_address: limit(limits.clients_of_address),
            upstream: upstreams as u64,
            upstream_limit: limit(limits.upstreams),
            near_limit: near_limit.map(|(address, open)| NearLimit { address, open: open as u64 }),
        }
    }
}
