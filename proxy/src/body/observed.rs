//! The observers of a body: its copy in the record, and its count. Each outcome is reported to both at once.

use dashcam_exchange::{Failure, Headers};
use dashcam_recorder::{BodyTap, Offered};

use crate::meter::{Count, Upload};
use crate::net::stream_end::StreamEnd;

/// Whose body is counted.
pub(crate) enum Metered {
    Request(Upload),
    /// With the exchange as a whole, which ends with it.
    Response(Count),
}

/// The observers of one body, and how much of it they have seen.
pub(super) struct ObservedBody {
    pub(super) tap: Option<BodyTap>,
    /// Counts it.
    pub(super) meter: Option<Metered>,
    /// The bytes to come when the watch began, if that was known, and those that have passed since.
    announced: Option<u64>,
    passed: u64,
    /// True once the body has ended.
    ended: bool,
}

impl ObservedBody {
    /// Nobody yet, for a body of `announced` bytes that has `ended` or not.
    pub(super) fn new(announced: Option<u64>, ended: bool) -> Self {
        Self { tap: None, meter: None, announced, passed: 0, ended }
    }

    /// Bytes that pass.
    pub(super) fn data(&mut self, bytes: &[u8]) {
        self.passed += bytes.len() as u64;
        if let Some(tap) = &mut self.tap {
            tap.data(bytes);
        }
    }

    /// Bytes that are to pass, and pass once they are taken.
    pub(super) fn offer(&mut self, bytes: &[u8]) -> Offered {
        let offered = self.tap.as_mut().map_or(Offered::Taken, |tap| tap.offer(bytes));
        if matches!(offered, Offered::Taken) {
            self.passed += bytes.len() as u64;
        }
        offered
    }

    /// Trailers that are to pass.
    pub(super) fn offer_trailers(&mut self, trailers: &Headers) -> Offered {
        self.tap.as_mut().map_or(Offered::Taken, |tap| tap.offer_trailers(trailers))
    }

    /// Returns whether all bytes have passed that were announced.
    pub(super) fn has_all(&self) -> bool {
        self.announced == Some(self.passed)
    }

    /// The upstream's connection ended: the body's end, or what cuts it short.
    pub(super) fn connection_ended(&mut self, end: StreamEnd) {
        if let Some(tap) = &mut self.tap {
            tap.connection_ended(end.into());
        }
    }

    /// The body passed to its end. It counts once nobody holds it any more.
    pub(super) fn complete(&mut self, trailers: Option<&Headers>) {
        self.ended = true;
        if let Some(mut tap) = self.tap.take() {
            tap.end(trailers.cloned());
        }
    }

    /// The body failed.
    pub(super) fn fail(&mut self, failure: &Failure) {
        self.ended = true;
        match self.meter.take() {
            Some(Metered::Request(upload)) => {
                upload.passed(self.passed);
                upload.fail(failure);
            }
            Some(Metered::Response(mut count)) => {
                count.passed(self.passed);
                count.fail(failure);
            }
            None => {}
        }
        if let Some(mut tap) = self.tap.take() {
            tap.fail(failure.clone());
        }
    }

    /// The client went away inside the body, which is a request's.
    pub(super) fn abort(&mut self, failure: &Failure) {
        self.ended = true;
        if let Some(Metered::Request(upload)) = self.meter.take() {
            upload.passed(self.passed);
            upload.abort();
        }
        if let Some(mut tap) = self.tap.take() {
            tap.abort(failure.clone());
        }
    }

    /// The count of the exchange as a whole, if that ends with this body.
    pub(super) fn count(&mut self) -> Option<&mut Count> {
        match &mut self.meter {
            Some(Metered::Response(count)) => Some(count),
            Some(Metered::Request(_)) | None => None,
        }
    }
}

/// Somebody who has all the bytes that were announced need not wait for the end of an HTTP/2 stream, which may come
/// later.
impl Drop for ObservedBody {
    fn drop(&mut self) {
        let is_whole = self.has_all();
        if is_whole && let Some(mut tap) = self.tap.take() {
            tap.end(None);
        }
        match self.meter.take() {
            Some(Metered::Request(upload)) => upload.passed(self.passed),
            Some(Metered::Response(mut count)) => {
                count.passed(self.passed);
                if self.ended || is_whole {
                    count.complete();
                }
            }
            None => {}
        }
    }
}
