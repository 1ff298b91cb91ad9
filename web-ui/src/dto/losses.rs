//! Exchanges that were dropped since a moment.

use dashcam_views::dto::{Dropped, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Exchanges that were dropped since a moment, by this dashcam and by those before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Losses {
    /// When this was asked: the moment for the next call, so that no loss is missed.
    pub at: Time,
    /// The moment.
    pub since: Time,
    /// How many, by reason. Of a gap that began before the moment all are counted.
    pub dropped: Dropped,
    /// When the first of them was dropped. Of those that are not stored yet, the time of the last.
    #[schema(required)]
    pub from: Option<Time>,
    /// When the last of them was.
    #[schema(required)]
    pub until: Option<Time>,
    /// False if the disk did not answer: then these are all that this dashcam dropped since its start.
    pub complete: bool,
}
