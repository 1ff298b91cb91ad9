//! Exchanges that are stored already get other content, such as one without secrets. What they had is overwritten, and the
//! write-ahead log is emptied behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dashcam_exchange::{Direction, Exchange, Message, Seal};
use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::jobs::waiting;
use crate::rows::arrivals;
use crate::rows::body_key::{body_key, body_keys};
use crate::rows::exchange_detail::Row;
use crate::rows::exchange_row;
use crate::rows::heads;
use crate::rows::interned::{Interned, REDACTION_SETS, RULES};
use crate::rows::pack::{self, Packer};
use crate::rows::payload_rows::{self, Data, MessageRow, Part};
use crate::rows::seals::{self, Seals};
use crate::rows::segment;
use crate::state::WriterState;
use crate::state::known::now;

/// Bytes of a piece of a body.
const PIECE: usize = 256 << 10;
/// The pack of one that has ended.
const ENDED: &str = "SELECT pack FROM exchange_rows WHERE id = ? AND state <> 'open'";
const BODY: &str = "DELETE FROM body_rows WHERE key BETWEEN ? AND ?";
const MESSAGE: &str = "DELETE FROM messages WHERE exchange = ? AND seq = ?";

/// The content that takes the place of what is stored of an exchange.
#[derive(Debug, Clone)]
pub struct Rewrite {
    /// The exchange as it is to be from now on: all of its heads and marks. The bytes in it are not looked at.
    pub exchange: Exchange,
    /// The bytes of the request's and of the response's body; `None`: they stay what they are.
    pub bodies: [Option<Vec<u8>>; 2],
    /// Messages in the place of those with their numbers. The others stay.
    pub messages: Vec<Message>,
    /// Sealed secrets that it names.
    pub seals: Vec<Seal>,
}

/// Rewrites those that are stored and have ended, in one transaction; says how many these were.
pub(crate) fn rewrite(state: &mut WriterState, all: Vec<Rewrite>) -> Result<u64, StoreError> {
    // Records that wait for the disk may be about them.
    waiting::store(state)?;
    (state.log_holds_deleted, state.rewrites) = (true, state.rewrites + 1);
    let mut packer = std::mem::take(&mut state.packer);
    let rewritten = state.transaction(|connection| {
        let mut there = Vec::new();
        for rewrite in all {
            let pack = connection.prepare_cached(ENDED)?.query_row([rewrite.exchange.id.0], |row| row.get(0));
            there.extend(pack.optional()?.map(|pack: Option<i64>| (rewrite, pack)));
        }
        segment::forget(connection, there.iter().map(|(rewrite, _)| rewrite.exchange.id.0))?;
        let mut templates = BTreeSet::new();
        for (rewrite, _) in &there {
            let id = rewrite.exchange.id.0;
            templates.append(&mut heads::held(connection, (id, id))?);
        }
        bodies(connection, &there)?;
        let rewritten = rest(connection, there, &mut packer)?;
        // Their heads are whole now: nothing of before is to stay in a template.
        heads::release(connection, templates)?;
        Ok(rewritten)
    });
    state.packer = packer;
    rewritten
}

/// Writes the bodies, those of a pack together.
fn bodies(connection: &Connection, all: &[(Rewrite, Option<i64>)]) -> Result<(), StoreError> {
    let mut packs: BTreeMap<Option<i64>, BTreeMap<i64, &[u8]>> = BTreeMap::new();
    for (rewrite, pack) in all {
        for (direction, body) in [Direction::Request, Direction::Response].into_iter().zip(&rewrite.bodies) {
            if let Some(body) = body {
                let key = body_key(rewrite.exchange.id, direction, 0)?;
                let (first, last) = body_keys(rewrite.exchange.id, direction)?;
                // They are of the bytes that were there.
                connection.prepare_cached(arrivals::OF)?.execute([first, last])?;
                packs.entry(*pack).or_default().insert(key, body);
            }
        }
    }
    for (pack, mut bodies) in packs {
        if let Some(pack) = pack {
            let found = pack::replace(connection, pack, &bodies)?;
            bodies.retain(|key, _| !found.contains(key));
        }
        for (key, body) in bodies {
            in_rows(connection, key, body)?;
        }
    }
    Ok(())
}

/// Writes a body that has rows of its own, the first of which has that key.
fn in_rows(connection: &Connection, key: i64, body: &[u8]) -> Result<(), StoreError> {
    let part = Part { key, data: Data::Own(Vec::new()) };
    let (first, last) = body_keys(dashcam_exchange::ExchangeId(part.exchange()), part.direction())?;
    connection.prepare_cached(BODY)?.execute([first, last])?;
    let parts: Vec<Part> = (key..)
        .zip(body.chunks(PIECE))
        .map(|(key, piece)| Part { key, data: Data::Own(piece.to_vec()) })
        .collect();
    payload_rows::BODIES.insert(connection, &parts, payload_rows::bind_part)
}

/// Writes all but the bodies.
fn rest(
    connection: &Connection,
    all: Vec<(Rewrite, Option<i64>)>,
    packer: &mut Packer,
) -> Result<u64, StoreError> {
    let (mut sealed, mut rows, mut messages) = (Seals::new(), Vec::new(), Vec::new());
    let (mut rules, mut sets) = (Interned::of(RULES), Interned::of(REDACTION_SETS));
    for (Rewrite { mut exchange, bodies, messages: own, seals }, pack) in all {
        seals.into_iter().for_each(|seal| seals::add(&mut sealed, seal));
        let records = [&mut exchange.request_body, &mut exchange.response_body];
        for (record, body) in records.into_iter().zip(&bodies) {
            record.stored = body.as_ref().map_or(record.stored, |body| body.len() as u64);
            record.rest = Vec::new();
        }
        let rule = exchange.rule.as_deref().map(|name| rules.number(connection, name)).transpose()?;
        let set = exchange.redaction.as_ref().map(|redaction| &*redaction.set);
        let redaction_set = set.map(|name| sets.number(connection, name)).transpose()?;
        for message in own {
            connection.prepare_cached(MESSAGE)?.execute((exchange.id.0, message.seq))?;
            messages.push(MessageRow { message, compression: "none" });
        }
        let (place, heads) = Default::default();
        rows.push(Row { exchange: Arc::new(exchange), place, pack, rule, redaction_set, heads });
    }
    seals::write(connection, &sealed, now())?;
    exchange_row::AGAIN.insert(connection, &rows, exchange_row::bind)?;
    packer.pack_messages(&mut messages, false)?;
    payload_rows::MESSAGES.insert(connection, &messages, payload_rows::bind_message)?;
    Ok(rows.len() as u64)
}
