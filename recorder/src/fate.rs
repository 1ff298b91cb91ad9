//! The fate of an exchange, which the rules may decide late: when its response's head comes, at its end, or while it goes
//! on for long.
//!
//! Until then the most is captured that they could still want. Once they have decided, all beyond that is let go at
//! once, and pieces that went ahead to the store are taken back. One that is not kept gives back its place in the queue, and
//! nobody sees it any more; only its number stays used.

use std::sync::atomic::Ordering;

use dashcam_control::{Guarantee, Kept, Verdict};
use dashcam_exchange::{Direction, Level, Live, State};
use dashcam_filter::Moment;

use crate::client::Client;
use crate::outcome::{Fate, TakeBack};
use crate::recording::{Open, Recording};

impl Open {
    /// Asks the rules about an exchange that they have not decided, at `moment`.
    pub(crate) fn decide(&self, state: &mut Recording, moment: Moment) {
        let Recording { fate: Fate::Undecided(pending), exchange, .. } = state else { return };
        let caller = self.caller.lock();
        let verdict = pending.decide(exchange, moment, caller.facts());
        drop(caller);
        self.conclude(state, verdict);
    }

    /// Asks them about one that goes on for long, by what it has reached so far.
    pub(crate) fn look(&self, state: &mut Recording) {
        let elapsed_us = self.elapsed_us();
        let Recording { fate: Fate::Undecided(pending), exchange, .. } = state else { return };
        let caller = self.caller.lock();
        let verdict = pending.look(exchange, elapsed_us, caller.facts());
        drop(caller);
        self.conclude(state, verdict);
    }

    fn conclude(&self, state: &mut Recording, verdict: Option<Verdict>) {
        match verdict {
            Some(verdict) => self.put(state, verdict),
            None => {
                if let Fate::Undecided(pending) = &state.fate {
                    self.waited.weaken(pending.guarantee());
                }
                self.foresee(state);
            }
        }
    }

    /// Notes what is decided about one that goes aside when it ends: until then nothing more of it goes to the store, and
    /// nobody sees one that is not kept.
    pub(crate) fn foresee(&self, state: &mut Recording) {
        if state.only_aside {
            return;
        }
        let Some(is_kept) = state.foreseen().map(|verdict| verdict.kept == Kept::Kept) else { return };
        state.only_aside = true;
        if !is_kept {
            self.hide(state);
        }
        state.take_back(if is_kept { TakeBack::Bodies } else { TakeBack::All }, &self.recorder);
    }

    /// Gives up one that goes on only to go aside. False if it is another one.
    pub(crate) fn gives_up_aside(&self, state: &mut Recording) -> bool {
        let verdict = state.foreseen().filter(|verdict| verdict.kept != Kept::Kept).cloned();
        let is_unwanted = verdict.is_some();
        verdict.into_iter().for_each(|verdict| self.put(state, verdict));
        is_unwanted
    }

    fn hide(&self, state: &mut Recording) {
        if !std::mem::replace(&mut state.left_out, true) {
            let id = state.exchange.id;
            self.recorder.publish(|| Live::Discarded(id));
        }
    }

    fn put(&self, state: &mut Recording, verdict: Verdict) {
        let counters = &self.recorder.shared.counters;
        state.redaction.clone_from(&verdict.redaction);
        let unwanted = match verdict.kept {
            Kept::Kept => return self.store_as(state, verdict),
            Kept::NotKept => &counters.not_kept,
            Kept::SampledOut => &counters.sampled_out,
        };
        unwanted.fetch_add(1, Ordering::Release);
        self.waited.weaken(Guarantee::BestEffort);
        self.hide(state);
        if self.goes_aside(state) {
            state.fate = Fate::Aside;
            state.take_back(TakeBack::All, &self.recorder);
        } else {
            // It was copied all the same.
            counters.bytes.fetch_add(state.memory.amount() as u64, Ordering::Relaxed);
            state.let_go();
        }
    }

    fn store_as(&self, state: &mut Recording, verdict: Verdict) {
        let goes_aside = self.goes_aside(state);
        let Verdict { level, body_limit, guarantee, rule, keep_for, usage, .. } = verdict;
        self.waited.weaken(guarantee);
        if !self.waited.is_lossless() {
            state.wait_no_more();
        }
        (state.fate, state.usage) = (Fate::Stored, usage);
        let exchange = &mut *state.exchange;
        (exchange.level, exchange.rule) = (level, rule);
        exchange.keep_until = keep_for.map(|time| exchange.started_at.after(time));
        if level < Level::Full {
            state.captures = goes_aside;
            state.take_back(TakeBack::Bodies, &self.recorder);
            if !goes_aside {
                state.leave_aside(&self.recorder);
                state.drop_bodies();
            }
        } else {
            self.body_limit.fetch_min(body_limit, Ordering::Relaxed);
            for direction in [Direction::Request, Direction::Response] {
                state.cut(direction, body_limit);
            }
        }
        self.hand_over_connections(state);
    }

    /// Hands over the connections of an exchange that is kept.
    fn hand_over_connections(&self, state: &mut Recording) {
        let serving = state.serving.take();
        if self.caller.is_wanted() && serving.is_none() {
            return;
        }
        let (memory, places) = (state.memory.share().clone(), state.places().clone());
        let client = Client { memory, places, caller: self.caller.clone() };
        self.recorder.keep_connection(&client);
        serving.iter().for_each(|serving| serving.hand_over(&self.recorder, Some(&client)));
    }

    /// Returns whether there is a place aside for the exchange: it has ended, and is whole.
    fn goes_aside(&self, state: &Recording) -> bool {
        state.exchange.state != State::Open && state.is_kept() && self.recorder.shared.has_aside()
    }
}

impl Recording {
    /// The verdict about it, if that is known before its end.
    fn foreseen(&self) -> Option<&Verdict> {
        match &self.fate {
            Fate::Undecided(pending) => pending.foreseen(),
            Fate::Stored | Fate::Aside | Fate::LetGo => None,
        }
    }

    /// Returns whether it goes on only to go aside.
    pub(crate) fn is_unwanted(&self) -> bool {
        self.foreseen().is_some_and(|verdict| verdict.kept != Kept::Kept)
    }

    /// Returns whether the rules have not decided about it.
    #[inline]
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self.fate, Fate::Undecided(_))
    }
}
