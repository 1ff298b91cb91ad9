//! How much is decoded at once, and within which limits.

use std::sync::Arc;
use std::time::Duration;

use dashcam_store::Reader;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::dictionary::Dictionaries;

/// Decoding steps that run at once.
pub(super) const AT_ONCE: usize = 2;

/// Exchanges whose bodies are held whole at once, for filters.
const HELD_AT_ONCE: usize = 2;

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
    /// Exchanges whose bodies may be held.
    held: Arc<Semaphore>,
    /// Bodies that others were compressed with.
    pub(super) dictionaries: Arc<Dictionaries>,
}

impl Decoders {
    /// Places at which bodies are decoded within `limits`.
    #[must_use]
    pub fn new(limits: Decoding) -> Self {
        let [places, held] = [AT_ONCE, HELD_AT_ONCE].map(|places| Arc::new(Semaphore::new(places)));
        Self { limits, places, held, dictionaries: Arc::default() }
    }

    /// The same, for bodies of the recording that `reader` reads: those that were compressed with others of it can be
    /// decoded as well.
    #[must_use]
    pub fn with_recording(self, reader: &Reader) -> Self {
        Self { dictionaries: Arc::new(Dictionaries::of(reader)), ..self }
    }

    /// A place, as soon as one is free.
    pub(crate) async fn place(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.places).acquire_owned().await.expect("it is never closed")
    }

    /// Room for the bodies of an exchange, as soon as there is some. Nobody takes a second one while it holds one.
    pub(crate) async fn room(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.held).acquire_owned().await.expect("it is never closed")
    }
}
