//! Limits that were met, counted: `dashcam_limited_total{limit="…"}` in the metrics.
//!
//! Every limit that makes dashcam refuse, cut or close something has its place here, whoever enforces it.

use std::sync::atomic::{AtomicU64, Ordering};

/// A limit that a peer can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A head beyond `limits.head` or `limits.fields`.
    Head,
    /// A request's head that was not complete within `timeouts.request_head`.
    RequestHeadTime,
    /// A header of the PROXY protocol that was not complete within `timeouts.proxy_header`.
    ProxyHeaderTime,
    /// A request's body slower than `limits.body_rate`.
    BodyRate,
    /// A peer that took no byte within `timeouts.write`.
    Write,
    /// A response that did not begin within `timeouts.response_head`.
    ResponseHeadTime,
    /// A body of which nothing came within `timeouts.body`.
    BodyTime,
    /// A tunnel or an upgraded connection on which nothing moved within `timeouts.tunnel_idle`.
    TunnelIdle,
    /// A connection, or all of a source address, held as much of `limits.transit` as its share.
    TransitShare,
    /// All connections together held as much as `limits.transit` allows.
    Transit,
    /// A client connection beyond `max_connections`.
    Connections,
    /// A client connection beyond `max_connections_per_address`.
    ConnectionsOfAddress,
    /// A connection to an upstream beyond what is left of the limit on open files.
    UpstreamConnections,
    /// A connection to an upstream beyond the share of the source address whose request needs it.
    UpstreamConnectionsOfAddress,
    /// A name look-up that had to wait for another's end.
    Lookups,
    /// A name look-up that had to wait for the end of another of the same source address.
    LookupsOfAddress,
    /// An HTTP/2 connection that sent too much of what costs nothing to send: resets, empty or tiny frames, heads
    /// beyond the limit.
    Http2Flood,
}

impl Limit {
    /// All limits, in the order in which they are shown.
    pub const ALL: [Self; 17] = [
        Self::Head,
        Self::RequestHeadTime,
        Self::ProxyHeaderTime,
        Self::BodyRate,
        Self::Write,
        Self::ResponseHeadTime,
        Self::BodyTime,
        Self::TunnelIdle,
        Self::TransitShare,
        Self::Transit,
        Self::Connections,
        Self::ConnectionsOfAddress,
        Self::UpstreamConnections,
        Self::UpstreamConnectionsOfAddress,
        Self::Lookups,
        Self::LookupsOfAddress,
        Self::Http2Flood,
    ];

    /// The limit's name in metrics and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::RequestHeadTime => "request_head_time",
            Self::ProxyHeaderTime => "proxy_header_time",
            Self::BodyRate => "body_rate",
            Self::Write => "write",
            Self::ResponseHeadTime => "response_head_time",
            Self::BodyTime => "body_time",
            Self::TunnelIdle => "tunnel_idle",
            Self::TransitShare => "transit_share",
            Self::Transit => "transit",
            Self::Connections => "connections",
            Self::ConnectionsOfAddress => "connections_of_address",
            Self::UpstreamConnections => "upstream_connections",
            Self::UpstreamConnectionsOfAddress => "upstream_connections_of_address",
            Self::Lookups => "lookups",
            Self::LookupsOfAddress => "lookups_of_address",
            Self::Http2Flood => "http2_flood",
        }
    }
}

/// How often each limit was met since the start.
#[derive(Debug, Default)]
pub(crate) struct Limited([AtomicU64; Limit::ALL.len()]);

impl Limited {
    /// Counts that `limit` was met.
    pub(crate) fn count(&self, limit: Limit) {
        self.0[limit as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// All limits with their counts.
    pub(crate) fn read(&self) -> Vec<(Limit, u64)> {
        Limit::ALL.into_iter().map(|limit| (limit, self.0[limit as usize].load(Ordering::Relaxed))).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_limit_is_counted_under_its_own_name() {
        let limited = Limited::default();
        for (times, limit) in Limit::ALL.into_iter().enumerate() {
            (0..times).for_each(|_| limited.count(limit));
        }
        let read = limited.read();
        let expected: Vec<_> = Limit::ALL.into_iter().zip(0..).collect();
        assert_eq!(read, expected);
        let names: HashSet<_> = Limit::ALL.iter().map(|limit| limit.name()).collect();
        assert_eq!(names.len(), Limit::ALL.len());
    }
}
