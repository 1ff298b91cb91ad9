//! Access to the page: with the home's token, with a token that has a role, or with a session that one of them began.
//!
//! Everything is decided in memory; the disk only keeps sessions for the next start, and is waited for briefly.

mod failures;
mod file;
mod grant;
mod secret;
mod sessions;
mod tokens;

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dashcam_store::Token;
use subtle::ConstantTimeEq as _;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::page::PageLimits;
use failures::Failures;
use secret::{digest, hex, random};
use sessions::Sessions;
use tokens::Tokens;

pub(crate) use grant::{Grant, Tenure};
pub(crate) use secret::new_token;
pub(crate) use sessions::SessionId;
pub(crate) use tokens::Holder;

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
    /// Those that have a role.
    tokens: Tokens,
}

impl Access {
    /// For callers with `token`, and with the sessions in `file` that it began.
    #[must_use]
    pub fn new(token: &str, file: Option<PathBuf>, limits: &PageLimits) -> Self {
        let digest = digest(token);
        let stored = file.as_ref().map(|file| file::read(file, &hex(&digest))).unwrap_or_default();
        let sessions = Sessions::new(limits.session_idle, limits.session_lifetime, stored, now());
        let tokens = Tokens::default();
        Self(Arc::new(Shared {
            state: Mutex::new(State {
                token: digest,
                token_replaced: CancellationToken::new(),
                sessions,
                tokens,
            }),
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

    /// Lets callers in with the tokens that are stored.
    pub(crate) fn take_tokens(&self, stored: Vec<Token>) {
        self.state().tokens.take(stored, dashcam_recorder::now());
    }

    /// Lets callers in with a new token that has a role.
    pub(crate) fn add_token(&self, token: Token) {
        self.state().tokens.add(token);
    }

    /// Cuts off everybody who came with the token that has a digest.
    pub(crate) async fn revoke_token(&self, sha256: &[u8; 32]) {
        let digest = hex(sha256);
        {
            let mut state = self.state();
            state.tokens.end(&digest);
            state.sessions.end_of(&digest);
        }
        self.keep().await;
    }

    /// The right that comes with `token`, which came from `source`. Where that has sent many wrong ones, it takes a while.
    pub(crate) async fn admit(&self, token: &str, source: Option<IpAddr>) -> Option<Grant> {
        let delay = self.failures().delay(source, Instant::now());
        if !delay.is_zero() {
            sleep(delay).await;
        }
        {
            let digest = digest(token);
            let mut state = self.state();
            // Digests are compared, in constant time: nothing tells how far a wrong token was right.
            if bool::from(digest.ct_eq(&state.token)) {
                return Some(Grant::of_home(Tenure { ended: state.token_replaced.clone(), left: None }));
            }
            // One with a role is looked up by its digest, of which nobody can choose a part.
            if let Some(grant) = state.tokens.find(&hex(&digest), dashcam_recorder::now()) {
                return Some(grant);
            }
        }
        self.0.failed.fetch_add(1, Ordering::Relaxed);
        if let Some(count) = self.failures().note(source, Instant::now()) {
            let from = source.map_or_else(|| "the page's socket".to_owned(), |source| source.to_string());
            tracing::warn!(count, last_from = from, "sign-ins with a wrong token");
        }
        None
    }

    /// The session that a cookie's `value` names. It has the role of the token that began it, and ends with that.
    pub(crate) async fn session(&self, value: &str) -> Option<(SessionId, Grant)> {
        let id = hex(&digest(value));
        let (grant, tell) = self.state().of_session(&id)?;
        if tell {
            self.keep().await;
        }
        Some((id, grant))
    }

    /// Begins a session for who was `admitted`; what its cookie is to hold. None if the token is over meanwhile.
    pub(crate) async fn begin_session(&self, admitted: &Grant) -> Option<String> {
        let value = random();
        {
            let mut state = self.state();
            if admitted.tenure.ended.is_cancelled() {
                return None;
            }
            state.sessions.begin(hex(&digest(&value)), admitted.digest(), now());
        }
        self.keep().await;
        Some(value)
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, id: &str) {
        self.state().sessions.end(id);
        self.keep().await;
    }

    /// Ends all sessions, or those that one token with a role began.
    pub(crate) async fn end_sessions(&self, of: Option<&Holder>) {
        match of {
            None => self.state().sessions.end_all(),
            Some(token) => self.state().sessions.end_of(&hex(&token.sha256)),
        }
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

impl State {
    /// The right of a session, and whether the file must be written.
    fn of_session(&mut self, id: &str) -> Option<(Grant, bool)> {
        let found = self.sessions.find(id, now())?;
        let tenure = Tenure { ended: found.ended, left: Some(found.left) };
        let Some(of) = found.of else { return Some((Grant::of_home(tenure), found.tell)) };
        let Some(token) = self.tokens.find(&of, dashcam_recorder::now()) else {
            if self.tokens.are_known() {
                self.sessions.end_of(&of);
            }
            return None;
        };
        let left = tenure.left.into_iter().chain(token.tenure.left).min();
        Some((Grant { tenure: Tenure { left, ..tenure }, ..token }, found.tell))
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
