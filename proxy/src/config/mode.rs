//! A listener's mode, as it was configured.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use dashcam_exchange::Destination;

use crate::config::outbound::Parent;

/// The way in which a listener learns destinations, and where it listens if the text says so. It is read from a text
/// (`MODES` has the grammar): `forward`, `socks5`, `upstream:URL` or
/// `reverse:http(s)://HOST[:PORT]`, each with `@[HOST:]PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mode {
    pub(crate) name: &'static str,
    /// The one upstream, which gets everything; `None` where clients name their destinations.
    pub upstream: Option<Destination>,
    /// The parent proxy that everything goes out through, unless a rule says otherwise.
    pub parent: Option<Parent>,
    /// The address behind the `@`.
    pub listen: Option<(Option<IpAddr>, u16)>,
}

impl Mode {
    /// Its name in the table of modes.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The address to listen on: the mode's own, else `host` and `port`.
    #[must_use]
    pub fn address(&self, host: IpAddr, port: u16) -> SocketAddr {
        match self.listen {
            Some((own, port)) => SocketAddr::new(own.unwrap_or(host), port),
            None => SocketAddr::new(host, port),
        }
    }
}

/// Without the user and the password of its parent.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        self.upstream.iter().try_for_each(|upstream| write!(f, ":{upstream}"))?;
        self.parent.iter().try_for_each(|parent| write!(f, ":{parent}"))
    }
}
