//! Snapshots of the flight recorder, in: exchanges that may have a row already, and that nothing but a user may delete.

use std::collections::{HashMap, HashSet};

use dashcam_exchange::{ExchangeId, Level, Record, State};
use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::state::WriterState;
use crate::state::queue::Addition;

const ROW: &str = "SELECT level, state FROM exchange_rows WHERE id = ?";
const CLOSED: &str = "SELECT 1 FROM connections WHERE id = ? AND closed_at IS NOT NULL";

/// The part of an exchange that the store lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    Nothing,
    Bodies,
    All,
}

/// Knowledge of the store about records that may be there already.
#[derive(Debug, Default)]
struct Standing {
    exchanges: HashMap<ExchangeId, Lack>,
    /// Connections that are stored as closed.
    closed: HashSet<i64>,
}

/// Leaves out of an addition to a snapshot the records of exchanges that need none, and adds all exchanges that are in them to the
/// snapshot. Of an exchange that is stored with bodies, or goes on and is being stored while it passes, nothing is stored again;
/// one that is stored without bodies gets them. One that has ended takes the place of what is stored of it: the recorder's
/// end of it, which may have fewer bodies or none, comes behind.
///
/// # Errors
/// When the database can't be read. The addition is as it was then.
pub(crate) fn leave_out_known(state: &mut WriterState, addition: &mut Addition) -> Result<(), StoreError> {
    let Addition { records, members: Some(members) } = addition else { return Ok(()) };
    if records.is_empty() {
        return Ok(());
    }
    let named: HashSet<ExchangeId> = records.iter().filter_map(exchange).collect();
    let ended = records.iter().filter_map(|record| match record {
        Record::Finished(exchange) => Some(exchange.id),
        _ => None,
    });
    let ended: HashSet<ExchangeId> = ended.collect();
    let (known, unknown): (Vec<_>, Vec<_>) = named.into_iter().partition(|id| state.partial.knows(*id));
    let mut standing = state.transaction(|connection| Standing::read(connection, &unknown, records))?;
    let (ended, going_on): (Vec<_>, Vec<_>) =
        known.into_iter().partition(|id| ended.contains(id) && !state.partial.is_deleted(*id));
    standing.exchanges.extend(going_on.into_iter().map(|id| (id, Lack::Nothing)));
    let discarded = |exchange| Record::Discarded { exchange, bodies_only: false };
    for (id, _) in standing.exchanges.iter().filter(|(_, lack)| **lack == Lack::Bodies) {
        state.partial.expect_row(*id);
    }
    members.exchanges.extend(records.iter().filter_map(|record| match record {
        Record::Finished(exchange) => Some(exchange.id),
        Record::Opened(exchange) => Some(exchange.id),
        _ => None,
    }));
    records.retain(|record| standing.lacks(record));
    records.splice(..0, ended.into_iter().map(discarded));
    state.snapshots_reach = records.iter().filter_map(exchange).max().max(state.snapshots_reach);
    Ok(())
}

/// Leaves out of an addition of the recorder the records of exchanges that a snapshot has stored, with all that the ring had
/// of them: their own records may come behind it. To look at those up to the last one in a snapshot is enough.
///
/// # Errors
/// When the database can't be read. The addition is as it was then.
pub(crate) fn leave_out_stored(state: &mut WriterState, addition: &mut Addition) -> Result<(), StoreError> {
    let Some(reach) = state.snapshots_reach.filter(|_| addition.members.is_none()) else { return Ok(()) };
    let in_reach = |id: &ExchangeId| *id <= reach && !state.partial.knows(*id);
    let mut named: HashSet<ExchangeId> =
        addition.records.iter().filter_map(exchange).filter(in_reach).collect();
    if named.is_empty() {
        return Ok(());
    }
    state.transaction(|connection| {
        let mut row = connection.prepare_cached(ROW)?;
        let stored = named.iter().map(|id| Ok((*id, row.exists([id.0])?)));
        let stored: HashMap<ExchangeId, bool> = stored.collect::<Result<_, StoreError>>()?;
        named.retain(|id| stored[id]);
        Ok(())
    })?;
    addition.records.retain(|record| exchange(record).is_none_or(|id| !named.contains(&id)));
    Ok(())
}

impl Standing {
    fn read(
        connection: &Connection,
        exchanges: &[ExchangeId],
        records: &[Record],
    ) -> Result<Self, StoreError> {
        let mut standing = Self::default();
        for id in exchanges {
            standing.exchanges.insert(*id, lack(connection, *id)?);
        }
        for record in records {
            let Record::Connection(open) = record else { continue };
            if open.closed_at.is_none() && connection.prepare_cached(CLOSED)?.exists([open.id.0])? {
                standing.closed.insert(open.id.0);
            }
        }
        Ok(standing)
    }

    /// Returns whether the store lacks a record. A connection that is stored as closed was not yet, before.
    fn lacks(&self, record: &Record) -> bool {
        if let Record::Connection(connection) = record {
            return connection.closed_at.is_some() || !self.closed.contains(&connection.id.0);
        }
        exchange(record).is_none_or(|id| self.exchanges.get(&id) != Some(&Lack::Nothing))
    }
}

fn lack(connection: &Connection, id: ExchangeId) -> Result<Lack, StoreError> {
    let mut row = connection.prepare_cached(ROW)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    Ok(match row.query_row([id.0], read).optional()? {
        None => Lack::All,
        Some((level, state)) if level == Level::Metadata.as_str() && state != State::Open.as_str() => {
            Lack::Bodies
        }
        Some(_) => Lack::Nothing,
    })
}

fn exchange(record: &Record) -> Option<ExchangeId> {
    match record {
        Record::Opened(exchange) => Some(exchange.id),
        Record::BodyPart { exchange, .. }
        | Record::Arrivals { exchange, .. }
        | Record::Discarded { exchange, .. } => Some(*exchange),
        Record::Message(message) => Some(message.exchange),
        Record::Finished(exchange) => Some(exchange.id),
        Record::Interrupted(id) => Some(*id),
        Record::Connection(_)
        | Record::Program { .. }
        | Record::UpstreamConnection(_)
        | Record::Certificate { .. }
        | Record::Seal(_)
        | Record::Gap(_) => None,
    }
}
