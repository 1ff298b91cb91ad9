//! Rows of an exchange and of what belongs to it, from the recording to the archive. Sealed secrets stay behind: an archive
//! lives longer than they do.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::rows::body_key::BITS;
use crate::rows::heads;
use crate::rows::segment;

/// Asks whether an exchange that is in both is the same.
const SAME: &str = "SELECT a.started_at = s.started_at AND a.method = s.method AND a.host = s.host AND a.target = s.target \
    FROM main.exchange_rows AS a JOIN source.exchange_rows AS s ON s.id = a.id WHERE a.id = ?";

/// Rows that an exchange of the archive names, and rows that these name. `?` is the exchange.
const NAMED: [(&str, &str); 5] = [
    ("snapshots", "id IN (SELECT snapshot FROM main.snapshot_exchanges WHERE exchange = ?)"),
    ("connections", "id = (SELECT connection FROM main.exchange_rows WHERE id = ?)"),
    ("upstream_connections", "id = (SELECT upstream_connection FROM main.exchange_rows WHERE id = ?)"),
    (
        "certificates",
        "sha256 IN (SELECT value FROM main.exchange_rows AS e JOIN main.connections AS c ON c.id = e.connection, \
            json_each(c.certificates) WHERE e.id = ?)",
    ),
    (
        "certificates",
        "sha256 IN (SELECT value FROM main.exchange_rows AS e JOIN main.upstream_connections AS u \
            ON u.id = e.upstream_connection, \
            json_each(json_insert(coalesce(u.certificates, '[]'), '$[#]', u.client_certificate)) WHERE e.id = ?)",
    ),
];

/// The name of its rule.
const RULE: &str = "INSERT OR IGNORE INTO main.rule_names (name) SELECT name FROM source.rule_names \
    WHERE id = (SELECT rule FROM source.exchange_rows WHERE id = ?)";
/// The name of its redaction set.
const SET: &str = "INSERT OR IGNORE INTO main.redaction_sets (name) SELECT name FROM source.redaction_sets \
    WHERE id = (SELECT redaction_set FROM source.exchange_rows WHERE id = ?)";
/// The numbers that mean something else there. An archive keeps what it has: no time is over for it.
const OWN: &str = "UPDATE main.exchange_rows SET pack = NULL, keep_until = NULL, rule = (\
    SELECT a.id FROM source.rule_names AS s JOIN main.rule_names AS a ON a.name = s.name \
    WHERE s.id = exchange_rows.rule), redaction_set = (\
    SELECT a.id FROM source.redaction_sets AS s JOIN main.redaction_sets AS a ON a.name = s.name \
    WHERE s.id = exchange_rows.redaction_set) WHERE id = ?";

/// Copies an exchange, without what is in packs; `false` if there is nothing to copy.
pub(super) fn copy(connection: &Connection, id: i64, path: &Path) -> Result<bool, StoreError> {
    match connection.prepare_cached(SAME)?.query_row([id], |row| row.get(0)).optional()? {
        Some(true) => return Ok(false),
        Some(false) => return Err(StoreError::OtherRecording { path: path.to_owned() }),
        None => {}
    }
    if insert(connection, "INSERT", "exchange_rows", "id = ? AND state <> 'open'", &[id])? == 0 {
        return Ok(false);
    }
    segment::forget(connection, [id])?;
    connection.prepare_cached(RULE)?.execute([id])?;
    connection.prepare_cached(SET)?.execute([id])?;
    connection.prepare_cached(OWN)?.execute([id])?;
    heads::copy_whole(connection, id)?;
    let keys = [id << BITS, id << BITS | ((1 << BITS) - 1)];
    insert(connection, "INSERT OR REPLACE", "body_rows", "key BETWEEN ? AND ?", &keys)?;
    insert(connection, "INSERT OR REPLACE", "arrivals", "key BETWEEN ? AND ?", &keys)?;
    insert(connection, "INSERT OR REPLACE", "messages", "exchange = ?", &[id])?;
    insert(connection, "INSERT OR REPLACE", "pins", "exchange = ?", &[id])?;
    insert(connection, "INSERT OR REPLACE", "notes", "exchange = ?", &[id])?;
    insert(connection, "INSERT OR REPLACE", "snapshot_exchanges", "exchange = ?", &[id])?;
    for (table, named) in NAMED {
        // What is known of a connection later replaces what was known before.
        insert(connection, "INSERT OR REPLACE", table, named, &[id])?;
    }
    Ok(true)
}

/// Keeps the archive's figures.
pub(super) fn count(connection: &Connection, exchanges: usize) -> Result<(), StoreError> {
    let update = "UPDATE main.meta SET exchanges = exchanges + ?, \
        last_exchange = max(last_exchange, coalesce((SELECT max(id) FROM main.exchange_rows), 0)), \
        last_connection = max(last_connection, coalesce((SELECT max(id) FROM main.connections), 0)), \
        last_upstream_connection = \
            max(last_upstream_connection, coalesce((SELECT max(id) FROM main.upstream_connections), 0))";
    connection.prepare_cached(update)?.execute([i64::try_from(exchanges).unwrap_or(i64::MAX)])?;
    Ok(())
}

fn insert(
    connection: &Connection,
    verb: &str,
    table: &str,
    which: &str,
    values: &[i64],
) -> Result<usize, StoreError> {
    let names = "SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info(?, 'main') ORDER BY cid)";
    let columns: String = connection.prepare_cached(names)?.query_row([table], |row| row.get(0))?;
    let sql =
        format!("{verb} INTO main.{table} ({columns}) SELECT {columns} FROM source.{table} WHERE {which}");
    Ok(connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(values))?)
}
