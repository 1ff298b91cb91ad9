//! How much of an exchange is captured.

use dashcam_exchange::Level;

use crate::{Guarantee, Settings};

/// How much of an exchange is captured, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capture {
    pub(crate) level: Level,
    pub(crate) body_limit: u64,
    pub(crate) guarantee: Guarantee,
}

impl Capture {
    /// As the settings say where no rule says otherwise.
    pub(crate) fn of_settings(settings: &Settings) -> Self {
        let Settings { level, body_limit, .. } = *settings;
        Self { level, body_limit, guarantee: Guarantee::BestEffort }
    }

    /// As much as suffices for both.
    pub(crate) fn join(self, other: Self) -> Self {
        Self {
            level: self.level.max(other.level),
            body_limit: self.body_limit.max(other.body_limit),
            guarantee: self.guarantee.max(other.guarantee),
        }
    }

    /// Returns whether it suffices for `other` too.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.join(other) == self
    }
}
