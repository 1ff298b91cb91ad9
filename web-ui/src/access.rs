//! Access to the page: with the token, or with a session that the token began.
//!
//! Everything is decided in memory; the disk only keeps sessions for the next start, and is waited for briefly.

mod failures;
mod file;
mod sessions;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::page::PageLimits;
use failures::Failures;
use sessions::Sessions;

pub(crate) use sessions::SessionId;

/// How long the disk may take to keep the sessions.
const PATIENCE: Duration = Duration::from_secs(2);

/// Stores a new token in dashcam's home, and says it. It may wait for the disk.
pub type NewToken = Arc<dyn Fn() -> io::Result<String> + Send + Sync>;

/// The token and the sessions of one page. Cheap to clone.
#[derive(Clone)]
pub struct Access(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    failures: Mutex<Failures>,
    failed: AtomicU64,
    lifetime: Duration,
    /// Where sessions are kept; `None`: in memory alone.
    file: Option<PathBuf>,
    /// Held while a new token is made: the last one stored is the one taken.
    rotating: Mutex<()>,
    /// Held while the file is written: the last state is written last.
    writing: Arc<tokio::sync::Mutex<()>>,
}

struct State {
    token: [u8; 32],
    /// Cancelled once the token is another one.
    token_replaced: CancellationToken,
    sessions: Sessions,
}

/// How long a caller may go on: what it is still being sent ends with it.
#[derive(Debug, Clone)]
pub(crate) struct Tenure {
    ended: CancellationToken,
    left: Option<Duration>,
}

impl Tenure {
    /// Returns once it is over.
    pub(crate) async fn over(self) {
        let lifetime = async {
            match self.left {
                Some(left) => sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.ended.cancelled() => {}
            () = lifetime => {}
        }
    }
}

impl Access {
    /// For callers with `token`, and with the sessions in `file` that it began.
    #[must_use]
    pub fn new(token: &str, file: Option<PathBuf>, limits: &PageLimits) -> Self {
        let digest = digest(token);
        let stored = file.as_ref().map(|file| file::read(file, &hex(&digest))).unwrap_or_default();
        let sessions = Sessions::new(limits.session_idle, limits.session_lifetime, stored, now());
        Self(Arc::new(Shared {
            state: Mutex::new(State { token: digest, token_replaced: CancellationToken::new(), sessions }),
            failures: Mutex::default(),
            failed: AtomicU64::new(0),
            lifetime: limits.session_lifetime,
            file,
            rotating: Mutex::default(),
            writing: Arc::default(),
        }))
    }

    /// Takes `token` instead: who called with the old one, or with a session, is cut off.
    pub async fn replace_token(&self, token: &str) {
        self.take_token(token);
        self.keep().await;
    }

    /// Has `new_token` store a new token and takes it. Both or neither, also if nobody waits for it any more.
    pub(crate) async fn rotate(&self, new_token: NewToken) -> io::Result<()> {
        let access = self.clone();
        let rotated = tokio::task::spawn_blocking(move || {
            let _one_at_a_time = access.0.rotating.lock().unwrap_or_else(PoisonError::into_inner);
            access.take_token(&new_token()?);
            Ok(())
        });
        rotated.await.map_err(io::Error::other).flatten()?;
        self.keep().await;
        Ok(())
    }

    fn take_token(&self, token: &str) {
        let mut state = self.state();
        state.token = digest(token);
        std::mem::take(&mut state.token_replaced).cancel();
        state.sessions.end_all();
    }

    /// How many tokens were wrong since the start.
    pub(crate) fn failed(&self) -> u64 {
        self.0.failed.load(Ordering::Relaxed)
    }

    /// How many sessions there are.
    pub(crate) fn sessions(&self) -> usize {
        self.state().sessions.count(now())
    }

    /// How long a session lasts at most.
    pub(crate) fn lifetime(&self) -> Duration {
        self.0.lifetime
    }

    /// Returns whether `token`, which came from `source`, is right. Where that has sent many wrong ones, it takes a
    /// while.
    pub(crate) async fn admit(&self, token: &str, source: Option<IpAddr>) -> Option<Tenure> {
        let delay = self.failures().delay(source, Instant::now());
        if !delay.is_zero() {
            sleep(delay).await;
        }
        {
            let state = self.state();
            // Digests are compared, in constant time: nothing tells how far a wrong token was right.
            if bool::from(digest(token).ct_eq(&state.token)) {
                return Some(Tenure { ended: state.token_replaced.clone(), left: None });
            }
        }
        self.0.failed.fetch_add(1, Ordering::Relaxed);
        if let Some(count) = self.failures().note(source, Instant::now()) {
            let from = source.map_or_else(|| "the page's socket".to_owned(), |source| source.to_string());
            tracing::warn!(count, last_from = from, "sign-ins with a wrong token");
        }
        None
    }

    /// The session that a cookie's `value` names.
    pub(crate) async fn session(&self, value: &str) -> Option<(SessionId, Tenure)> {
        let id = hex(&digest(value));
        let found = self.state().sessions.find(&id, now())?;
        if found.tell {
            self.keep().await;
        }
        Some((id, Tenure { ended: found.ended, left: Some(found.left) }))
    }

    /// Begins a session for who was `admitted`; what its cookie is to hold. None if the token was replaced meanwhile.
    pub(crate) async fn begin_session(&self, admitted: &Tenure) -> Option<String> {
        let value = random();
        {
            let mut state = self.state();
            if admitted.ended.is_cancelled() {
                return None;
            }
            state.sessions.begin(hex(&digest(&value)), now());
        }
        self.keep().await;
        Some(value)
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, id: &str) {
        self.state().sessions.end(id);
        self.keep().await;
    }

    /// Ends all sessions.
    pub(crate) async fn end_sessions(&self) {
        self.state().sessions.end_all();
        self.keep().await;
    }

    /// Writes the sessions to the file. A disk that hangs or is full costs those that began meanwhile at the next start.
    async fn keep(&self) {
        let Some(path) = self.0.file.clone() else { return };
        let access = self.clone();
        let kept = async {
            let writing = Arc::clone(&access.0.writing).lock_owned().await;
            tokio::task::spawn_blocking(move || {
                let _writing = writing;
                let content = {
                    let state = access.state();
                    file::Content { token: hex(&state.token), sessions: state.sessions.stored() }
                };
                file::write(&path, &content)
            })
            .await
        };
        match timeout(PATIENCE, kept).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the page's sessions could not be kept"),
            Ok(Err(error)) => tracing::error!(%error, "the page's sessions could not be kept"),
            Err(_) => tracing::warn!("the page's sessions could not be kept: the disk does not answer"),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        self.0.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Access {
    /// Without the token's digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    dashcam_recorder::now().0 / 1_000_000
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// 256 random bits in hex.
fn random() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::default_provider()
        .secure_random
        .fill(&mut bytes)
        .expect("the system's source of randomness does not fail once it is seeded");
    hex(&bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
