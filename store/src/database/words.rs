//! Functions that look for words: `holds(text, word)` and `may_hold(text, word)`.
//!
//! `instr(lower(text), word)` is the same as the first, and takes five times as long.

use dashcam_filter::Needle;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error};

/// Adds them to a connection. An ASCII word in lower case is found whatever the case of its letters. It may be in any text
/// beyond ASCII. A text that is NULL has none.
pub(crate) fn add(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("holds", 2, flags, |context| holds(context, |_| false))?;
    connection.create_scalar_function("may_hold", 2, flags, |context| holds(context, |text| !text.is_ascii()))
}

fn holds(context: &Context<'_>, or: fn(&[u8]) -> bool) -> rusqlite::Result<bool> {
    // SQLite keeps it as long as the word is the same.
    let needle = context.get_or_create_aux(1, |word| {
        let word = word.as_str()?;
        Ok::<_, Error>(Needle::new(word))
    })?;
    Ok(match context.get_raw(0) {
        ValueRef::Text(text) | ValueRef::Blob(text) => needle.find(text).is_some() || or(text),
        ValueRef::Integer(number) => needle.find(number.to_string().as_bytes()).is_some(),
        ValueRef::Real(number) => needle.find(number.to_string().as_bytes()).is_some(),
        ValueRef::Null => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_as_by_sqlite_itself() {
        let connection = Connection::open_in_memory().unwrap();
        add(&connection).unwrap();
        for text in ["", "GET /Orders", "orders", "xorderS\0", "gr\u{dc}n orders", "\u{212a}", "order"] {
            for word in ["orders", "k", "\0", "s", "t /o"] {
                let sql = "SELECT instr(lower(?1), ?2) > 0, holds(?1, ?2), may_hold(?1, ?2)";
                let (expect, found, may): (bool, bool, bool) = connection
                    .query_row(sql, (text, word), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                    .unwrap();
                assert_eq!((found, may), (expect, expect || !text.is_ascii()), "{word:?} in {text:?}");
            }
        }
        let null: bool = connection.query_row("SELECT holds(NULL, 'a')", [], |row| row.get(0)).unwrap();
        assert!(!null);
    }
}
