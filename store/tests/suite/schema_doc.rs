//! `docs/SCHEMA.md` names what there is, and its examples run.

use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};

use crate::samples;
use crate::samples::store;

/// The tables that are no interface, as the document says.
const INTERNAL: [&str; 16] = [
    "head_templates",
    "template_epochs",
    "received_exchanges",
    "meta",
    "orphans",
    "holdings",
    "backfills",
    "segments",
    "segment_columns",
    "rule_names",
    "redaction_sets",
    "seals",
    "expiries",
    "exchange_rows",
    "body_rows",
    "_sqlx_migrations",
];

fn document() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/SCHEMA.md")).unwrap()
}

async fn connection() -> (samples::Place, SqliteConnection) {
    let (place, store) = store().await;
    store.close().await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).read_only(true);
    let connection = options.connect().await.unwrap();
    (place, connection)
}

#[tokio::test]
async fn every_column_is_explained() {
    let (_place, mut connection) = connection().await;
    let sql = "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c \
        WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%'";
    let columns: Vec<(String, String)> = sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
    assert!(columns.len() > 80, "{}", columns.len());
    let document = document();
    for (table, column) in columns.iter().filter(|(table, _)| !INTERNAL.contains(&table.as_str())) {
        let heading = format!("\n## {table}\n");
        let section = document.split_once(&heading).unwrap_or_else(|| panic!("no section {table}")).1;
        let section = section.split("\n## ").next().unwrap();
        let names = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
        let explained = names.flat_map(|names| names.split(['`', ',', ' '])).any(|name| name == column);
        assert!(explained, "{table}.{column} is not explained");
    }
}

#[tokio::test]
async fn every_example_runs() {
    let (_place, mut connection) = connection().await;
    let document = document();
    let examples: Vec<_> =
        document.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 4);
    for example in examples {
        let result = sqlx::raw_sql(AssertSqlSafe(example)).fetch_all(&mut connection).await;
        assert!(result.is_ok(), "{example}: {result:?}");
    }
}
