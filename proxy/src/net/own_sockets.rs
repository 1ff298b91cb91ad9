//! Our own connections to upstreams by their addresses at our end. One that the firewall leads back to a listener of ours is
//! known there by it.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::net::lock::lock;
use crate::net::tcp::{canonical, is_this_machine};

/// How long a connection that comes back may be accepted before its address is known here, at most. Those that are led back
/// are opened at once: others that are being opened may hang.
const LATE: Duration = Duration::from_secs(1);

/// Connections to upstreams, open and being opened.
#[derive(Debug, Default)]
pub(crate) struct OwnSockets {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Each by its own address and the one that it was opened to: other programs may use the same port of ours to other
    /// destinations.
    open: HashSet<(SocketAddr, SocketAddr)>,
    /// The numbers of those that are being opened to each address.
    dialed: HashMap<SocketAddr, Vec<u64>>,
    /// The number of the next one.
    next: u64,
}

/// A connection that is being opened.
#[derive(Debug)]
pub(crate) struct Dial {
    number: u64,
    to: SocketAddr,
    own: Arc<OwnSockets>,
}

/// A connection's entry, as long as it is open.
#[derive(Debug)]
pub(crate) struct OwnSocket {
    /// Apart, as every connection to an upstream has room for an entry.
    ends: Box<(SocketAddr, SocketAddr)>,
    own: Arc<OwnSockets>,
}

impl OwnSockets {
    /// Notes that a connection to `to` is being opened.
    pub(crate) fn dial(self: &Arc<Self>, to: SocketAddr) -> Dial {
        let to = canonical(to);
        let mut state = lock(&self.state);
        let number = state.next;
        state.next += 1;
        state.dialed.entry(to).or_default().push(number);
        Dial { number, to, own: Arc::clone(self) }
    }

    /// Returns whether a client at `peer`, whose connection was meant for `to`, is one of our own connections. It may be
    /// accepted before we know that it is open: then those are waited for that were being opened when it was asked about.
    /// Later ones are others.
    pub(crate) async fn has(&self, peer: SocketAddr, to: SocketAddr) -> bool {
        let (peer, to) = (canonical(peer), canonical(to));
        let (found, next) = {
            let state = lock(&self.state);
            (state.find(peer, to, state.next), state.next)
        };
        match found {
            Some(found) => found,
            // Ours come from here.
            None => is_this_machine(peer.ip()) && self.has_after(peer, to, next).await,
        }
    }

    /// The same, once those with numbers below `next` are open or given up.
    async fn has_after(&self, peer: SocketAddr, to: SocketAddr, next: u64) -> bool {
        let found = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if let Some(found) = lock(&self.state).find(peer, to, next) {
                    return found;
                }
                changed.await;
            }
        };
        timeout(LATE, found).await.unwrap_or_default()
    }
}

impl State {
    /// Tells whether `peer` is one of them; `None` if it may be one with a number below `next` that is still being opened.
    fn find(&self, peer: SocketAddr, to: SocketAddr, next: u64) -> Option<bool> {
        let is_open = self.open.contains(&(peer, to));
        let may_come =
            || self.dialed.get(&to).is_some_and(|dialed| dialed.iter().any(|number| *number < next));
        (is_open || !may_come()).then_some(is_open)
    }
}

impl Dial {
    /// The entry of the connection now that it is open.
    pub(crate) fn connected(self, stream: &TcpStream) -> Option<OwnSocket> {
        let at = canonical(stream.local_addr().ok()?);
        let ends = Box::new((at, self.to));
        lock(&self.own.state).open.insert(*ends);
        Some(OwnSocket { ends, own: Arc::clone(&self.own) })
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        let mut state = lock(&self.own.state);
        if let Some(dialed) = state.dialed.get_mut(&self.to) {
            dialed.retain(|number| *number != self.number);
            if dialed.is_empty() {
                state.dialed.remove(&self.to);
            }
        }
        drop(state);
        self.own.changed.notify_waiters();
    }
}

impl Drop for OwnSocket {
    fn drop(&mut self) {
        lock(&self.own.state).open.remove(&self.ends);
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_of_our_own_is_known_as_long_as_it_is_open() {
        let own = Arc::<OwnSockets>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let dial = own.dial(to);
        let stream = TcpStream::connect(to).await.unwrap();
        let (_accepted, peer) = listener.accept().await.unwrap();
        // It is asked about before it is known.
        let asked = own.has(peer, to);
        tokio::pin!(asked);
        tokio::select! {
            biased;
            _ = &mut asked => panic!("it was not known yet"),
            () = std::future::ready(()) => {}
        }
        let entry = dial.connected(&stream).unwrap();
        assert!(asked.await);
        let stranger = "192.0.2.1:1".parse().unwrap();
        assert!(!own.has(stranger, to).await);
        let elsewhere = "192.0.2.9:443".parse().unwrap();
        assert!(!own.has(peer, elsewhere).await, "another program may use the same port");
        drop(entry);
        assert!(!own.has(peer, to).await);
        assert!(lock(&own.state).dialed.is_empty());
    }

    /// A program's connection does not wait for longer than a moment for one of ours to the same address, a neighbour's not
    /// at all.
    #[tokio::test(start_paused = true)]
    async fn a_connection_that_takes_long_to_open_holds_up_nobody() {
        let own = Arc::<OwnSockets>::default();
        let to = "192.0.2.1:443".parse().unwrap();
        let _dial = own.dial(to);
        for (peer, wait) in [("203.0.113.2:1", Duration::ZERO), ("127.0.0.1:1", LATE)] {
            let asked = tokio::time::Instant::now();
            assert!(!own.has(peer.parse().unwrap(), to).await);
            // The clock has steps of a millisecond.
            let late = asked.elapsed().saturating_sub(wait);
            assert!(asked.elapsed() >= wait && late < Duration::from_millis(5), "{peer}: {late:?}");
        }
    }

    /// Connections that are opened to a busy destination later hold nobody up.
    #[tokio::test(start_paused = true)]
    async fn only_those_are_waited_for_that_were_being_opened() {
        let own = Arc::<OwnSockets>::default();
        let to = "192.0.2.1:443".parse().unwrap();
        let first = own.dial(to);
        let asked = own.has("127.0.0.1:1".parse().unwrap(), to);
        tokio::pin!(asked);
        tokio::select! {
            biased;
            _ = &mut asked => panic!("the first is waited for"),
            () = std::future::ready(()) => {}
        }
        let later = own.dial(to);
        let begun = tokio::time::Instant::now();
        drop(first);
        assert!(!asked.await);
        assert_eq!(begun.elapsed(), Duration::ZERO);
        drop(later);
        assert!(lock(&own.state).dialed.is_empty());
    }
}
