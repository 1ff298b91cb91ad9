//! Sessions: what a browser has instead of the token.
//!
//! Known by the SHA-256 of what the cookie holds, so that neither memory nor the file can be used to sign in.

use std::collections::HashMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// The most sessions at once: the one that was used longest ago gives way.
const MOST: usize = 64;
/// The most of one token with a role: it ends its own ones before those of others.
const MOST_OF_TOKEN: usize = 16;
/// How often the file is told that a session is still used.
const TOLD_AGAIN: i64 = 600;

/// A session's name: 64 hex digits.
pub(crate) type SessionId = String;

/// All sessions.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    idle: i64,
    lifetime: i64,
    open: HashMap<SessionId, Session>,
}

#[derive(Debug)]
struct Session {
    stored: Stored,
    /// When its last use was told.
    told: i64,
    ended: CancellationToken,
}

/// A session as the file has it. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) id: SessionId,
    began: i64,
    used: i64,
    /// The digest of the token with a role that began it; `None`: the home's token did.
    #[serde(default)]
    of: Option<String>,
}

/// A session that was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Cancelled once it has ended.
    pub(super) ended: CancellationToken,
    /// How long it lasts at most from now.
    pub(super) left: Duration,
    /// True if the file must be written.
    pub(super) tell: bool,
    /// The digest of the token with a role that began it.
    pub(super) of: Option<String>,
}

impl Sessions {
    /// Those that were `stored` and have not run out.
    pub(super) fn new(idle: Duration, lifetime: Duration, stored: Vec<Stored>, now: i64) -> Self {
        let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        let mut sessions = Self { idle: seconds(idle), lifetime: seconds(lifetime), ..Self::default() };
        for stored in stored {
            let session =
                Session { told: stored.used, stored: stored.clone(), ended: CancellationToken::new() };
            if !sessions.is_over(&session, now) && sessions.open.len() < MOST {
                sessions.open.insert(stored.id, session);
            }
        }
        sessions
    }

    /// Begins one, with the digest of the token with a role that it is `of`.
    pub(super) fn begin(&mut self, id: SessionId, of: Option<String>, now: i64) {
        self.end_old(now);
        let own = |session: &&Session| of.is_some() && session.stored.of == of;
        let is_full_of_own = self.open.values().filter(own).count() >= MOST_OF_TOKEN;
        if is_full_of_own || self.open.len() >= MOST {
            let may_go = self.open.values().filter(|session| !is_full_of_own || own(session));
            let oldest = may_go.min_by_key(|session| session.stored.used);
            oldest.map(|oldest| oldest.stored.id.clone()).iter().for_each(|id| self.end(id));
        }
        let stored = Stored { id: id.clone(), began: now, used: now, of };
        self.open.insert(id, Session { told: stored.used, stored, ended: CancellationToken::new() });
    }

    /// The session `id`, which is used now.
    pub(super) fn find(&mut self, id: &str, now: i64) -> Option<Found> {
        if self.open.get(id).is_some_and(|session| self.is_over(session, now)) {
            self.end(id);
        }
        let lifetime = self.lifetime;
        let session = self.open.get_mut(id)?;
        session.stored.used = now;
        let tell = now - session.told >= TOLD_AGAIN;
        if tell {
            session.told = now;
        }
        let left = session.stored.began.saturating_add(lifetime).saturating_sub(now);
        let left = Duration::from_secs(u64::try_from(left).unwrap_or_default());
        Some(Found { ended: session.ended.clone(), left, tell, of: session.stored.of.clone() })
    }

    pub(super) fn end(&mut self, id: &str) {
        if let Some(session) = self.open.remove(id) {
            session.ended.cancel();
        }
    }

    /// Ends those that the token with a digest began.
    pub(super) fn end_of(&mut self, digest: &str) {
        let of_it = |session: &&Session| session.stored.of.as_deref() == Some(digest);
        let ids: Vec<_> = self.open.values().filter(of_it).map(|session| session.stored.id.clone()).collect();
        ids.iter().for_each(|id| self.end(id));
    }

