//! The policy in force: the settings, compiled into decisions about connections and exchanges.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Destination, Level, Program, RequestHead, Side};
use dashcam_filter::{Client, Facts, Parts, Progress};

use crate::client_facts::ClientFacts;
use crate::compiled::{Beside, Candidates, Capture, Case, Narrowed, Rules, Stage, Usage};
use crate::sampling::Subject;
use crate::{Guarantee, Kept, Pending, Rejected, Settings, Verdict};

/// Number of a policy: each change makes another one. A decision of an earlier epoch may be out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Epoch(u64);

impl Epoch {
    pub(crate) const FIRST: Self = Self(1);

    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// As callers of the API name it.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// Facts of a client's connection, as far as they are known.
#[derive(Debug, Clone, Copy, Default)]
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
    /// The same facts and more as texts, for filters.
    pub described: Option<&'a Arc<ClientFacts>>,
    /// The name that the client's TLS asks for, once its ClientHello is there.
    pub asked_name: Option<&'a str>,
    /// The program that made it, once it is found.
    pub program: Option<&'a Program>,
    /// True if the destination is an address, and its exchanges may yet name it.
    pub is_unnamed: bool,
    /// True if the destination's scheme is not certain yet.
    pub is_scheme_open: bool,
    /// The rules that its facts leave over for its exchanges, if those have the same destination.
    pub narrowed: Option<&'a Narrowed>,
}

impl<'a> ConnectionFacts<'a> {
    /// The same for filters.
    fn known(&self) -> Facts<'a> {
        let described = self.described.map(|described| described.client(self.program, self.asked_name));
        let client = described.unwrap_or(Client { mode: self.mode.unwrap_or_default(), ..Client::default() });
        Facts {
            known: if self.program.is_some() { Parts::PROGRAM } else { Parts::NONE },
            program: client.program,
            client: self.described.is_some().then_some(client),
            connection: self.described.and_then(|described| described.connection),
            destination: self.destination.filter(|_| !self.is_unnamed),
            is_scheme_open: self.is_scheme_open,
            ..Facts::default()
        }
    }

    /// The same, of an exchange of which `request` has come.
    fn known_with(&self, request: &'a RequestHead) -> Facts<'a> {
        let mut known = self.known();
        known.known |= Parts::REQUEST | Parts::REQUEST_HEAD;
        known.method = Some(&request.method);
        known.target = Some(&request.target);
        known.request = Some(request);
        if known.client.is_some() {
            known.known |= Parts::CONNECTION;
        }
        known
    }
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
    /// It is handed over to the store: all of its exchanges are recorded, as far as that depends on the rules. Otherwise
    /// that is done with its first exchange that is recorded.
    pub record: bool,
    /// It is handed over also if it has no exchange: the settings' level records, and no rule turns its destination off.
    pub record_alone: bool,
    /// Exchanges of it may be recorded.
    pub may_record: bool,
    /// A rule asks for the program that made it.
    pub wants_program: bool,
    /// The policy that decided.
    pub epoch: Epoch,
}

impl ConnectionDecision {
    /// Returns whether it is tunnelled because the level of all of its exchanges is off, and not because somebody refused
    /// our TLS.
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
    /// The name of the rule that decided; `None` for a replay, while the decision waits, and where there are no rules.
    pub rule: Option<Arc<str>>,
    /// How long it is kept, from its beginning.
    pub keep_for: Option<Duration>,
    /// The set by which secrets are taken out of its record, once the decision is certain; the one that is chosen for all
    /// if `None`.
    pub redaction: Option<Arc<str>>,
    /// The fate of the exchange; while the decision waits, it is captured.
    pub kept: Kept,
    /// Is to be told when it ends and how much was stored of it ([`Usage::ended`]).
    pub usage: Option<Usage>,
    /// The decision that waits for more facts, if one does.
    pub pending: Option<Box<Pending>>,
}

impl CaptureDecision {
    /// A decision that is certain, and of no rule.
    #[must_use]
    pub fn certain(level: Level, body_limit: u64) -> Self {
        Self {
            level,
            body_limit,
            guarantee: Guarantee::BestEffort,
            rule: None,
            keep_for: None,
            redaction: None,
            kept: if level.records() { Kept::Kept } else { Kept::NotKept },
            usage: None,
            pending: None,
        }
    }

    /// A decision that waits while so much is captured.
    fn waiting(capture: Capture, pending: Pending) -> Self {
        let Capture { level, body_limit, guarantee } = capture;
        Self { guarantee, pending: Some(Box::new(pending)), ..Self::certain(level, body_limit) }
    }

    fn of_verdict(verdict: Verdict) -> Self {
        let Verdict { level, body_limit, guarantee, rule, keep_for, redaction, kept, usage } = verdict;
        Self { level, body_limit, guarantee, rule, keep_for, redaction, kept, usage, pending: None }
    }
}

/// The policy of one epoch.
#[derive(Debug)]
pub struct Policy {
    settings: Arc<Settings>,
    rejected: Arc<Rejected>,
    /// The decision about a connection where no rule says otherwise.
    connection: ConnectionDecision,
    /// `None` if the settings' level decides alone.
    rules: Option<Arc<Rules>>,
    is_off: bool,
}

