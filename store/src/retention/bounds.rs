//! The bounds of a recording.

use std::time::Duration;

/// The bounds of a recording; `None` disables a bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Bytes of the database, pinned exchanges among them.
    pub size: Option<u64>,
    /// Since an exchange began.
    pub age: Option<Duration>,
    /// How many exchanges, beside those that are pinned.
    pub exchanges: Option<u64>,
}
