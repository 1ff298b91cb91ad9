//! Checks that exchanges, bodies and messages agree. It goes stretch by stretch, each seen as one snapshot,
//! so that a recording that is being written can be looked at and its write-ahead log does not grow all the
//! while.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use crate::StoreError;
use crate::rows::body_key::BITS;
use crate::rows::heads;
use crate::rows::pack;

/// Exchanges of one stretch.
const STRETCH: usize = 1000;
/// The highest number that an exchange can have.
const LAST: i64 = (1 << (63 - BITS)) - 1;

const EXCHANGES: &str = "SELECT id, state, request_stored, response_stored, pack FROM exchange_rows WHERE id >= ? ORDER BY id LIMIT ?";
const PIECES: &str = "SELECT key, length(data) FROM body_rows WHERE key BETWEEN ? AND ? ORDER BY key";
const TALKING: &str = "SELECT min(exchange) FROM messages WHERE exchange BETWEEN ? AND ?";
const ORPHANS: &str = "SELECT exchange FROM orphans WHERE exchange BETWEEN ? AND ?";

/// The parts that do not agree.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// Bodies whose pieces are not what their exchange says.
    pub(super) unlike: Vec<Unlike>,
    /// Numbers without an exchange for which there are bodies.
    pub(super) bodies_alone: Vec<i64>,
    /// Numbers without an exchange for which there are messages.
    pub(super) messages_alone: Vec<i64>,
    /// Packs of bodies that make no sense.
    pub(super) unreadable_packs: BTreeSet<i64>,
    /// Heads whose templates are not there: exchange and column.
    pub(super) heads_alone: Vec<(i64, &'static str)>,
    /// Exchanges that were seen.
    pub(super) exchanges: i64,
}

/// A body whose pieces are not what its exchange says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unlike {
    pub(super) exchange: i64,
    /// 0: the request's; 1: the response's.
    pub(super) direction: i64,
    /// The bytes that are stored by what the exchange says.
    pub(super) said: i64,
    /// The bytes that are there from the first piece on, without a hole.
    pub(super) whole: i64,
    /// How many pieces that is.
    pub(super) pieces: i64,
}

/// The pieces of one body.
#[derive(Debug, Default, Clone, Copy)]
struct Pieces {
    whole: i64,
    pieces: i64,
    has_hole: bool,
}

struct Said {
    state: String,
    stored: [i64; 2],
    pack: Option<i64>,
}

/// Goes through all that is stored.
pub(super) fn survey(connection: &Connection) -> Result<Survey, StoreError> {
    let (mut survey, mut first) = (Survey::default(), 0);
    loop {
        connection.execute_batch("BEGIN")?;
        let last = stretch(connection, first, &mut survey);
        connection.execute_batch("COMMIT")?;
        match last? {
            LAST => return Ok(survey),
            last => first = last + 1,
        }
    }
}

