//! Filters that are kept under a name, as the API shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;

/// A filter that is kept under a name; `preset:NAME` stands for it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// The filter.
    pub filter: String,
    /// When it was kept.
    pub at: Time,
}

/// All of them, by their names.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Presets {
    /// The filters.
    pub presets: Vec<Preset>,
}

/// A filter to keep.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresetFilter {
    /// The filter.
    pub filter: String,
}

impl From<dashcam_store::Preset> for Preset {
    fn from(preset: dashcam_store::Preset) -> Self {
        Self { name: preset.name, filter: preset.filter, at: preset.at.into() }
    }
}
