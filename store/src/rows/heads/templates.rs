//! Rows of `head_templates` and `template_epochs`: made by [`super::Folder`], and deleted once no exchange needs them.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;

/// Bits of a template's id that are its number within its epoch.
pub(super) const BITS: i64 = 12;

/// Behind all ids that epochs or templates have: a damaged file may have lost either.
pub(super) const OPEN: &str = "INSERT INTO template_epochs (id, mark, state, first_exchange, last_exchange) \
    SELECT 1 + max(coalesce((SELECT max(id) FROM template_epochs), 0), \
        coalesce((SELECT max(id) FROM head_templates), 0) >> 12), ?, 'open', 9223372036854775807, 0";
pub(super) const CLOSE: &str = "UPDATE template_epochs SET state = 'closed' WHERE id = ? AND state = 'open'";
pub(super) const EXTEND: &str =
    "UPDATE template_epochs SET first_exchange = ?, last_exchange = ? WHERE id = ?";
pub(super) const INSERT: &str = "INSERT INTO head_templates (id, fields) VALUES (?, ?)";
/// Asks whether an open epoch is as it was left: its id, its mark, its last template, and its exchanges.
pub(super) const IS_SAME: &str = "SELECT state = 'open' AND mark = ?2 AND first_exchange = ?4 AND last_exchange = ?5 \
    AND coalesce((SELECT max(id) FROM head_templates WHERE id BETWEEN ?1 << 12 AND ?1 << 12 | 4095), 0) = ?3 \
    FROM template_epochs WHERE id = ?1";

const SPAN: &str = "SELECT first_exchange, last_exchange FROM template_epochs WHERE id = ?";
const HELD: &str = "SELECT coalesce(CAST(request_headers AS INTEGER), 0), \
    coalesce(CAST(request_sent_headers AS INTEGER), 0), coalesce(CAST(response_headers AS INTEGER), 0), \
    coalesce(CAST(response_sent_headers AS INTEGER), 0) FROM exchange_rows WHERE id BETWEEN ? AND ? ORDER BY id";
/// Epochs before the oldest exchange.
const BEHIND: &str = "SELECT id FROM template_epochs \
    WHERE last_exchange < coalesce((SELECT min(id) FROM exchange_rows), 9223372036854775807)";
/// Epochs of which no exchange is left.
const GONE: &str = "SELECT id FROM template_epochs AS e WHERE NOT EXISTS (\
    SELECT 1 FROM exchange_rows AS x WHERE x.id BETWEEN e.first_exchange AND e.last_exchange)";
const TEMPLATES: &str = "DELETE FROM head_templates WHERE id BETWEEN ?1 << 12 AND ?1 << 12 | 4095";
const EPOCH: &str = "DELETE FROM template_epochs WHERE id = ?1 \
    AND NOT EXISTS (SELECT 1 FROM head_templates WHERE id BETWEEN ?1 << 12 AND ?1 << 12 | 4095)";

/// An exchange of an archive gets whole heads: templates are the recording's own. `?` is the exchange.
const COPY_WHOLE: &str = "UPDATE main.exchange_rows SET \
    (request_headers, request_sent_headers, response_headers, response_sent_headers) = (\
    SELECT request_headers, request_sent_headers, response_headers, response_sent_headers \
    FROM source.exchanges WHERE id = ?1) WHERE id = ?1";

/// The templates that exchanges in a range have.
pub(crate) fn held(connection: &Connection, (first, last): (i64, i64)) -> Result<BTreeSet<i64>, StoreError> {
    let mut held = BTreeSet::new();
    let mut statement = connection.prepare_cached(HELD)?;
    let mut rows = statement.query([first, last])?;
    while let Some(row) = rows.next()? {
        for column in 0..4 {
            held.insert(row.get(column)?);
        }
    }
    held.remove(&0);
    Ok(held)
}

/// Deletes those of `templates` that no exchange has any more.
pub(crate) fn release(connection: &Connection, mut templates: BTreeSet<i64>) -> Result<(), StoreError> {
    while let Some(first) = templates.first() {
        let epoch = first >> BITS;
        let others = templates.split_off(&((epoch + 1) << BITS));
        release_of(connection, epoch, std::mem::replace(&mut templates, others))?;
    }
    Ok(())
}

