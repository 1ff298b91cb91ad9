//! Recordings of older dashcams, read as if they were of this one: an archive is kept for years.
//!
//! Views that only the connection sees have the tables and columns that their schema lacks: names without a
//! schema mean these first. The file stays as it is. Columns that are declared (`rows/recorded.rs`) say since which
//! schema they are there; what else a migration in `migrations/sqlite` adds or renames has its part here.
//! `tests/suite/kept.rs` reads a database of every schema so far.

use sqlx::sqlite::{SqliteConnection, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Executor as _};

use crate::rows::connection_row::CONNECTION;
use crate::rows::exchange_detail::DETAIL;
use crate::rows::exchange_summary::SUMMARY;
use crate::rows::recorded::Column;
use crate::rows::upstream_connection_row::UPSTREAM_CONNECTION;
use crate::rows::{audit, leases, snapshots, tokens};

const VERSION: &str = "SELECT max(version) FROM _sqlx_migrations";
/// Asks whether the schema is still that for which the views were made: a dashcam may have updated it.
const IS_SAME: &str =
    "SELECT (SELECT max(version) FROM main._sqlx_migrations) = (SELECT version FROM temp.read_as)";

/// The migration that adds them: they stand on today's tables.
const VIEWS_FOR_PEOPLE: &str = include_str!("../../../migrations/sqlite/0008_views_for_people.sql");
/// The one that made `v_exchanges` again.
const REDACTION: &str = include_str!("../../../migrations/sqlite/0018_redaction.sql");

/// Readers of a recording of an older dashcam. If it is brought up to date meanwhile, they read it as it is then.
pub(crate) fn read(pool: SqlitePoolOptions) -> SqlitePoolOptions {
    pool.after_connect(|connection, _| Box::pin(overlay(connection))).before_acquire(|connection, _| {
        Box::pin(async move { sqlx::query_scalar(IS_SAME).fetch_one(connection).await })
    })
}

async fn overlay(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let found: i64 = sqlx::query_scalar(VERSION).fetch_one(&mut *connection).await?;
    connection.execute(sqlx::raw_sql(AssertSqlSafe(views(found)))).await?;
    Ok(())
}

/// A table of which it is declared since when each column is there.
const DECLARED: [(&str, &[Column]); 2] =
    [("connections", CONNECTION), ("upstream_connections", UPSTREAM_CONNECTION)];

/// The statements that make a connection see a recording of schema `found` as one of today's.
pub(crate) fn views(found: i64) -> String {
    let mut views = vec![format!("read_as AS SELECT {found} AS version")];
    views.extend(DECLARED.into_iter().filter_map(|(table, columns)| declared(table, columns, found)));
    let added = nulls(&missing(SUMMARY, found)) + &nulls(&missing(DETAIL, found));
    if !added.is_empty() {
        let rows = if found < 3 { "exchanges" } else { "exchange_rows" };
        views.push(format!("exchange_rows AS SELECT *{added} FROM main.{rows}"));
        views.push(format!("exchanges AS SELECT *{added} FROM main.exchanges"));
    }
    if found < 2 {
        views.push(empty("certificates", &["sha256", "der", "first_seen"]));
    }
    if found < 3 {
        views.push("body_rows AS SELECT key, data FROM main.bodies".to_owned());
    }
    if found < 4 {
        let upstream = if found < 2 { ", 0 AS last_upstream_connection" } else { "" };
        views.push(format!("meta AS SELECT *{upstream}, '' AS recording FROM main.meta"));
        views.push(empty("pins", &["exchange", "at"]));
    }
    if found < 5 {
        views.push(empty("packs", &["id", "last_exchange", "size", "compression", "data"]));
    }
    if found < 6 {
        views.push(empty("holdings", &["block", "holders"]));
    }
    if found < 8 {
        views.push(view_of(VIEWS_FOR_PEOPLE, "v_headers"));
    }
    if found < 21 {
        views.push(empty("head_templates", &["id", "fields"]));
        views.push(empty("template_epochs", &["id", "mark", "state", "first_exchange", "last_exchange"]));
    }
    if found < 20 {
        views.push(empty("arrivals", &["key", "data"]));
    }
    if found < 19 {
        views.push(empty("tokens", &tokens::COLUMNS.split(", ").collect::<Vec<_>>()));
        views.push(empty("audit", &audit::COLUMNS.split(", ").collect::<Vec<_>>()));
    }
    if found < 17 {
        views.extend(with_rules());
    }
    if found < 18 {
        views.extend(with_redaction(found));
    }
    if found < 15 {
        views.push(empty("backfills", &["name", "first", "next", "last"]));
    }
    if found < 16 {
        views.push(empty("notes", &["exchange", "comment", "tags", "at"]));
    }
    if found < 14 {
        views.push(empty("presets", &["id", "name", "filter", "at"]));
    }
    if found < 13 {
        views.push(empty("segments", &["block", "exchanges", "first_at", "last_at", "names"]));
        views.push(empty("segment_columns", &["block", "numbers", "targets"]));
    }
    let views: String = views.iter().map(|view| format!("CREATE TEMP VIEW {view};")).collect();
    // The file itself is open to be read only in any case.
    format!("PRAGMA query_only = off; PRAGMA temp_store = memory; {views} PRAGMA query_only = on")
}

