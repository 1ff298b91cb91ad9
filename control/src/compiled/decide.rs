//! The rule that decides about an exchange, and what becomes of that.

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::Level;
use dashcam_filter::{Facts, Truth};

use super::candidates::Candidates;
use super::capture::Capture;
use super::case::Case;
use super::rule::CompiledRule;
use super::rules::Rules;
use super::usage::Usage;
use crate::follows;
use crate::sampling::{Subject, THINNED, hash, is_in_share};
use crate::{Guarantee, Kept, Verdict};

impl Rules {
    /// Decides about an exchange, if that is certain. Of `candidates`, those are taken out that surely don't decide.
    pub(crate) fn settle<'a>(
        self: &Arc<Self>,
        candidates: &mut Candidates,
        case: &Case<'a, impl FnOnce() -> Facts<'a>>,
        subject: &Subject<'_>,
    ) -> Option<Verdict> {
        match self.first_match(candidates, case) {
            Some(index) => Some(self.conclude(index, subject)),
            None if self.follows.is_some() => self.settle_as_followed(*candidates, subject),
            None => None,
        }
    }

    /// The verdict about an exchange that is followed, if it is kept whichever of `candidates` decides.
    fn settle_as_followed(
        self: &Arc<Self>,
        candidates: Candidates,
        subject: &Subject<'_>,
    ) -> Option<Verdict> {
        // One that is `off` may decide yet, and then nothing of the exchange is kept.
        let may_be_off = candidates.iter().any(|index| self.list[index].is_off());
        let index = self.followed(subject).filter(|_| !may_be_off)?;
        let covers = self.list[index].capture.covers(self.capture_of(candidates));
        covers.then(|| self.verdict(index, Kept::Kept, subject))
    }

    /// The most that has to be captured of an exchange about which one of `candidates` decides.
    pub(crate) fn capture(&self, candidates: Candidates) -> Capture {
        let mut capture = self.capture_of(candidates);
        if let Some((_, following)) = &self.follows {
            // Another exchange may be kept before this one ends.
            capture = capture.join(*following);
        }
        self.flight.map_or(capture, |flight| capture.join(flight))
    }

    /// The sets of redaction of those of `candidates` that may decide, each once; `None` stands for the one that is chosen
    /// for all.
    pub(crate) fn redactions(&self, candidates: Candidates) -> Vec<Option<Arc<str>>> {
        // Another exchange may be kept before this one ends, and a rule that follows it decides then.
        let following = self.list.iter().filter(|rule| self.follows.is_some() && rule.follow.is_some());
        let own = candidates.iter().map(|index| &self.list[index]);
        let mut sets: Vec<_> = own.chain(following).map(|rule| rule.redaction.clone()).collect();
        sets.sort_unstable();
        sets.dedup();
        sets
    }

    /// The set of redaction that all of `candidates` name which may decide over what `case` knows; `None` stands for the one
    /// that is chosen for all, also where they name several. Nothing is counted, and no rule follows.
    pub(crate) fn redaction<'a>(
        &self,
        candidates: Candidates,
        case: &Case<'a, impl FnOnce() -> Facts<'a>>,
    ) -> Option<Arc<str>> {
        let mut named: Option<&Option<Arc<str>>> = None;
        for rule in candidates.iter().map(|index| &self.list[index]) {
            let answer = rule.answer_about(case);
            if answer != Truth::False && *named.get_or_insert(&rule.redaction) != &rule.redaction {
                return None;
            }
            if answer == Truth::True {
                break;
            }
        }
        named.cloned().flatten()
    }

    fn capture_of(&self, candidates: Candidates) -> Capture {
        let mut captures = candidates.iter().map(|index| self.list[index].capture);
        let mut capture = captures.next().unwrap_or(self.last().capture);
        while capture != self.most
            && let Some(next) = captures.next()
        {
            capture = capture.join(next);
        }
        capture
    }

    /// The first rule that matches, if that is certain.
    fn first_match<'a>(
        &self,
        candidates: &mut Candidates,
        case: &Case<'a, impl FnOnce() -> Facts<'a>>,
    ) -> Option<usize> {
        let mut is_open = false;
        for index in candidates.iter() {
            let rule = &self.list[index];
            match rule.answer_about(case) {
                Truth::False => candidates.remove(index),
                Truth::Unknown => is_open = true,
                Truth::True if !is_open => match &rule.lease {
                    Some(lease) if !lease.take() => candidates.remove(index),
                    _ => return Some(index),
                },
                Truth::True if rule.may_run_out() => {}
                Truth::True => {
                    candidates.end_with(index);
                    break;
                }
            }
        }
        None
    }

    /// The verdict about an exchange that the rule at `index` matches.
    fn conclude(self: &Arc<Self>, index: usize, subject: &Subject<'_>) -> Verdict {
        let rule = &self.list[index];
        let kept = self.kept(rule, subject);
        if kept == Kept::Kept {
            self.follow(rule, subject);
            return self.verdict(index, kept, subject);
        }
        // `off` wins over rules that follow.
        let followed = if rule.is_off() { None } else { self.followed(subject) };
        match followed {
            Some(followed) => self.verdict(followed, Kept::Kept, subject),
            None => self.verdict(index, kept, subject),
        }
    }

    fn kept(&self, rule: &CompiledRule, subject: &Subject<'_>) -> Kept {
        if !rule.capture.level.records() {
            return Kept::NotKept;
        }
        let is_thinned_out = rule.is_thinned && !is_in_share(THINNED, hash::random());
        let bytes = || rule.stored_bytes(subject);
        let takes =
            || rule.sampler.as_ref().is_none_or(|sampler| sampler.takes(subject, bytes, || self.now()));
        if is_thinned_out || !takes() { Kept::SampledOut } else { Kept::Kept }
    }

    /// From now on the others of its client or its trace are kept, if `rule` says so.
    fn follow(&self, rule: &CompiledRule, subject: &Subject<'_>) {
        if let (Some((follows, _)), Some(follow)) = (&self.follows, rule.follow)
            && let Some(key) = follows::key(follow.same, subject)
        {
            follows.note(key, rule.state.id, self.now() + follow.within);
        }
    }

    fn verdict(self: &Arc<Self>, index: usize, kept: Kept, subject: &Subject<'_>) -> Verdict {
        let rule = &self.list[index];
        rule.state.counters.decided(kept);
        let usage = match (kept, rule.stored_bytes(subject)) {
            (Kept::Kept, Some(bytes)) => {
                rule.stored(bytes, 0);
                None
            }
            (Kept::Kept, None) => Some(Usage::new(self, index)),
            (Kept::NotKept | Kept::SampledOut, _) => None,
        };
        Verdict {
            level: if kept == Kept::SampledOut { Level::Metrics } else { rule.capture.level },
            body_limit: rule.capture.body_limit,
            guarantee: if kept == Kept::Kept { rule.capture.guarantee } else { Guarantee::BestEffort },
            rule: Some(Arc::clone(&rule.state.name)),
            keep_for: rule.keep_for,
            redaction: rule.redaction.clone(),
            kept,
            usage,
        }
    }

    /// The place of the rule for which the client or the trace of an exchange is followed.
    fn followed(&self, subject: &Subject<'_>) -> Option<usize> {
        let (follows, _) = self.follows.as_ref()?;
        let now = self.now();
        if !follows.is_active(now) {
            return None;
        }
        let follows_it = |rule: &CompiledRule| {
            let key = rule.follow.and_then(|follow| follows::key(follow.same, subject))?;
            follows.find(key, now).filter(|id| *id == rule.state.id)
        };
        self.list.iter().position(|rule| rule.capture.level.records() && follows_it(rule).is_some())
    }

    /// True if the flight recorder takes what is not kept at `level`.
    pub(crate) fn flies(&self, level: Level) -> bool {
        self.flight.is_some() && level.decrypts() && level < Level::Full
    }

    /// The most that the flight recorder takes of an exchange, if it is on.
    pub(crate) fn flight(&self) -> Option<Capture> {
        self.flight
    }

    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    fn last(&self) -> &CompiledRule {
        self.list.last().expect("the default is always there")
    }
}
