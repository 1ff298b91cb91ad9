//! What a run found, for people and for programs.

mod markdown;

pub(crate) use markdown::markdown;

use super::case::Case;
use super::sample::Sample;

/// Everything that is known at the end of a run.
pub(crate) struct Report {
    /// The cases that ran.
    pub(crate) cases: Vec<&'static Case>,
    pub(crate) samples: Vec<Sample>,
    /// What was left out or went wrong, and why.
    pub(crate) notes: Vec<String>,
}
