//! The peer that anybody could write: a plain table in SQLite with the obvious indexes.

use std::path::Path;

use anyhow::Result;
use dashcam_exchange::{Exchange, Headers};
use regex::Regex;
use rusqlite::{Connection, OpenFlags};

use crate::question::{Kind, PAGE, Question};
use crate::traffic::Traffic;

/// Exchanges whose bodies it has: those of a million would be ten gigabytes, as nothing is compressed.
pub(crate) const BODIES: u64 = 100_000;

const SCHEMA: &str = "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;
CREATE TABLE exchanges (id INTEGER PRIMARY KEY, started_at INTEGER, method TEXT, host TEXT, path TEXT, url TEXT,
    status INTEGER, content_type TEXT, duration_us INTEGER, request_size INTEGER, response_size INTEGER, failure TEXT,
    request_headers TEXT, response_headers TEXT);
CREATE INDEX by_host ON exchanges (host, status, started_at);
CREATE INDEX by_time ON exchanges (started_at);
CREATE INDEX by_status ON exchanges (status, started_at);
CREATE INDEX by_url ON exchanges (url);
CREATE TABLE bodies (exchange INTEGER PRIMARY KEY, request BLOB, response BLOB);";
const ROW: &str = "INSERT INTO exchanges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// The columns of a list.
const LIST: &str = "SELECT id, started_at, method, url, status, content_type, duration_us, response_size, failure \
    FROM exchanges";
const FACETS: [&str; 4] = [
    "SELECT host, count(*) AS n FROM exchanges WHERE status >= 500 GROUP BY host ORDER BY n DESC LIMIT 20",
    "SELECT status, count(*) AS n FROM exchanges WHERE status >= 500 GROUP BY status ORDER BY n DESC LIMIT 20",
    "SELECT content_type, count(*) AS n FROM exchanges WHERE status >= 500 GROUP BY content_type ORDER BY n DESC LIMIT 20",
    "SELECT started_at / 86400000000, count(*) FROM exchanges WHERE status >= 500 GROUP BY 1",
];

/// Writes exchanges `1..=number` to a new database.
pub(crate) fn fill(path: &Path, traffic: &Traffic, number: u64) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(SCHEMA)?;
    let ids: Vec<u64> = (1..=number).collect();
    for batch in ids.chunks(10_000) {
        let transaction = connection.unchecked_transaction()?;
        for id in batch {
            insert(&transaction, &traffic.exchange(*id), *id <= BODIES)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

fn insert(connection: &Connection, exchange: &Exchange, with_bodies: bool) -> Result<()> {
    let headers = |headers: &Headers| serde_json::to_string(headers).unwrap_or_default();
    let response = exchange.response.as_ref();
    connection.prepare_cached(ROW)?.execute(rusqlite::params![
        exchange.id.0,
        exchange.started_at.0,
        exchange.request.method,
        exchange.destination.host,
        exchange.request.target,
        exchange.url(),
        response.map(|head| head.status),
        response.and_then(|head| head.headers.text("content-type")),
        exchange.timings.end_us,
        exchange.request_body.size as i64,
        exchange.response_body.size as i64,
        exchange.failure.as_ref().map(|failure| &failure.message),
        headers(&exchange.request.headers),
        response.map(|head| headers(&head.headers)),
    ])?;
    if with_bodies {
        let bodies = (exchange.id.0, &exchange.request_body.rest, &exchange.response_body.rest);
        connection.prepare_cached("INSERT INTO bodies VALUES (?, ?, ?)")?.execute(bodies)?;
    }
    Ok(())
}

/// Opens it to be asked.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA cache_size = -16384")?;
    Ok(connection)
}

/// Answers a question; says how many rows it found.
pub(crate) fn ask(connection: &Connection, question: &Question) -> Result<u64> {
    let newest = format!("ORDER BY id DESC LIMIT {PAGE}");
    let list = |rest: &str| format!("{LIST} WHERE {rest}");
    match question.kind {
        Kind::Newest => rows(connection, &format!("{LIST} {newest}"), []),
        Kind::Range => {
            let (seek, order) = if question.forwards { (">", "ASC") } else { ("<", "DESC") };
            let sql = list(&format!(
                "host = ? AND status = ? AND started_at BETWEEN ? AND ? AND id {seek} ? ORDER BY id {order} LIMIT {PAGE}"
            ));
            let Question { host, status, from, until, at, .. } = question;
            rows(connection, &sql, (host, status, from, until, at))
        }
        Kind::Url => matching(connection, &format!("{LIST} ORDER BY id DESC"), question, PAGE.into()),
        Kind::Count => matching(connection, "SELECT 0, 0, 0, url FROM exchanges", question, u64::MAX),
        Kind::Facets => FACETS.iter().map(|sql| rows(connection, sql, [])).sum(),
        Kind::Header => {
            let wanted = format!("[\"X-Tenant\",\"{}\"]", question.tenant);
            rows(connection, &list(&format!("instr(request_headers, ?) {newest}")), [wanted])
        }
        Kind::Json => {
            let sql = "SELECT exchange FROM bodies WHERE CASE WHEN length(response) > 0 \
                THEN CAST(response AS TEXT) ->> '$.items[0].sku' = ? END ORDER BY exchange DESC LIMIT 1";
            rows(connection, sql, [&question.sku])
        }
        Kind::Body => {
            let sql = "SELECT exchange FROM bodies WHERE instr(response, CAST(? AS BLOB))";
            rows(connection, sql, [&question.text])
        }
    }
}

/// Looks at the fourth column of each row, as SQLite has no regular expressions of its own, until there are `most`.
fn matching(connection: &Connection, sql: &str, question: &Question, most: u64) -> Result<u64> {
    let expression = Regex::new(&question.expression)?;
    let mut statement = connection.prepare_cached(sql)?;
    let (mut rows, mut count) = (statement.query([])?, 0);
    while count < most
        && let Some(row) = rows.next()?
    {
        count += u64::from(expression.is_match(row.get_ref(3)?.as_str()?));
    }
    Ok(count)
}

fn rows(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<u64> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(values)?;
    let mut count = 0;
    while let Some(row) = found.next()? {
        let _first = row.get_ref(0)?;
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_an_answer() {
        let (folder, traffic) = (tempfile::tempdir().unwrap(), Traffic::new(3000, 1000.0));
        let path = folder.path().join("plain.db");
        fill(&path, &traffic, 3000).unwrap();
        let connection = open(&path).unwrap();
        let found = |kind| {
            let asked = (0..40).map(|number| Question::draw(kind, number, 3000, &traffic));
            asked.map(|question| ask(&connection, &question).unwrap()).sum::<u64>()
        };
        assert_eq!(found(Kind::Newest), 40 * u64::from(PAGE));
        assert_eq!(found(Kind::Body), 40);
        for kind in [Kind::Range, Kind::Url, Kind::Facets, Kind::Header] {
            assert!(found(kind) > 0, "{kind:?}");
        }
        let listed = (0..40).map(|number| Question {
            kind: Kind::Url,
            ..Question::draw(Kind::Count, number, 3000, &traffic)
        });
        assert_eq!(
            found(Kind::Count),
            listed.map(|question| ask(&connection, &question).unwrap()).sum::<u64>()
        );
    }
}
