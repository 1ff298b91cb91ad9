//! Packs of which some bodies get other bytes.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::format::{add, bodies};
use super::rows::read_one;
use crate::StoreError;
use crate::rows::body_key::BITS;

const UPDATE: &str =
    "UPDATE packs SET last_exchange = ?, size = ?, compression = 'zstd', data = ? WHERE id = ?";

/// Puts `new` bytes, by their keys, in the place of bodies of a pack, within the transaction that the caller has begun;
/// empty ones take them out. Says which keys it had.
pub(crate) fn replace(
    connection: &Connection,
    id: i64,
    new: &BTreeMap<i64, &[u8]>,
) -> Result<BTreeSet<i64>, StoreError> {
    let mut found = BTreeSet::new();
    let Some(stored) = read_one(connection, id)? else { return Ok(found) };
    let before = stored.content()?;
    let (mut content, mut last) = (Vec::with_capacity(before.len()), None);
    for body in bodies(&before) {
        let (key, mut body) = body?;
        if let Some(new) = new.get(&key) {
            found.insert(key);
            body = new;
        }
        if !body.is_empty() {
            add(&mut content, key, body);
            last = last.max(Some(key >> BITS));
        }
    }
    match last {
        _ if found.is_empty() => {}
        None => {
            connection.prepare_cached("DELETE FROM packs WHERE id = ?")?.execute([id])?;
        }
        Some(last) => {
            let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
            let data = zstd::bulk::compress(&content, 1).map_err(|error| StoreError::Sql(error.into()))?;
            connection.prepare_cached(UPDATE)?.execute((last, size, data, id))?;
        }
    }
    Ok(found)
}