/// Looks at the exchanges from `first` on; says which is the last that was looked at.
fn stretch(connection: &Connection, first: i64, survey: &mut Survey) -> Result<i64, StoreError> {
    let exchanges = exchanges(connection, first)?;
    let last = if exchanges.len() < STRETCH { LAST } else { *exchanges.keys().last().unwrap_or(&LAST) };
    survey.exchanges += i64::try_from(exchanges.len()).unwrap_or(i64::MAX);
    let mut orphans = connection.prepare_cached(ORPHANS)?;
    let orphans: BTreeSet<i64> =
        orphans.query_map([first, last], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let is_alone = |id: i64| !exchanges.contains_key(&id) && !orphans.contains(&id);
    let mut bodies = bodies(connection, first, last)?;
    add_packed(connection, &exchanges, &mut bodies, survey)?;
    for (id, said) in &exchanges {
        let found = bodies.get(id).copied().unwrap_or_default();
        survey.unlike.extend(
            [0, 1].into_iter().filter_map(|direction| unlike(*id, said, direction, found[direction])),
        );
    }
    survey.heads_alone.extend(heads::missing(connection, (first, last))?);
    survey.bodies_alone.extend(bodies.keys().filter(|id| is_alone(**id)));
    survey.messages_alone.extend(talking(connection, first, last)?.into_iter().filter(|id| is_alone(*id)));
    Ok(last)
}

fn unlike(exchange: i64, said: &Said, direction: usize, found: Pieces) -> Option<Unlike> {
    let stored = said.stored[direction];
    let agrees = match said.state.as_str() {
        // Its row says what had passed at some moment, of which a part may have been on its way.
        "open" => true,
        "interrupted" => stored <= found.whole,
        _ => stored == found.whole,
    };
    let direction = i64::try_from(direction).unwrap_or_default();
    let (whole, pieces) = (found.whole, found.pieces);
    (!agrees || found.has_hole).then_some(Unlike { exchange, direction, said: stored, whole, pieces })
}

fn exchanges(connection: &Connection, first: i64) -> Result<BTreeMap<i64, Said>, StoreError> {
    let mut statement = connection.prepare_cached(EXCHANGES)?;
    let said = |row: &rusqlite::Row<'_>| {
        Ok((row.get(0)?, Said { state: row.get(1)?, stored: [row.get(2)?, row.get(3)?], pack: row.get(4)? }))
    };
    let most = i64::try_from(STRETCH).unwrap_or(i64::MAX);
    let found = statement.query_map([first, most], said)?.collect::<Result<_, _>>()?;
    Ok(found)
}

fn bodies(connection: &Connection, first: i64, last: i64) -> Result<BTreeMap<i64, [Pieces; 2]>, StoreError> {
    let mut statement = connection.prepare_cached(PIECES)?;
    let mut rows = statement.query([first << BITS, last << BITS | ((1 << BITS) - 1)])?;
    let mut found: BTreeMap<i64, [Pieces; 2]> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let (key, length): (i64, i64) = (row.get(0)?, row.get(1)?);
        let direction = usize::try_from(key >> (BITS - 1) & 1).unwrap_or_default();
        let body = &mut found.entry(key >> BITS).or_default()[direction];
        if body.has_hole || key & ((1 << (BITS - 1)) - 1) != body.pieces {
            body.has_hole = true;
        } else {
            body.whole += length;
            body.pieces += 1;
        }
    }
    Ok(found)
}

/// Adds the bodies that are in packs, for exchanges that name these.
fn add_packed(
    connection: &Connection,
    exchanges: &BTreeMap<i64, Said>,
    bodies: &mut BTreeMap<i64, [Pieces; 2]>,
    survey: &mut Survey,
) -> Result<(), StoreError> {
    let packs: BTreeSet<i64> = exchanges.values().filter_map(|said| said.pack).collect();
    for pack in packs {
        let Some(stored) = pack::read_one(connection, pack)? else { continue };
        let Ok(lengths) = pack::lengths(stored) else {
            survey.unreadable_packs.insert(pack);
            continue;
        };
        for (key, length) in lengths {
            let is_its = exchanges.get(&(key >> BITS)).is_some_and(|said| said.pack == Some(pack));
            let direction = usize::try_from(key >> (BITS - 1) & 1).unwrap_or_default();
            if is_its {
                bodies.entry(key >> BITS).or_default()[direction].whole += length;
            }
        }
    }
    Ok(())
}

/// Exchanges that have messages; each is looked up, as a message can be large.
fn talking(connection: &Connection, first: i64, last: i64) -> Result<Vec<i64>, StoreError> {
    let (mut found, mut from) = (Vec::new(), first);
    let mut statement = connection.prepare_cached(TALKING)?;
    while from <= last {
        let Some(id) = statement.query_row([from, last], |row| row.get::<_, Option<i64>>(0))? else { break };
        found.push(id);
        from = id + 1;
    }
    Ok(found)
}
