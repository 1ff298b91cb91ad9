//! Names of rules, each once.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::StoreError;

const ADD: &str = "INSERT OR IGNORE INTO rule_names (name) VALUES (?)";
const FIND: &str = "SELECT id FROM rule_names WHERE name = ?";

/// The numbers of names within one transaction.
#[derive(Debug, Default)]
pub(crate) struct RuleNames(HashMap<String, i64>);

impl RuleNames {
    /// The number of a rule, which gets one if it has none.
    pub(crate) fn number(&mut self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.0.get(name) {
            return Ok(*id);
        }
        connection.prepare_cached(ADD)?.execute([name])?;
        let id = connection.prepare_cached(FIND)?.query_row([name], |row| row.get(0))?;
        self.0.insert(name.to_owned(), id);
        Ok(id)
    }
}
