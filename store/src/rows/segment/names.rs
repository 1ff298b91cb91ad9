//! The different names of a segment: each is there once, however many exchanges have it.

use std::collections::HashMap;
use std::hash::Hash;

use dashcam_exchange::{Destination, Failure, Level, State};
use serde::{Deserialize, Serialize};

/// How an exchange stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// The level at which it was recorded.
    pub(crate) level: Level,
    /// How it ended.
    pub(crate) state: State,
    /// Why it failed.
    pub(crate) failure: Option<Failure>,
    /// The name of the rule that decided; segments of before schema 17 have exchanges without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
}

/// The different names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Names {
    #[serde(with = "destinations")]
    pub(crate) destinations: Vec<Destination>,
    pub(crate) methods: Vec<String>,
    pub(crate) statuses: Vec<Option<u16>>,
    pub(crate) types: Vec<Option<String>>,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Names {
    /// How many there are of each kind, in the order of their columns.
    pub(super) fn lengths(&self) -> [usize; 5] {
        let Self { destinations, methods, statuses, types, outcomes } = self;
        [destinations.len(), methods.len(), statuses.len(), types.len(), outcomes.len()]
    }
}

/// Gives numbers to names, the same to the same.
#[derive(Debug)]
pub(super) struct Interner<K> {
    numbers: HashMap<K, usize>,
    /// The number that was given last: most exchanges have the names of the one before.
    last: usize,
}

impl<K> Default for Interner<K> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), last: 0 }
    }
}

impl<K: Hash + Eq> Interner<K> {
    /// The number of the name for which `is_it` holds. `make` makes it, and its key; it is added to `names` if it is a new one.
    pub(super) fn number<T>(
        &mut self,
        names: &mut Vec<T>,
        is_it: impl Fn(&T) -> bool,
        make: impl FnOnce() -> (K, T),
    ) -> i64 {
        if !names.get(self.last).is_some_and(is_it) {
            let (key, name) = make();
            self.last = *self.numbers.entry(key).or_insert(names.len());
            if self.last == names.len() {
                names.push(name);
            }
        }
        i64::try_from(self.last).unwrap_or(i64::MAX)
    }
}

/// Destinations as scheme, host and port.
mod destinations {
    use dashcam_exchange::{Destination, Scheme};
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(all: &[Destination], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(all.iter().map(|one| (one.scheme, &one.host, one.port)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Destination>, D::Error> {
        let all: Vec<(Scheme, String, u16)> = Vec::deserialize(deserializer)?;
        Ok(all.into_iter().map(|(scheme, host, port)| Destination { scheme, host, port }).collect())
    }
}
