//! Names that many rows have, each once: rows have its number.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::StoreError;

/// A table of such names: the statements that add one, and find its number.
#[derive(Debug)]
pub(crate) struct Table {
    add: &'static str,
    find: &'static str,
}

/// The names of rules.
pub(crate) const RULES: Table = Table {
    add: "INSERT OR IGNORE INTO rule_names (name) VALUES (?)",
    find: "SELECT id FROM rule_names WHERE name = ?",
};

/// The names of redaction sets, with their hashes.
pub(crate) const REDACTION_SETS: Table = Table {
    add: "INSERT OR IGNORE INTO redaction_sets (name) VALUES (?)",
    find: "SELECT id FROM redaction_sets WHERE name = ?",
};

/// The numbers of names within one transaction.
#[derive(Debug)]
pub(crate) struct Interned {
    table: Table,
    known: HashMap<String, i64>,
}

impl Interned {
    pub(crate) fn of(table: Table) -> Self {
        Self { table, known: HashMap::new() }
    }

    /// The number of a name, which gets one if it has none.
    pub(crate) fn number(&mut self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.known.get(name) {
            return Ok(*id);
        }
        connection.prepare_cached(self.table.add)?.execute([name])?;
        let id = connection.prepare_cached(self.table.find)?.query_row([name], |row| row.get(0))?;
        self.known.insert(name.to_owned(), id);
        Ok(id)
    }
}
