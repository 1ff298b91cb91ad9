//! The keeper of the bounds: what the writer knows about them from one batch to the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::bounds::Retention;
use super::fair::{Shares, Taken};
use super::status::Standing;
use super::window::Window;
use crate::StoreError;
use crate::state::batch::Batch;

/// How often age and number are looked at; the size is looked at behind each batch.
const LOOK: Duration = Duration::from_secs(1);
/// The share of the size that is left free, at least, for what comes before the next look.
const FREE: u64 = 32;

/// The outcome of a step.
#[derive(Debug)]
pub(crate) enum Step {
    /// All is within the bounds, or nothing more may go.
    Nothing,
    /// Some pages were given back to the file system; more may be.
    Shrunk,
    /// Only exchanges that stay were seen; there are more.
    Passed,
    /// Exchanges went, or connections, or messages.
    Deleted(Taken),
}

/// The writer's knowledge about its bounds.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    pub(super) bounds: Retention,
    looked: Option<Instant>,
    /// Where the oldest exchanges are that may go.
    pub(super) window: Window,
    /// The holders, and how much each has.
    pub(crate) shares: Shares,
    /// How many are pinned; `None`: to be counted.
    pub(super) pinned: Option<i64>,
    /// Bodies of exchanges that went are left to be swept.
    sweeping: bool,
    /// Bytes that were used when it looked last, and about the most that comes between two looks.
    used: Option<u64>,
    most: u64,
    /// That it fails was told.
    failing: bool,
    /// The part of it that others may know.
    standing: Arc<Standing>,
}

impl Keeper {
    /// Sets the bounds.
    pub(crate) fn keep_within(&mut self, bounds: Retention) {
        self.bounds = bounds;
        self.standing.keep_within(bounds);
        self.look_again();
    }

    /// Age and number are to be looked at now.
    pub(crate) fn look_again(&mut self) {
        self.looked = None;
    }

    /// There is nothing to keep to, but for what rules say.
    pub(crate) fn is_unbounded(&self) -> bool {
        self.bounds == Retention::default()
    }

    /// Returns whether age and number are to be looked at, and notes that they are.
    pub(crate) fn looks_now(&mut self) -> bool {
        let look = self.looked.is_none_or(|looked| looked.elapsed() >= LOOK);
        if look {
            self.looked = Some(Instant::now());
        }
        look
    }

    /// Notes whether it fails; says whether it did before.
    pub(crate) fn note_failing(&mut self, failing: bool) -> bool {
        std::mem::replace(&mut self.failing, failing)
    }

    /// Notes what became of a step. Says whether there may be more to do, and of which exchanges under way nothing more
    /// is to be stored but messages.
    pub(crate) fn settle(&mut self, step: Result<Step, StoreError>) -> (Result<bool, StoreError>, Vec<i64>) {
        let more = match step {
            Ok(Step::Nothing) => Ok(false),
            Ok(Step::Shrunk | Step::Passed) => Ok(true),
            Ok(Step::Deleted(Taken { exchanges, marked, .. })) => {
                self.standing.add_deleted(exchanges);
                self.sweeping = marked;
                Ok(true)
            }
            Err(error) => {
                // What was to go is there still.
                self.window = Window::default();
                self.forget_shares();
                Err(error)
            }
        };
        (more, std::mem::take(&mut self.shares.cut))
    }

    /// Keeps to the bounds that `status` has, and tells it from now on.
    pub(crate) fn tell(&mut self, standing: Arc<Standing>) {
        self.standing = standing;
        self.keep_within(self.standing.bounds());
    }

    /// The part of it that others may know, as it goes on.
    pub(crate) fn standing(&self) -> Arc<Standing> {
        Arc::clone(&self.standing)
    }

    /// The file is another one: nothing is known of it.
    pub(crate) fn begin_anew(&mut self) {
        (self.window, self.pinned, self.used) = (Window::default(), None, None);
        self.forget_shares();
        self.sweep();
        self.look_again();
    }

    /// Forgets the holders: they are read again, from what is stored of them.
    fn forget_shares(&mut self) {
        self.shares = Shares::default();
    }

    /// Bodies may be left of exchanges that went.
    pub(crate) fn sweep(&mut self) {
        self.sweeping = true;
    }

    /// Returns whether any may be left.
    pub(crate) fn is_sweeping(&self) -> bool {
        self.sweeping
    }

    /// None is left.
    pub(crate) fn swept(&mut self) {
        self.sweeping = false;
    }

    /// Much came or went: how much is used now says nothing about the batches.
    pub(crate) fn measure_again(&mut self) {
        self.used = None;
    }

    /// Pins came or went.
    pub(crate) fn recount(&mut self) {
        self.pinned = None;
    }

    /// An exchange may go again.
    pub(crate) fn unpinned(&mut self, id: i64) {
        self.recount();
        self.window.add(id);
        self.standing.set_crowded(false);
    }

    /// Exchanges may go again, wherever they are.
    pub(crate) fn unpinned_many(&mut self) {
        self.recount();
        self.window = Window::default();
        self.standing.set_crowded(false);
    }

    /// Exchanges are about to be stored: some may be older than what was looked at.
    pub(crate) fn heed(&mut self, batch: &Batch) {
        let ids = batch.exchanges.iter().chain(&batch.exchanges_again).map(|row| row.exchange.id.0);
        ids.chain(batch.interrupted.iter().copied()).for_each(|id| self.window.add(id));
    }

    /// Notes how much is used. What came in a burst is forgotten by and by.
    pub(super) fn note(&mut self, used: u64) {
        let came = self.used.map_or(0, |before| used.saturating_sub(before));
        (self.used, self.most) = (Some(used), came.max(self.most - self.most / 64));
    }

    /// Returns whether so much is used that what comes before the next look may not fit.
    pub(super) fn is_too_full(&self, used: u64) -> bool {
        self.bounds.size.is_some_and(|size| used > size - (size / FREE).max(self.most).min(size / 4))
    }

    /// Nothing is left that may go, and it is too much all the same: told once.
    pub(super) fn tell_crowded(&self, pinned: i64) {
        if pinned > 0 && !self.standing.set_crowded(true) {
            tracing::warn!(
                pinned,
                "pinned exchanges alone take the room that there is: others go as soon as they have ended; \
                unpin some, or choose a larger --max-size"
            );
        }
    }
}
