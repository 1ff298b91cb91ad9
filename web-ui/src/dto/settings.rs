//! The settings, a change of them, and their history.

use dashcam_control::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use dashcam_views::dto::Level;
use dashcam_views::dto::Time;

/// Values that can be changed while dashcam runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// How much is recorded.
    pub level: Level,
    /// How many bytes of each body are stored at most.
    pub body_limit: u64,
}

impl From<&dashcam_control::Settings> for Settings {
    fn from(settings: &dashcam_control::Settings) -> Self {
        Self { level: settings.level.into(), body_limit: settings.body_limit }
    }
}

/// The settings in force, and the connections that came before they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingsInForce {
    /// The settings.
    #[serde(flatten)]
    pub settings: Settings,
    /// Open connections that are not recorded because nothing was recorded when they began: tunnels that go on unread,
    /// and connections that switched protocols.
    pub unread_connections: u64,
}

/// A change of the settings: what is absent or null stays.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsPatch {
    /// How much is recorded from now on.
    pub level: Option<Level>,
    /// How many bytes of each body are stored at most.
    pub body_limit: Option<u64>,
    /// The reason, for the history.
    pub why: Option<String>,
}

impl SettingsPatch {
    pub(crate) fn patch(&self) -> Patch {
        Patch { level: self.level.map(Level::into), body_limit: self.body_limit, ..Patch::default() }
    }
}

/// One change that was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingsChange {
    /// When.
    pub at: Time,
    /// Over which way: `page`, `api`, `cli`, or what else changes settings.
    pub who: String,
    /// The reason that was given.
    #[schema(required)]
    pub why: Option<String>,
    /// The settings before; null for the first ever.
    #[schema(required)]
    pub from: Option<Settings>,
    /// The settings since.
    pub to: Settings,
}

impl From<dashcam_store::SettingsChange> for SettingsChange {
    fn from(change: dashcam_store::SettingsChange) -> Self {
        Self {
            at: change.at.into(),
            who: change.who,
            why: change.why,
            from: change.from.map(settings),
            to: settings(change.to),
        }
    }
}

/// Settings as an earlier version stored them: what it did not know is as by default.
fn settings(stored: serde_json::Value) -> Settings {
    let stored: dashcam_control::Settings = serde_json::from_value(stored).unwrap_or_default();
    Settings::from(&stored)
}

/// The latest changes, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingsChanges {
    /// The changes.
    pub changes: Vec<SettingsChange>,
}
