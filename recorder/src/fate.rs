//! The fate of an exchange, which the rules may decide late: when its response's head comes, at its end, or while it goes
//! on for long.
//!
//! Until then the most is captured that they could still want. Once they have decided, all beyond that is let go at
//! once, and pieces that went ahead to the store are taken back. One that is not kept gives back its place in the queue, and
//! nobody sees it any more; only its number stays used.

use std::sync::atomic::Ordering;

use dashcam_control::{Kept, Pending, Verdict};
use dashcam_exchange::{Direction, Level, Live, State};
use dashcam_filter::Moment;

use crate::recording::{Open, Recording};
use crate::taking_back::TakeBack;

/// The fate of an exchange.
#[derive(Debug)]
pub(crate) enum Fate {
    /// The rules wait for more of it.
    Undecided(Box<Pending>),
    /// It is stored.
    Stored,
    /// It has ended, is not stored, and goes aside.
    Aside,
    /// It is not kept: nothing of it is held or seen any more.
    LetGo,
}

impl Open {
    /// Asks the rules about an exchange that they have not decided, at `moment`.
    pub(crate) fn decide(&self, state: &mut Recording, moment: Moment) {
        let Recording { fate: Fate::Undecided(pending), exchange, .. } = state else { return };
        let caller = self.caller.lock();
        let verdict = pending.decide(exchange, moment, caller.facts());
        drop(caller);
        if let Some(verdict) = verdict {
            self.put(state, verdict);
        }
    }

    /// Asks them about one that goes on for long, by what it has reached so far.
    pub(crate) fn look(&self, state: &mut Recording) {
        let moment = if state.exchange.response.is_some() { Moment::Response } else { Moment::Request };
        self.decide(state, moment);
    }

    fn put(&self, state: &mut Recording, verdict: Verdict) {
        let counters = &self.recorder.shared.counters;
        let unwanted = match verdict.kept {
            Kept::Kept => return self.store_as(state, verdict),
            Kept::NotKept => &counters.not_kept,
            Kept::SampledOut => &counters.sampled_out,
        };
        unwanted.fetch_add(1, Ordering::Release);
        let id = state.exchange.id;
        self.recorder.publish(|| Live::Discarded(id));
        if self.goes_aside(state) {
            (state.fate, state.left_out) = (Fate::Aside, true);
            state.take_back(TakeBack::All, &self.recorder);
        } else {
            state.let_go();
        }
    }

    fn store_as(&self, state: &mut Recording, verdict: Verdict) {
        let goes_aside = self.goes_aside(state);
        let Verdict { level, body_limit, rule, keep_for, .. } = verdict;
        state.fate = Fate::Stored;
        let exchange = &mut *state.exchange;
        (exchange.level, exchange.rule) = (level, rule);
        exchange.keep_until = keep_for.map(|time| exchange.started_at.after(time));
        if level < Level::Full {
            state.captures = goes_aside;
            state.take_back(TakeBack::Bodies, &self.recorder);
            if !goes_aside {
                state.drop_bodies();
            }
        } else {
            self.body_limit.fetch_min(body_limit, Ordering::Relaxed);
            for direction in [Direction::Request, Direction::Response] {
                state.cut(direction, body_limit);
            }
        }
    }

    /// Returns whether there is a place aside for the exchange: it has ended, and is whole.
    fn goes_aside(&self, state: &Recording) -> bool {
        state.exchange.state != State::Open && state.is_kept() && self.recorder.shared.has_aside()
    }
}

impl Recording {
    /// Returns whether the rules have not decided about it.
    #[inline]
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self.fate, Fate::Undecided(_))
    }
}
