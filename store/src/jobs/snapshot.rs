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
/// snapshot. Of an exchange that is stored with bodies, or is being stored while it passes, nothing is stored again; one that
/// is stored without bodies gets them.
///
/// # Errors
/// When the database can't be read. The addition is as it was then.
pub(crate) fn leave_out_known(state: &mut WriterState, addition: &mut Addition) -> Result<(), StoreError> {
    let Addition { records, members: Some(members) } = addition else { return Ok(()) };
    if records.is_empty() {
        return Ok(());
    }
    let named: HashSet<ExchangeId> = records.iter().filter_map(exchange).collect();
    let (known, unknown): (Vec<_>, Vec<_>) = named.into_iter().partition(|id| state.partial.knows(*id));
    let mut standing = state.transaction(|connection| Standing::read(connection, &unknown, records))?;
    standing.exchanges.extend(known.into_iter().map(|id| (id, Lack::Nothing)));
    for (id, _) in standing.exchanges.iter().filter(|(_, lack)| **lack == Lack::Bodies) {
        state.partial.expect_row(*id);
    }
    members.exchanges.extend(records.iter().filter_map(|record| match record {
        Record::Finished(exchange) => Some(exchange.id),
        Record::Opened(exchange) => Some(exchange.id),
        _ => None,
    }));
    records.retain(|record| standing.lacks(record));
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
