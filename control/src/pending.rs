//! Decisions about exchanges that wait for more facts.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Exchange, Level};
use dashcam_filter::{Client, Facts, Moment, Progress, SoFar};

use crate::Guarantee;
use crate::client_facts::{ClientFacts, add_client};
use crate::compiled::{Candidates, Case, Rules, Stage, Usage};
use crate::sampling::Subject;

/// The fate of an exchange about which is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is stored.
    Kept,
    /// A rule's level says that it is not.
    NotKept,
    /// It is not in the sample of its rule.
    SampledOut,
}

/// The decision about an exchange, once it is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How much of it is stored.
    pub level: Level,
    /// The most bytes of each of its bodies that are.
    pub body_limit: u64,
    /// The lengths to which recording goes for it: those of the rule that keeps it.
    pub guarantee: Guarantee,
    /// The name of the rule that decided.
    pub rule: Option<Arc<str>>,
    /// How long it is kept, from its beginning; as the bounds of the recording say if `None`.
    pub keep_for: Option<Duration>,
    /// The set by which secrets are taken out of its record; the one that is chosen for all if `None`.
    pub redaction: Option<Arc<str>>,
    /// Its fate.
    pub kept: Kept,
    /// Is to be told when it ends and how much was stored of it ([`Usage::ended`]); `None` if that is known already.
    pub usage: Option<Usage>,
}

/// A decision about an exchange that waits for more facts: by the policy of its beginning, whatever changes.
#[derive(Debug)]
pub struct Pending {
    rules: Arc<Rules>,
    /// The client that sends it, and where it is.
    client: Option<Arc<ClientFacts>>,
    ip: Option<IpAddr>,
    guarantee: Guarantee,
    state: State,
}

#[derive(Debug)]
enum State {
    /// One of these decides.
    Open(Candidates),
    /// It is decided, but goes through the flight recorder to its end.
    Decided(Verdict),
}

impl Pending {
    pub(crate) fn open(
        rules: &Arc<Rules>,
        (client, ip): (Option<Arc<ClientFacts>>, Option<IpAddr>),
        (left, guarantee): (Candidates, Guarantee),
    ) -> Self {
        Self { rules: Arc::clone(rules), client, ip, guarantee, state: State::Open(left) }
    }

    /// One that is decided, and captured all the same until it ends.
    pub(crate) fn decided(rules: &Arc<Rules>, verdict: Verdict) -> Self {
        let guarantee = verdict.guarantee;
        Self { rules: Arc::clone(rules), client: None, ip: None, guarantee, state: State::Decided(verdict) }
    }

    /// Decides over what is known of `exchange` at `moment`, and of the client that sends it: its program may have become
    /// known since it began. `None`: it waits for more; at the end it never does. Asked no more once it has decided.
    pub fn decide(
        &mut self,
        exchange: &Exchange,
        moment: Moment,
        client: Option<Client<'_>>,
    ) -> Option<Verdict> {
        let reached = exchange.timings.response_start_us.filter(|_| moment == Moment::Response);
        self.ask(exchange, (moment, reached), client)
    }

    /// Decides, if what `exchange` has reached while it is under way makes that certain: it takes at least as long as it has
    /// taken so far, and its bodies are at least as large.
    pub fn look(
        &mut self,
        exchange: &Exchange,
        elapsed_us: i64,
        client: Option<Client<'_>>,
    ) -> Option<Verdict> {
        let moment = if exchange.response.is_some() { Moment::Response } else { Moment::Request };
        self.ask(exchange, (moment, Some(elapsed_us)), client)
    }

    /// The lengths to which recording goes meanwhile: the strongest guarantee of the rules that may still decide.
    #[must_use]
    pub fn guarantee(&self) -> Guarantee {
        self.guarantee
    }

    /// The verdict that it gives at the end, if that is certain already: the flight recorder takes what comes until then.
    #[must_use]
    pub fn foreseen(&self) -> Option<&Verdict> {
        match &self.state {
            State::Open(_) => None,
            State::Decided(verdict) => Some(verdict),
        }
    }

    /// The sets of redaction, one of which it will name, each once; `None` stands for the one that is chosen for all.
    #[must_use]
    pub fn redactions(&self) -> Vec<Option<Arc<str>>> {
        match &self.state {
            State::Open(left) => self.rules.redactions(*left),
            State::Decided(verdict) => vec![verdict.redaction.clone()],
        }
    }

    fn ask(
        &mut self,
        exchange: &Exchange,
        (moment, reached_us): (Moment, Option<i64>),
        client: Option<Client<'_>>,
    ) -> Option<Verdict> {
        let verdict = match &mut self.state {
            State::Decided(verdict) => verdict.clone(),
            State::Open(left) => {
                let own = self.client.as_deref();
                let facts = || {
                    let mut facts = Facts::of_exchange(exchange, moment);
                    facts.level = None;
                    facts.so_far = reached_us.map(|reached| SoFar::of(exchange, reached));
                    add_client(&mut facts, merged(own, client), moment == Moment::End);
                    facts
                };
                let stage = if moment == Moment::End { Stage::End } else { Stage::UnderWay };
                let case = Case::new(stage, Progress::of(exchange, moment, reached_us), facts);
                let subject = Subject {
                    request: &exchange.request,
                    destination: Some(&exchange.destination),
                    client: self.ip,
                    ended: (moment == Moment::End).then_some(exchange),
                };
                match self.rules.settle(left, &case, &subject) {
                    Some(verdict) => verdict,
                    None => {
                        // Of fewer rules the strongest guarantee is no stronger.
                        if !self.guarantee.is_best_effort() {
                            self.guarantee = self.rules.capture(*left).guarantee;
                        }
                        return None;
                    }
                }
            }
        };
        if moment != Moment::End && self.rules.flies(verdict.level) {
            self.guarantee = verdict.guarantee;
            self.state = State::Decided(verdict);
            return None;
        }
        Some(verdict)
    }
}

/// The client as it was when the exchange began, with the program that is known by now.
fn merged<'a>(own: Option<&'a ClientFacts>, now: Option<Client<'a>>) -> Option<Client<'a>> {
    let Some(own) = own else { return now };
    let known = own.client(None, None);
    Some(match now {
        Some(now) => Client { program: now.program, pid: now.pid, ..known },
        None => known,
    })
}
