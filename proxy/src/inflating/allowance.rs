//! How much one direction may inflate, and how much of that is kept.

use std::cell::Cell;
use std::time::Instant;

/// Times what came on the wire that may be inflated in any case.
pub(super) const FREE: u64 = 16;
/// Times what came on the wire that is kept of a direction's inflated messages, beside [`KEPT`].
const KEPT_FACTOR: u64 = 64;
/// Bytes of a direction's inflated messages that are kept in any case.
const KEPT: u64 = 1 << 20;

/// The bytes that a direction may inflate beyond its free share: so many at once, and so many a second.
const OWN: Bucket = Bucket { left: 2 << 20, most: 2 << 20, second: 1 << 20, since: None };
/// The same for all connections of one thread together: a hundredth of a second at once, and 2 % of the time.
const THREAD: Bucket = Bucket { left: 8 << 20, most: 8 << 20, second: 16 << 20, since: None };
/// The most of the free share that is saved up for later.
const SAVED: u64 = 1 << 20;

thread_local! {
    static ON_THREAD: Cell<Bucket> = const { Cell::new(THREAD) };
}

/// The bytes that one direction of a connection may still inflate.
#[derive(Debug)]
pub(crate) struct Allowance {
    /// The rest of the free share.
    free: u64,
    own: Bucket,
    /// Bytes of inflated messages that may still be kept.
    kept: u64,
    is_bounded: bool,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { free: 0, own: OWN, kept: KEPT, is_bounded: true }
    }
}

impl Allowance {
    /// Inflates whatever comes, and keeps what may be kept.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn without_time() -> Self {
        Self { is_bounded: false, ..Self::default() }
    }

    /// Notes bytes that came on the wire and are to be inflated.
    pub(crate) fn earn(&mut self, wire: usize) {
        self.free = (self.free + wire as u64 * FREE).min(SAVED.max(wire as u64 * FREE));
        self.kept = self.kept.saturating_add(wire as u64 * KEPT_FACTOR);
    }

    /// Draws what has been inflated; `false` if it was too much, and inflating is to stop.
    pub(crate) fn spend(&mut self, inflated: usize) -> bool {
        let beyond = (inflated as u64).saturating_sub(self.free);
        self.free = self.free.saturating_sub(inflated as u64);
        if beyond == 0 || !self.is_bounded {
            return true;
        }
        let now = Instant::now();
        self.own.take(beyond, now) && take_on_thread(beyond, now)
    }

    /// Takes room to keep inflated bytes; says how many fit.
    pub(crate) fn keep(&mut self, bytes: u64) -> u64 {
        let kept = bytes.min(self.kept);
        self.kept -= kept;
        kept
    }
}

fn take_on_thread(bytes: u64, now: Instant) -> bool {
    let mut bucket = ON_THREAD.get();
    let taken = bucket.take(bytes, now);
    ON_THREAD.set(bucket);
    taken
}

/// Bytes that come back with time, up to a measure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    pub(super) left: u64,
    pub(super) most: u64,
    /// Bytes that come back in a second.
    pub(super) second: u64,
    /// When it was looked at last.
    pub(super) since: Option<Instant>,
}

impl Bucket {
    /// Takes `bytes` if they are there.
    pub(super) fn take(&mut self, bytes: u64, now: Instant) -> bool {
        let passed = self.since.map_or(0, |since| now.saturating_duration_since(since).as_micros());
        let back = u64::try_from(passed * u128::from(self.second) / 1_000_000).unwrap_or(u64::MAX);
        self.left = self.left.saturating_add(back).min(self.most);
        self.since = Some(now);
        let is_there = bytes <= self.left;
        if is_there {
            self.left -= bytes;
        }
        is_there
    }
}
