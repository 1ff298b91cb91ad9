//! Notes: a comment and tags that users write down about exchanges.

use dashcam_exchange::{ExchangeId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;

/// A note of an exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note {
    /// The comment; empty if there is none.
    pub comment: String,
    /// The tags, in their order, each once.
    pub tags: Vec<String>,
}

/// A change of a note.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoteChange {
    /// The comment that it gets; `None` leaves the one that it has.
    pub comment: Option<String>,
    /// Tags that it gets.
    pub tags: Vec<String>,
    /// Tags that it loses, before it gets others.
    pub untag: Vec<String>,
}

/// The outcome of a change of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// The note that the exchange has then.
    Note(Note),
    /// No exchange of that number is stored (yet).
    NoExchange,
    /// It would get more than [`MOST_TAGS`] tags. Nothing was changed.
    TooManyTags,
}

/// The most tags that an exchange gets.
pub const MOST_TAGS: usize = 200;

/// The comment of the exchange `id` of a row; empty if there is none.
pub(crate) const COMMENT: &str = "coalesce((SELECT comment FROM notes WHERE notes.exchange = id), '')";
/// The tags of the exchange `id` of a row, as JSON; NULL if it has no note.
pub(crate) const TAGS: &str = "(SELECT tags FROM notes WHERE notes.exchange = id)";
/// The exchange `id` of a row has a note; in a form that lets SQLite begin with the notes, which are few.
pub(crate) const HAS_NOTE: &str = "id IN (SELECT exchange FROM notes)";
/// The same, of those that have a comment.
pub(crate) const HAS_COMMENT: &str = "id IN (SELECT exchange FROM notes WHERE comment <> '')";
/// Deletes the notes of exchanges that are gone, in a range.
pub(crate) const FORGET: &str = "DELETE FROM notes WHERE exchange BETWEEN ? AND ? \
    AND NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange)";
/// Reads a note.
pub(crate) const READ: &str = "SELECT comment, tags FROM notes WHERE exchange = ?";

/// Reads the tags of those of a range that have some.
pub(crate) const TAGGED: &str =
    "SELECT exchange, tags FROM notes WHERE exchange BETWEEN ? AND ? AND tags <> '[]'";

const PUT: &str = "INSERT OR REPLACE INTO notes (exchange, comment, tags, at) VALUES (?, ?, ?, ?)";
const REMOVE: &str = "DELETE FROM notes WHERE exchange = ?";
const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM exchange_rows WHERE id = ?)";

/// The note of an exchange, which is empty if there is none.
pub(crate) fn of(connection: &Connection, id: ExchangeId) -> Result<Note, StoreError> {
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found = connection.prepare_cached(READ)?.query_row([id.0], read).optional()?;
    found.map_or_else(|| Ok(Note::default()), |(comment, tags): (String, String)| note(comment, &tags))
}

/// A note from its columns.
pub(crate) fn note(comment: String, tags: &str) -> Result<Note, StoreError> {
    let tags = serde_json::from_str(tags)
        .map_err(|error| StoreError::Damaged(format!("tags of a note: {error}")))?;
    Ok(Note { comment, tags })
}

/// Changes the note of an exchange.
pub(crate) fn change(
    connection: &Connection,
    id: ExchangeId,
    change: &NoteChange,
    at: Timestamp,
) -> Result<Noted, StoreError> {
    if !connection.prepare_cached(EXISTS)?.query_row([id.0], |row| row.get(0))? {
        return Ok(Noted::NoExchange);
    }
    let before = of(connection, id)?;
    let most = before.tags.len().max(MOST_TAGS);
    let note = before.changed(change);
    if note.tags.len() > most {
        return Ok(Noted::TooManyTags);
    }
    if note == Note::default() {
        connection.prepare_cached(REMOVE)?.execute([id.0])?;
        return Ok(Noted::Note(note));
    }
    let tags = serde_json::to_string(&note.tags).map_err(|error| StoreError::Damaged(error.to_string()))?;
    connection.prepare_cached(PUT)?.execute((id.0, &note.comment, tags, at.0))?;
    Ok(Noted::Note(note))
}

impl Note {
    fn changed(mut self, change: &NoteChange) -> Self {
        if let Some(comment) = &change.comment {
            self.comment.clone_from(comment);
        }
        self.tags.retain(|tag| !change.untag.contains(tag));
        for tag in &change.tags {
            if !self.tags.contains(tag) {
                self.tags.push(tag.clone());
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn changes_add_up() {
        let mut note = Note::default();
        for (comment, tags, untag, expect) in [
            (Some("look"), &["a", "b", "a"][..], &[][..], ("look", &["a", "b"][..])),
            (None, &["c"], &["a", "x"], ("look", &["b", "c"])),
            (Some(""), &["b"], &["b"], ("", &["c", "b"])),
            (None, &[], &["b", "c"], ("", &[])),
        ] {
            let comment = comment.map(str::to_owned);
            note = note.changed(&NoteChange { comment, tags: texts(tags), untag: texts(untag) });
            assert_eq!(note, Note { comment: expect.0.to_owned(), tags: texts(expect.1) });
        }
    }
}
