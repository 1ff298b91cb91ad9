//! The steps from one schema to the next.

use std::sync::LazyLock;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

macro_rules! migration {
    ($version:literal, $description:literal, $file:literal) => {
        ($version, $description, include_str!(concat!("../../../migrations/sqlite/", $file)))
    };
}

/// Version, description and statements, in order. Never changed once released: databases have their digests.
const ALL: [(i64, &str, &str); 14] = [
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
];

/// All of them.
pub(crate) static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let migrations = ALL.map(|(version, description, sql)| {
        Migration::new(version, description.into(), MigrationType::Simple, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.to_vec())
});

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

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
}
