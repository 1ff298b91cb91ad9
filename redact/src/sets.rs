//! Compiled sets of rules.

mod compile;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definitions::{Chosen, Definitions, TooLarge};
use crate::detect::rules::TextRules;
use crate::names::NameRules;

/// The set that is compiled in.
pub(crate) const DEFAULT: &str = "default";

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
    texts: TextRules,
    too_large: TooLarge,
    body_limit: u64,
}

/// A set that can't be compiled: which one, which of its rules, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct InvalidSet {
    /// Where it stands, as in `redaction.sets.payments, rule 2`.
    pub place: String,
    /// The fault, and what could stand there.
    pub fault: String,
}

impl Sets {
    /// Compiles all sets of `definitions`.
    ///
    /// # Errors
    /// For the first that is wrong.
    pub fn compile(definitions: &Definitions) -> Result<Self, InvalidSet> {
        let names = definitions.sets.keys().map(String::as_str).chain([DEFAULT]);
        let compiled = names.map(|name| Ok((name.to_owned(), Arc::new(compile::set(definitions, name)?))));
        let sets: BTreeMap<String, Arc<Set>> = compiled.collect::<Result<_, InvalidSet>>()?;
        match &definitions.set {
            Chosen::Set(name) if !sets.contains_key(name) => Err(InvalidSet {
                place: "redaction.set".to_owned(),
                fault: compile::unknown(definitions, name, ", or \u{201c}off\u{201d}"),
            }),
            chosen => Ok(Self { sets, chosen: chosen.clone() }),
        }
    }

    /// The set `name`, `None` if there is none; without a name the one that is chosen, which is `None` if redaction is
    /// off.
    #[must_use]
    pub fn set(&self, name: Option<&str>) -> Option<&Arc<Set>> {
        match (name, &self.chosen) {
            (Some(name), _) => self.sets.get(name),
            (None, Chosen::Set(name)) => self.sets.get(name),
            (None, Chosen::Off) => None,
        }
    }

    /// The names of all sets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(String::as_str)
    }
}

impl Set {
    /// Its name and the hash of all that it says: `default@1f2e3d4c`.
    #[must_use]
    pub fn label(&self) -> &Arc<str> {
        &self.label
    }

    /// The fate of bodies that can't be looked at.
    #[must_use]
    pub fn too_large(&self) -> TooLarge {
        self.too_large
    }

    /// How many decoded bytes of a body are looked at.
    #[must_use]
    pub fn body_limit(&self) -> u64 {
        self.body_limit
    }

    pub(crate) fn names(&self) -> &NameRules {
        &self.names
    }

    pub(crate) fn texts(&self) -> &TextRules {
        &self.texts
    }
}

#[cfg(test)]
mod tests;
