//! Deleting in steps that are short, so that appends get their turn. If dashcam ends half-way, the next start goes on
//! sweeping.
//!
//! The store overwrites in the database what a user deletes, and empties the write-ahead log behind it. It
//! does not overwrite what the bounds of the recording delete: what comes is written to those pages.

use dashcam_exchange::ExchangeId;

use crate::StoreError;
use crate::jobs::delete as step;
use crate::writer::Writer;

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
    let mut left = i64::MAX;
    loop {
        let free = writer.run(step::shrink).await?;
        if free == 0 || free >= left {
            writer.run(step::wipe_log).await?;
            return Ok(deleted);
        }
        left = free;
    }
}

/// Removes bodies and messages of deleted exchanges, those left over by an earlier run among them.
pub(crate) async fn sweep(writer: &Writer) -> Result<(), StoreError> {
    while writer.run(step::sweep_some).await? {}
    Ok(())
}

/// Deletes those of `ids` that have ended, those that are `pinned` among them or not; says how many there were.
pub(crate) async fn these(writer: &Writer, ids: Vec<ExchangeId>, pinned: bool) -> Result<u64, StoreError> {
    let deleted = writer.run(move |state| step::these(state, &ids, pinned)).await?;
    sweep(writer).await?;
    writer.run(step::wipe_log).await?;
    Ok(deleted)
}
