//! The segments of a ring that is being written, for those who ask what it covers, and who read it meanwhile.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashcam_exchange::Timestamp;

/// A place in a ring: entries before it are in earlier segments, or before an offset in the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The number of a segment.
    pub(crate) sequence: u64,
    /// Bytes from the segment's beginning.
    pub(crate) offset: u32,
}

/// A segment of the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) sequence: u64,
    /// Its place in the file.
    pub(crate) slot: u32,
    pub(crate) from: Timestamp,
    /// When its last block was written.
    pub(crate) until: Timestamp,
    /// Exchanges that end in it.
    pub(crate) exchanges: u64,
    /// Bytes that are written.
    pub(crate) used: u32,
}

/// The contents of a ring at a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// When the oldest entry was written; `None` if there is none.
    pub from: Option<Timestamp>,
    /// When the newest was written.
    pub until: Option<Timestamp>,
    /// Exchanges that end in it.
    pub exchanges: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Segments, the oldest first. The ring's writer changes it once a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index(Arc<Mutex<VecDeque<Segment>>>);

impl Index {
    pub(crate) fn lock(&self) -> MutexGuard<'_, VecDeque<Segment>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn coverage(&self) -> Coverage {
        let segments = self.lock();
        Coverage {
            from: segments.front().map(|oldest| oldest.from),
            until: segments.back().map(|newest| newest.until),
            exchanges: segments.iter().map(|segment| segment.exchanges).sum(),
            bytes: segments.iter().map(|segment| u64::from(segment.used)).sum(),
        }
    }

    /// Behind the last block.
    pub(crate) fn head(&self) -> Option<Position> {
        let Segment { sequence, used, .. } = *self.lock().back()?;
        Some(Position { sequence, offset: used })
    }

    /// The segment `sequence`, or the first behind it.
    pub(crate) fn at_or_behind(&self, sequence: u64) -> Option<Segment> {
        self.lock().iter().find(|segment| segment.sequence >= sequence).copied()
    }
}
