//! Keeps the recording within its bounds: the oldest exchanges go, a few at a time, and with them the connections that
//! no exchange names any more. Pinned exchanges stay, and so do those that are under way.
//!
//! Where one client or host holds more than its share (`holdings`), its oldest exchanges go before anybody else's
//! (`fair`): nobody can push what others did out of the recording. Age is age, whoever it was.
//!
//! The thread that writes does it behind each batch, so that what goes keeps pace with what comes. Pages that become
//! free are written again: the file does not grow, and nothing has to be moved.

mod connections;
mod fair;
mod holdings;
mod oldest;
mod status;
mod window;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::StoreError;
use crate::batch::Batch;
use crate::delete::{self, Expired};
use crate::writer::WriterState;
use fair::{Shares, Taken};
pub(crate) use holdings::Holdings;
use holdings::block_of;
pub(crate) use oldest::BYTES;
use oldest::{Due, Found};
pub use status::Kept;
pub(crate) use status::Standing;
use window::Window;

/// Steps behind one batch at most: a batch may be as large as a step.
const STEPS: usize = 4;
/// How often age and number are looked at; the size is looked at behind each batch.
const LOOK: Duration = Duration::from_secs(1);
/// The share of the size that is left free, at least, for what comes before the next look.
const FREE: u64 = 32;
/// Pages that are given back to the file system at once.
const PAGES: u32 = 128;

/// The bounds of a recording; `None` disables a bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Bytes of the database, pinned exchanges among them.
    pub size: Option<u64>,
    /// Since an exchange began.
    pub age: Option<Duration>,
    /// How many exchanges, beside those that are pinned.
    pub exchanges: Option<u64>,
}

/// The writer's knowledge about its bounds.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    bounds: Retention,
    looked: Option<Instant>,
    /// Where the oldest exchanges are that may go.
    window: Window,
    /// The holders, and how much each has.
    pub(crate) shares: Shares,
    /// How many are pinned; `None`: to be counted.
    pinned: Option<i64>,
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

    /// Exchanges are about to be stored: some may be older than what was looked at.
    pub(crate) fn heed(&mut self, batch: &Batch) {
        let ids = batch.exchanges.iter().chain(&batch.exchanges_again).map(|row| row.exchange.id.0);
        ids.chain(batch.interrupted.iter().copied()).for_each(|id| self.window.add(id));
    }

    /// Notes how much is used. What came in a burst is forgotten by and by.
    fn note(&mut self, used: u64) {
        let came = self.used.map_or(0, |before| used.saturating_sub(before));
        (self.used, self.most) = (Some(used), came.max(self.most - self.most / 64));
    }

    /// Returns whether so much is used that what comes before the next look may not fit.
    fn is_too_full(&self, used: u64) -> bool {
        self.bounds.size.is_some_and(|size| used > size - (size / FREE).max(self.most).min(size / 4))
    }

    /// Nothing is left that may go, and it is too much all the same: told once.
    fn tell_crowded(&self, pinned: i64) {
        if pinned > 0 && !self.standing.set_crowded(true) {
            tracing::warn!(
                pinned,
                "pinned exchanges alone take the room that there is: others go as soon as they have ended; \
                unpin some, or choose a larger --max-size"
            );
        }
    }
}

/// Behind a batch. A failure is told once, and does the batch no harm.
pub(crate) fn keep_behind(scribe: &mut WriterState) {
    let kept = keep(scribe);
    let told = std::mem::replace(&mut scribe.keeper.failing, kept.is_err());
    if let Err(error) = kept
        && !told
    {
        tracing::warn!(%error, "old exchanges could not be deleted");
    }
}

/// A few steps, if there is more than there may be. Says whether there is more to do.
pub(crate) fn keep(scribe: &mut WriterState) -> Result<bool, StoreError> {
    if scribe.keeper.bounds == Retention::default() {
        return Ok(false);
    }
    let look = scribe.keeper.looked.is_none_or(|looked| looked.elapsed() >= LOOK);
    if look {
        scribe.keeper.looked = Some(Instant::now());
    }
    for _ in 0..STEPS {
        if scribe.keeper.sweeping {
            delete::sweep_behind(scribe)?;
            scribe.keeper.used = None;
            continue;
        }
        let mut keeper = std::mem::take(&mut scribe.keeper);
        let step = scribe.forgetting(|connection| {
            keeper.shares.holdings.load(connection)?;
            step(connection, &mut keeper, look)
        });
        if step.is_err() {
            // What was to go is there still.
            keeper.window = Window::default();
            keeper.forget_shares();
        }
        scribe.keeper = keeper;
        scribe.underway.cut(std::mem::take(&mut scribe.keeper.shares.cut));
        match step? {
            Step::Nothing => return Ok(false),
            Step::Shrunk | Step::Passed => {}
            Step::Deleted(Taken { exchanges, marked, .. }) => {
                scribe.keeper.standing.add_deleted(exchanges);
                scribe.keeper.sweeping = marked;
            }
        }
    }
    // What comes may be as much as what went: age and number are looked at again behind the next batch.
    scribe.keeper.look_again();
    Ok(true)
}

