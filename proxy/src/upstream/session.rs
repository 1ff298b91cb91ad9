//! The upstreams' memory of a client's connection.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use crate::net::lock::lock;
use crate::upstream::group::PoolGroup;
use crate::upstream::key::Protocol;
use crate::upstream::no_answer::NoAnswer;

/// How long a failure to reach the upstream answers the request that comes after the handshake.
const TOLD: Duration = Duration::from_secs(5);

/// It lasts as long as the client's connection.
#[derive(Default)]
pub(crate) struct ClientSession {
    /// The client's offer by ALPN, if that has HTTP/2: the upstream is offered the same.
    pub(crate) offered: Protocol,
    /// Where its requests go, once one of them did; for a fixed destination.
    pub(crate) place: OnceLock<Arc<PoolGroup>>,
    /// How the upstream could not be reached before the first request came.
    unreachable: Mutex<Option<(Instant, NoAnswer)>>,
    /// True if the client has authenticated its connection (NTLM, Negotiate) and not only requests: then
    /// its upstream connections are its own.
    authenticated: AtomicBool,
}

impl ClientSession {
    /// Notes how the upstream could not be reached during the client's handshake: the first request's answer.
    pub(crate) fn set_unreachable(&self, no_answer: NoAnswer) {
        *lock(&self.unreachable) = Some((Instant::now(), no_answer));
    }

    /// That failure, once, while it is fresh.
    pub(crate) fn take_unreachable(&self) -> Option<NoAnswer> {
        let taken = lock(&self.unreachable).take();
        taken.filter(|(since, _)| since.elapsed() < TOLD).map(|(_, no_answer)| no_answer)
    }

    /// Notes that the client has authenticated its connection.
    pub(crate) fn authenticate(&self) {
        self.authenticated.store(true, Ordering::Relaxed);
    }

    /// True if it has.
    pub(crate) fn is_authenticated(&self) -> bool {
        self.authenticated.load(Ordering::Relaxed)
    }
}
