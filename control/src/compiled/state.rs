//! Facts about rules that go on from one policy to the next.

use std::sync::{Arc, Mutex, PoisonError};

use crate::Sample;
use crate::rule_counts::{Counters, RuleCounts};
use crate::sampling::Sampler;

/// Names of rules that are remembered; beyond that the oldest go that are not in force.
const MOST: usize = 512;

/// A rule's name, its counts, and what its sample remembers.
#[derive(Debug)]
pub(crate) struct RuleState {
    /// A number of its own.
    pub(crate) id: u16,
    pub(crate) name: Arc<str>,
    pub(crate) counters: Counters,
    sampler: Mutex<Option<Arc<Sampler>>>,
}

impl RuleState {
    /// A sampler for `sample`: the one that it has, if that is the same.
    pub(crate) fn sampler(&self, sample: &Sample) -> Arc<Sampler> {
        let mut known = self.sampler.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(known) if known.sample() == sample => Arc::clone(known),
            _ => Arc::clone(known.insert(Arc::new(Sampler::new(sample.clone())))),
        }
    }
}

/// All rules since the start, by their names.
#[derive(Debug, Default)]
pub(crate) struct Known {
    states: Vec<(Arc<RuleState>, bool)>,
    last_id: u16,
}

impl Known {
    /// From now on, none is in force.
    pub(super) fn retire(&mut self) {
        self.states.iter_mut().for_each(|(_, in_force)| *in_force = false);
    }

    /// The state of the rule `name`, which is in force now.
    pub(super) fn in_force(&mut self, name: &str) -> Arc<RuleState> {
        if let Some((state, in_force)) = self.states.iter_mut().find(|(state, _)| *state.name == *name) {
            *in_force = true;
            return Arc::clone(state);
        }
        if self.states.len() >= MOST
            && let Some(oldest) = self.states.iter().position(|(_, in_force)| !in_force)
        {
            self.states.remove(oldest);
        }
        self.last_id = self.last_id.wrapping_add(1);
        let state = Arc::new(RuleState {
            id: self.last_id,
            name: name.into(),
            counters: Counters::default(),
            sampler: Mutex::default(),
        });
        self.states.push((Arc::clone(&state), true));
        state
    }

    /// The counts of all of them.
    pub(crate) fn counts(&self) -> Vec<RuleCounts> {
        self.states.iter().map(|(state, in_force)| state.counters.read(&state.name, *in_force)).collect()
    }
}
