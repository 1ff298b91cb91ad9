//! Records in. What comes in one call is stored as a whole, or kept (`waiting`).

use crate::StoreError;
use crate::jobs::retain;
use crate::jobs::waiting;
use crate::state::WriterState;
use crate::state::queue::{Addition, Owner};

/// Stores an addition behind all that waits. Its owner hears of its own only.
pub(crate) fn append(state: &mut WriterState, addition: Addition) -> Result<(), StoreError> {
    let owner = addition.owner();
    if let Some(lost) = state.queue.take_lost(owner) {
        return Err(lost);
    }
    let (number, bytes) = addition.size();
    state.queue.push(addition);
    let stored = waiting::store(state);
    if let Some(lost) = state.queue.take_lost(owner) {
        return Err(lost);
    }
    if state.queue.holds(owner) {
        stored?;
    }
    if owner == Owner::Recorder {
        retain::behind_batch(state);
    }
    state.load.worked(number, bytes);
    Ok(())
}
