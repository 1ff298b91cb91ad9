//! Copies what can be read of a damaged recording, table by table.

mod key;
mod legible;
mod walk;

use rusqlite::Connection;

use crate::StoreError;
use key::Key;
pub(super) use walk::Copied;
use walk::Table;

/// The part of a table that was copied, and the places where rows are lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Salvaged {
    /// The table's name.
    pub table: &'static str,
    /// Rows that were copied.
    pub rows: u64,
    /// Places at which rows could not be read, or made no sense.
    pub holes: u64,
}

const TABLES: [Table; 26] = [
    Table { name: "exchange_rows", key: Key::Number("id"), is_legible: legible::exchange },
    Table { name: "body_rows", key: Key::Number("key"), is_legible: legible::any },
    Table { name: "arrivals", key: Key::Number("key"), is_legible: legible::any },
    Table { name: "packs", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "head_templates", key: Key::Number("id"), is_legible: legible::template },
    Table { name: "template_epochs", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "messages", key: Key::Pair("exchange, seq"), is_legible: legible::message },
    Table { name: "connections", key: Key::Number("id"), is_legible: legible::connection },
    Table { name: "upstream_connections", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "certificates", key: Key::Fingerprint, is_legible: legible::any },
    Table { name: "gaps", key: Key::Number("id"), is_legible: legible::gap },
    Table { name: "settings_history", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "presets", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "holdings", key: Key::Number("block"), is_legible: legible::any },
    Table { name: "notes", key: Key::Number("exchange"), is_legible: legible::any },
    Table { name: "pins", key: Key::Number("exchange"), is_legible: legible::any },
    Table { name: "rule_names", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "redaction_sets", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "seals", key: Key::Number("number"), is_legible: legible::any },
    Table { name: "leases", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "snapshots", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "snapshot_exchanges", key: Key::Pair("exchange, snapshot"), is_legible: legible::any },
    Table { name: "runs", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "deletions", key: Key::Number("id"), is_legible: legible::deletion },
    Table { name: "tokens", key: Key::Number("id"), is_legible: legible::any },
    Table { name: "audit", key: Key::Number("id"), is_legible: legible::any },
];

/// Copies all tables from `source`, which is damaged, to `target`, which is new.
pub(super) fn salvage(source: &Connection, target: &Connection) -> Result<Vec<Copied>, StoreError> {
    let mut all = Vec::new();
    for table in &TABLES {
        all.push(walk::copy(source, target, table)?);
    }
    Ok(all)
}

/// Copies dashcam's figures; says how many exchanges there were, if that could be read.
pub(super) fn books(source: &Connection, target: &Connection) -> Result<Option<i64>, StoreError> {
    let read = |row: &rusqlite::Row<'_>| {
        let numbers: [i64; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        Ok((numbers, row.get::<_, String>(4)?))
    };
    let sql =
        "SELECT last_exchange, last_connection, last_upstream_connection, exchanges, recording FROM meta";
    let Ok((numbers, recording)) = source.query_row(sql, [], read) else { return Ok(None) };
    let [exchange, connection, upstream, exchanges] = numbers;
    let update = "UPDATE meta SET last_exchange = ?1, last_connection = ?2, last_upstream_connection = ?3, \
            recording = coalesce(nullif(?4, ''), recording)";
    target.execute(update, (exchange, connection, upstream, recording))?;
    Ok(Some(exchanges))
}
