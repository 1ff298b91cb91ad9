//! Multi-row inserts. Each statement is a hop to SQLite's thread and back, so rows go in by many; the row
//! counts are few and fixed, so that every statement is prepared once.

use std::sync::Arc;

use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::StoreError;
use crate::columns::Values;

/// Rows of one statement, the most first.
const COUNTS: [usize; 4] = [64, 16, 4, 1];
/// Bytes of bodies in one statement, so that memory stays flat when the rows are large.
const BYTES: usize = 4 << 20;

/// How rows get into a table.
pub(crate) struct Table {
    columns: usize,
    sql: [Arc<str>; COUNTS.len()],
}

impl Table {
    /// `verb` is `INSERT` or `INSERT OR REPLACE`; `columns` are separated by commas.
    pub(crate) fn new(verb: &str, table: &str, columns: &str) -> Self {
        let width = columns.split(',').count();
        let row = format!("({})", vec!["?"; width].join(","));
        let sql = COUNTS.map(|count| {
            let rows = vec![row.as_str(); count].join(",");
            format!("{verb} INTO {table} ({columns}) VALUES {rows}").into()
        });
        Self { columns: width, sql }
    }

    /// Adds `rows` in their order. `bytes` says how large a row is, `bind` writes its columns.
    pub(crate) async fn insert<T>(
        &self,
        connection: &mut SqliteConnection,
        rows: Vec<T>,
        bytes: fn(&T) -> usize,
        bind: fn(T, &mut Values),
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter();
        while let Some(size) = size(rows.as_slice(), bytes) {
            let count = COUNTS[size];
            let mut values = Values::with_capacity(count * self.columns);
            rows.by_ref().take(count).for_each(|row| bind(row, &mut values));
            let sql = AssertSqlSafe(Arc::clone(&self.sql[size]));
            sqlx::query_with(sql, values.into_arguments()).execute(&mut *connection).await?;
        }
        Ok(())
    }
}

/// Which of [`COUNTS`] the next statement takes; `None` when no row is left.
fn size<T>(rows: &[T], bytes: fn(&T) -> usize) -> Option<usize> {
    let fits = |count: usize| rows.len() >= count && rows[..count].iter().map(bytes).sum::<usize>() <= BYTES;
    let last = COUNTS.len() - 1;
    (!rows.is_empty()).then(|| COUNTS.iter().position(|count| fits(*count)).unwrap_or(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: usize, bytes: usize, expect: Option<usize>) {
        let found = size(&vec![bytes; rows], |bytes| *bytes).map(|size| COUNTS[size]);
        assert_eq!(found, expect, "{rows} rows of {bytes} bytes");
    }

    #[test]
    fn the_largest_count_that_fits() {
        check(0, 0, None);
        check(3, 10, Some(1));
        check(63, 10, Some(16));
        check(1000, 10, Some(64));
        check(1000, 256 << 10, Some(16));
        check(1000, 100 << 20, Some(1));
    }
}
