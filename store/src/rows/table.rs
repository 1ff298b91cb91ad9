//! Inserts, a row at a time by one prepared statement a table: on the writer's own thread nothing is gained by
//! statements of many rows.

use rusqlite::{Connection, MAIN_DB};

use crate::StoreError;
use crate::rows::values::{Bound, Values};

/// How rows get into a table.
pub(crate) struct Table {
    name: &'static str,
    columns: usize,
    sql: String,
}

impl Table {
    /// `verb` is `INSERT`, or that with an `OR`; `columns` are separated by commas.
    pub(crate) fn new(verb: &str, name: &'static str, columns: &str) -> Self {
        let width = columns.split(',').count();
        let values = vec!["?"; width].join(",");
        let sql = format!("{verb} INTO {name} ({columns}) VALUES ({values})");
        Self { name, columns: width, sql }
    }

    /// Adds `rows` in their order; `bind` writes a row's columns.
    pub(crate) fn insert<'r, T>(
        &self,
        connection: &Connection,
        rows: &'r [T],
        bind: fn(&'r T, &mut Values<'_, '_, 'r>),
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut statement = connection.prepare_cached(&self.sql)?;
        let mut bound: Vec<Bound<'r>> = Vec::new();
        bound.resize_with(self.columns, Bound::default);
        for row in rows {
            let mut values = Values::new(&mut statement, &mut bound);
            bind(row, &mut values);
            let data = values.finish()?;
            statement.raw_execute()?;
            if let Some(data) = data {
                let row = connection.last_insert_rowid();
                connection.blob_open(MAIN_DB, self.name, "data", row, false)?.write_all_at(data, 0)?;
            }
        }
        Ok(())
    }
}
