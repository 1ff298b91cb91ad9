//! Rules that are left over for a connection.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use super::candidates::Candidates;
use crate::Epoch;

/// The rules that the facts of a connection leave over: worked out once for each policy, and kept with the connection.
#[derive(Debug, Default)]
pub struct Narrowed(ArcSwapOption<(Epoch, Candidates)>);

impl Narrowed {
    /// The rules that are left over, from the policy of `epoch`.
    pub(crate) fn of(&self, epoch: Epoch, narrow: impl FnOnce() -> Candidates) -> Candidates {
        match &*self.0.load() {
            Some(known) if known.0 == epoch => known.1,
            _ => {
                let candidates = narrow();
                self.0.store(Some(Arc::new((epoch, candidates))));
                candidates
            }
        }
    }
}