    pub(super) fn end_all(&mut self) {
        self.open.drain().for_each(|(_, session)| session.ended.cancel());
    }

    /// How many are open.
    pub(super) fn count(&mut self, now: i64) -> usize {
        self.end_old(now);
        self.open.len()
    }

    pub(super) fn stored(&self) -> Vec<Stored> {
        self.open.values().map(|session| session.stored.clone()).collect()
    }

    fn end_old(&mut self, now: i64) {
        let over = |session: &Session| session.stored.id.clone();
        let over: Vec<_> =
            self.open.values().filter(|session| self.is_over(session, now)).map(over).collect();
        over.iter().for_each(|id| self.end(id));
    }

    fn is_over(&self, session: &Session, now: i64) -> bool {
        let Stored { began, used, .. } = session.stored;
        now >= used.saturating_add(self.idle) || now >= began.saturating_add(self.lifetime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn sessions(stored: Vec<Stored>, now: i64) -> Sessions {
        Sessions::new(Duration::from_secs(3600), Duration::from_secs(4 * 3600), stored, now)
    }

    #[test]
    fn a_session_ends_when_unused_and_after_its_lifetime() {
        let mut all = sessions(Vec::new(), 0);
        all.begin("a".to_owned(), None, 0);
        all.begin("b".to_owned(), None, 0);
        let a = all.find("a", HOUR - 1).unwrap();
        assert!(a.tell && a.left == Duration::from_secs(3 * 3600 + 1) && !a.ended.is_cancelled());
        assert!(!all.find("a", HOUR).unwrap().tell, "the file is not told of each call");
        assert!(all.find("b", HOUR).is_none(), "unused for an hour");
        for hour in 2..=7 {
            assert!(all.find("a", hour * HOUR / 2 + HOUR / 4).is_some(), "{hour}");
        }
        assert!(all.find("a", 4 * HOUR).is_none() && a.ended.is_cancelled(), "its lifetime is over");
        assert_eq!(all.count(4 * HOUR), 0);
    }

    #[test]
    fn ending_tells_who_uses_it_and_the_rest_is_kept_for_the_next_start() {
        let mut all = sessions(Vec::new(), 0);
        for id in ["a", "b", "c"] {
            all.begin(id.to_owned(), None, 0);
        }
        let a = all.find("a", 1).unwrap();
        all.end("a");
        assert!(a.ended.is_cancelled() && all.find("a", 1).is_none());
        let mut next = sessions(all.stored(), 2);
        assert!(next.find("b", 2).is_some() && next.find("a", 2).is_none());
        assert_eq!(sessions(all.stored(), HOUR).count(HOUR), 0, "what ran out meanwhile is not taken");
        let b = next.find("b", 2).unwrap();
        next.end_all();
        assert!(b.ended.is_cancelled() && next.count(2) == 0);
    }

    #[test]
    fn the_one_used_longest_ago_gives_way() {
        let mut all = sessions(Vec::new(), 0);
        for number in 0..=MOST {
            all.begin(number.to_string(), None, i64::try_from(number).unwrap());
        }
        assert_eq!(all.count(100), MOST);
        assert!(all.find("0", 100).is_none() && all.find("1", 100).is_some());
    }
    #[test]
    fn a_token_with_a_role_takes_a_part_of_them_and_they_end_with_it() {
        let mut all = sessions(Vec::new(), 0);
        all.begin("of the home".to_owned(), None, 0);
        for number in 0..=MOST_OF_TOKEN {
            let at = i64::try_from(number).unwrap() + 1;
            all.begin(number.to_string(), Some("ab".to_owned()), at);
        }
        assert_eq!(all.count(20), 1 + MOST_OF_TOKEN);
        assert!(all.find("of the home", 20).unwrap().of.is_none() && all.find("0", 20).is_none());
        let mut next = sessions(all.stored(), 20);
        let last = next.find("16", 20).unwrap();
        assert_eq!(last.of.as_deref(), Some("ab"));
        next.end_of("ab");
        assert!(last.ended.is_cancelled() && next.count(20) == 1);
    }
}
