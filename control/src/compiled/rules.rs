//! The rules of a policy, in their order.

use std::sync::Arc;

use dashcam_exchange::Level;
use dashcam_filter::{Facts, Parts, Truth};

use super::candidates::Candidates;
use super::capture::Capture;
use super::gate::Gates;
use super::rule::{CompiledRule, Stage};
use super::state::Known;
use crate::clock::Clock;
use crate::follows::Follows;
use crate::lease;
use crate::{DEFAULT_RULE, Settings, Step};

/// The rules of a policy: leases, the settings' rules, and last the default.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) list: Box<[CompiledRule]>,
    /// Those that are followed, if a rule asks for it, and the most that such a rule captures.
    pub(super) follows: Option<(Arc<Follows>, Capture)>,
    pub(super) clock: Clock,
    /// The most that the flight recorder takes of an exchange, if it is on.
    pub(super) flight: Option<Capture>,
    /// True if a rule asks for the program that made a connection.
    pub(crate) wants_program: bool,
    /// Requests that rules surely don't match.
    pub(crate) gates: Gates,
    /// The most that one of them captures.
    pub(super) most: Capture,
}

/// Parts of the policy beside the settings.
#[derive(Debug)]
pub(crate) struct Beside<'a> {
    pub(crate) leases: &'a [lease::Active],
    pub(crate) step: Step,
    pub(crate) flight: bool,
    pub(crate) known: &'a mut Known,
    pub(crate) follows: &'a mut Option<Arc<Follows>>,
    pub(crate) clock: Clock,
}

/// Outcomes that exchanges of a connection may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcomes {
    /// True if the level of all of them is `off`.
    pub(crate) all_off: bool,
    /// True if all of them are recorded.
    pub(crate) all_recorded: bool,
}

impl Rules {
    /// The rules of `settings`, and those beside them. `None` if the settings' level decides alone, and at once.
    pub(crate) fn compile(settings: &Settings, beside: &mut Beside<'_>) -> Option<Self> {
        let flight = beside.flight && beside.step == Step::Full;
        let keeps_all = settings.level == Level::Full || settings.level == Level::Off;
        beside.known.retire();
        if settings.rules.is_empty()
            && beside.leases.is_empty()
            && beside.step == Step::Full
            && (!flight || keeps_all)
        {
            return None;
        }
        let leases = beside.leases;
        let leased = leases.iter().map(|lease| (lease.rule(), Some(lease)));
        let rules = leased.chain(settings.rules.iter().map(|rule| (rule, None)));
        let (base, of_settings) = ((settings, beside.step), Capture::of_settings(settings));
        let mut list = Vec::with_capacity(leases.len() + settings.rules.len() + 1);
        for (rule, lease) in rules {
            list.push(CompiledRule::new((rule, lease), base, beside.known.in_force(&rule.name)));
        }
        list.push(CompiledRule::default_of(base, beside.known.in_force(DEFAULT_RULE)));
        let capture = list.iter().filter(|rule| rule.follow.is_some()).map(|rule| rule.capture);
        let follows = capture.reduce(Capture::join).map(|capture| {
            (Arc::clone(beside.follows.get_or_insert_with(|| Arc::new(Follows::new()))), capture)
        });
        Some(Self {
            wants_program: list.iter().any(|rule| rule.filter.needs().contains(Parts::PROGRAM)),
            gates: Gates::of(list.iter().map(CompiledRule::gated)),
            most: list.iter().map(|rule| rule.capture).reduce(Capture::join).unwrap_or(of_settings),
            list: list.into_boxed_slice(),
            follows,
            clock: beside.clock,
            flight: flight.then_some(Capture { level: Level::Full, ..of_settings }),
        })
    }

    /// Returns whether nothing is ever recorded or counted.
    pub(crate) fn is_off(&self) -> bool {
        self.list.iter().all(CompiledRule::is_off)
    }

    /// The outcomes that the exchanges of a connection may have, of which only that connection is known.
    pub(crate) fn outcomes(&self, facts: &Facts<'_>) -> Outcomes {
        let left = self.narrow(facts);
        let all = |holds: fn(&CompiledRule) -> bool| left.iter().all(|index| holds(&self.list[index]));
        Outcomes {
            all_off: all(|rule| !rule.capture.level.decrypts()),
            all_recorded: all(CompiledRule::surely_records),
        }
    }

    /// The rules that may decide about the exchanges of a connection, of which only that connection is known.
    pub(crate) fn narrow(&self, facts: &Facts<'_>) -> Candidates {
        let mut left = Candidates::first(self.list.len());
        for (index, rule) in self.list.iter().enumerate() {
            match rule.answer(facts, Stage::Head) {
                Truth::True if !rule.may_run_out() => {
                    left.end_with(index);
                    break;
                }
                Truth::False => left.remove(index),
                Truth::True | Truth::Unknown => {}
            }
        }
        left
    }
}
