//! The bounds of the recording, and its size.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use dashcam_views::dto::Time;

/// The bounds of the recording, and how it stands within them.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Retention {
    /// Bytes of the database at most.
    #[schema(required)]
    pub max_size: Option<u64>,
    /// How long exchanges are kept, in microseconds.
    #[schema(required)]
    pub max_age_us: Option<i64>,
    /// How many exchanges are kept beside those that are pinned.
    #[schema(required)]
    pub max_exchanges: Option<u64>,
    /// Bytes of the database that are in use; the rest of the file is written again.
    pub used: u64,
    /// Exchanges that the bounds deleted since dashcam started.
    pub deleted: u64,
    /// Exchanges that are pinned.
    pub pinned: u64,
    /// When the oldest stored exchange began.
    #[schema(required)]
    pub oldest_at: Option<Time>,
    /// Pinned exchanges alone take the room that `max_size` leaves: others go as soon as they have ended.
    pub crowded: bool,
}

impl From<dashcam_store::Kept> for Retention {
    fn from(kept: dashcam_store::Kept) -> Self {
        let age = kept.bounds.age.map(|age| i64::try_from(age.as_micros()).unwrap_or(i64::MAX));
        Self {
            max_size: kept.bounds.size,
            max_age_us: age,
            max_exchanges: kept.bounds.exchanges,
            used: kept.used,
            deleted: kept.deleted,
            pinned: kept.pinned,
            oldest_at: kept.oldest.map(Time::from),
            crowded: kept.crowded,
        }
    }
}
