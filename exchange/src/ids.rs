//! Identifiers and instants.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// The id of an exchange: ascending in the order in which requests began, never used twice in one store.
    ExchangeId
);
id!(
    /// A client connection's number: ascending in the order in which connections were accepted.
    ConnectionId
);
id!(
    /// A number of a connection to an upstream: ascending in the order in which opening them began.
    UpstreamConnectionId
);
id!(
    /// An instant in unix microseconds, UTC.
    #[derive(Default)]
    Timestamp
);

impl Timestamp {
    /// The instant so long after this one.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// The highest numbers that a store has used: new ones go on from there. Zero where none was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastIds {
    /// Of an exchange.
    pub exchange: ExchangeId,
    /// Of a client connection.
    pub connection: ConnectionId,
    /// Of a connection to an upstream.
    pub upstream_connection: UpstreamConnectionId,
}

impl LastIds {
    /// The higher of each.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            exchange: self.exchange.max(other.exchange),
            connection: self.connection.max(other.connection),
            upstream_connection: self.upstream_connection.max(other.upstream_connection),
        }
    }
}

impl Default for LastIds {
    fn default() -> Self {
        let (exchange, connection) = (ExchangeId(0), ConnectionId(0));
        Self { exchange, connection, upstream_connection: UpstreamConnectionId(0) }
    }
}
