//! `config.toml`, which is watched.

use dashcam_views::dto::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tells whether the settings that the file names are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfigState {
    /// They are, unless somebody has changed them otherwise since.
    InForce,
    /// The file can't be read: everything goes on as it was before the file changed.
    Invalid,
}

/// A fault of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigProblem {
    /// The line, from 1; null if the fault is in no single place.
    #[schema(required)]
    pub line: Option<u64>,
    /// The character in it, from 1.
    #[schema(required)]
    pub column: Option<u64>,
    /// The line's text.
    #[schema(required)]
    pub text: Option<String>,
    /// A message that says what is wrong there.
    pub message: String,
}

/// `config.toml` as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigFile {
    /// Where it is, or would be.
    pub path: String,
    /// Tells whether the settings that it names are in force.
    pub state: ConfigState,
    /// Since when: the start, or the moment at which a change of the file was noticed.
    pub since: Time,
    /// The fault, while the state is `invalid`.
    #[schema(required)]
    pub problem: Option<ConfigProblem>,
    /// Keys of which the file says something else than at the start, and which count at the next one.
    pub at_next_start: Vec<String>,
}
