//! Rows of `packs`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rusqlite::{Connection, OptionalExtension, Row};

use super::format::{Stored, add, bodies, without};
use crate::StoreError;
use crate::rows::body_key::BITS;
use crate::rows::table::Table;
use crate::rows::values::Values;

/// Packs that go in one step at most.
const PACKS: i64 = 256;

pub(crate) static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT", "packs", "id, last_exchange, size, compression, data"));

/// From here on packs are numbered whose exchanges are kept until a time: they don't go in the order of exchanges.
pub(crate) const KEPT: i64 = 1 << 52;

/// The oldest packs that hold nothing younger than an exchange. They were written nearly in the order of exchanges.
pub(crate) const FORGET: &str = "DELETE FROM packs WHERE id IN (\
    SELECT id FROM (SELECT id, last_exchange FROM packs WHERE id < ?3 ORDER BY id LIMIT ?1) WHERE last_exchange <= ?2)";

/// A pack that is to be written.
#[derive(Debug)]
pub(crate) struct Pack {
    /// Its number, once it has one.
    pub(crate) id: i64,
    /// Its exchanges are kept until a time.
    pub(crate) is_kept: bool,
    pub(crate) last_exchange: i64,
    /// Bytes before they were compressed.
    pub(crate) size: usize,
    pub(crate) compression: &'static str,
    pub(crate) data: Vec<u8>,
}

/// The numbers that come next: of a pack of exchanges that go in their order, and of one of others.
pub(crate) fn next(connection: &Connection) -> Result<[i64; 2], StoreError> {
    let sql = "SELECT coalesce((SELECT max(id) FROM packs WHERE id < ?1), 0) + 1, \
        coalesce((SELECT max(id) FROM packs WHERE id >= ?1), ?1) + 1";
    Ok(connection.prepare_cached(sql)?.query_row([KEPT], |row| Ok([row.get(0)?, row.get(1)?]))?)
}

pub(crate) fn bind<'r>(pack: &'r Pack, values: &mut Values<'_, '_, 'r>) {
    values.push(pack.id);
    values.push(pack.last_exchange);
    values.push_size(pack.size as u64);
    values.push(pack.compression);
    values.push_data(&pack.data);
}

/// Pack number `id`, of these bodies, each with its key; `None` of none.
pub(crate) fn of_bodies(id: i64, all: &[(i64, Vec<u8>)]) -> Result<Option<Pack>, StoreError> {
    let Some(last_exchange) = all.iter().map(|(key, _)| key >> BITS).max() else { return Ok(None) };
    let mut content = Vec::new();
    all.iter().for_each(|(key, body)| add(&mut content, *key, body));
    let data = zstd::bulk::compress(&content, 1).map_err(|error| StoreError::Sql(error.into()))?;
    Ok(Some(Pack { id, is_kept: false, last_exchange, size: content.len(), compression: "zstd", data }))
}

/// Deletes the packs of exchanges that went: all up to `last` did. Those of younger ones stay, with what is in them of
/// older ones: it ended within the same moment.
pub(crate) fn forget(connection: &Connection, last: i64) -> Result<(), StoreError> {
    connection.prepare_cached(FORGET)?.execute([PACKS, last, KEPT])?;
    Ok(())
}

/// Takes the bodies of the exchanges `first..=last` out of their packs, before their rows go.
pub(crate) fn drop_bodies(connection: &Connection, first: i64, last: i64) -> Result<(), StoreError> {
    let sql = "SELECT DISTINCT pack FROM exchange_rows WHERE id BETWEEN ? AND ? AND pack IS NOT NULL";
    let mut statement = connection.prepare_cached(sql)?;
    let packs = statement.query_map([first, last], |row| row.get(0))?;
    for pack in packs.collect::<Result<Vec<i64>, _>>()? {
        drop_from(connection, pack, |exchange| (first..=last).contains(&exchange))?;
    }
    Ok(())
}

/// Takes the bodies of these exchanges out of their packs, before their rows go.
pub(crate) fn drop_these(connection: &Connection, exchanges: &BTreeSet<i64>) -> Result<(), StoreError> {
    let mut packs = BTreeSet::new();
    for exchange in exchanges {
        let sql = "SELECT pack FROM exchange_rows WHERE id = ?";
        let pack = connection.prepare_cached(sql)?.query_row([exchange], |row| row.get::<_, Option<i64>>(0));
        packs.extend(pack.optional()?.flatten());
    }
    for pack in packs {
        drop_from(connection, pack, |exchange| exchanges.contains(&exchange))?;
    }
    Ok(())
}

/// Gives an exchange's bodies rows of their own.
pub(crate) fn unpack(connection: &Connection, exchange: i64) -> Result<(), StoreError> {
    let sql = "SELECT pack FROM exchange_rows WHERE id = ?";
    let pack: Option<Option<i64>> =
        connection.prepare_cached(sql)?.query_row([exchange], |row| row.get(0)).optional()?;
    let Some(pack) = pack.flatten() else { return Ok(()) };
    if let Some(stored) = read_one(connection, pack)? {
        // What cannot be read stays where it is.
        let Ok(content) = stored.content() else { return Ok(()) };
        for body in bodies(&content) {
            let (key, body) = body?;
            if key >> BITS == exchange {
                let sql = "INSERT INTO body_rows (key, data) VALUES (?, ?)";
                connection.prepare_cached(sql)?.execute((key, body))?;
            }
        }
        drop_from(connection, pack, |other| other == exchange)?;
    }
    connection.prepare_cached("UPDATE exchange_rows SET pack = NULL WHERE id = ?")?.execute([exchange])?;
    Ok(())
}

/// A pack, if it is there.
pub(crate) fn read_one(connection: &Connection, id: i64) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT compression, size, data FROM packs WHERE id = ?";
    Ok(connection.prepare_cached(sql)?.query_row([id], read).optional()?)
}

/// How long the bodies are that a pack holds, with their keys.
pub(crate) fn lengths(stored: Stored) -> Result<Vec<(i64, i64)>, StoreError> {
    let content = stored.content()?;
    let length = |body: Result<(i64, &[u8]), StoreError>| {
        body.map(|(key, body)| (key, i64::try_from(body.len()).unwrap_or(i64::MAX)))
    };
    bodies(&content).map(length).collect()
}

fn drop_from(connection: &Connection, id: i64, goes: impl Fn(i64) -> bool) -> Result<(), StoreError> {
    let Some(stored) = read_one(connection, id)? else { return Ok(()) };
    let left = stored.content().and_then(|content| without(&content, goes));
    if let Err(error) = &left {
        // Nobody can read it, and it is to keep nothing from being deleted.
        tracing::warn!(pack = id, %error, "a damaged pack of bodies is deleted with one of its exchanges");
    }
    match left.unwrap_or(None) {
        None => {
            connection.prepare_cached("DELETE FROM packs WHERE id = ?")?.execute([id])?;
        }
        Some((left, last_exchange)) => {
            let size = i64::try_from(left.len()).unwrap_or(i64::MAX);
            let data = zstd::bulk::compress(&left, 1).map_err(|error| StoreError::Sql(error.into()))?;
            let sql =
                "UPDATE packs SET last_exchange = ?, size = ?, compression = 'zstd', data = ? WHERE id = ?";
            connection.prepare_cached(sql)?.execute((last_exchange, size, data, id))?;
        }
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored { compression: row.get(0)?, size: row.get(1)?, data: row.get(2)? })
}
