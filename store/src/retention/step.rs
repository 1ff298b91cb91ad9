//! One step of keeping to the bounds.

use rusqlite::Connection;

use super::bounds::Retention;
use super::connections;
use super::fair::Taken;
use super::holdings::block_of;
use super::keeper::{Keeper, Step};
use super::kept;
use super::oldest::{self, Due, Found};
use super::window::Window;
use crate::StoreError;
use crate::database::pages::Pages;
use crate::rows::deletion::{self, Expired};

/// Pages that are given back to the file system at once.
const PAGES: u32 = 128;

impl Keeper {
    /// One step, within the transaction that the caller has begun, and is to tell [`Keeper::settle`] of; with a `look` at
    /// age and number.
    pub(crate) fn step(&mut self, connection: &Connection, look: bool) -> Result<Step, StoreError> {
        self.shares.holdings.load(connection)?;
        step(connection, self, look)
    }
}

fn step(connection: &Connection, keeper: &mut Keeper, look: bool) -> Result<Step, StoreError> {
    if look && let Some(taken) = kept::expire(connection, keeper)? {
        return Ok(Step::Deleted(taken));
    }
    if keeper.bounds == Retention::default() {
        return Ok(Step::Nothing);
    }
    let pages = Pages::of(connection)?;
    let (used, file) = (pages.used_bytes(), pages.file_bytes());
    keeper.note(used);
    let is_full = keeper.is_too_full(used);
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
            let (exchanges, marked) = deletion::these(connection, &doomed)?;
            let (holdings, ids) = (&mut keeper.shares.holdings, || doomed.iter().map(|doomed| doomed.id));
            holdings.shrink(ids());
            holdings.store(connection, ids().map(block_of))?;
            Ok(Step::Deleted(Taken { exchanges, marked, ..Taken::default() }))
        }
        Found::Passed => Ok(Step::Passed),
        Found::Nothing if due.wanted() > 0 => {
            if let Some(taken) = kept::take_soonest(connection, keeper, due.wanted())? {
                return Ok(Step::Deleted(taken));
            }
            if !is_full {
                return Ok(Step::Nothing);
            }
            if let Some(taken) = keeper.shares.take_from_open(connection)? {
                return Ok(Step::Deleted(taken));
            }
            keeper.tell_crowded(pinned);
            Ok(Step::Nothing)
        }
        Found::Nothing if keeper.bounds.size.is_some_and(|size| file > size && file > used) => {
            deletion::vacuum(connection, PAGES)?;
            // A file that was made by others may not be able to shrink.
            let shrunk = Pages::of(connection)?.file_bytes() < file;
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
