//! The reading half of a client's connection while a request of it is answered.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncReadExt as _;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::h1::reader::Reader;
use crate::serve::h1::request_body::GivenBack;

/// How long a client may go on sending after its last response, so that it can read it.
const LINGER: Duration = Duration::from_secs(2);
/// Bytes that are read ahead of a response at most.
const READ_AHEAD: usize = 64 << 10;

/// The reading half: here, or lent to the body of the request that is answered.
pub(super) struct ClientSide {
    pub(super) reader: Option<Reader>,
    lent: Option<oneshot::Receiver<GivenBack>>,
    /// True if the last body was read to its end, so that the next request follows.
    pub(super) clean: bool,
    half_closed: bool,
    /// How long nothing may move after the client has closed its half. It may still wait for the response; but
    /// nearly all have closed the other half too, which can't be seen before something is sent.
    half_closed_limit: Duration,
}

impl ClientSide {
    pub(super) fn new(reader: Reader, half_closed_limit: Duration) -> Self {
        Self { reader: Some(reader), lent: None, clean: true, half_closed: false, half_closed_limit }
    }

    /// Notes that a body has the reading half, and will give it back.
    pub(super) fn lend(&mut self, given_back: oneshot::Receiver<GivenBack>) {
        self.lent = Some(given_back);
        self.clean = false;
    }

    /// Takes the reading half back if the body is done with it.
    pub(super) fn take_back(&mut self) {
        if let Some(given) = self.lent.as_mut().and_then(|lent| lent.try_recv().ok()) {
            self.given(given);
        }
    }

    /// Waits until the last body has passed to its end, or is given up.
    pub(super) async fn returned(&mut self) {
        if let Some(lent) = &mut self.lent {
            match lent.await {
                Ok(given) => self.given(given),
                Err(_) => self.lent = None,
            }
        }
    }

    /// Returns whether bytes are here already that follow the last request.
    pub(super) fn has_sent_more(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| !reader.buffer.is_empty())
    }

    /// Returns whether a body still has the reading half.
    pub(super) fn is_lent(&self) -> bool {
        self.lent.is_some()
    }

    /// Waits until the client is gone: its connection breaks, or it has closed its half and `progress`, a
    /// count of what was written to it, stands still. Nothing is lost when the caller stops waiting.
    pub(super) async fn gone(&mut self, progress: &AtomicU64) {
        loop {
            self.returned().await;
            if self.half_closed {
                let before = progress.load(Ordering::Relaxed);
                sleep(self.half_closed_limit).await;
                if progress.load(Ordering::Relaxed) == before {
                    return;
                }
                continue;
            }
            // A body that ended badly tells so by itself.
            let clean = self.clean;
            match self.reader.as_mut().filter(|reader| clean && reader.buffer.len() < READ_AHEAD) {
                None => std::future::pending().await,
                Some(reader) => match reader.fill().await {
                    Ok(0) => self.half_closed = true,
                    Ok(_) => {}
                    Err(_) => return,
                },
            }
        }
    }

    /// Reads and drops what the client still sends after its last response, for a moment: a connection that is closed with
    /// bytes unread is reset, and the response may be lost.
    pub(super) async fn linger(&mut self) {
        let Some(reader) = &mut self.reader else { return };
        let drain = async {
            let mut left = 1 << 20;
            let mut sink = BytesMut::with_capacity(8 << 10);
            while left > 0 {
                sink.clear();
                match reader.half.read_buf(&mut sink).await {
                    Ok(0) | Err(_) => return,
                    Ok(read) => left -= read.min(left),
                }
            }
        };
        // Out of time is as good as done.
        let _ = timeout(LINGER, drain).await;
    }

    fn given(&mut self, given: GivenBack) {
        self.lent = None;
        self.clean = given.clean;
        self.reader = Some(given.reader);
    }
}
