//! The coverage of figures about exchanges, and their cost.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gap::Gap;
use super::names::Level;
use super::time::Time;

/// The exchanges that figures are about, what the recording misses of their time, and the cost of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Covered {
    /// True if every exchange that can match was looked at, contents included. False if the time was over: then the figures
    /// are those of the newest exchanges, from `from` on.
    pub complete: bool,
    /// Exchanges that match, under way included. Every figure is about these.
    pub exchanges: u64,
    /// About how many match in all; `exchanges` if it is complete.
    pub estimate: u64,
    /// Exchanges that were met of which only contents tell, and for which the time did not suffice. No figure has them.
    pub undecided: u64,
    /// Exchanges of which only contents tell that can't be read, as they are damaged. No figure has them.
    pub unreadable: u64,
    /// The beginning of the time that the figures are about: that of the filter, but not before the first exchange of the
    /// recording. Null if there is none.
    #[schema(required)]
    pub from: Option<Time>,
    /// Its end: that of the filter, but not after now, or after the last exchange where nothing is being recorded.
    #[schema(required)]
    pub until: Option<Time>,
    /// Exchanges that were looked at, or of which it was known without a look that they do not match.
    pub looked_at: u64,
    /// Those of them whose rows were read, as their packed facts were not enough.
    pub rows_read: u64,
    /// How long it took.
    pub took_us: u64,
    /// Exchanges that were not stored in that time, by all gaps that touch it.
    pub dropped: u64,
    /// The newest 100 of these gaps.
    pub gaps: Vec<Gap>,
    /// The times in which the level was `off` or `metrics`, so that nothing was recorded; at most the newest 100.
    pub unrecorded: Vec<Unrecorded>,
    /// Since when recording is paused, if it is: no gap tells of it before it goes on.
    #[schema(required)]
    pub paused_since: Option<Time>,
}

/// A stretch of time in which nothing was recorded because somebody wanted that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Unrecorded {
    /// The beginning, within the time that the figures are about.
    pub from: Time,
    /// The end, within that time as well.
    pub until: Time,
    /// The level.
    pub level: Level,
}
