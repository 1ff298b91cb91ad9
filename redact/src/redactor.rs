//! One exchange's way through redaction.

use dashcam_exchange::SealId;

use crate::detect::gate::Hit;
use crate::detect::rules::Texts;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::names::Names;
use crate::replacer::Replacer;
use crate::sets::Set;

/// Redacts the parts of one exchange under one set, and collects what it found. Its methods for heads, targets and
/// texts are in `heads/`.
#[derive(Debug)]
pub struct Redactor<'s> {
    /// The set in force.
    pub(crate) set: &'s Set,
    /// The decisions about names.
    pub(crate) names: Names<'s>,
    /// The rules about texts.
    pub(crate) texts: Texts<'s>,
    /// Room for places in texts.
    pub(crate) hits: Vec<Hit>,
    /// Where placeholders come from.
    pub(crate) replacer: Replacer<'s>,
    /// True if no placeholder was written yet: what looks like one came with the traffic.
    pub(crate) is_raw: bool,
}

/// All that a [`Redactor`] found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many values were replaced.
    pub replaced: u32,
    /// Secrets that were not sealed lately, encrypted; to be stored before what names them.
    pub seals: Vec<(SealId, Vec<u8>)>,
}

impl<'s> Redactor<'s> {
    /// A redactor for an exchange with `host` as it passed. What looks like a placeholder in it is none of ours, and is
    /// replaced as well.
    #[must_use]
    pub fn new(set: &'s Set, keys: &'s Keys, memory: &'s mut Memory, host: &str) -> Self {
        let Memory { seen, sealed } = memory;
        let (names, texts) = (Names::new(set.names(), seen, host), set.texts().for_host(host));
        Self { set, names, texts, hits: Vec::new(), replacer: Replacer::new(keys, sealed), is_raw: true }
    }

    /// The same for an exchange that was redacted before: its placeholders stay.
    #[must_use]
    pub fn again(set: &'s Set, keys: &'s Keys, memory: &'s mut Memory, host: &str) -> Self {
        Self { is_raw: false, ..Self::new(set, keys, memory, host) }
    }

    /// How many values it has replaced so far.
    #[must_use]
    pub fn replaced(&self) -> u32 {
        self.replacer.replaced()
    }

    /// Returns all that it found.
    #[must_use]
    pub fn finish(self) -> Found {
        let (replaced, seals) = self.replacer.finish();
        Found { replaced, seals }
    }
}
