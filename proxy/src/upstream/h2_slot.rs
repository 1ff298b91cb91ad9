//! The HTTP/2 connections to one destination.

use std::sync::atomic::AtomicU64;

use tokio::sync::Mutex;

use super::connection::Connection;
use super::h2_sender::Sender;
use super::no_answer::NoAnswer;
use crate::http::h2::in_flight::OpenStream;

/// Connections to one destination, at the most; beyond them requests wait for each other's end.
const MOST: usize = 64;
/// The one place for the HTTP/2 connections to a destination: who opens one has the state locked.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) state: Mutex<State>,
    /// How many attempts to connect have failed; changes under the lock only.
    pub(super) failures: AtomicU64,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) known: Known,
    /// How the last attempt failed, and its number among the failures.
    pub(super) failed: Option<(u64, NoAnswer)>,
}

/// What is known of a destination that may speak HTTP/2.
#[derive(Default)]
pub(super) enum Known {
    #[default]
    Nothing,
    /// It chose something else; its connections are in the pool.
    Http1,
    Http2(Vec<Sender>),
}

impl Slot {
    /// Whether nothing is lost by forgetting it.
    pub(super) fn is_over(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| match &state.known {
            Known::Nothing => true,
            Known::Http1 => false,
            Known::Http2(senders) => senders.iter().all(Sender::is_closed),
        })
    }

    /// Gives `sender` no more requests; what runs on it goes on.
    pub(super) async fn forget(&self, sender: &Sender) {
        let mut state = self.state.lock().await;
        if let Known::Http2(senders) = &mut state.known {
            senders.retain(|kept| !kept.is(sender));
        }
    }
}

impl State {
    /// Where a request can go without a new connection.
    pub(super) fn way(&mut self) -> Option<Way> {
        match &mut self.known {
            Known::Http1 => Some(Way::Http1),
            Known::Nothing => None,
            Known::Http2(senders) => {
                senders.retain(|sender| !sender.is_closed());
                if let Some(sender) = senders.iter().find(|sender| sender.has_room()).cloned() {
                    let stream = sender.open_stream();
                    return Some(Way::Http2 { sender, stream });
                }
                if senders.len() < MOST { None } else { self.busy() }
            }
        }
    }

    /// The least loaded of the connections, for a request that has to wait.
    pub(super) fn busy(&self) -> Option<Way> {
        let Known::Http2(senders) = &self.known else { return None };
        let sender =
            senders.iter().filter(|sender| !sender.is_closed()).min_by_key(|sender| sender.load())?;
        let stream = sender.open_stream();
        Some(Way::Http2 { sender: sender.clone(), stream })
    }

    /// A connection whose limit is not known yet: its first request did not wait for that, and more should.
    pub(super) fn unsettled(&self) -> Option<Sender> {
        match &self.known {
            Known::Http2(senders) => senders.iter().find(|sender| sender.is_unsettled()).cloned(),
            Known::Nothing | Known::Http1 => None,
        }
    }
}

/// Where a request goes.
pub(super) enum Way {
    Http2 { sender: Sender, stream: OpenStream },
    Http1New(Connection),
    Http1,
}
