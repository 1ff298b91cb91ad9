//! The sets and keys in force, and the sets that one exchange is under.

use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_redact::{Found, Keys, Memory, Redactor, Set, Sets, guarded};

use crate::redaction::counts::Counts;

/// Sets of redaction that an exchange names: those of its rule, or of the rules that may still decide about it. `None`
/// stands for the set that is chosen for all.
pub(crate) type Names = Vec<Option<Arc<str>>>;

/// Sets, and the keys with which they make pseudonyms and seal.
pub struct Redaction {
    sets: Sets,
    keys: Arc<Keys>,
    seal_for: Duration,
    /// Memory of those who make copies for readers.
    shown: Mutex<Memory>,
}

impl Redaction {
    /// Sealed secrets can be put back for `seal_for`.
    #[must_use]
    pub fn new(sets: Sets, keys: Arc<Keys>, seal_for: Duration) -> Self {
        Self { sets, keys, seal_for, shown: Mutex::default() }
    }

    pub(crate) fn seal_for(&self) -> Duration {
        self.seal_for
    }

    /// The names of all sets.
    pub(crate) fn names(&self) -> Names {
        self.sets.names().map(|name| Some(name.into())).chain([None]).collect()
    }

    /// The sets of an exchange that names these. A name that is none stands for the set that is chosen for all. `None`
    /// where no set is in force.
    pub(crate) fn under(self: &Arc<Self>, names: &[Option<Arc<str>>], counts: &Arc<Counts>) -> Option<Under> {
        let mut sets: Vec<Arc<Set>> = Vec::with_capacity(1);
        for name in names {
            let named = name.as_deref().and_then(|name| self.sets.set(Some(name)));
            if let Some(set) = named.or_else(|| self.sets.set(None))
                && !sets.iter().any(|known| Arc::ptr_eq(known, set))
            {
                sets.push(Arc::clone(set));
            }
        }
        (!sets.is_empty()).then(|| Under { redaction: Arc::clone(self), sets, counts: Arc::clone(counts) })
    }
}

impl Debug for Redaction {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction").field("seal_for", &self.seal_for).finish_non_exhaustive()
    }
}

/// The sets that an exchange is under: one, or, while rules with different sets may decide about it, all of them, one
/// after the other.
#[derive(Debug, Clone)]
pub(crate) struct Under {
    redaction: Arc<Redaction>,
    sets: Vec<Arc<Set>>,
    counts: Arc<Counts>,
}

/// Redaction fails on exchanges with this host, for tests of that.
#[cfg(test)]
pub(crate) const BROKEN_HOST: &str = "broken.invalid";

impl Under {
    pub(crate) fn sets(&self) -> &[Arc<Set>] {
        &self.sets
    }

    /// Their names and versions.
    pub(crate) fn label(&self) -> Arc<str> {
        match &*self.sets {
            [set] => Arc::clone(set.label()),
            sets => sets.iter().map(|set| &**set.label()).collect::<Vec<_>>().join("+").into(),
        }
    }

    /// Lets a redactor of each set in turn do `work` for an exchange with `host`. `None` if one failed, which is counted:
    /// then nothing of what it worked on may be shown.
    pub(crate) fn run(
        &self,
        memory: &mut Memory,
        host: &str,
        mut work: impl FnMut(usize, &mut Redactor<'_>),
    ) -> Option<Found> {
        let each = || {
            let mut all = Found::default();
            for (index, set) in self.sets.iter().enumerate() {
                // Only the first meets what passed.
                let begin = if index == 0 { Redactor::new } else { Redactor::again };
                let mut redactor = begin(set, &self.redaction.keys, memory, host);
                #[cfg(test)]
                assert_ne!(host, BROKEN_HOST, "injected");
                work(index, &mut redactor);
                let Found { replaced, seals } = redactor.finish();
                all.replaced = all.replaced.saturating_add(replaced);
                all.seals.extend(seals);
            }
            all
        };
        let done = guarded(each);
        if done.is_none() {
            *memory = Memory::default();
            self.counts.fault();
        }
        done
    }

    /// The same for a reader: its seals are nobody's.
    pub(crate) fn show(&self, host: &str, work: impl FnMut(usize, &mut Redactor<'_>)) -> bool {
        self.run(&mut crate::lock::lock(&self.redaction.shown), host, work).is_some()
    }
}
