//! How much is decoded at once, and within which limits.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Decoding steps that run at once.
pub(super) const AT_ONCE: usize = 2;

/// Limits on decoding one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decoding {
    /// The most content codings that are undone, one within the other.
    pub codings: usize,
    /// The longest time that it may compute.
    pub time: Duration,
}

impl Default for Decoding {
    fn default() -> Self {
        Self { codings: 2, time: Duration::from_secs(2) }
    }
}

/// The places at which bodies are decoded. Clones share them.
#[derive(Debug, Clone)]
pub struct Decoders {
    pub(super) limits: Decoding,
    pub(super) places: Arc<Semaphore>,
}

impl Decoders {
    /// Places at which bodies are decoded within `limits`.
    #[must_use]
    pub fn new(limits: Decoding) -> Self {
        Self { limits, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// A place, as soon as one is free.
    pub(super) async fn place(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.places).acquire_owned().await.expect("it is never closed")
    }
}
