//! The exchanges that a filter chooses, before and after they are changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The exchanges that a filter chooses.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Selected {
    /// The filter as it was understood: presets are written out, and times that count back are fixed.
    pub filter: String,
    /// The last exchange that is looked at: the highest number when the call came, unless it named another one.
    pub up_to: i64,
    /// The moment of the count, in microseconds since 1970: when the call came, unless it named another one.
    pub ended_by: i64,
    /// How many it chooses that had ended at that moment.
    pub exchanges: u64,
    /// Bytes of their bodies, as they passed.
    pub bytes: u64,
    /// How many of them are pinned.
    pub pinned: u64,
    /// How many beside them were under way at that moment.
    pub open: u64,
    /// The `after` of the next call, where this one took too long to go on; null when all are counted.
    #[schema(required)]
    pub next_after: Option<i64>,
}

/// How many exchanges were pinned or unpinned.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Pinned {
    /// How many were not so before.
    pub changed: u64,
    /// The `after` of the next call, where this one took too long to go on; null when all are changed.
    #[schema(required)]
    pub next_after: Option<i64>,
}
