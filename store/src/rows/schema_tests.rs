//! The declared columns are those of the database and of `docs/SCHEMA.md`, of which they make the tables.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::connection_row::CONNECTION;
use super::exchange_detail::DETAIL;
use super::exchange_summary::SUMMARY;
use super::recorded::Column;
use super::upstream_connection_row::UPSTREAM_CONNECTION;
use crate::database::migrations::MIGRATIONS;

fn declared() -> [(&'static str, Vec<Column>); 3] {
    [
        ("exchanges", [SUMMARY, DETAIL].concat()),
        ("connections", CONNECTION.to_vec()),
        ("upstream_connections", UPSTREAM_CONNECTION.to_vec()),
    ]
}

/// Columns as the database has them: names and types, sorted.
fn columns(connection: &Connection, table: &str) -> Vec<(String, String)> {
    let sql = "SELECT name, type FROM pragma_table_info(?) ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// A database of schema `version`.
fn database(version: i64) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for migration in MIGRATIONS.iter().filter(|migration| migration.version <= version) {
        connection.execute_batch(migration.sql.as_str()).unwrap();
    }
    connection
}

/// The type that the column has in its table.
fn stored_type(column: &Column) -> String {
    match column.kind.split_once(", ") {
        Some((_, "interned")) => "INTEGER".to_owned(),
        Some((kind, _)) => kind.to_owned(),
        None => column.kind.to_owned(),
    }
}

#[test]
fn each_schema_has_the_columns_that_are_declared_for_it() {
    for version in 1..=MIGRATIONS.iter().count() as i64 {
        let connection = database(version);
        for (table, declared) in declared() {
            let mut expected: Vec<_> = declared
                .iter()
                .filter(|column| column.is_stored() && column.since <= version)
                .map(|column| (column.name.to_owned(), stored_type(column)))
                .collect();
            expected.sort();
            let table = if table == "exchanges" && version >= 3 { "exchange_rows" } else { table };
            assert_eq!(columns(&connection, table), expected, "{table} of schema {version}");
        }
    }
}

#[test]
fn the_views_over_tables_have_their_columns() {
    let connection = database(i64::MAX);
    let mut names: Vec<&str> = declared()[0].1.iter().map(|column| column.name).collect();
    names.sort_unstable();
    let found: Vec<String> = columns(&connection, "exchanges").into_iter().map(|(name, _)| name).collect();
    assert_eq!(found, names);
}

/// The lines of a table in the document. Columns without a meaning share the line before.
fn lines(columns: &[Column]) -> String {
    let mut lines: Vec<(Vec<String>, Vec<&str>, &str)> = Vec::new();
    for column in columns {
        let name = format!("`{}`", column.name);
        let kind = column.kind.trim_end_matches(", interned");
        match (column.meaning, lines.last_mut()) {
            (None, Some((names, kinds, _))) => {
                names.push(name);
                kinds.push(kind);
            }
            (meaning, _) => lines.push((vec![name], vec![kind], meaning.unwrap_or_default())),
        }
    }
    let line = |(names, mut kinds, meaning): (Vec<String>, Vec<&str>, &str)| {
        if kinds.iter().all(|kind| *kind == kinds[0]) {
            kinds.truncate(1);
        }
        let meaning = if meaning.is_empty() { String::new() } else { format!("{meaning} ") };
        format!("| {} | {} | {meaning}|\n", names.join(", "), kinds.join(", "))
    };
    lines.into_iter().map(line).collect()
}

#[test]
fn the_document_has_the_tables_that_are_declared() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SCHEMA.md");
    let committed = fs::read_to_string(&path).unwrap();
    let mut current = committed.clone();
    for (table, columns) in declared() {
        let begin = "| column | type | meaning |\n|---|---|---|\n";
        let section = current.find(&format!("\n## {table}\n")).unwrap();
        let from = section + current[section..].find(begin).unwrap() + begin.len();
        let to = from + current[from..].find("\n\n").unwrap() + 1;
        current.replace_range(from..to, &lines(&columns));
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &current).unwrap();
        return;
    }
    assert!(
        committed == current,
        "docs/SCHEMA.md is not current: UPDATE=1 cargo test -p dashcam-store the_document"
    );
}
