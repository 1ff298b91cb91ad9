//! Redaction: secrets taken out of what is recorded.

use dashcam_recorder::RedactionCounts;
use dashcam_redact::{Definitions, Keep, Rule};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::redaction_rules::{RedactionKeep, RedactionRule};

/// The sets of redaction, and the one that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedactionInForce {
    /// The set that is in force where no recording rule names another; null: redaction is off, and passwords and tokens are
    /// recorded as they pass.
    #[schema(required)]
    pub set: Option<String>,
    /// Its name and a hash of what it says, as exchanges have it.
    #[schema(required)]
    pub label: Option<String>,
    /// How long sealed secrets can be put back, in seconds; 0: nothing is sealed.
    pub seal_for_s: u64,
    /// Where the key lies with which secrets are sealed; null: there is none.
    #[schema(required)]
    pub key: Option<String>,
    /// True if some of the sealed secrets were sealed with another key, so that nobody can put them back here.
    pub has_other_seals: bool,
    /// The sets of `config.toml`, beside `default`.
    pub sets: Vec<RedactionSet>,
    /// The rules that were added while dashcam ran, which come before those of every set.
    #[schema(value_type = Vec<RedactionRule>)]
    pub added: Vec<Rule>,
}

/// A set of `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedactionSet {
    /// Its name.
    pub name: String,
    /// The set that it begins with; null: its own rules are all there are.
    #[schema(required)]
    pub from: Option<String>,
    /// Its rules.
    #[schema(value_type = Vec<RedactionRule>)]
    pub rules: Vec<Rule>,
    /// The places that it leaves as they are.
    #[schema(value_type = Vec<RedactionKeep>)]
    pub keep: Vec<Keep>,
}

/// Redaction in brief, with what it has done since the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedactionStatus {
    /// The set that is in force where no recording rule names another; null: redaction is off.
    #[schema(required)]
    pub set: Option<String>,
    /// How long sealed secrets can be put back, in seconds; 0: nothing is sealed.
    pub seal_for_s: u64,
    /// True if there is a key, with which sealed secrets can be opened.
    pub has_key: bool,
    /// True if some of them were sealed with another key, so that nobody can put them back here.
    pub has_other_seals: bool,
    /// Values that were replaced.
    pub replaced: u64,
    /// Sealed secrets that were handed over to the store.
    pub sealed: u64,
    /// Bodies and messages that were withheld.
    pub withheld: u64,
    /// Records that redaction failed on, of which only where they went was recorded.
    pub faults: u64,
}

impl RedactionInForce {
    /// Of these definitions; `label` is that of the chosen set, `None` if redaction is off.
    #[must_use]
    pub fn new(definitions: &Definitions, label: Option<&str>, key: Option<String>) -> Self {
        let sets = definitions.sets.iter().map(|(name, set)| RedactionSet {
            name: name.clone(),
            from: set.from.clone(),
            rules: set.rules.clone(),
            keep: set.keep.clone(),
        });
        let seals = !definitions.no_seal;
        Self {
            set: label.map(|_| String::from(definitions.set.clone())),
            label: label.map(str::to_owned),
            seal_for_s: if seals { definitions.seal_for.as_secs() } else { 0 },
            key,
            has_other_seals: false,
            sets: sets.collect(),
            added: definitions.added.clone(),
        }
    }

    /// In brief.
    #[must_use]
    pub fn status(&self, counts: RedactionCounts) -> RedactionStatus {
        let RedactionCounts { replaced, sealed, withheld, faults } = counts;
        RedactionStatus {
            set: self.set.clone(),
            seal_for_s: self.seal_for_s,
            has_key: self.key.is_some(),
            has_other_seals: self.has_other_seals,
            replaced,
            sealed,
            withheld,
            faults,
        }
    }
}