/// Deletes those of an epoch's `templates` that no exchange has.
fn release_of(connection: &Connection, epoch: i64, mut templates: BTreeSet<i64>) -> Result<(), StoreError> {
    let span = connection.prepare_cached(SPAN)?.query_row([epoch], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((first, last)) = span.optional()? else { return Ok(()) };
    let mut statement = connection.prepare_cached(HELD)?;
    let mut rows = statement.query::<[i64; 2]>([first, last])?;
    // Mostly the next few exchanges have them all.
    while !templates.is_empty()
        && let Some(row) = rows.next()?
    {
        for column in 0..4 {
            templates.remove(&row.get(column)?);
        }
    }
    drop(rows);
    for template in &templates {
        connection.prepare_cached("DELETE FROM head_templates WHERE id = ?")?.execute([template])?;
    }
    if !templates.is_empty() {
        // The folder may know one that is gone.
        connection.prepare_cached(CLOSE)?.execute([epoch])?;
        connection.prepare_cached(EPOCH)?.execute([epoch])?;
    }
    Ok(())
}

/// Deletes the templates of epochs before the oldest exchange.
pub(crate) fn forget_behind(connection: &Connection) -> Result<(), StoreError> {
    forget(connection, BEHIND)
}

/// Deletes the templates of epochs of which no exchange is left.
pub(crate) fn tidy(connection: &Connection) -> Result<(), StoreError> {
    forget(connection, GONE)
}

fn forget(connection: &Connection, which: &str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(which)?;
    let epochs: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for epoch in epochs {
        connection.prepare_cached(TEMPLATES)?.execute([epoch])?;
        connection.prepare_cached(EPOCH)?.execute([epoch])?;
    }
    Ok(())
}

const IS_WHOLE: &str = "SELECT substr(request_headers, 1, 1) = '[' \
    AND coalesce(substr(request_sent_headers, 1, 1) = '[', true) AND coalesce(substr(response_headers, 1, 1) = '[', true) \
    AND coalesce(substr(response_sent_headers, 1, 1) = '[', true) FROM main.exchange_rows WHERE id = ?";

/// Gives an exchange of an archive whole heads, from the recording beside it.
pub(crate) fn copy_whole(connection: &Connection, exchange: i64) -> Result<(), StoreError> {
    connection.prepare_cached(COPY_WHOLE)?.execute([exchange])?;
    if connection.prepare_cached(IS_WHOLE)?.query_row([exchange], |row| row.get(0))? {
        return Ok(());
    }
    Err(StoreError::Damaged(format!("exchange {exchange}: the template of a head is missing")))
}

/// The heads of exchanges whose templates are not there: exchange and column.
pub(crate) fn missing(
    connection: &Connection,
    (first, last): (i64, i64),
) -> Result<Vec<(i64, &'static str)>, StoreError> {
    let mut missing = Vec::new();
    for column in ["request_headers", "request_sent_headers", "response_headers", "response_sent_headers"] {
        let sql = format!(
            "SELECT id FROM exchange_rows AS e WHERE id BETWEEN ? AND ? AND substr({column}, 1, 1) <> '[' \
            AND NOT EXISTS (SELECT 1 FROM head_templates AS t WHERE t.id = CAST(e.{column} AS INTEGER) \
            AND length(t.fields) <= 16384 AND json_valid(t.fields))"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let ids = statement.query_map([first, last], |row| row.get(0))?;
        missing.extend(ids.collect::<Result<Vec<i64>, _>>()?.into_iter().map(|id| (id, column)));
    }
    Ok(missing)
}

/// Says of a head whose template is not there that it has no fields; so says the one as sent that names its fields.
pub(crate) fn mend(
    connection: &Connection,
    (exchange, column): (i64, &'static str),
) -> Result<(), StoreError> {
    let sent = match column {
        "request_headers" => "request_sent_headers",
        "response_headers" => "response_sent_headers",
        sent => sent,
    };
    let sql = format!(
        "UPDATE exchange_rows SET {sent} = '[]' WHERE id = ? AND substr({sent}, 1, 1) <> '['; \
        UPDATE exchange_rows SET {column} = '[]' WHERE id = ?"
    );
    for sql in sql.split(';') {
        connection.prepare_cached(sql)?.execute([exchange])?;
    }
    Ok(())
}
