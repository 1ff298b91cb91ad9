//! One change of the settings.

use std::sync::Arc;

use dashcam_exchange::Level;
use dashcam_redact::Rule as RedactionRule;
use serde::Deserialize;

use crate::{InvalidSettings, Rule, Settings};

/// Changes of the settings; `None` leaves a value as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Patch {
    /// See [`Settings::level`].
    pub level: Option<Level>,
    /// See [`Settings::body_limit`].
    pub body_limit: Option<u64>,
    /// See [`Settings::rules`]: the whole list.
    pub rules: Option<Vec<Rule>>,
    /// See [`Settings::redaction`]: the whole list.
    pub redaction: Option<Vec<RedactionRule>>,
}

impl Patch {
    /// The settings that come of `settings`.
    ///
    /// # Errors
    /// When they make no sense.
    pub fn apply(&self, settings: &Settings) -> Result<Settings, InvalidSettings> {
        let mut settings = settings.clone();
        settings.level = self.level.unwrap_or(settings.level);
        settings.body_limit = self.body_limit.unwrap_or(settings.body_limit);
        if let Some(rules) = &self.rules {
            settings.rules.clone_from(rules);
        }
        if let Some(redaction) = &self.redaction {
            settings.redaction.clone_from(redaction);
        }
        settings.checked()
    }
}

/// A change that is in force.
#[derive(Debug, Clone)]
pub struct Change {
    /// The settings before.
    pub from: Arc<Settings>,
    /// The settings since.
    pub to: Arc<Settings>,
}
