//! The policy in force: the settings, compiled into decisions about connections and exchanges.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Destination, Level, RequestHead, Side};

use crate::{Guarantee, Pending, Rejected, Settings};

/// Number of a policy: each change makes another one. A decision of an earlier epoch may be out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(u64);

impl Epoch {
    pub(crate) const FIRST: Self = Self(1);

    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Facts of a client's connection, as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionFacts<'a> {
    /// Name of the listener's mode; `None` for a replay.
    pub mode: Option<&'a str>,
    /// Our own address that the client connected to.
    pub listener: Option<SocketAddr>,
    /// Where the client is.
    pub client: Option<SocketAddr>,
    /// Where it wants to go. After a CONNECT the scheme is taken to be https until the first bytes are there.
    pub destination: Option<&'a Destination>,
    /// Name that the client's TLS asks for, if that is not the destination's host.
    pub sni: Option<&'a str>,
    /// A digest of the shape of its ClientHello, once that is there.
    pub hello: Option<u64>,
}

/// Decision about a client's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionDecision {
    /// Its TLS may be ended here, and what is inside be read; otherwise it is tunnelled unread.
    pub decrypt: bool,
    /// The side that refused our TLS several times, if that is why nothing is decrypted.
    pub rejected: Option<Side>,
    /// It is counted if it fails.
    pub count: bool,
    /// It is handed over to the store. Otherwise that is done with its first exchange that is recorded.
    pub record: bool,
    /// The policy that decided.
    pub epoch: Epoch,
}

impl ConnectionDecision {
    /// Returns whether it is tunnelled because the level is off, and not because somebody refused our TLS.
    #[must_use]
    pub fn is_off(&self) -> bool {
        !self.decrypt && self.rejected.is_none()
    }
}

/// Decision about an exchange when it begins. It holds until the exchange ends, unless it is `pending`.
#[derive(Debug)]
pub struct CaptureDecision {
    /// How much of it is captured: of a decision that waits, the most that could still be wanted.
    pub level: Level,
    /// The most bytes of each of its bodies that are stored; likewise.
    pub body_limit: u64,
    /// The lengths to which recording goes for it; likewise.
    pub guarantee: Guarantee,
    /// The name of the rule that decided; `None` for a replay, and while the decision waits.
    pub rule: Option<Arc<str>>,
    /// How long it is kept, from its beginning.
    pub keep_for: Option<Duration>,
    /// The decision that waits for more facts, if one does.
    pub pending: Option<Box<Pending>>,
}

impl CaptureDecision {
    /// A decision that is certain, and of no rule.
    #[must_use]
    pub fn certain(level: Level, body_limit: u64) -> Self {
        let guarantee = Guarantee::BestEffort;
        Self { level, body_limit, guarantee, rule: None, keep_for: None, pending: None }
    }
}

/// The policy of one epoch.
#[derive(Debug)]
pub struct Policy {
    settings: Arc<Settings>,
    rejected: Arc<Rejected>,
    connection: ConnectionDecision,
}

impl Policy {
    pub(crate) fn compile(settings: Arc<Settings>, rejected: Arc<Rejected>, epoch: Epoch) -> Self {
        let level = settings.level;
        let connection = ConnectionDecision {
            decrypt: level.decrypts(),
            rejected: None,
            count: level.decrypts(),
            record: level.records(),
            epoch,
        };
        Self { settings, rejected, connection }
    }

    /// Decides about a connection: asked when it comes, when a fact of it becomes known, and in a new epoch. Of the facts
    /// only those count by which clients and hosts are known that refused our TLS.
    #[must_use]
    pub fn for_connection(&self, facts: &ConnectionFacts<'_>) -> ConnectionDecision {
        let rejected = if self.connection.decrypt { self.rejected.tunnels(facts) } else { None };
        let decrypt = self.connection.decrypt && rejected.is_none();
        ConnectionDecision { decrypt, rejected, ..self.connection }
    }

    /// Decides about an exchange: asked once, when it begins. No setting looks at the facts or the request so far.
    #[must_use]
    pub fn for_exchange(&self, _facts: &ConnectionFacts<'_>, _request: &RequestHead) -> CaptureDecision {
        CaptureDecision::certain(self.settings.level, self.settings.body_limit)
    }

    /// True if nothing is decrypted, counted or recorded, and what is being recorded is cut.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.settings.level == Level::Off
    }

    /// The settings that it was compiled from.
    #[must_use]
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Its number.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.connection.epoch
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Headers, Version};

    use super::*;

    fn check(level: Level, (decrypt, count, record): (bool, bool, bool)) {
        let policy = Policy::compile(
            Arc::new(Settings { level, body_limit: 7, ..Settings::default() }),
            Arc::new(Rejected::new(None)),
            Epoch::FIRST,
        );
        let decision = policy.for_connection(&ConnectionFacts::default());
        let expect = ConnectionDecision { decrypt, rejected: None, count, record, epoch: Epoch::FIRST };
        assert_eq!(decision, expect);
        let request = RequestHead {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            authority: None,
            version: Version::Http11,
            headers: Headers::default(),
        };
        let capture = policy.for_exchange(&ConnectionFacts::default(), &request);
        assert_eq!((capture.level, capture.body_limit), (level, 7));
        assert_eq!(policy.is_off(), !decrypt);
    }

    #[test]
    fn decisions_follow_the_level() {
        check(Level::Off, (false, false, false));
        check(Level::Metrics, (true, true, false));
        check(Level::Metadata, (true, true, true));
        check(Level::Full, (true, true, true));
    }
}
