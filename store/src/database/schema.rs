//! Checks that a dashcam made a database's schema: a file may be a stranger's, and a schema can run programs
//! of SQL.
//!
//! A trigger would run when we write, a view in the place of a table when we read. So what has a name that we use must be what
//! our migrations make of it, word for word. Tables, views and indexes by other names are no concern of ours: nothing asks them.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::StoreError;
use crate::database::migrations::ALL;

/// The objects in a database, to check.
pub(crate) const OBJECTS: &str = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema";
/// The table of sqlx, which makes it.
pub(crate) const VERSIONS: &str = "_sqlx_migrations";

/// One object: type, name, SQL.
pub(crate) type Object = (String, String, String);

/// Fails if the version of the schema can't be asked for without harm, or something would run by itself.
pub(crate) fn refuse_programs(objects: &[Object]) -> Result<(), StoreError> {
    for (kind, name, sql) in objects {
        if kind == "trigger" {
            return Err(foreign(&format!("a trigger, {name}")));
        }
        if is_virtual(sql) {
            return Err(foreign(&format!("a virtual table, {name}")));
        }
        if name.eq_ignore_ascii_case(VERSIONS) && kind != "table" {
            return Err(foreign(&format!("a {kind} by the name of {name}")));
        }
    }
    Ok(())
}

/// Fails unless the tables and views of schema `version` are there, and are what they should be.
pub(crate) fn check(objects: &[Object], version: i64) -> Result<(), StoreError> {
    for (name, (kind, sql)) in expected(version)? {
        let found = objects.iter().find(|(_, found, _)| found.eq_ignore_ascii_case(&name));
        let Some((found_kind, _, found_sql)) = found else {
            return Err(StoreError::Damaged(format!("it has no {kind} {name}")));
        };
        if *found_kind != kind || words(found_sql) != words(&sql) {
            return Err(foreign(&format!("something else than dashcam's {kind} {name}")));
        }
    }
    Ok(())
}

/// The tables and views of a schema: by their names, the type and the SQL.
fn expected(version: i64) -> Result<BTreeMap<String, (String, String)>, StoreError> {
    let connection = Connection::open_in_memory()?;
    for (_, _, sql) in ALL.iter().filter(|(migration, ..)| *migration <= version) {
        connection.execute_batch(sql)?;
    }
    let mut statement = connection.prepare(OBJECTS)?;
    let objects = statement.query_map([], |row| Ok((row.get(1)?, (row.get(0)?, row.get(2)?))))?;
    let mut objects: BTreeMap<String, (String, String)> = objects.collect::<Result<_, _>>()?;
    objects.retain(|_, (kind, _)| kind == "table" || kind == "view");
    Ok(objects)
}

fn is_virtual(sql: &str) -> bool {
    words(sql).starts_with("create virtual")
}

/// SQL without what makes no difference: another version of SQLite, or a dump, may write it so.
fn words(sql: &str) -> String {
    let text = sql.replace('"', "").to_ascii_lowercase();
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

fn foreign(what: &str) -> StoreError {
    StoreError::ForeignSchema { what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::version::known;

    fn objects(version: i64) -> Vec<Object> {
        let expected = expected(version).unwrap();
        expected.into_iter().map(|(name, (kind, sql))| (kind, name, sql)).collect()
    }

    #[test]
    fn every_schema_so_far_is_ours() {
        for version in 1..=known() {
            let objects = objects(version);
            assert!(!objects.is_empty());
            refuse_programs(&objects).unwrap();
            check(&objects, version).unwrap();
        }
    }

    #[test]
    fn what_is_not_ours_is_refused() {
        let object = |kind: &str, name: &str, sql: &str| (kind.to_owned(), name.to_owned(), sql.to_owned());
        for (object, expect) in [
            (object("trigger", "t", "CREATE TRIGGER t ..."), "a trigger, t"),
            (object("table", "v", "create  VIRTUAL table v using x"), "a virtual table, v"),
            (object("view", "_SQLX_migrations", "CREATE VIEW ..."), "a view by the name"),
        ] {
            let refused = refuse_programs(&[object]).unwrap_err().to_string();
            assert!(refused.contains(expect), "{refused}");
        }
        let mut changed = objects(known());
        let table = changed.iter_mut().find(|(_, name, _)| name == "received_exchanges").unwrap();
        table.2 = table.2.replace("scheme ||", "zeroblob(1000000000) ||");
        let refused = check(&changed, known()).unwrap_err().to_string();
        assert!(refused.contains("dashcam's view received_exchanges"), "{refused}");
        changed.retain(|(_, name, _)| name != "received_exchanges");
        assert!(matches!(check(&changed, known()), Err(StoreError::Damaged(_))));
    }
}
