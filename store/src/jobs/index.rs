//! Segments, made behind the writer while it has time: the rows are read and packed elsewhere, and the writer stores what is
//! still true.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::Connection;

use crate::StoreError;
use crate::file::identity::Identity;
use crate::rows::segment::gather::{Order, gather};
use crate::rows::segment::{self, BITS, Column, Segment, block_of, ids_of};
use crate::state::WriterState;

/// Exchanges behind a block before its segment is made: most that began in it have ended then.
const BEHIND: i64 = 512;
const OLDEST: &str = "SELECT coalesce(min(id), 0) FROM exchange_rows";

/// How far segments are made.
#[derive(Debug, Default)]
pub(crate) struct Indexing {
    /// Blocks of which none can be made.
    pub(crate) hopeless: HashSet<i64>,
    /// All were made when the writer had come so far.
    done: Option<Progress>,
}

/// A block without a segment, and what its segment would be.
#[derive(Debug)]
pub(crate) struct Made {
    /// The file whose rows these are.
    file: Identity,
    /// As in [`Progress`], before they were read.
    rewrites: u64,
    pub(crate) block: i64,
    /// `None` if its rows make no sense.
    segment: Option<Segment>,
}

/// How far the writer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The last block that may have a segment.
    pub(crate) last: i64,
    /// Rows that it has changed.
    changes: u64,
    /// How often it has rewritten exchanges that had ended.
    rewrites: u64,
}

impl Indexing {
    /// Returns whether nothing is to be done, as the writer has come no farther.
    pub(crate) fn is_done(&self, progress: Progress) -> bool {
        self.done == Some(progress)
    }

    /// Returns whether all were made once.
    pub(crate) fn was_done(&self) -> bool {
        self.done.is_some()
    }

    /// All was done when the writer had come so far.
    pub(crate) fn done(&mut self, progress: Progress) {
        self.done = Some(progress);
    }
}

/// How far the writer has come; `None` if it has no time for segments.
pub(crate) fn progress(state: &WriterState) -> Option<Progress> {
    let connection = state.connection.as_ref()?;
    let has_time = !state.load.is_busy() && state.queue.is_empty();
    let last = block_of(state.known.last[0] - BEHIND) - 1;
    has_time.then(|| Progress { last, changes: connection.total_changes(), rewrites: state.rewrites })
}

/// Makes the segment of the newest block up to the last one that has none, of the recording at a path. Where the recording
/// `shrinks` at its old end, the oldest block is left as it is.
pub(crate) fn make(
    (connection, path): (&Connection, &Path),
    Progress { last, rewrites, .. }: Progress,
    hopeless: &HashSet<i64>,
    shrinks: bool,
) -> Result<Option<Made>, StoreError> {
    let file = Identity::of(path)?;
    let oldest = match shrinks {
        true => Some(block_of(connection.query_row(OLDEST, [], |row| row.get(0))?)),
        false => None,
    };
    let is_left = |block| hopeless.contains(&block) || oldest == Some(block);
    let Some(block) = segment::missing(connection, last, is_left)? else { return Ok(None) };
    let segment = match gather(connection, ids_of(block), Order::Ascending, 1 << BITS) {
        Ok(segment) => Some(segment),
        Err(StoreError::Damaged(_)) => None,
        Err(error) => return Err(error),
    };
    Ok(Some(Made { file, rewrites, block, segment }))
}

/// Stores a segment, if its exchanges are those that are stored now; they have ended, and do not change unless they are
/// rewritten. False if it is too large to be one.
pub(crate) fn store(state: &mut WriterState, made: &Made) -> Result<bool, StoreError> {
    let Made { file, rewrites, block, segment: Some(segment) } = made else { return Ok(false) };
    if *file != state.file || *rewrites != state.rewrites {
        return Ok(true);
    }
    state.transaction(|connection| {
        let sql = "SELECT id FROM exchange_rows WHERE id BETWEEN ? AND ? ORDER BY id";
        let mut statement = connection.prepare_cached(sql)?;
        let ids = statement.query_map(ids_of(*block), |row| row.get(0))?;
        let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
        if ids != segment.numbers.of(Column::Id) {
            return Ok(true);
        }
        segment::store(connection, *block, segment)
    })
}
