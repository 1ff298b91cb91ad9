//! The settings, a change of them, and their history.

use dashcam_control::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::redaction_rules::RedactionRule;
use super::rules::Rule;
use dashcam_views::dto::Level;
use dashcam_views::dto::Time;

/// Values that can be changed while dashcam runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// How much is recorded.
    pub level: Level,
    /// How many bytes of each body are stored at most.
    pub body_limit: u64,
    /// The rules before that level, the first one first.
    pub rules: Vec<Rule>,
    /// Rules of redaction that were added while dashcam ran: they come before those of every set.
    #[serde(default)]
    #[schema(required, value_type = Vec<RedactionRule>)]
    pub redaction: Vec<dashcam_redact::Rule>,
}

impl From<&dashcam_control::Settings> for Settings {
    fn from(settings: &dashcam_control::Settings) -> Self {
        let rules = settings.rules.iter().map(Rule::from).collect();
        let redaction = settings.redaction.clone();
        Self { level: settings.level.into(), body_limit: settings.body_limit, rules, redaction }
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
    /// The rules of redaction in the place of all that were added while dashcam ran: they come before those of every set, for
    /// all that is recorded from now on.
    #[schema(value_type = Option<Vec<RedactionRule>>)]
    pub redaction: Option<Vec<dashcam_redact::Rule>>,
    /// The reason, for the history.
    pub why: Option<String>,
}

impl SettingsPatch {
    pub(crate) fn patch(&self) -> Patch {
        let redaction = self.redaction.clone();
        Patch {
            level: self.level.map(Level::into),
            body_limit: self.body_limit,
            redaction,
            ..Patch::default()
        }
    }
}

/// One change that was made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingsChange {
    /// When.
    pub at: Time,
    /// The one who did it: `page` (a session), `api` (the token), `alice (uid 1000)` (the command line), or a part of
    /// dashcam: `signal`, `config.toml`, `start`, `lease` (one that ended by itself).
    pub who: String,
    /// The address of a caller of the page.
    #[schema(required)]
    pub address: Option<String>,
    /// The beginning of the name of its session.
    #[schema(required)]
    pub session: Option<String>,
    /// Tells which part changed: `settings`, `rules`, `lease`, `step` or `snapshot`.
    pub kind: String,
    /// More about it: of a lease, its rule, its bounds, what it has used, and whether it was begun, extended or ended.
    #[schema(required, value_type = Option<Object>)]
    pub detail: Option<serde_json::Value>,
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
            address: change.address,
            session: change.session,
            kind: change.kind.as_str().to_owned(),
            detail: change.detail,
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
