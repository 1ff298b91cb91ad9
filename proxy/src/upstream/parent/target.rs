//! Destinations, as parents are asked for them.

use std::net::SocketAddr;

/// A destination as a parent is asked for it.
pub(super) enum Target {
    Name(String, u16),
    Address(SocketAddr),
}

impl Target {
    /// `HOST:PORT`, an IPv6 address in brackets.
    pub(super) fn authority(&self) -> String {
        match self {
            Self::Name(host, port) => format!("{host}:{port}"),
            Self::Address(address) => address.to_string(),
        }
    }
}
