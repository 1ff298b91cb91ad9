//! The HTTP/2 connections to one destination.

use std::sync::atomic::AtomicU64;

use tokio::sync::Mutex;

use crate::h2::in_flight::OpenStream;
use crate::upstream::h1::connection::Connection;
use crate::upstream::h2::sender::Sender;
use crate::upstream::no_answer::NoAnswer;

/// Connections to one destination at most; beyond them requests wait for each other's end.
const MOST: usize = 64;
/// The one place for the HTTP/2 connections to a destination: who opens one has the state locked.
#[derive(Default)]
pub(in crate::upstream) struct Slot {
    pub(in crate::upstream) state: Mutex<State>,
    /// How many attempts to connect have failed; changes under the lock only.
    pub(in crate::upstream) failures: AtomicU64,
}

#[derive(Default)]
pub(in crate::upstream) struct State {
    pub(in crate::upstream) known: Known,
    /// How the last attempt failed, and its number among the failures.
    pub(in crate::upstream) failed: Option<(u64, NoAnswer)>,
}

/// Knowledge of a destination that may speak HTTP/2.
#[derive(Default)]
pub(in crate::upstream) enum Known {
    #[default]
    Nothing,
    /// It chose something else; its connections are in the pool.
    Http1,
    Http2(Vec<Sender>),
}

impl Slot {
    /// True if nothing is lost by forgetting it.
    pub(in crate::upstream) fn is_over(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| match &state.known {
            Known::Nothing => true,
            Known::Http1 => false,
            Known::Http2(senders) => senders.iter().all(Sender::is_closed),
        })
    }

    /// Gives `sender` no more requests; what runs on it goes on.
    pub(in crate::upstream) async fn forget(&self, sender: &Sender) {
        let mut state = self.state.lock().await;
        if let Known::Http2(senders) = &mut state.known {
            senders.retain(|kept| !kept.is(sender));
        }
    }
}

impl State {
    /// Where a request can go without a new connection.
    pub(in crate::upstream) fn way(&mut self) -> Option<Acquired> {
        match &mut self.known {
            Known::Http1 => Some(Acquired::Http1),
            Known::Nothing => None,
            Known::Http2(senders) => {
                senders.retain(|sender| !sender.is_closed());
                if let Some(sender) = senders.iter().find(|sender| sender.has_room()).cloned() {
                    let stream = sender.open_stream();
                    return Some(Acquired::Http2 { sender, stream });
                }
                if senders.len() < MOST { None } else { self.busy() }
            }
        }
    }

    /// The least loaded of the connections, for a request that has to wait.
    pub(in crate::upstream) fn busy(&self) -> Option<Acquired> {
        let Known::Http2(senders) = &self.known else { return None };
        let sender =
            senders.iter().filter(|sender| !sender.is_closed()).min_by_key(|sender| sender.load())?;
        let stream = sender.open_stream();
        Some(Acquired::Http2 { sender: sender.clone(), stream })
    }

    /// A connection whose limit is not known yet: its first request did not wait for that, and more should.
    pub(in crate::upstream) fn unsettled(&self) -> Option<Sender> {
        match &self.known {
            Known::Http2(senders) => senders.iter().find(|sender| sender.is_unsettled()).cloned(),
            Known::Nothing | Known::Http1 => None,
        }
    }
}

/// Where a request goes.
pub(in crate::upstream) enum Acquired {
    Http2 { sender: Sender, stream: OpenStream },
    Http1New(Connection),
    Http1,
}
