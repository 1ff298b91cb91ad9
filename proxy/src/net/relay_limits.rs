//! The limits of a relay.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// When a relay ends though both sides would go on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RelayLimits<'a> {
    /// The shutdown: it ends when nothing moves for a moment.
    pub(crate) draining: &'a CancellationToken,
    /// Somebody wants it closed: it ends likewise, and soon in any case.
    pub(crate) close: Option<&'a CancellationToken>,
    /// Nothing has moved for so long.
    pub(crate) idle: Option<Duration>,
}
