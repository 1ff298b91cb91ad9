//! Migrations are those of the folder, and do nothing that takes longer with more rows.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, Connection};

use super::*;
use crate::database::added_columns::{run, words};
use crate::rows::interruption::interrupt_all;

/// The beginnings of statements that a migration may have. Others change rows, or make SQLite free the pages of a table.
const ALLOWED: [&str; 8] = [
    "PRAGMA application_id",
    "CREATE TABLE",
    "CREATE VIEW",
    "CREATE INDEX",
    "DROP VIEW",
    "ALTER TABLE",
    // Of one row: `meta`.
    "UPDATE meta",
    "INSERT INTO",
];

/// As sqlx reads the folder.
#[tokio::test]
async fn every_file_is_a_migration() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
    let files = Migrator::new(folder.as_path()).await.unwrap();
    let named = |migrator: &Migrator| {
        let all = migrator.iter();
        all.map(|one| (one.version, one.description.clone(), one.checksum.clone())).collect::<Vec<_>>()
    };
    assert_eq!(named(&files), named(&MIGRATIONS));
}

#[test]
fn migrations_have_only_statements_that_take_no_time() {
    let schema = Connection::open_in_memory().unwrap();
    for (version, _, sql) in ALL {
        let mut statements = Batch::new(&schema, sql);
        while let Some(mut statement) = statements.next().unwrap() {
            let text = statement.expanded_sql().unwrap();
            let text = words(&text).collect::<Vec<_>>().join(" ");
            assert!(ALLOWED.iter().any(|allowed| text.starts_with(allowed)), "{version}: {text}");
            run(&mut statement).unwrap();
        }
    }
}

/// An `INSERT … SELECT` over rows, an index over a table that has some, or a default that is looked at: whatever it is, the
/// steps of SQLite's machine tell.
#[test]
fn migrations_take_as_long_with_many_rows_as_with_few() {
    for (at, (version, ..)) in ALL.iter().enumerate() {
        let (few, many) = (steps(at, 40), steps(at, 400));
        assert!(many < few + 40, "migration {version}: {few} steps with 40 rows, {many} with 400");
    }
}

#[test]
fn work_on_rows_would_be_noticed() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE t (a INTEGER) STRICT").unwrap();
    fill(&connection, 40);
    let add = |sql: &'static str| counted(&connection, |connection| connection.execute_batch(sql).unwrap());
    let few = add("ALTER TABLE t ADD COLUMN b TEXT");
    fill(&connection, 400);
    let many = add("ALTER TABLE t ADD COLUMN c TEXT");
    assert!(many > few + 40, "{few} steps with 40 rows, {many} with 440");
}

/// Dashcam listens only when that is done, at each start.
#[test]
fn open_exchanges_are_interrupted_without_a_look_at_the_others() {
    let steps = |rows| {
        let connection = Connection::open_in_memory().unwrap();
        ALL.iter().for_each(|(_, _, sql)| connection.execute_batch(sql).unwrap());
        fill(&connection, rows);
        let few =
            "UPDATE exchange_rows SET state = 'open' WHERE id < 4; DELETE FROM orphans WHERE exchange > 9";
        connection.execute_batch(few).unwrap();
        counted(&connection, |connection| interrupt_all(connection).unwrap())
    };
    let (few, many) = (steps(40), steps(400));
    assert!(many < few + 40, "{few} steps with 40 exchanges, {many} with 400");
}

/// The steps that a migration takes where each table of the schema before has so many rows.
fn steps(at: usize, rows: usize) -> u64 {
    let connection = Connection::open_in_memory().unwrap();
    for (_, _, sql) in &ALL[..at] {
        connection.execute_batch(sql).unwrap();
    }
    fill(&connection, rows);
    counted(&connection, |connection| {
        let sql = MIGRATIONS.iter().nth(at).unwrap().sql.as_str();
        connection.execute_batch(&format!("BEGIN; {sql}; COMMIT")).unwrap();
    })
}

fn counted(connection: &Connection, work: impl FnOnce(&Connection)) -> u64 {
    let count = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&count);
    let step = move || {
        counting.fetch_add(1, Ordering::Relaxed);
        false
    };
    connection.progress_handler(1, Some(step)).unwrap();
    work(connection);
    connection.progress_handler(0, None::<fn() -> bool>).unwrap();
    count.load(Ordering::Relaxed)
}

/// Adds rows to every table but that of one row.
fn fill(connection: &Connection, rows: usize) {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'meta'";
    let mut tables = connection.prepare(sql).unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    for table in tables {
        let columns = "SELECT name, CASE type WHEN 'INTEGER' THEN '?1' WHEN 'BLOB' THEN 'CAST(?1 AS BLOB)' \
            ELSE 'CAST(?1 AS TEXT)' END FROM pragma_table_info(?)";
        let mut columns = connection.prepare(columns).unwrap();
        let column = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let columns = columns.query_map([&table], column).unwrap().collect::<Result<Vec<_>, _>>().unwrap();
        let (names, values): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
        let insert = format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "));
        let mut insert = connection.prepare(&insert).unwrap();
        let first: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        for row in 0..rows as i64 {
            insert.execute([first + row + 1]).unwrap();
        }
    }
}
