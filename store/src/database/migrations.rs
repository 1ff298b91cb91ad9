//! The migrations from one schema to the next. They change no rows, and take as long for a million exchanges as for none:
//! work on rows is left to backfills (`jobs/backfill.rs`). docs/decisions/0014-migrations.md has the rules, and
//! `migrations/tests.rs` holds each migration to them.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use rusqlite::Connection;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::added_columns::without_reading;

macro_rules! migration {
    ($version:literal, $description:literal, $file:literal) => {
        ($version, $description, include_str!(concat!("../../../migrations/sqlite/", $file)))
    };
}

/// Version, description and statements, in order. Never changed once released: databases have their digests.
pub(crate) const ALL: [(i64, &str, &str); 21] = [
    migration!(1, "first", "0001_first.sql"),
    migration!(2, "as sent", "0002_as_sent.sql"),
    migration!(3, "views", "0003_views.sql"),
    migration!(4, "pins", "0004_pins.sql"),
    migration!(5, "packs", "0005_packs.sql"),
    migration!(6, "shares", "0006_shares.sql"),
    migration!(7, "body ends", "0007_body_ends.sql"),
    migration!(8, "views for people", "0008_views_for_people.sql"),
    migration!(9, "programs", "0009_programs.sql"),
    migration!(10, "parents", "0010_parents.sql"),
    migration!(11, "rejected", "0011_rejected.sql"),
    migration!(12, "listeners", "0012_listeners.sql"),
    migration!(13, "segments", "0013_segments.sql"),
    migration!(14, "presets", "0014_presets.sql"),
    migration!(15, "backfills", "0015_backfills.sql"),
    migration!(16, "notes", "0016_notes.sql"),
    migration!(17, "rules", "0017_rules.sql"),
    migration!(18, "redaction", "0018_redaction.sql"),
    migration!(19, "roles", "0019_roles.sql"),
    migration!(20, "arrivals", "0020_arrivals.sql"),
    migration!(21, "head templates", "0021_head_templates.sql"),
];

/// All of them, as they are run: with columns added without a look at the rows, and the digests of their files.
pub(crate) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = rewritten().expect("the migrations run on an empty database");
    Migrator::with_migrations(migrations)
});

fn rewritten() -> Result<Vec<Migration>, rusqlite::Error> {
    let schema = Connection::open_in_memory()?;
    let rewritten = |(version, description, sql): (i64, &'static str, &'static str)| {
        let as_run = without_reading(&schema, sql)?;
        let file =
            Migration::new(version, description.into(), MigrationType::Simple, sql.into_sql_str(), false);
        Ok(Migration { sql: AssertSqlSafe(as_run).into_sql_str(), ..file })
    };
    ALL.into_iter().map(rewritten).collect()
}
