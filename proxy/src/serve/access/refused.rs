//! Clients that are not let in: counted, logged now and then, and told why if they speak HTTP.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dashcam_exchange::{Failure, Side, Stage};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::ListenerConfig;
use crate::net::io::Io;
use crate::net::log_rate::LogRate;
use crate::serve::answer::answer;
use crate::serve::detect::{FirstBytes, detect};

/// How long one is listened to, so that it can be told in its own terms.
const ATTENTION: Duration = Duration::from_secs(1);
/// How many are told at the same time; further ones are closed at once.
const TOLD_AT_ONCE: usize = 16;
/// How often they are in the log.
const LOGGED: Duration = Duration::from_secs(10);

/// Counts them.
pub(crate) struct RefusedClients {
    count: AtomicU64,
    told: Semaphore,
    logged: Mutex<Option<Instant>>,
    /// Those without a header of the PROXY protocol.
    headers: LogRate,
}

impl Default for RefusedClients {
    fn default() -> Self {
        Self {
            count: AtomicU64::new(0),
            told: Semaphore::new(TOLD_AT_ONCE),
            logged: Mutex::default(),
            headers: LogRate::default(),
        }
    }
}

impl RefusedClients {
    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Counts one at `peer` that did not name the client as `listener` requires.
    pub(crate) fn without_header(&self, peer: SocketAddr, listener: &ListenerConfig, why: &Failure) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if let Some(refused) = self.headers.due() {
            tracing::warn!(%peer, %listener, refused, "a connection was closed: {}", why.message);
        }
    }

    /// Refuses the one on `io`; `option` lets clients in.
    pub(crate) async fn refuse(&self, mut io: Io, client: SocketAddr, option: &str) {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is_to_be_logged() {
            tracing::warn!(
                %client,
                "a client that is not let in was refused ({count} so far): {option} says who is"
            );
        }
        let Ok(_place) = self.told.try_acquire() else { return };
        if detect(&mut io, ATTENTION).await != FirstBytes::Http1 {
            return;
        }
        let message = format!(
            "This proxy is not for clients at {}. Its operator lets them in with {option}.",
            client.ip().to_canonical()
        );
        let failure = Failure::new(Side::Proxy, Stage::Detect, message);
        // One that does not read is not waited for.
        let _ = timeout(ATTENTION, answer(&mut io, 403, &failure)).await;
    }

    fn is_to_be_logged(&self) -> bool {
        let now = Instant::now();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = logged.is_none_or(|before| now.duration_since(before) >= LOGGED);
        if is_due {
            *logged = Some(now);
        }
        is_due
    }
}
