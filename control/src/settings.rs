//! The settings: what may be changed while dashcam runs.

use dashcam_exchange::Level;
use dashcam_redact::{Definitions, Rule as RedactionRule, Sets};
use serde::{Deserialize, Serialize};

use crate::rule::check;
use crate::{MOST_LEASES, MOST_RULES, Rule};

/// The largest body limit: 1 TiB, as good as none.
pub(crate) const LARGEST_BODY_LIMIT: u64 = 1 << 40;

/// Everything that may be changed while dashcam runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How much is recorded.
    pub level: Level,
    /// The most bytes of each body that are stored; a longer one is cut and marked truncated.
    pub body_limit: u64,
    /// Rules before that level: the first one that matches an exchange decides about it.
    pub rules: Vec<Rule>,
    /// Rules of redaction that were added while dashcam ran: they come before those of every set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redaction: Vec<RedactionRule>,
    /// The settings that `config.toml` named when they last came into force; `None` if they never did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_file: Option<InFileBefore>,
}

/// The settings that `config.toml` named: those that it names otherwise now come into force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InFileBefore {
    /// `record`.
    pub level: Option<Level>,
    /// `body_limit`.
    pub body_limit: Option<u64>,
    /// A hash of `[[rules]]`.
    pub rules: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            level: Level::Full,
            body_limit: 1 << 30,
            rules: Vec::new(),
            redaction: Vec::new(),
            in_file: None,
        }
    }
}

/// Settings that make no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The body limit is beyond what can be stored.
    #[error("body_limit is {0} bytes; it can be at most {LARGEST_BODY_LIMIT}")]
    BodyLimit(u64),
    /// A rule makes no sense.
    #[error("rule `{name}`: {why}")]
    Rule {
        /// Its name.
        name: String,
        /// Says what is wrong with it, and what to write instead.
        why: String,
    },
    /// A rule of redaction makes no sense.
    #[error("redaction: {0}")]
    Redaction(String),
    /// There are as many leases as there may be.
    #[error("there are {MOST_LEASES} leases already: end one first (`dashcam lease ls`)")]
    TooManyLeases,
}

impl Settings {
    /// The settings themselves, if they make sense.
    ///
    /// # Errors
    /// Says which setting is out of range.
    pub fn checked(self) -> Result<Self, InvalidSettings> {
        if self.body_limit > LARGEST_BODY_LIMIT {
            return Err(InvalidSettings::BodyLimit(self.body_limit));
        }
        check::all(&self.rules, LARGEST_BODY_LIMIT)
            .map_err(|(name, why)| InvalidSettings::Rule { name, why })?;
        if self.redaction.len() > MOST_RULES {
            let why = format!("there are more than {MOST_RULES} rules; move some to a set in config.toml");
            return Err(InvalidSettings::Redaction(why));
        }
        if !self.redaction.is_empty() {
            let added = Definitions { added: self.redaction.clone(), ..Definitions::default() };
            Sets::compile(&added).map_err(|fault| InvalidSettings::Redaction(fault.to_string()))?;
        }
        Ok(self)
    }
}
