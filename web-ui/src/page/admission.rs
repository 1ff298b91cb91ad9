//! Room for connections: so many at once, and so many of one source.
//!
//! Strangers can't shut the operator out: where there is no room, the oldest connection over which nobody has signed in
//! makes way for a new one, and those with a session or the token stay.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::PageLimits;

/// All connections of the page's listener.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    most: usize,
    most_of_one: usize,
    open: Mutex<Open>,
    /// Connections that were refused: there was no room.
    pub(crate) refused: AtomicU64,
    /// Connections that made way for others.
    pub(crate) displaced: AtomicU64,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// By age.
    peers: BTreeMap<u64, Arc<Peer>>,
}

/// The other side of a connection.
#[derive(Debug, Default)]
pub(crate) struct Peer {
    /// The source that the connection counts for; `None` on a Unix socket.
    pub(crate) source: Option<IpAddr>,
    /// Its own address, for the history.
    pub(crate) address: Option<IpAddr>,
    signed_in: AtomicBool,
    displaced: CancellationToken,
}

impl Peer {
    /// It has shown that it may call: it stays as long as it likes.
    pub(crate) fn signed_in(&self) {
        self.signed_in.store(true, Ordering::Relaxed);
    }

    /// It may not call, or not any more: it makes way for those who may.
    pub(crate) fn signed_out(&self) {
        self.signed_in.store(false, Ordering::Relaxed);
    }

    /// Returns once the connection has to make way.
    pub(super) async fn displaced(&self) {
        self.displaced.cancelled().await;
    }

    /// Returns whether nobody has signed in over it.
    pub(super) fn is_stranger(&self) -> bool {
        !self.signed_in.load(Ordering::Relaxed)
    }
}

/// A connection's place, until dropped.
#[derive(Debug)]
pub(super) struct Place {
    admission: Arc<Admission>,
    number: u64,
    pub(super) peer: Arc<Peer>,
}

impl Admission {
    pub(crate) fn new(limits: &PageLimits) -> Self {
        Self { most: limits.connections, most_of_one: limits.address_connections, ..Self::default() }
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.lock().peers.len()
    }

    /// A place for a connection from `address`, or `None`: all are taken by who has signed in.
    pub(super) fn admit(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Place> {
        let source = address.map(source);
        let mut open = self.lock();
        let of_source = |peer: &Peer| source.is_some() && peer.source == source;
        let is_room = open.make_way(self.most_of_one, &self.displaced, of_source)
            && open.make_way(self.most, &self.displaced, |_| true);
        if !is_room {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let (number, peer) = (open.next, Arc::new(Peer { source, address, ..Peer::default() }));
        open.next += 1;
        open.peers.insert(number, Arc::clone(&peer));
        Some(Place { admission: Arc::clone(self), number, peer })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Returns whether there are fewer than `most` of `these`, or are once the oldest stranger among them has gone.
    fn make_way(&mut self, most: usize, displaced: &AtomicU64, these: impl Fn(&Peer) -> bool) -> bool {
        if self.peers.values().filter(|peer| these(peer)).count() < most {
            return true;
        }
        let oldest = self.peers.iter().find(|(_, peer)| these(peer) && peer.is_stranger());
        let Some(number) = oldest.map(|(number, _)| *number) else { return false };
        if let Some(peer) = self.peers.remove(&number) {
            peer.displaced.cancel();
            displaced.fetch_add(1, Ordering::Relaxed);
        }
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.lock().peers.remove(&self.number);
    }
}

/// The source that an address counts for: an IPv4 address, or the network of an IPv6 address, of which a host has many.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(most: usize, most_of_one: usize) -> Arc<Admission> {
        let limits =
            PageLimits { connections: most, address_connections: most_of_one, ..PageLimits::default() };
        Arc::new(Admission::new(&limits))
    }

    fn from(admission: &Arc<Admission>, address: &str) -> Option<Place> {
        admission.admit(Some(address.parse().unwrap()))
    }

    #[test]
    fn the_oldest_stranger_makes_way_and_who_signed_in_stays() {
        let admission = admission(3, 2);
        let operator = from(&admission, "192.0.2.1").unwrap();
        operator.peer.signed_in();
        let stranger = from(&admission, "192.0.2.1").unwrap();
        let second = from(&admission, "192.0.2.1").unwrap();
        assert!(stranger.peer.displaced.is_cancelled(), "a source has its share");
        let other = from(&admission, "192.0.2.2").unwrap();
        let another = from(&admission, "192.0.2.3").unwrap();
        assert!(second.peer.displaced.is_cancelled(), "all have theirs");
        assert!(!operator.peer.displaced.is_cancelled() && !other.peer.displaced.is_cancelled());
        assert_eq!((admission.open(), admission.displaced.load(Ordering::Relaxed)), (3, 2));
        other.peer.signed_in();
        another.peer.signed_in();
        assert!(from(&admission, "192.0.2.4").is_none());
        assert_eq!(admission.refused.load(Ordering::Relaxed), 1);
        drop((stranger, second, other));
        assert!(from(&admission, "192.0.2.4").is_some(), "room comes back");
    }

    #[test]
    fn a_source_is_an_address_or_a_network() {
        for (address, expect) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ] {
            assert_eq!(source(address.parse().unwrap()).to_string(), expect);
        }
    }
}