/// The outcome of a step.
enum Step {
    /// All is within the bounds, or nothing more may go.
    Nothing,
    /// Some pages were given back to the file system; more may be.
    Shrunk,
    /// Only exchanges that stay were seen; there are more.
    Passed,
    /// Exchanges went, or connections, or messages.
    Deleted(Taken),
}

fn step(connection: &Connection, keeper: &mut Keeper, look: bool) -> Result<Step, StoreError> {
    let space = space(connection)?;
    keeper.note(space.used);
    let is_full = keeper.is_too_full(space.used);
    let pinned = match keeper.pinned {
        Some(pinned) => pinned,
        None => *keeper.pinned.insert(oldest::pinned(connection)?),
    };
    let mut due = if look { Due::look(connection, &keeper.bounds, pinned)? } else { Due::default() };
    due.is_full = is_full;
    // They go before any exchange that could stay.
    if is_full && connections::forget(connection, &mut keeper.window)? > 0 {
        return Ok(Step::Deleted(Taken::default()));
    }
    if let Some(taken) = take_from_heavy(connection, keeper, &due)? {
        return Ok(Step::Deleted(taken));
    }
    let found = oldest::find(connection, &mut keeper.window, &due)?;
    if matches!(found, Found::Expired(_)) && connections::forget(connection, &mut keeper.window)? > 0 {
        return Ok(Step::Deleted(Taken::default()));
    }
    match found {
        Found::Expired(mut doomed) => {
            stay_before_known(&mut doomed, keeper);
            let (exchanges, marked) = delete::these(connection, &doomed)?;
            let (holdings, ids) = (&mut keeper.shares.holdings, || doomed.iter().map(|doomed| doomed.id));
            holdings.shrink(ids());
            holdings.store(connection, ids().map(block_of))?;
            Ok(Step::Deleted(Taken { exchanges, marked, ..Taken::default() }))
        }
        Found::Passed => Ok(Step::Passed),
        Found::Nothing if is_full => {
            if let Some(taken) = keeper.shares.take_from_open(connection)? {
                return Ok(Step::Deleted(taken));
            }
            keeper.tell_crowded(pinned);
            Ok(Step::Nothing)
        }
        Found::Nothing
            if keeper.bounds.size.is_some_and(|size| space.file > size && space.file > space.used) =>
        {
            delete::vacuum(connection, PAGES)?;
            // A file that was made by others may not be able to shrink.
            let shrunk = self::space(connection)?.file < space.file;
            Ok(if shrunk { Step::Shrunk } else { Step::Nothing })
        }
        Found::Nothing => Ok(Step::Nothing),
    }
}

/// Leaves out those of whom it is known who holds them, behind others of whom it is not: the next step asks who holds too
/// much.
fn stay_before_known(doomed: &mut Vec<Expired>, keeper: &mut Keeper) {
    let holdings = &keeper.shares.holdings;
    if let Some(known) = doomed.iter().position(|doomed| holdings.knows(doomed.id)).filter(|at| *at > 0) {
        doomed.truncate(known);
        // It has passed those that stay.
        keeper.window = Window::default();
    }
}

/// Takes from somebody who holds too much, where age is not the reason; `None` if nobody does.
fn take_from_heavy(
    connection: &Connection,
    keeper: &mut Keeper,
    due: &Due,
) -> Result<Option<Taken>, StoreError> {
    let (measure, most) = due.measure();
    if most == 0 {
        return Ok(None);
    }
    let seen = keeper.window.rows(connection, 1)?;
    let goes = match seen.rows.first() {
        Some(oldest) => keeper.shares.holdings.knows(oldest.id) && !due.is_old(oldest.started_at),
        // All that ended is gone, or pinned.
        None => seen.is_all,
    };
    if goes { keeper.shares.take(connection, measure, most) } else { Ok(None) }
}

/// How full the database is, in bytes.
struct Space {
    used: u64,
    file: u64,
}

fn space(connection: &Connection) -> Result<Space, StoreError> {
    let pragma = |name: &str| -> Result<u64, StoreError> {
        let number: i64 = connection.prepare_cached(name)?.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(number).unwrap_or(0))
    };
    let (pages, free) = (pragma("PRAGMA page_count")?, pragma("PRAGMA freelist_count")?);
    let page = pragma("PRAGMA page_size")?;
    Ok(Space { used: pages.saturating_sub(free) * page, file: pages * page })
}