impl Policy {
    pub(crate) fn compile(
        settings: Arc<Settings>,
        rejected: Arc<Rejected>,
        epoch: Epoch,
        beside: &mut Beside<'_>,
    ) -> Self {
        let level = settings.level;
        let rules = Rules::compile(&settings, beside).map(Arc::new);
        let connection = ConnectionDecision {
            decrypt: level.decrypts(),
            rejected: None,
            count: level.decrypts(),
            record: level.records(),
            record_alone: level.records(),
            may_record: level.records() || rules.is_some(),
            wants_program: rules.as_ref().is_some_and(|rules| rules.wants_program),
            epoch,
        };
        let is_off = rules.as_ref().map_or(level == Level::Off, |rules| rules.is_off());
        Self { settings, rejected, connection, rules, is_off }
    }

    /// Decides about a connection: asked when it comes, when a fact of it becomes known, and in a new epoch. It is not
    /// decrypted if the level of all exchanges that it may have is `off`, or if a side of it refuses our TLS.
    #[must_use]
    pub fn for_connection(&self, facts: &ConnectionFacts<'_>) -> ConnectionDecision {
        let mut decision = self.connection;
        if let Some(rules) = &self.rules {
            let outcomes = rules.outcomes(&facts.known());
            decision.decrypt = !outcomes.all_off;
            decision.count = decision.decrypt;
            decision.record = outcomes.all_recorded;
            decision.record_alone &= decision.decrypt;
        }
        decision.rejected = if decision.decrypt { self.rejected.tunnels(facts) } else { None };
        decision.decrypt &= decision.rejected.is_none();
        decision
    }

    /// Decides about an exchange: asked once, when it begins. The decision may wait for more facts.
    #[must_use]
    pub fn for_exchange(&self, facts: &ConnectionFacts<'_>, request: &RequestHead) -> CaptureDecision {
        match &self.rules {
            None => self.by_level(),
            Some(rules) => self.by_rules(rules, facts, request),
        }
    }

    /// The decision about all exchanges, if the settings' level decides alone: then no facts are asked for.
    #[must_use]
    #[inline]
    pub fn for_all_exchanges(&self) -> Option<CaptureDecision> {
        self.rules.is_none().then(|| self.by_level())
    }

    fn by_level(&self) -> CaptureDecision {
        CaptureDecision::certain(self.settings.level, self.settings.body_limit)
    }

    fn by_rules<'a>(
        &self,
        rules: &Arc<Rules>,
        facts: &ConnectionFacts<'a>,
        request: &'a RequestHead,
    ) -> CaptureDecision {
        let mut left = match facts.narrowed {
            Some(narrowed) => narrowed.of(self.epoch(), || rules.narrow(&facts.known())),
            None => Candidates::first(rules.list.len()),
        };
        rules.gates.keep(&mut left, request);
        let client = facts.client.map(|client| client.ip());
        let subject = Subject { request, destination: facts.destination, client, ended: None };
        let case = Case::new(Stage::Head, Progress::begun(request), || facts.known_with(request));
        match rules.settle(&mut left, &case, &subject) {
            Some(verdict) => decided(rules, verdict),
            None => {
                let capture = rules.capture(left);
                let left = (left, capture.guarantee);
                let pending = Pending::open(rules, (facts.described.cloned(), client), left);
                CaptureDecision::waiting(capture, pending)
            }
        }
    }

    /// The set by which secrets are taken out of the record of a request that is no traffic, as rules name it for such
    /// traffic; the one that is chosen for all if `None`.
    #[must_use]
    pub fn redaction(&self, facts: &ConnectionFacts<'_>, request: &RequestHead) -> Option<Arc<str>> {
        let rules = self.rules.as_ref()?;
        let case = Case::new(Stage::Head, Progress::begun(request), || facts.known_with(request));
        rules.redaction(Candidates::first(rules.list.len()), &case)
    }

    /// True if nothing is decrypted, counted or recorded, and what is being recorded is cut.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.is_off
    }

    /// False if the settings' level decides about all exchanges, so that no facts are asked for.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        self.rules.is_some()
    }

    /// True if a rule asks for the programs that make connections.
    #[must_use]
    pub fn wants_program(&self) -> bool {
        self.connection.wants_program
    }

    pub(crate) fn rules(&self) -> Option<&Rules> {
        self.rules.as_deref()
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

/// The decision about an exchange on which `verdict` was given at its beginning. The flight recorder takes more of it than
/// is kept.
fn decided(rules: &Arc<Rules>, verdict: Verdict) -> CaptureDecision {
    match rules.flight().filter(|_| rules.flies(verdict.level)) {
        Some(flight) => {
            let capture = Capture { guarantee: verdict.guarantee, ..flight };
            CaptureDecision::waiting(capture, Pending::decided(rules, verdict))
        }
        None => CaptureDecision::of_verdict(verdict),
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Headers, Version};

    use super::*;
    use crate::Control;

    fn check(level: Level, (decrypt, count, record): (bool, bool, bool)) {
        let control = Control::new(Settings { level, body_limit: 7, ..Settings::default() });
        let policy = control.policy();
        let decision = policy.for_connection(&ConnectionFacts::default());
        let (rejected, wants_program, epoch) = (None, false, Epoch::FIRST);
        let (record_alone, may_record) = (record, record);
        let expect = ConnectionDecision {
            decrypt,
            rejected,
            count,
            record,
            record_alone,
            may_record,
            wants_program,
            epoch,
        };
        assert_eq!(decision, expect);
        let request = RequestHead {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            authority: None,
            version: Version::Http11,
            headers: Headers::default(),
        };
        let capture = policy.for_exchange(&ConnectionFacts::default(), &request);
        assert_eq!((capture.level, capture.body_limit, capture.pending.is_some()), (level, 7, false));
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
