//! Rows of `head_templates` and `template_epochs`: made by [`super::Folder`], and deleted once no exchange needs them.

use rusqlite::Connection;

use crate::StoreError;

/// Bits of a template's id that are its number within its epoch.
pub(super) const BITS: i64 = 12;

pub(super) const OPEN: &str = "INSERT INTO template_epochs (mark, state, first_exchange, last_exchange) \
    VALUES (?, 'open', 9223372036854775807, 0)";
pub(super) const CLOSE: &str = "UPDATE template_epochs SET state = 'closed' WHERE id = ? AND state = 'open'";
pub(super) const EXTEND: &str =
    "UPDATE template_epochs SET first_exchange = ?, last_exchange = ? WHERE id = ?";
pub(super) const INSERT: &str = "INSERT INTO head_templates (id, fields) VALUES (?, ?)";
/// Asks whether an open epoch is as it was left: its id, its mark, its last template, and its exchanges.
pub(super) const IS_SAME: &str = "SELECT state = 'open' AND mark = ?2 AND first_exchange = ?4 AND last_exchange = ?5 \
    AND coalesce((SELECT max(id) FROM head_templates WHERE id BETWEEN ?1 << 12 AND ?1 << 12 | 4095), 0) = ?3 \
    FROM template_epochs WHERE id = ?1";

/// Epochs that have exchanges in a range.
const OVERLAPPING: &str = "SELECT id, first_exchange, last_exchange FROM template_epochs \
    WHERE first_exchange <= ?2 AND last_exchange >= ?1";
/// Epochs that nothing is younger than ?1.
const BEHIND: &str = "SELECT id, first_exchange, last_exchange FROM template_epochs \
    WHERE last_exchange <= ?1 AND state <> 'passed'";
const PASSED: &str = "UPDATE template_epochs SET state = 'passed' WHERE id = ?";
/// The templates of an epoch, ?1, that none of the exchanges ?2 to ?3 has.
const UNUSED: &str = "DELETE FROM head_templates WHERE id BETWEEN ?1 << 12 AND ?1 << 12 | 4095 AND id NOT IN (\
    SELECT coalesce(CAST(request_headers AS INTEGER), 0) FROM exchange_rows WHERE id BETWEEN ?2 AND ?3 UNION ALL \
    SELECT coalesce(CAST(request_sent_headers AS INTEGER), 0) FROM exchange_rows WHERE id BETWEEN ?2 AND ?3 UNION ALL \
    SELECT coalesce(CAST(response_headers AS INTEGER), 0) FROM exchange_rows WHERE id BETWEEN ?2 AND ?3 UNION ALL \
    SELECT coalesce(CAST(response_sent_headers AS INTEGER), 0) FROM exchange_rows WHERE id BETWEEN ?2 AND ?3)";
const EMPTY: &str = "DELETE FROM template_epochs WHERE id = ?1 \
    AND NOT EXISTS (SELECT 1 FROM head_templates WHERE id BETWEEN ?1 << 12 AND ?1 << 12 | 4095)";

/// An exchange of an archive gets whole heads: templates are the recording's own. `?` is the exchange.
pub(crate) const COPY_WHOLE: &str = "UPDATE main.exchange_rows SET \
    (request_headers, request_sent_headers, response_headers, response_sent_headers) = (\
    SELECT request_headers, request_sent_headers, response_headers, response_sent_headers \
    FROM source.exchanges WHERE id = ?1) WHERE id = ?1";

/// An epoch, and the first and the last of its exchanges.
type Span = (i64, i64, i64);

/// Deletes the templates that only these exchanges had, whose rows are gone or have other heads.
pub(crate) fn forget_of(
    connection: &Connection,
    exchanges: impl IntoIterator<Item = i64>,
) -> Result<(), StoreError> {
    let mut exchanges: Vec<i64> = exchanges.into_iter().collect();
    exchanges.sort_unstable();
    let (Some(first), Some(last)) = (exchanges.first(), exchanges.last()) else { return Ok(()) };
    for span in spans(connection, OVERLAPPING, [*first, *last])? {
        let (_, from, to) = span;
        let next = exchanges.partition_point(|id| *id < from);
        if exchanges.get(next).is_some_and(|id| *id <= to) {
            forget(connection, span)?;
        }
    }
    Ok(())
}

/// Deletes the templates that only exchanges up to `last` had, which are gone but for those that bounds spare.
pub(crate) fn forget_behind(connection: &Connection, last: i64) -> Result<(), StoreError> {
    for span in spans(connection, BEHIND, [last])? {
        forget(connection, span)?;
        connection.prepare_cached(PASSED)?.execute([span.0])?;
    }
    Ok(())
}

/// Deletes the templates that only exchanges in a range had, which are gone.
pub(crate) fn forget_within(connection: &Connection, range: (i64, i64)) -> Result<(), StoreError> {
    spans(connection, OVERLAPPING, range)?.into_iter().try_for_each(|span| forget(connection, span))
}

/// Deletes all templates that no exchange has.
pub(crate) fn forget_all(connection: &Connection) -> Result<(), StoreError> {
    forget_within(connection, (0, i64::MAX))
}

fn spans(connection: &Connection, sql: &str, range: impl rusqlite::Params) -> Result<Vec<Span>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let spans = statement.query_map(range, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(spans.collect::<Result<_, _>>()?)
}

fn forget(connection: &Connection, (epoch, first, last): Span) -> Result<(), StoreError> {
    if connection.prepare_cached(UNUSED)?.execute([epoch, first, last])? > 0 {
        // The folder may know one that is gone.
        connection.prepare_cached(CLOSE)?.execute([epoch])?;
        connection.prepare_cached(EMPTY)?.execute([epoch])?;
    }
    Ok(())
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
            AND NOT EXISTS (SELECT 1 FROM head_templates AS t WHERE t.id = CAST(e.{column} AS INTEGER))"
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
