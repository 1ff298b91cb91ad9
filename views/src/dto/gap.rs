//! Exchanges that are missing from the recording: when, how many, and why.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::GapReason;
use super::time::Time;

/// Exchanges that were seen but not stored, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dropped {
    /// More were under way than there are places in the queue, or than memory has room for.
    pub queue_full: u64,
    /// The disk was full, or had less room than is to be left free.
    pub disk_full: u64,
    /// The database could not be written.
    pub disk_error: u64,
    /// A fault in the recorder.
    pub recorder_fault: u64,
    /// One client connection or address had more under way or waiting than its share (`address_share`).
    pub client_share: u64,
}

impl Dropped {
    /// Counts by their reasons.
    pub fn of(counts: impl IntoIterator<Item = (dashcam_exchange::GapReason, u64)>) -> Self {
        let mut dropped = Self::default();
        counts.into_iter().for_each(|(reason, count)| dropped.add(reason, count));
        dropped
    }

    /// Adds a number for a reason.
    pub(crate) fn add(&mut self, reason: dashcam_exchange::GapReason, count: u64) {
        use dashcam_exchange::GapReason;
        let of_reason = match reason {
            GapReason::QueueFull => &mut self.queue_full,
            GapReason::DiskFull => &mut self.disk_full,
            GapReason::DiskError => &mut self.disk_error,
            GapReason::RecorderFault => &mut self.recorder_fault,
            GapReason::ClientShare => &mut self.client_share,
        };
        *of_reason += count;
    }
}

/// A stretch of time in which exchanges were not stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    /// When the first was missed.
    pub from: Time,
    /// When the last was missed.
    pub until: Time,
    /// Why.
    pub reason: GapReason,
    /// How many.
    pub exchanges: u64,
}

impl From<dashcam_exchange::Gap> for Gap {
    fn from(gap: dashcam_exchange::Gap) -> Self {
        Self {
            from: gap.from.into(),
            until: gap.until.into(),
            reason: gap.reason.into(),
            exchanges: gap.exchanges,
        }
    }
}

/// The latest gaps, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Gaps {
    /// The gaps.
    pub gaps: Vec<Gap>,
}

/// The exchanges of one hour that were not stored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LostHour {
    /// When it began.
    pub hour: Time,
    /// When the first was missed.
    pub from: Time,
    /// When the last was missed.
    pub until: Time,
    /// Exchanges, by reason; all 0 where only parts of exchanges were lost.
    pub dropped: Dropped,
}

impl From<dashcam_store::LostHour> for LostHour {
    fn from(lost: dashcam_store::LostHour) -> Self {
        Self {
            hour: lost.hour.into(),
            from: lost.from.into(),
            until: lost.until.into(),
            dropped: Dropped::of(lost.lost),
        }
    }
}

/// Hours in which exchanges were not stored, the latest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GapsByHour {
    /// The hours.
    pub hours: Vec<LostHour>,
}
