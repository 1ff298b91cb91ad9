//! An exchange about which rules are asked.

use std::cell::LazyCell;

use dashcam_filter::{Facts, Progress};

use super::rule::Stage;

/// An exchange about which rules are asked.
pub(crate) struct Case<'a, F: FnOnce() -> Facts<'a>> {
    pub(crate) stage: Stage,
    pub(crate) progress: Progress<'a>,
    /// All facts that are known, put together once a rule asks for them: most ask for little.
    pub(crate) facts: LazyCell<Facts<'a>, F>,
}

impl<'a, F: FnOnce() -> Facts<'a>> Case<'a, F> {
    pub(crate) fn new(stage: Stage, progress: Progress<'a>, facts: F) -> Self {
        Self { stage, progress, facts: LazyCell::new(facts) }
    }
}
