//! Time ranges of the recording: what is complete in them, and at which level.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gap::Dropped;
use super::names::Level;
use super::time::Time;

/// How a time range stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RangeState {
    /// Dashcam recorded, as `level`, `rules` and `leases` say.
    Recorded,
    /// Dashcam ran, and neither the level nor a rule had it record anything.
    NotRecorded,
    /// It was recorded, and the bounds of the recording deleted it.
    Deleted,
    /// Dashcam did not run.
    Down,
    /// Dashcam was killed within it, or an older one recorded, which did not note when it ran.
    Unknown,
}

/// Exchanges that were recorded and are deleted, by cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeletedCounts {
    /// The bounds of the recording: its size, its age, its number.
    pub bounds: u64,
    /// The time was over for which their rules keep them.
    pub expired: u64,
    /// A user deleted them, or moved them to an archive.
    pub user: u64,
}

/// A time range in which everything stands alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecordedRange {
    /// When it begins …
    pub from: Time,
    /// … and when the next one does.
    pub until: Time,
    /// How it stands.
    pub state: RangeState,
    /// True if it has everything that the level and the rules ask for: nothing was dropped, nothing is deleted, and the
    /// budget took nothing back.
    pub complete: bool,
    /// The default level in force; null if dashcam did not run, or that is not known.
    #[schema(required)]
    pub level: Option<Level>,
    /// The names of the rules in force, in their order; none if the level alone decided.
    pub rules: Vec<String>,
    /// The names of the leases in force.
    pub leases: Vec<String>,
    /// The step to which the budget had gone down: `heads`, `sample`, `metrics`; null if it took nothing back.
    #[schema(required)]
    pub step: Option<String>,
    /// Exchanges that were seen and not stored, by reason. A gap counts in the range in which it begins.
    pub dropped: Dropped,
    /// Exchanges that are deleted. Those of an hour count in the range in which the first of them began.
    pub deleted: DeletedCounts,
}

/// Which time ranges are complete, and at which level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Boundaries {
    /// The ranges, the oldest first, without a hole between them.
    pub ranges: Vec<RecordedRange>,
}
