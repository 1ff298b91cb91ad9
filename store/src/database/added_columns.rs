//! Columns that are added to a table without reading its rows.
//!
//! SQLite's `ALTER TABLE … ADD COLUMN` looks at every row of a STRICT table (a `quick_check`, to see that the default
//! suits), one statement after the other: half a minute for a million exchanges. But rows are stored with as many columns
//! as there were, and those that are missing at the end have their default. So all that has to change is the text of the
//! table: SQLite itself makes it, of an empty one, and it is written into the schema
//! (<https://sqlite.org/pragma.html#pragma_writable_schema>).

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection, Error, Statement};

/// Lets other connections notice that the schema has changed, as every statement that changes it does.
const NOTICE: &str = "CREATE VIEW dashcam_migrates AS SELECT 1;\nDROP VIEW dashcam_migrates;\n";

/// The statements of a migration, with columns added in this way. `schema` is an empty database of the schema before, and
/// of the one behind it afterwards.
pub(super) fn without_reading(schema: &Connection, sql: &str) -> Result<String, Error> {
    let mut statements = Batch::new(schema, sql);
    let mut rewritten = String::new();
    while let Some(mut statement) = statements.next()? {
        let text = statement.expanded_sql().unwrap_or_default();
        let table = grown_table(&text).map(str::to_owned);
        run(&mut statement)?;
        drop(statement);
        rewritten += &match table {
            Some(table) => grow(schema, &table)?,
            None => format!("{};\n", text.trim().trim_end_matches(';')),
        };
    }
    Ok(rewritten)
}

/// Runs a statement, whether it answers with rows or not.
pub(super) fn run(statement: &mut Statement<'_>) -> Result<(), Error> {
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// The statements that give `table` the columns that it has in `schema`.
fn grow(schema: &Connection, table: &str) -> Result<String, Error> {
    let sql = "SELECT quote(sql) FROM sqlite_schema WHERE type = 'table' AND name = ?";
    let text: String = schema.query_row(sql, [table], |row| row.get(0))?;
    Ok(format!(
        "PRAGMA writable_schema = on;\n\
         UPDATE sqlite_schema SET sql = {text} WHERE type = 'table' AND name = '{table}';\n\
         PRAGMA writable_schema = reset;\n{NOTICE}"
    ))
}

/// The table to which a statement adds a column.
pub(super) fn grown_table(statement: &str) -> Option<&str> {
    let words: Vec<_> = words(statement).take(5).collect();
    let [alter, of_table, table, add, column] = words[..] else { return None };
    let found = [alter, of_table, add, column];
    let is_one =
        found.iter().zip(["ALTER", "TABLE", "ADD", "COLUMN"]).all(|(a, b)| a.eq_ignore_ascii_case(b));
    is_one.then_some(table)
}

/// The words of a statement, without the comments before and among it.
pub(super) fn words(statement: &str) -> impl Iterator<Item = &str> {
    statement.lines().flat_map(|line| line.split("--").next().unwrap_or_default().split_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Connection {
        let schema = Connection::open_in_memory().unwrap();
        schema.execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT) STRICT;").unwrap();
        schema
    }

    #[test]
    fn rows_of_before_have_the_defaults() {
        let (empty, full) = (schema(), schema());
        full.execute_batch("INSERT INTO t VALUES (1, 'x')").unwrap();
        let sql = "-- Two; of them\nALTER TABLE t ADD COLUMN b TEXT NOT NULL DEFAULT 'it''s'; -- one\n\
            alter table t add column c INTEGER; CREATE VIEW v AS SELECT b, c FROM t;";
        let rewritten = without_reading(&empty, sql).unwrap();
        assert!(!rewritten.to_ascii_uppercase().contains("ADD COLUMN B"), "{rewritten}");
        full.execute_batch(&format!("BEGIN; {rewritten} COMMIT")).unwrap();
        let row = full.query_row("SELECT b, c IS NULL FROM v", [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(row, Ok(("it's".to_owned(), true)));
        full.execute("INSERT INTO t VALUES (2, 'y', 'z', 5)", []).unwrap();
        let sound: String = full.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    }

    #[test]
    fn only_added_columns_are_rewritten() {
        let statement = |text| grown_table(text);
        assert_eq!(statement("\n-- why\n ALTER TABLE t\n ADD COLUMN c TEXT"), Some("t"));
        assert_eq!(statement("ALTER TABLE t DROP COLUMN c"), None);
        assert_eq!(statement("CREATE TABLE t (c TEXT)"), None);
        let sql = "CREATE TABLE u (c TEXT); DROP VIEW IF EXISTS v";
        assert_eq!(
            without_reading(&schema(), sql).unwrap(),
            "CREATE TABLE u (c TEXT);\nDROP VIEW IF EXISTS v;\n"
        );
    }
}
