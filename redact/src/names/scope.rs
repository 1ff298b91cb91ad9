//! The parts of exchanges, and the hosts, for which rules hold.

use crate::how::On;

/// Where a rule holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Only there; everywhere if `None`.
    pub(crate) on: Option<On>,
    /// The bit of the pattern that the host must match; 0 if any does.
    pub(crate) host: u64,
}

/// The hosts' patterns that hold for one exchange.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scopes {
    pub(crate) hosts: u64,
}

impl Scopes {
    /// Returns whether a rule with `scope` holds in `on`.
    pub(crate) fn hold(self, scope: Scope, on: On) -> bool {
        (scope.host == 0 || scope.host & self.hosts != 0) && scope.on.is_none_or(|only| only == on)
    }
}
