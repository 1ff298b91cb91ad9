//! Keeping to the bounds: the job behind each batch, and where nothing is appended.

use crate::StoreError;
use crate::jobs::delete::sweep_behind;
use crate::state::WriterState;

/// Steps behind one batch at most: a batch may be as large as a step.
const STEPS: usize = 4;

/// Behind a batch. A failure is told once, and does the batch no harm.
pub(crate) fn behind_batch(scribe: &mut WriterState) {
    let kept = keep(scribe);
    let told = scribe.keeper.note_failing(kept.is_err());
    if let Err(error) = kept
        && !told
    {
        tracing::warn!(%error, "old exchanges could not be deleted");
    }
}

/// A few steps, if there is more than there may be. Says whether there is more to do.
pub(crate) fn keep(scribe: &mut WriterState) -> Result<bool, StoreError> {
    if scribe.keeper.is_unbounded() {
        return Ok(false);
    }
    let look = scribe.keeper.looks_now();
    for _ in 0..STEPS {
        if scribe.keeper.is_sweeping() {
            sweep_behind(scribe)?;
            scribe.keeper.measure_again();
            continue;
        }
        let mut keeper = std::mem::take(&mut scribe.keeper);
        let step = scribe.forgetting(|connection| keeper.step(connection, look));
        scribe.keeper = keeper;
        let (more, cut) = scribe.keeper.settle(step);
        scribe.underway.cut(cut);
        if !more? {
            return Ok(false);
        }
    }
    // What comes may be as much as what went: age and number are looked at again behind the next batch.
    scribe.keeper.look_again();
    Ok(true)
}
