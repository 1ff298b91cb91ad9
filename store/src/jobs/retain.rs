//! Keeping to the bounds: the job behind each batch, and where nothing is appended.

use crate::StoreError;
use crate::jobs::delete::sweep_behind;
use crate::jobs::seals;
use crate::state::WriterState;

/// Steps behind one batch at most: a batch may be as large as a step.
const STEPS: usize = 4;

/// Behind a batch. A failure is told once, and does the batch no harm.
pub(crate) fn behind_batch(state: &mut WriterState) {
    let kept = keep(state);
    let told = state.keeper.note_failing(kept.is_err());
    if let Err(error) = kept
        && !told
    {
        tracing::warn!(%error, "old exchanges could not be deleted");
    }
}

/// A few steps, if there is more than there may be. Says whether there is more to do.
pub(crate) fn keep(state: &mut WriterState) -> Result<bool, StoreError> {
    seals::expire(state)?;
    let look = state.keeper.looks_now();
    if state.keeper.is_unbounded() && !look {
        return Ok(false);
    }
    for _ in 0..STEPS {
        if state.keeper.is_sweeping() {
            sweep_behind(state)?;
            state.keeper.measure_again();
            continue;
        }
        let mut keeper = std::mem::take(&mut state.keeper);
        let step = state.forgetting(|connection| keeper.step(connection, look));
        state.keeper = keeper;
        let (more, cut) = state.keeper.settle(step);
        state.partial.cut(cut);
        if !more? {
            return Ok(false);
        }
    }
    // As much may come as went: age and number are looked at again behind the next batch.
    state.keeper.look_again();
    Ok(true)
}
