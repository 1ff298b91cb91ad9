//! The addresses of those whom we connect to, and which of them we may.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use dashcam_exchange::{Destination, Failure, Side, Stage};
use tokio::time::{Duration, Instant};

use crate::config::{Parent, Resolve};
use crate::net::admission::Account;
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::permitted;
use crate::upstream::resolve::Unresolved;
use crate::upstream::upstreams::Upstreams;

/// How long this machine may take to say what it knows of a name that a parent resolves.
const KNOWN_HERE: Duration = Duration::from_secs(1);

/// The other end of a TCP connection of ours.
#[derive(Clone, Copy)]
pub(in crate::upstream) enum Peer<'a> {
    /// `named` says that the operator named it, and not a client.
    Upstream {
        destination: &'a Destination,
        named: bool,
    },
    Parent(&'a Parent),
}

impl Peer<'_> {
    pub(in crate::upstream) fn host(&self) -> &str {
        match self {
            Self::Upstream { destination, .. } => &destination.host,
            Self::Parent(parent) => &parent.host,
        }
    }

    fn port(&self) -> u16 {
        match self {
            Self::Upstream { destination, .. } => destination.port,
            Self::Parent(parent) => parent.port,
        }
    }

    /// Returns whether its name has to be looked up.
    pub(in crate::upstream) fn is_name(&self) -> bool {
        self.host().parse::<IpAddr>().is_err()
    }

    /// Its addresses: those that the operator gave it, else its own, else those that the system knows.
    pub(in crate::upstream) async fn resolve(
        &self,
        upstreams: &Upstreams,
        account: Option<&Arc<Account>>,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, NoAnswer> {
        self.look_up(upstreams, account, deadline).await.map_err(|why| self.unresolved(&why))
    }

    async fn look_up(
        &self,
        upstreams: &Upstreams,
        account: Option<&Arc<Account>>,
        deadline: Instant,
    ) -> Result<Vec<SocketAddr>, Unresolved> {
        let (host, port) = (self.host(), self.port());
        if let Some(given) = self.given(upstreams) {
            return Ok(given.iter().map(|ip| SocketAddr::new(*ip, port)).collect());
        }
        if let Ok(ip) = host.parse() {
            return Ok(vec![SocketAddr::new(ip, port)]);
        }
        upstreams.resolver.resolve((host, port), account, deadline).await
    }

    /// The addresses that the operator gave it (`--resolve`).
    fn given<'u>(&self, upstreams: &'u Upstreams) -> Option<&'u [IpAddr]> {
        Resolve::find(&upstreams.context.config.outbound.resolve, self.host(), self.port())
    }

    fn unresolved(&self, why: &Unresolved) -> NoAnswer {
        let host = self.host();
        let whose = if matches!(self, Self::Parent(_)) { " of the parent proxy" } else { "" };
        let message = format!("The name {host}{whose} could not be resolved: {why}.");
        match why {
            Unresolved::NoRoom(_) => NoAnswer::busy(Stage::Dns, message),
            Unresolved::Refused(_) | Unresolved::TimedOut => {
                Failure::new(Side::Upstream, Stage::Dns, message).into()
            }
        }
    }
}

/// Those of `addresses` that `peer` may be connected to at; none if one of them is our own.
pub(in crate::upstream) fn permitted_addresses(
    upstreams: &Upstreams,
    peer: Peer<'_>,
    addresses: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, NoAnswer> {
    let own = addresses.iter().find_map(|address| upstreams.context.own_address(*address));
    match (peer, own) {
        (Peer::Parent(parent), Some(_)) => Err(NoAnswer::own_parent(parent)),
        (Peer::Parent(_), None) => Ok(addresses),
        (Peer::Upstream { destination, .. }, Some(own)) => Err(NoAnswer::own_address(own, destination)),
        (Peer::Upstream { destination, named }, None) => {
            // The operator who gave it an address meant that.
            let named = named || peer.given(upstreams).is_some();
            permitted::among(upstreams.context.config.access.deny_private, (destination, named), addresses)
        }
    }
}

/// Why a name that a parent resolves may not be connected to: as far as this machine knows the name, it is not the
/// public's. A name that the system says it does not know is the parent's business; one that it can't tell about in time
/// is refused. So is one that has a private address among others: the parent chooses which it connects to.
pub(in crate::upstream) async fn refused_name(
    upstreams: &Upstreams,
    peer: Peer<'_>,
    account: Option<&Arc<Account>>,
) -> Option<NoAnswer> {
    if !upstreams.context.config.access.deny_private {
        return None;
    }
    match peer.look_up(upstreams, account, Instant::now() + KNOWN_HERE).await {
        Ok(addresses) => addresses
            .into_iter()
            .find_map(|address| permitted_addresses(upstreams, peer, vec![address]).err()),
        Err(Unresolved::Refused(_)) => None,
        Err(why) => Some(peer.unresolved(&why)),
    }
}

/// As messages begin with it.
impl fmt::Display for Peer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upstream { destination, .. } => destination.fmt(f),
            Self::Parent(parent) => write!(f, "The parent proxy {parent}"),
        }
    }
}
