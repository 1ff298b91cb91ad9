//! Free pages, given back to the file system while the recording goes on: a few at a time, so that appends hardly wait.
//!
//! A user's deletion gives back all that it freed. The bounds delete about as much as comes, and what comes is written to
//! the pages that they free: only where more than a quarter of the file is free, so that it seems not to be needed soon,
//! pages are given back, down to an eighth.

use std::time::{Duration, Instant};

use crate::StoreError;
use crate::database::pages::Pages;
use crate::rows::deletion::vacuum;
use crate::state::WriterState;

/// Pages (of 32 KiB) between two looks at the clock …
const PAGES: u32 = 8;
/// … by which a step ends: a batch may be waiting behind it …
const STEP: Duration = Duration::from_millis(5);
/// … and the most pages of a step: the write-ahead log is not to grow much, either.
const MOST: u64 = 128;
/// Less waits for the next look.
const AT_ONCE: u64 = 4 << 20;
/// Less is not worth the work where nobody has deleted anything.
const LEAST: u64 = 16 << 20;

/// One step behind a deletion, if it is worth it: many that free little are gathered for [`some`].
pub(crate) fn behind_deletion(state: &mut WriterState) -> Result<bool, StoreError> {
    let pages = state.connection.as_ref().map(Pages::of).transpose()?;
    if pages.is_some_and(|pages| pages.free_bytes() >= AT_ONCE) { some(state) } else { Ok(false) }
}

/// One step, if pages are to be given back and there is time for it. Says whether there is more to do.
pub(crate) fn some(state: &mut WriterState) -> Result<bool, StoreError> {
    let has_time = state.queue.is_empty() && !state.load.is_busy() && !state.checkpoints.is_behind();
    let Some(connection) = state.connection.as_ref().filter(|_| has_time) else { return Ok(false) };
    let pages = Pages::of(connection)?;
    if pages.free <= stays(pages, state.shrinks, state.is_shrinking) {
        return end(state);
    }
    state.is_shrinking = true;
    let more = step(state)?;
    if more { Ok(true) } else { end(state) }
}

/// One step, whatever the rule says, until nothing is free. Says whether there is more to do.
pub(crate) fn step(state: &mut WriterState) -> Result<bool, StoreError> {
    let began = Instant::now();
    state.transaction(|connection| {
        let first = Pages::of(connection)?.free;
        let mut before = first;
        while before > 0 {
            vacuum(connection, PAGES)?;
            let free = Pages::of(connection)?.free;
            // A file that was made by others may not be able to shrink.
            if free >= before {
                return Ok(false);
            }
            if began.elapsed() >= STEP || first - free >= MOST {
                return Ok(free > 0);
            }
            before = free;
        }
        Ok(false)
    })
}

/// How many pages may stay free: `all` must go if a user deleted; `goes_on`: some were given back already.
fn stays(pages: Pages, all: bool, goes_on: bool) -> u64 {
    match (all, goes_on) {
        (true, _) => 0,
        (false, true) => pages.all / 8,
        (false, false) if pages.free_bytes() < LEAST => pages.free,
        (false, false) => pages.all / 4,
    }
}

/// Nothing more is given back for now. The file itself shrinks once the write-ahead log is brought over.
fn end(state: &mut WriterState) -> Result<bool, StoreError> {
    state.shrinks = false;
    if let Some(connection) = state.connection.as_ref().filter(|_| state.is_shrinking) {
        // Where that is not possible now, it is tried again at the next look.
        state.is_shrinking = !state.checkpoints.bring_over(connection, &state.path, state.file)?;
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn the_bounds_leave_pages_for_what_comes() {
        let connection = Connection::open_in_memory().unwrap();
        let pages = Pages::of(&connection).unwrap();
        let check = |all, free, rule: (bool, bool), expect| {
            assert_eq!(
                stays(Pages { all, free, ..pages }, rule.0, rule.1),
                expect,
                "{free} of {all}, {rule:?}"
            );
        };
        let many = 1 << 20;
        check(many, many / 3, (true, false), 0);
        check(many, many / 3, (true, true), 0);
        check(many, many / 3, (false, false), many / 4);
        check(many, many / 3, (false, true), many / 8);
        check(100, 90, (false, false), 90);
    }
}
