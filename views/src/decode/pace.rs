//! Reasons that stop decoding before its end: too much time, too many bytes between two codings, nobody who waits for
//! it.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dashcam_store::ReadError;

/// The most bytes that a coding may yield to the next one.
pub(super) const BETWEEN: u64 = 32 << 20;

/// Why decoding was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// More codings than are undone: so many, of so many.
    Codings(usize, usize),
    /// A coding yielded more than [`BETWEEN`] to the next one.
    Between,
    /// It took longer than this.
    Time(Duration),
    /// Nobody waits for it any more.
    Gone,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codings(found, most) => write!(
                f,
                "It has {found} content codings, one within the other, and dashcam undoes at most {most} \
                 (`codings` in config.toml): it is shown as it is stored."
            ),
            Self::Between => write!(
                f,
                "Decoding was stopped: the first coding that was undone gave the next one more than {} MiB. \
                 Download the body to decode it yourself.",
                BETWEEN >> 20
            ),
            Self::Time(limit) => write!(
                f,
                "Decoding was stopped after {limit:?}: what was decoded until then is shown. \
                 Download the body to decode it yourself."
            ),
            Self::Gone => f.write_str("Nobody waits for it any more."),
        }
    }
}

impl Error for Cut {}

/// The state that the layers of one decoding share.
#[derive(Debug)]
pub(crate) struct Pace {
    limit: Duration,
    clock: Mutex<Clock>,
    is_gone: AtomicBool,
    cut: Mutex<Option<Cut>>,
    behind: AtomicU64,
    failure: Mutex<Option<ReadError>>,
}

#[derive(Debug)]
struct Clock {
    left: Duration,
    /// When the step that is under way began.
    since: Option<Instant>,
}

impl Pace {
    /// For decoding that may compute for `limit`.
    pub(super) fn new(limit: Duration) -> Arc<Self> {
        let clock = Mutex::new(Clock { left: limit, since: None });
        Arc::new(Self {
            limit,
            clock,
            is_gone: AtomicBool::new(false),
            cut: Mutex::default(),
            behind: AtomicU64::new(0),
            failure: Mutex::default(),
        })
    }

    /// A step begins.
    pub(super) fn begin(&self) {
        lock(&self.clock).since = Some(Instant::now());
    }

    /// The step has ended.
    pub(super) fn end(&self) {
        let mut clock = lock(&self.clock);
        let took = clock.since.take().map_or(Duration::ZERO, |since| since.elapsed());
        clock.left = clock.left.saturating_sub(took);
    }

    /// Time that was waited and does not count.
    pub(crate) fn add(&self, waited: Duration) {
        let mut clock = lock(&self.clock);
        clock.left = clock.left.saturating_add(waited);
    }

    /// Nobody waits for it any more.
    pub(super) fn leave(&self) {
        self.is_gone.store(true, Ordering::Relaxed);
    }

    /// The error that decoding is to be stopped, if it is.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.is_gone.load(Ordering::Relaxed) {
            return Err(self.stop(Cut::Gone));
        }
        let clock = lock(&self.clock);
        if clock.since.is_some_and(|since| since.elapsed() >= clock.left) {
            return Err(self.stop(Cut::Time(self.limit)));
        }
        Ok(())
    }

    /// Notes why decoding is stopped: decoders may make an error of their own of it.
    pub(super) fn stop(&self, cut: Cut) -> io::Error {
        *lock(&self.cut) = Some(cut);
        io::Error::other(cut)
    }

    /// Why decoding was stopped, if it was.
    pub(super) fn cut(&self) -> Option<Cut> {
        *lock(&self.cut)
    }

    /// Notes that so many bytes behind the coded data are no part of it.
    pub(super) fn note_behind(&self, bytes: u64) {
        self.behind.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many bytes behind the coded data are no part of it.
    pub(super) fn behind(&self) -> u64 {
        self.behind.load(Ordering::Relaxed)
    }

    /// Notes that the store could not be read: that is no fault of the body.
    pub(crate) fn store_failed(&self, error: ReadError) -> io::Error {
        *lock(&self.failure) = Some(error);
        io::Error::other("the recording cannot be read")
    }

    /// The store's error, if it had one.
    pub(super) fn take_failure(&self) -> Option<ReadError> {
        lock(&self.failure).take()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A layer's output, watched.
pub(super) struct Watched<R> {
    inner: R,
    left: u64,
    pace: Arc<Pace>,
}

impl<R> Watched<R> {
    /// `inner`, which may yield at most `most` bytes.
    pub(super) fn new(inner: R, most: u64, pace: &Arc<Pace>) -> Self {
        Self { inner, left: most, pace: Arc::clone(pace) }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pace.check()?;
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => Err(self.pace.stop(Cut::Between)),
        }
    }
}
