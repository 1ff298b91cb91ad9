//! Inserts, a row at a time by one prepared statement a table: on the writer's own thread nothing is gained by
//! statements of many rows.

use rusqlite::Connection;

use crate::StoreError;
use crate::values::{Bound, Values};

/// How rows get into a table.
pub(crate) struct Table {
    columns: usize,
    sql: String,
}

impl Table {
    /// `verb` is `INSERT`, or that with an `OR`; `columns` are separated by commas.
    pub(crate) fn new(verb: &str, table: &str, columns: &str) -> Self {
        let width = columns.split(',').count();
        let values = vec!["?"; width].join(",");
        Self { columns: width, sql: format!("{verb} INTO {table} ({columns}) VALUES ({values})") }
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
            values.finish()?;
            statement.raw_execute()?;
        }
        Ok(())
    }
}
