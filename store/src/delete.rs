//! Deleting in steps that are short, so that appends get their turn, and giving back the room. If dashcam ends half-way, the next start goes on
//! sweeping.
//!
//! The store overwrites in the database what a user deletes, and empties the write-ahead log behind it. It
//! does not overwrite what the bounds of the recording delete: what comes is written to those pages.

use std::time::{Duration, Instant};

use dashcam_exchange::ExchangeId;

use crate::StoreError;
use crate::jobs::delete as step;
use crate::jobs::shrink;
use crate::state::WriterState;
use crate::writer::Writer;

/// Between two steps in which pages are given back.
const PAUSE: Duration = Duration::from_millis(20);

/// Deletes the exchanges `first..=last`, those that are `pinned` among them or not; says how many there were.
pub(crate) async fn range(
    writer: &Writer,
    (first, last): (i64, i64),
    pinned: bool,
) -> Result<u64, StoreError> {
    let deleted = writer.run(move |state| step::rows(state, (first, last), pinned)).await?;
    sweep(writer).await?;
    writer.run(step::wipe_log).await?;
    Ok(deleted)
}

/// Deletes all exchanges that there are, those that are `pinned` among them or not; says how many there were. The file
/// shrinks.
pub(crate) async fn all(writer: &Writer, pinned: bool) -> Result<u64, StoreError> {
    let (mut deleted, mut first) = (0, 0);
    while let Some(last) = writer.run(move |state| step::stretch(state, first)).await? {
        deleted += writer.run(move |state| step::rows(state, (first, last), pinned)).await?;
        sweep(writer).await?;
        first = last + 1;
    }
    writer.run(step::unnamed_packs).await?;
    while writer.run(shrink::step).await? {}
    writer.run(step::wipe_log).await?;
    Ok(deleted)
}

/// Gives free pages back in steps, for about as long as `time`. Between two of them there is time for others who write, and
/// for the disk.
pub(crate) async fn shrink(
    writer: &Writer,
    step: fn(&mut WriterState) -> Result<bool, StoreError>,
    time: Duration,
) -> Result<(), StoreError> {
    let began = Instant::now();
    while writer.run(step).await? && began.elapsed() < time {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Removes bodies and messages of deleted exchanges, those left over by an earlier run among them.
pub(crate) async fn sweep(writer: &Writer) -> Result<(), StoreError> {
    while writer.run(step::sweep_some).await? {}
    Ok(())
}

/// Deletes those of `ids` that have ended, those that are `pinned` among them or not; says how many there were. The
/// write-ahead log is left to be wiped.
pub(crate) async fn these(writer: &Writer, ids: Vec<ExchangeId>, pinned: bool) -> Result<u64, StoreError> {
    let deleted = writer.run(move |state| step::these(state, &ids, pinned)).await?;
    sweep(writer).await?;
    Ok(deleted)
}
