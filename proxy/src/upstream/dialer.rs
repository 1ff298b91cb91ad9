//! How connections to upstreams are made.

use crate::net::io::Io;

/// Makes the connections that carry requests.
#[derive(Clone, Copy, Default)]
pub(crate) enum Dialer {
    /// Over TCP, with TLS where the destination has it.
    #[default]
    Tcp,
    /// By whoever built the proxy; where that gives none, over TCP.
    #[cfg_attr(
        not(any(test, fuzzing, feature = "bench")),
        expect(dead_code, reason = "for who has the service in memory")
    )]
    Given(fn() -> Option<Io>),
}

impl Dialer {
    /// A connection that is not made over TCP.
    pub(super) fn given(self) -> Option<Io> {
        match self {
            Self::Tcp => None,
            Self::Given(connect) => connect(),
        }
    }
}
