//! A request on its way over an HTTP/2 connection to an upstream, for as long as its response is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use dashcam_exchange::Failure;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Streams of a connection that are open, or wait to be.
#[derive(Debug, Default)]
pub(crate) struct StreamCount(Arc<AtomicUsize>);

/// Counts a stream until the last of its clones is gone.
#[derive(Debug, Clone)]
pub(crate) struct OpenStream {
    _counted: Arc<Counted>,
}

#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

/// The guard of a request: dropped before the response is whole, the stream is reset.
pub(crate) struct InFlight {
    stream: OpenStream,
    /// Ends the upload when it is dropped.
    upload: Option<DropGuard>,
    /// Why the upload broke off, if the client's side did.
    broken: Arc<OnceLock<Failure>>,
}

impl StreamCount {
    /// One more.
    pub(crate) fn open(&self) -> OpenStream {
        self.0.fetch_add(1, Ordering::Relaxed);
        OpenStream { _counted: Arc::new(Counted(Arc::clone(&self.0))) }
    }

    /// How many there are.
    pub(crate) fn now(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl InFlight {
    /// The guard of a request without a body.
    pub(crate) fn new(stream: OpenStream) -> Self {
        Self { stream, upload: None, broken: Arc::default() }
    }

    /// Parts of the request that an upload needs: it is cancelled with that, says there why it broke off, and keeps
    /// the stream counted until both directions have ended.
    pub(crate) fn upload(&mut self) -> (CancellationToken, Arc<OnceLock<Failure>>, OpenStream) {
        let wanted = CancellationToken::new();
        self.upload = Some(wanted.clone().drop_guard());
        (wanted, Arc::clone(&self.broken), self.stream.clone())
    }

    /// Why the request's body broke off: then the stream's end is only the consequence.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.broken.get().cloned()
    }

    /// The response is whole. What is left of the request may still be wanted: an upstream for which that is not so
    /// ends the stream itself.
    pub(crate) fn answered(&mut self) {
        if let Some(upload) = self.upload.take() {
            upload.disarm();
        }
    }
}