/// The additions of schema 17, but for the columns of exchanges.
fn with_rules() -> Vec<String> {
    let history = "settings_history AS SELECT *, 'settings' AS kind, NULL AS address, NULL AS session, NULL AS detail \
        FROM main.settings_history";
    vec![
        history.to_owned(),
        empty("rule_names", &["id", "name"]),
        empty("expiries", &["keep_until", "exchange"]),
        empty("leases", &leases::COLUMNS.split(", ").collect::<Vec<_>>()),
        empty("snapshots", &snapshots::COLUMNS.split(", ").collect::<Vec<_>>()),
        empty("snapshot_exchanges", &["exchange", "snapshot", "stays"]),
        empty("runs", &["id", "started_at", "seen_at", "ended_at", "version"]),
        empty("deletions", &["id", "hour", "cause", "from_at", "until_at", "exchanges"]),
    ]
}

/// The additions of schema 18, but for the columns of exchanges.
fn with_redaction(found: i64) -> Vec<String> {
    let codings = if found < 6 { ", NULL AS coding, 'none' AS compression" } else { "" };
    vec![
        format!("messages AS SELECT *{codings}, 0 AS redacted FROM main.messages"),
        view_of(REDACTION, "v_exchanges"),
        empty("redaction_sets", &["id", "name"]),
        empty("seals", &["number", "id", "sealed", "created_at", "expires_at"]),
    ]
}

/// A view as a migration makes it, without the words before its name.
fn view_of(migration: &str, name: &str) -> String {
    let made = migration.split("CREATE VIEW ").find(|view| view.starts_with(&format!("{name} ")));
    made.unwrap_or_default().trim_end().trim_end_matches(';').to_owned()
}

/// The view over a table, if schema `found` lacks it, or columns of it.
fn declared(table: &str, columns: &[Column], found: i64) -> Option<String> {
    let missing = missing(columns, found);
    match missing.len() {
        0 => None,
        all if all == columns.len() => Some(empty(table, &missing)),
        _ => Some(format!("{table} AS SELECT *{} FROM main.{table}", nulls(&missing))),
    }
}

/// The columns that came later than with schema `found`.
fn missing(columns: &[Column], found: i64) -> Vec<&'static str> {
    columns.iter().filter(|column| column.since > found).map(|column| column.name).collect()
}

fn nulls(columns: &[&str]) -> String {
    columns.iter().map(|column| format!(", NULL AS {column}")).collect()
}

/// A table that came later: nothing is in it.
fn empty(table: &str, columns: &[&str]) -> String {
    let columns: Vec<_> = columns.iter().map(|column| format!("NULL AS {column}")).collect();
    format!("{table} AS SELECT {} WHERE false", columns.join(", "))
}
