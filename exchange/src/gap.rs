//! Holes in the recording: what was seen but not stored, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::failure::names;

/// Why exchanges are missing from the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// More exchanges were under way than there are places in the queue, or than the memory budget has room for.
    QueueFull,
    /// The disk is full.
    DiskFull,
    /// The database could not be written.
    DiskError,
    /// A fault in the recorder.
    RecorderFault,
    /// One client connection or address had more under way or waiting than its share of the queue or of the memory.
    ClientShare,
}

names!(GapReason {
    QueueFull => "queue_full",
    DiskFull => "disk_full",
    DiskError => "disk_error",
    RecorderFault => "recorder_fault",
    ClientShare => "client_share",
});

/// A stretch of time in which exchanges were not stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// When the first was missed.
    pub from: Timestamp,
    /// When the last was missed.
    pub until: Timestamp,
    /// Why.
    pub reason: GapReason,
    /// How many exchanges.
    pub exchanges: u64,
}
