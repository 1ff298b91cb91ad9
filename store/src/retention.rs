//! Keeps the recording within its bounds: the oldest exchanges go, a few at a time.
//!
//! The thread that writes does it behind each batch, so that what goes keeps pace with what comes. Pages that become
//! free are written again: the file does not grow, and nothing has to be moved.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use crate::StoreError;
use crate::delete;
use crate::writer::Scribe;

/// Exchanges that go in one step, at the most …
const EXCHANGES: i64 = 256;
/// … with so many bytes of bodies, unless a single one has more.
const BYTES: i64 = 8 << 20;
/// Steps behind one batch, at the most: a batch may be as large as a step.
const STEPS: usize = 4;
/// How often age and number are looked at; the size is looked at behind each batch.
const LOOK: Duration = Duration::from_secs(1);
/// The share of the size that is left free, at least, for what comes before the next look.
const FREE: u64 = 32;

/// Exchanges that are not under way.
const MAY_GO: &str = "exchange_rows WHERE state <> 'open'";

/// What is kept of a recording, at the most; `None` knows no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Bytes of the database.
    pub size: Option<u64>,
    /// Since an exchange began.
    pub age: Option<Duration>,
    /// How many exchanges.
    pub exchanges: Option<u64>,
}

/// What the writer knows about its bounds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keeper {
    bounds: Retention,
    looked: Option<Instant>,
    /// All below it that may go is gone: where the search for the oldest begins.
    from: i64,
    deleted: u64,
    /// Bodies of exchanges that went are left to be swept.
    sweeping: bool,
    /// Bytes that were used when it looked last, and the most that came between two looks.
    used: Option<u64>,
    most: u64,
    /// That it fails was told.
    failing: bool,
}

/// How full the database is.
struct Space {
    used: u64,
    file: u64,
}

impl Keeper {
    pub(crate) fn new(bounds: Retention) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// Notes how much is used.
    fn note(&mut self, used: u64) {
        let came = self.used.map_or(0, |before| used.saturating_sub(before));
        (self.used, self.most) = (Some(used), self.most.max(came));
    }

    /// Whether so much is used that what comes before the next look may not fit.
    fn is_too_full(&self, used: u64) -> bool {
        self.bounds.size.is_some_and(|size| used > size - (size / FREE).max(self.most).min(size / 2))
    }

    /// All is to be looked at, from the oldest on.
    pub(crate) fn look_back(&mut self) {
        (self.from, self.looked) = (0, None);
    }

    /// Age and number are to be looked at now.
    pub(crate) fn look_again(&mut self) {
        self.looked = None;
    }

    /// Exchanges that went so far.
    pub(crate) fn deleted(&self) -> u64 {
        self.deleted
    }
}

/// Behind a batch. A failure is told once, and does the batch no harm.
pub(crate) fn keep_behind(scribe: &mut Scribe) {
    let kept = keep(scribe);
    let told = std::mem::replace(&mut scribe.keeper.failing, kept.is_err());
    if let Err(error) = kept
        && !told
    {
        tracing::warn!(%error, "old exchanges could not be deleted");
    }
}

/// A few steps, if there is more than there may be. Says whether there is more to do.
pub(crate) fn keep(scribe: &mut Scribe) -> Result<bool, StoreError> {
    if scribe.keeper.bounds == Retention::default() {
        return Ok(false);
    }
    let look = scribe.keeper.looked.is_none_or(|looked| looked.elapsed() >= LOOK);
    if look {
        scribe.keeper.looked = Some(Instant::now());
    }
    for _ in 0..STEPS {
        if scribe.keeper.sweeping {
            scribe.keeper.sweeping = delete::sweep_some(scribe)?;
            continue;
        }
        let mut keeper = scribe.keeper;
        let step = scribe.transaction(|connection| step(connection, &mut keeper, look))?;
        scribe.keeper = keeper;
        match step {
            Step::Nothing => return Ok(false),
            Step::Shrunk => {}
            Step::Again => {
                scribe.keeper.from = 0;
                return Ok(false);
            }
            Step::Deleted { exchanges, marked, next } => {
                scribe.keeper.deleted += exchanges;
                scribe.keeper.sweeping = marked;
                scribe.keeper.from = next;
            }
        }
    }
    // What comes may be as much as what went: age and number are looked at again behind the next batch.
    scribe.keeper.look_again();
    Ok(true)
}

