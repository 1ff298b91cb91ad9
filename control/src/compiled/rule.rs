//! One rule, ready to run.

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::Level;
use dashcam_filter::{DirectFilter, Facts, Filter, Node, Parts, Truth};

use super::capture::Capture;
use super::case::Case;
use super::state::RuleState;
use super::stored_bytes::stored_bytes;
use crate::lease;
use crate::rule::check;
use crate::sampling::{Sampler, Subject};
use crate::{Follow, Guarantee, Rule, Settings, Step};

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing of its response is known.
    Head,
    /// Something is.
    UnderWay,
    /// Everything is known that ever will be.
    End,
}

/// Parts that are known only once the response's head is there.
const LATE: Parts = Parts::RESPONSE.and(Parts::RESPONSE_HEAD).and(Parts::END).and(Parts::DETAIL);

/// The answers that a rule may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// It matches whatever is known.
    Always,
    /// It matches nothing: its filter can't be read.
    Never,
    /// Its filter's, which is never certain before the response's head is there.
    Late,
    /// Its filter's.
    Asked,
}

/// A rule, ready to run.
#[derive(Debug)]
pub(crate) struct CompiledRule {
    /// Its name, its counts, and what its sample remembers: they go on from one policy to the next.
    pub(crate) state: Arc<RuleState>,
    pub(crate) filter: Filter,
    /// The part of its filter that is answered without facts.
    direct: Option<DirectFilter>,
    /// Why its filter can't be read: then it matches nothing. Settings are checked before they are in force, so that only
    /// those have one that somebody else wrote.
    pub(crate) error: Option<String>,
    answers: Answers,
    pub(crate) capture: Capture,
    pub(crate) keep_for: Option<Duration>,
    pub(crate) sampler: Option<Arc<Sampler>>,
    /// True if of its exchanges, as of all others, only some are recorded for want of budget.
    pub(super) is_thinned: bool,
    pub(crate) follow: Option<Follow>,
    /// The set by which secrets are taken out of what it records.
    pub(crate) redaction: Option<Arc<str>>,
    pub(crate) lease: Option<lease::Active>,
}

impl CompiledRule {
    /// `rule`, perhaps that of a lease, under `settings` at a step of the budget.
    pub(super) fn new(
        (rule, lease): (&Rule, Option<&lease::Active>),
        (settings, step): (&Settings, Step),
        state: Arc<RuleState>,
    ) -> Self {
        let (filter, error) = match check::filter(rule) {
            Ok(filter) => (filter, None),
            Err(error) => (Filter::default(), Some(error)),
        };
        let is_capped = rule.guarantee != Guarantee::Lossless;
        let capture = Capture {
            level: if is_capped { rule.level.min(step.cap()) } else { rule.level },
            body_limit: rule.body_limit.unwrap_or(settings.body_limit),
            guarantee: rule.guarantee,
        };
        Self {
            answers: match &error {
                Some(_) => Answers::Never,
                None if filter.is_all() => Answers::Always,
                None if is_late(filter.tree()) => Answers::Late,
                None => Answers::Asked,
            },
            direct: DirectFilter::of(filter.tree()),
            filter,
            error,
            capture,
            keep_for: rule.keep_for.map(|keep_for| keep_for.0),
            sampler: rule.sample.as_ref().map(|sample| state.sampler(sample)),
            is_thinned: is_capped && step.thins(),
            follow: rule.follow,
            redaction: rule.redaction.as_deref().map(Arc::from),
            lease: lease.cloned(),
            state,
        }
    }

    /// The settings' level as the last rule.
    pub(super) fn default_of((settings, step): (&Settings, Step), state: Arc<RuleState>) -> Self {
        let of_settings = Capture::of_settings(settings);
        Self {
            state,
            filter: Filter::default(),
            direct: None,
            error: None,
            answers: Answers::Always,
            capture: Capture { level: settings.level.min(step.cap()), ..of_settings },
            keep_for: None,
            sampler: None,
            is_thinned: step.thins(),
            follow: None,
            redaction: None,
            lease: None,
        }
    }

    /// Returns whether it matches, as far as `facts` say.
    pub(crate) fn answer(&self, facts: &Facts<'_>, stage: Stage) -> Truth {
        self.at_once(stage).unwrap_or_else(|| settled(self.filter.evaluate(facts), stage))
    }

    /// Returns whether it matches, as far as `case` has come.
    #[inline]
    pub(crate) fn answer_about<'a>(&self, case: &Case<'a, impl FnOnce() -> Facts<'a>>) -> Truth {
        if let Some(answer) = self.at_once(case.stage) {
            return answer;
        }
        let direct = self.direct.as_ref().and_then(|direct| direct.answer(&case.progress));
        settled(direct.unwrap_or_else(|| self.filter.evaluate(&case.facts)), case.stage)
    }

    /// The answer that does not depend on the exchange, if there is one.
    #[inline]
    fn at_once(&self, stage: Stage) -> Option<Truth> {
        match self.answers {
            Answers::Always => Some(Truth::True),
            Answers::Never => Some(Truth::False),
            Answers::Late if stage == Stage::Head => Some(Truth::Unknown),
            Answers::Late | Answers::Asked => None,
        }
    }

    /// The filter that a request has to meet, unless nothing can be told about it by the request alone.
    pub(super) fn gated(&self) -> Option<&Node> {
        (self.answers == Answers::Asked).then(|| self.filter.tree())
    }

    /// Returns whether it may decide about no more exchanges, although they match.
    pub(crate) fn may_run_out(&self) -> bool {
        self.lease.as_ref().is_some_and(lease::Active::is_limited)
    }

    /// Returns whether nothing of the exchanges that it matches is recorded or counted.
    pub(super) fn is_off(&self) -> bool {
        self.capture.level == Level::Off
    }

    /// Returns whether all exchanges that it matches are recorded.
    pub(super) fn surely_records(&self) -> bool {
        self.capture.level.records() && self.sampler.is_none() && !self.is_thinned
    }

    /// The bytes that would be stored of an exchange that has ended.
    pub(super) fn stored_bytes(&self, subject: &Subject<'_>) -> Option<u64> {
        let Capture { level, body_limit, .. } = self.capture;
        subject.ended.map(|exchange| stored_bytes(exchange, level, body_limit))
    }

    /// Notes the bytes of an exchange that it kept and that has ended, of which a lease knows so many already.
    pub(super) fn stored(&self, bytes: u64, noted: u64) {
        self.state.counters.add_bytes(bytes);
        if let Some(lease) = &self.lease {
            lease.add_bytes(bytes.saturating_sub(noted));
        }
    }
}

/// The answer at `stage`: at the end nothing more comes.
#[inline]
fn settled(answer: Truth, stage: Stage) -> Truth {
    match (answer, stage) {
        (Truth::Unknown, Stage::End) => Truth::False,
        (answer, _) => answer,
    }
}

/// Returns whether no answer of `node` is certain before the response's head is there.
fn is_late(node: &Node) -> bool {
    match node {
        Node::All => false,
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().all(is_late),
        Node::Not(node) => is_late(node),
        Node::Term(term) => term.needs() != Parts::NONE && LATE.contains(term.needs()),
    }
}
