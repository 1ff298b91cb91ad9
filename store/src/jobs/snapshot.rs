//! Snapshots of the flight recorder, in: exchanges that may have a row already, and that nothing but a user may delete.

use std::collections::HashMap;

use dashcam_exchange::{Connection, ExchangeId, Level, Record, State, Timestamp};
use rusqlite::OptionalExtension as _;

use crate::StoreError;
use crate::jobs::waiting;
use crate::state::WriterState;
use crate::state::batch::Members;

const ROW: &str = "SELECT level, state FROM exchange_rows WHERE id = ?";
const CLOSED: &str = "SELECT EXISTS (SELECT 1 FROM connections WHERE id = ? AND closed_at IS NOT NULL)";

/// Stores `records`, and adds their exchanges to the snapshot, and those that are `kept` already. All is pinned in the same
/// transaction. Of an exchange that is stored with bodies, or is being stored while it passes, nothing is stored again; one that is
/// stored without bodies gets them.
pub(crate) fn append(
    state: &mut WriterState,
    (snapshot, at): (i64, Timestamp),
    records: Vec<Record>,
    kept: Vec<ExchangeId>,
) -> Result<(), StoreError> {
    if let Some(lost) = state.lost.take() {
        return Err(lost);
    }
    waiting::store(state)?;
    let (records, mut exchanges) = wanted(state, records)?;
    exchanges.extend(kept);
    let (number, bytes) = (records.len(), records.iter().map(Record::payload).sum());
    let mut batch = state.partial.sort(records)?;
    batch.members = Some(Members { snapshot, exchanges, at });
    state.keeper.heed(&batch);
    batch.pack(&mut state.packer, state.load.is_busy())?;
    let written = waiting::written(state, &mut batch, |_, _| Ok(false));
    let settled = waiting::settle(state, batch, written);
    state.keeper.recount();
    state.load.worked(number, bytes);
    settled
}

/// The records without those of exchanges that need none, and all exchanges that end in them.
fn wanted(
    state: &mut WriterState,
    records: Vec<Record>,
) -> Result<(Vec<Record>, Vec<ExchangeId>), StoreError> {
    let mut needed = HashMap::new();
    let mut exchanges = Vec::new();
    let mut wanted = Vec::with_capacity(records.len());
    for record in records {
        let is_wanted = match (&record, exchange(&record)) {
            (Record::Connection(connection), _) => is_news(state, connection)?,
            (_, None) => true,
            (_, Some(id)) => match needed.get(&id) {
                Some(needed) => *needed,
                None => {
                    let needs = needs(state, id)?;
                    needed.insert(id, needs);
                    needs
                }
            },
        };
        if let Record::Finished(exchange) = &record {
            exchanges.push(exchange.id);
        } else if let Record::Opened(exchange) = &record {
            exchanges.push(exchange.id);
        }
        if is_wanted {
            wanted.push(record);
        }
    }
    Ok((wanted, exchanges))
}

/// Returns whether the store lacks something of an exchange.
fn needs(state: &mut WriterState, id: ExchangeId) -> Result<bool, StoreError> {
    if state.partial.knows(id) {
        return Ok(false);
    }
    let row = state.transaction(|connection| {
        let mut row = connection.prepare_cached(ROW)?;
        Ok(row
            .query_row([id.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .optional()?)
    })?;
    let Some((level, stands)) = row else { return Ok(true) };
    let lacks_bodies = level == Level::Metadata.as_str() && stands != State::Open.as_str();
    if lacks_bodies {
        state.partial.expect_row(id);
    }
    Ok(lacks_bodies)
}

/// Returns whether a connection is not stored as closed, while this is how it stood before.
fn is_news(state: &mut WriterState, connection: &Connection) -> Result<bool, StoreError> {
    if connection.closed_at.is_some() {
        return Ok(true);
    }
    let id = connection.id.0;
    let is_closed: bool = state.transaction(|connection| {
        Ok(connection.prepare_cached(CLOSED)?.query_row([id], |row| row.get(0))?)
    })?;
    Ok(!is_closed)
}

fn exchange(record: &Record) -> Option<ExchangeId> {
    match record {
        Record::Opened(exchange) => Some(exchange.id),
        Record::BodyPart { exchange, .. } | Record::Discarded { exchange, .. } => Some(*exchange),
        Record::Message(message) => Some(message.exchange),
        Record::Finished(exchange) => Some(exchange.id),
        Record::Interrupted(id) => Some(*id),
        Record::Connection(_)
        | Record::Program { .. }
        | Record::UpstreamConnection(_)
        | Record::Certificate { .. }
        | Record::Gap(_) => None,
    }
}
