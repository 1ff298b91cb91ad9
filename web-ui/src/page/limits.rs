//! The limits for callers of the page.

use std::time::Duration;

/// The most that callers of the page may take: none of it is taken from traffic or from the control socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLimits {
    /// Connections at once.
    pub connections: usize,
    /// Of these, connections of one source address.
    pub address_connections: usize,
    /// Live streams at once.
    pub watchers: usize,
    /// HAR exports at once.
    pub exports: usize,
    /// Replays under way at once.
    pub replays: usize,
    /// How long a request's head may take, the wait for the next request included, and a TLS handshake.
    pub head: Duration,
    /// How long a connection may go without taking a byte of an answer, or giving one of a request's body.
    pub stall: Duration,
    /// How long a session lasts after its last call.
    pub session_idle: Duration,
    /// How long a session lasts at most.
    pub session_lifetime: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Default for PageLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            address_connections: 64,
            watchers: 32,
            exports: 4,
            replays: 16,
            head: Duration::from_secs(10),
            stall: Duration::from_secs(60),
            session_idle: 7 * DAY,
            session_lifetime: 30 * DAY,
        }
    }
}
