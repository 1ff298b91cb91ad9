//! Backfills: work on the rows of an older recording that a migration asks for. It is done behind the writer while that has
//! time, a block of exchanges a step: the rows are read elsewhere, and the writer stores what follows from them if they are
//! still the same, together with how far that has come. So each row is worked on once, whatever ends dashcam between.

use std::time::Instant;

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::file::identity::Identity;
use crate::retention::{BlockHeld, Holdings};
use crate::rows::backfills::{self, Backfill};
use crate::state::WriterState;

/// The name of the one that counts who holds how much.
pub(crate) const HOLDERS: &str = "holders";

/// All backfills that migrations ask for.
const BACKFILLS: [Kind; 1] = [Kind { name: HOLDERS, begin: Holdings::begin_count, read: read_holders }];

/// Writes the outcome of a step; false if its rows are not the same any more.
type Write = Box<dyn FnOnce(&Connection, &mut Holdings) -> Result<bool, StoreError> + Send>;

/// A kind of backfill. Its steps are known by their last exchange.
struct Kind {
    /// Its name in `backfills`.
    name: &'static str,
    /// From now on changes of the rows are noted.
    begin: fn(&mut Holdings, i64),
    /// Reads the exchanges of a step.
    read: fn(&Connection, i64) -> Result<Work, StoreError>,
}

/// The outcome of reading a step.
struct Work {
    /// The lowest id that it went through.
    first: i64,
    write: Write,
}

/// A step that is to be read.
#[derive(Debug)]
pub(crate) struct Begun {
    /// The file whose rows these are.
    file: Identity,
    backfill: Backfill,
    /// Its last exchange; `None` if there are no more.
    last: Option<i64>,
}

/// A step that was read and is to be written.
pub(crate) struct Step {
    begun: Begun,
    work: Option<Work>,
}

/// The reason for which the writer has no time for work that can wait.
pub(crate) fn obstacle(state: &mut WriterState) -> Result<Option<&'static str>, StoreError> {
    if !state.queue.is_empty() {
        return Ok(Some("the disk does not take what is recorded"));
    }
    if state.load.is_busy() {
        return Ok(Some("there is much to record"));
    }
    if let Some(connection) = &state.connection {
        state.checkpoints.catch_up(connection, &state.path, state.file)?;
    }
    let is_behind = state.checkpoints.is_behind();
    Ok(is_behind.then_some("the write-ahead log is long: somebody reads it, or the disk is slow"))
}

/// Begins a step, if a backfill is left.
pub(crate) fn begin(state: &mut WriterState) -> Result<Option<Begun>, StoreError> {
    let begun = state.transaction(|connection| {
        let Some(backfill) = backfills::any(connection)? else { return Ok(None) };
        // Exchanges may have been deleted meanwhile.
        let sql = "SELECT id FROM exchange_rows WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1";
        let last = connection.query_row(sql, (backfill.first, backfill.next), |row| row.get(0)).optional()?;
        Ok(Some((backfill, last)))
    })?;
    let Some((backfill, last)) = begun else { return Ok(None) };
    let kind = kind(&backfill)?;
    if let Some(last) = last {
        (kind.begin)(&mut state.keeper.shares.holdings, last);
    }
    Ok(Some(Begun { file: state.file, backfill, last }))
}

/// Reads a step.
pub(crate) fn read(connection: &Connection, begun: Begun) -> Result<Step, StoreError> {
    let kind = kind(&begun.backfill)?;
    let work = begun.last.map(|last| (kind.read)(connection, last)).transpose()?;
    Ok(Step { begun, work })
}

/// Writes a step. One whose rows have changed is to be read again.
pub(crate) fn write(state: &mut WriterState, step: Step) -> Result<(), StoreError> {
    let Step { begun: Begun { file, backfill, .. }, work } = step;
    if file != state.file {
        return Ok(());
    }
    let began = Instant::now();
    state.accounted(|connection, holdings| {
        let next = work.as_ref().map_or(backfill.first, |work| work.first) - 1;
        let is_due = backfills::any(connection)?.as_ref() == Some(&backfill);
        let written = match work {
            Some(work) if is_due => (work.write)(connection, holdings)?,
            _ => is_due,
        };
        if written { backfills::advance(connection, &backfill, next) } else { Ok(()) }
    })?;
    tracing::debug!(backfill = backfill.name, micros = began.elapsed().as_micros(), "a step is written");
    Ok(())
}

fn kind(backfill: &Backfill) -> Result<&'static Kind, StoreError> {
    let kind = BACKFILLS.iter().find(|kind| kind.name == backfill.name);
    kind.ok_or_else(|| StoreError::Damaged(format!("it asks for a backfill by the name {}", backfill.name)))
}

/// Counts who holds how much of the block of `last`: recordings before schema 6 do not say.
fn read_holders(connection: &Connection, last: i64) -> Result<Work, StoreError> {
    let block = BlockHeld::count(connection, last)?;
    let first = block.first();
    Ok(Work { first, write: Box::new(move |connection, holdings| holdings.take_in(connection, &block)) })
}
