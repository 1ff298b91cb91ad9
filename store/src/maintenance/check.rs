//! Checks that a recording is sound: to SQLite, and by what dashcam keeps true of it.

use std::path::Path;

use rusqlite::Connection;

use super::access::{identify, reader};
use super::consistency::{Survey, survey};
use crate::StoreError;
use crate::file::path::absolute;
use crate::rows::expiries;
use crate::rows::segment::disagreeing;

/// Messages of SQLite's check at most.
const MESSAGES: u32 = 20;

/// The figures that dashcam keeps, beside what they are about, in one snapshot.
const BOOKS: &str = "SELECT exchanges, (SELECT count(*) FROM exchange_rows), \
    last_exchange >= coalesce((SELECT max(id) FROM exchange_rows), 0), \
    last_connection >= coalesce((SELECT max(id) FROM connections), 0), \
    last_upstream_connection >= coalesce((SELECT max(id) FROM upstream_connections), 0), \
    (SELECT count(*) FROM pins WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange)), \
    (SELECT count(*) FROM notes WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange)), \
    (SELECT count(DISTINCT key >> 22) FROM arrivals \
        WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = key >> 22) \
        AND NOT EXISTS (SELECT 1 FROM orphans WHERE exchange = key >> 22)), \
    (SELECT count(*) FROM orphans WHERE EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange)), \
    (SELECT count(*) FROM snapshot_exchanges WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange) \
        OR NOT EXISTS (SELECT 1 FROM snapshots AS s WHERE s.id = snapshot)), \
    (SELECT count(*) FROM exchange_rows WHERE rule IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM rule_names AS r WHERE r.id = rule)), \
    (SELECT count(*) FROM exchange_rows WHERE redaction_set IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM redaction_sets AS r WHERE r.id = redaction_set)) FROM meta";

/// Exchanges that name a connection which is not there.
const DANGLING: [(&str, &str); 2] = [
    (
        "a client connection",
        "connection IS NOT NULL AND NOT EXISTS (SELECT 1 FROM connections AS c WHERE c.id = connection)",
    ),
    (
        "a connection to an upstream",
        "upstream_connection IS NOT NULL \
            AND NOT EXISTS (SELECT 1 FROM upstream_connections AS c WHERE c.id = upstream_connection)",
    ),
];

/// The findings of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Faults; none if the recording is sound.
    pub problems: Vec<Problem>,
    /// Facts that are worth knowing, and no faults.
    pub notes: Vec<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// SQLite cannot read the file as it should: the disk, or whoever wrote into it, damaged it.
    Damage(String),
    /// Rows do not agree with each other: nothing of the rest is in danger.
    Books(String),
}

impl Checked {
    /// Returns whether SQLite itself is not content.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.problems.iter().any(|problem| matches!(problem, Problem::Damage(_)))
    }
}

/// Checks the recording at `path`, also while another process writes it; `thorough`: every index is compared with its table.
///
/// # Errors
/// When there is no recording that could be checked, or it is a newer dashcam's.
pub fn check(path: &Path, thorough: bool) -> Result<Checked, StoreError> {
    let path = absolute(path)?;
    identify(&path)?;
    match reader(&path).and_then(|connection| checked(&connection, thorough)) {
        Err(error) if is_damage(&error) => Ok(Checked::damaged(&error)),
        checked => checked,
    }
}

/// Checks what `connection` is to.
pub(super) fn checked(connection: &Connection, thorough: bool) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    for message in sqlite(connection, thorough)? {
        checked.problems.push(Problem::Damage(message));
    }
    // What cannot be read makes no sense of the rest.
    if checked.problems.is_empty() {
        checked.add_survey(&survey(connection)?);
        checked.add_books(connection)?;
        checked.books(disagreeing(connection)?.len(), "segments do not say what their exchanges do");
        checked.add_notes(connection)?;
    }
    Ok(checked)
}

/// Returns whether it says that the content of the file is not as it should be.
pub(super) fn is_damage(error: &StoreError) -> bool {
    matches!(error, StoreError::Damaged(_) | StoreError::Disk(_))
}

fn sqlite(connection: &Connection, thorough: bool) -> Result<Vec<String>, StoreError> {
    let pragma = if thorough { "integrity_check" } else { "quick_check" };
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}({MESSAGES})"))?;
    let messages: Result<Vec<String>, _> = statement.query_map([], |row| row.get(0))?.collect();
    Ok(messages?.into_iter().filter(|message| message != "ok").collect())
}

impl Checked {
    fn damaged(error: &StoreError) -> Self {
        let message = match error {
            StoreError::Damaged(message) => message.clone(),
            other => other.to_string(),
        };
        Self { problems: vec![Problem::Damage(message)], notes: Vec::new() }
    }

    fn books(&mut self, count: usize, what: &str) {
        if count > 0 {
            self.problems.push(Problem::Books(format!("{count} {what}")));
        }
    }

    fn add_survey(&mut self, survey: &Survey) {
        self.books(survey.unlike.len(), "bodies are not stored as their exchanges say");
        self.books(survey.unreadable_packs.len(), "packs of bodies cannot be read");
        self.books(survey.heads_alone.len(), "heads lack the template that they were stored with");
        self.books(survey.bodies_alone.len(), "exchanges are missing whose bodies are there");
        self.books(survey.messages_alone.len(), "exchanges are missing whose messages are there");
    }

    fn add_books(&mut self, connection: &Connection) -> Result<(), StoreError> {
        type Books = (i64, i64, [bool; 3], [i64; 7]);
        let books = |row: &rusqlite::Row<'_>| {
            let numbers = [row.get(2)?, row.get(3)?, row.get(4)?];
            let mut alone = [0; 7];
            for (count, column) in alone.iter_mut().zip(5..) {
                *count = row.get(column)?;
            }
            Ok((row.get(0)?, row.get(1)?, numbers, alone))
        };
        let (said, found, numbers, alone): Books = connection.query_row(BOOKS, [], books)?;
        if said != found {
            let what = format!("{said} exchanges are said to be stored, and {found} are");
            self.problems.push(Problem::Books(what));
        }
        if numbers.contains(&false) {
            let what = "numbers that are in use are said to be free".to_owned();
            self.problems.push(Problem::Books(what));
        }
        let missing = format!("SELECT count(*) FROM exchange_rows WHERE {}", expiries::MISSING);
        let missing: i64 = connection.query_row(&missing, [], |row| row.get(0))?;
        for (count, what) in alone.into_iter().chain([missing]).zip([
            "exchanges are pinned that are not there",
            "exchanges have notes that are not there",
            "exchanges are missing whose arrivals are there",
            "exchanges that are there are said to be deleted",
            "exchanges or snapshots that belong together are not both there",
            "exchanges have rules without a name",
            "exchanges have redaction sets without a name",
            "exchanges would be kept longer than their rules say",
        ]) {
            self.books(usize::try_from(count).unwrap_or(0), what);
        }
        Ok(())
    }

    fn add_notes(&mut self, connection: &Connection) -> Result<(), StoreError> {
        for (what, condition) in DANGLING {
            let sql = format!("SELECT count(*) FROM exchange_rows WHERE {condition}");
            let count: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            if count > 0 {
                self.notes.push(format!(
                    "{count} exchanges name {what} that is not stored: there was no room for it, or the bounds deleted it"
                ));
            }
        }
        Ok(())
    }
}