/// What a step did.
enum Step {
    /// All is within the bounds.
    Nothing,
    /// Some pages were given back to the file system; more may be.
    Shrunk,
    /// What is left is under way: some other time, from the beginning.
    Again,
    Deleted {
        exchanges: u64,
        /// Bodies are left to be swept.
        marked: bool,
        /// Where the next step begins.
        next: i64,
    },
}

fn step(connection: &Connection, keeper: &mut Keeper, look: bool) -> Result<Step, StoreError> {
    let space = space(connection)?;
    keeper.note(space.used);
    let expired = if look { expired(connection, &keeper.bounds)? } else { None };
    let last = match (keeper.is_too_full(space.used), expired) {
        (true, _) => i64::MAX,
        (false, Some(expired)) => expired,
        (false, None) => {
            let shrunk = shrink(connection, &keeper.bounds, &space)?;
            return Ok(if shrunk { Step::Shrunk } else { Step::Nothing });
        }
    };
    let oldest = oldest(connection, keeper.from, last)?;
    let Some(end) = oldest.last().copied() else { return Ok(Step::Again) };
    let (exchanges, marked) = delete::these(connection, &oldest)?;
    Ok(Step::Deleted { exchanges, marked, next: end + 1 })
}

/// Gives some pages back to the file system, if it has more than the bounds allow.
fn shrink(connection: &Connection, bounds: &Retention, space: &Space) -> Result<bool, StoreError> {
    let too_large = bounds.size.is_some_and(|size| space.file > size) && space.file > space.used;
    if too_large {
        connection.execute_batch("PRAGMA incremental_vacuum(128)")?;
    }
    Ok(too_large)
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

/// Up to which exchange all are too old, or too many; `None` if none is.
fn expired(connection: &Connection, bounds: &Retention) -> Result<Option<i64>, StoreError> {
    let by_age = match bounds.age {
        None => None,
        Some(age) => {
            let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
            // Numbers ascend with time: only the oldest are looked at.
            let sql = format!(
                "SELECT max(id) FROM (SELECT id, started_at FROM {MAY_GO} ORDER BY id LIMIT 1024) \
                WHERE started_at < ?"
            );
            connection.prepare_cached(&sql)?.query_row([now().saturating_sub(age)], |row| row.get(0))?
        }
    };
    let by_number = match bounds.exchanges {
        None => None,
        Some(most) => {
            let sql = "SELECT exchanges FROM meta";
            let stored: i64 = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            let surplus = stored.saturating_sub(i64::try_from(most).unwrap_or(i64::MAX)).clamp(0, EXCHANGES);
            let sql = format!("SELECT max(id) FROM (SELECT id FROM {MAY_GO} ORDER BY id LIMIT ?)");
            connection.prepare_cached(&sql)?.query_row([surplus], |row| row.get(0))?
        }
    };
    Ok(std::cmp::max::<Option<i64>>(by_age, by_number))
}

/// The oldest exchanges from `from` on, and up to `last`, that are not under way.
fn oldest(connection: &Connection, from: i64, last: i64) -> Result<Vec<i64>, StoreError> {
    let sql = format!(
        "SELECT id, request_stored + response_stored FROM {MAY_GO} AND id BETWEEN ? AND ? ORDER BY id LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([from, last, EXCHANGES])?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        bytes += row.get::<_, i64>(1)?;
        if bytes > BYTES && !found.is_empty() {
            break;
        }
        found.push(row.get(0)?);
    }
    Ok(found)
}

/// Unix microseconds.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
