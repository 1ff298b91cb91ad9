//! Questions in SQL: they read, and nothing else; the views and functions say what is recorded.

use std::time::Duration;

use dashcam_exchange::{Direction, ExchangeId};
use dashcam_store::sql::{Shell, SqlError, Value};

use crate::samples::{self, connection, finished, rich, store};

/// A shell whose bodies say what was asked for.
async fn shell() -> (samples::Place, Shell) {
    let (place, store) = store().await;
    let records = vec![dashcam_exchange::Record::Connection(Box::new(connection(7))), finished(&rich(3))];
    store.sink().append(records).await.unwrap();
    store.close().await;
    let shell = Shell::open(&place.path, |id, direction, limit| match (id, limit) {
        (ExchangeId(404), _) => Err("it is away".to_owned()),
        (_, None) if direction == Direction::Request => Ok(None),
        (ExchangeId(id), limit) => Ok(Some(Value::Text(format!("{id} {limit:?}")))),
    });
    (place, shell.unwrap())
}

fn rows(shell: &Shell, sql: &str) -> Result<Vec<Vec<Value>>, SqlError> {
    let mut question = shell.ask(sql, None)?;
    let mut answer = question.run()?;
    let mut rows = Vec::new();
    while let Some(row) = answer.next()? {
        rows.push(row);
    }
    Ok(rows)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[tokio::test]
async fn nothing_but_reading_is_allowed() {
    let (place, shell) = shell().await;
    let before = std::fs::read(&place.path).unwrap();
    for sql in [
        "DELETE FROM exchange_rows",
        "INSERT INTO pins VALUES (3, 1)",
        "UPDATE meta SET exchanges = 0",
        "CREATE TABLE mine (a)",
        "CREATE TEMP TABLE mine (a)",
        "DROP VIEW v_bodies",
        "ATTACH ':memory:' AS other",
        "PRAGMA query_only = off",
        "PRAGMA journal_mode = delete",
        "PRAGMA writable_schema = on",
        "BEGIN IMMEDIATE",
        "VACUUM",
        "VACUUM INTO '/nowhere/copy.db'",
        "WITH all_rows AS (SELECT 1) DELETE FROM exchange_rows",
    ] {
        let refused = rows(&shell, sql);
        assert!(matches!(refused, Err(SqlError::NotReading)), "{sql}: {refused:?}");
    }
    assert_eq!(rows(&shell, "SELECT count(*) FROM exchanges").unwrap(), [[Value::Integer(1)]]);
    assert!(std::fs::read(&place.path).unwrap() == before);
}

#[tokio::test]
async fn faults_are_said_with_their_place() {
    let (_place, shell) = shell().await;
    for (sql, message) in [
        ("", "there is no statement"),
        ("-- nothing", "there is no statement"),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("SELECT 'ü', nix", "no such column: nix, at character 13"),
        ("SELEC 1", "near \"SELEC\": syntax error, at character 1"),
        ("SELECT body(404, 'response')", "it is away"),
        ("SELECT body(1, 'both')", "'request' or 'response', not 'both'"),
        ("SELECT body(1)", "takes an id"),
        ("SELECT json('{')", "malformed JSON"),
    ] {
        let error = rows(&shell, sql).unwrap_err().to_string();
        assert!(error.contains(message), "{sql}: {error}");
    }
    assert_eq!(rows(&shell, "SELECT 1;").unwrap(), [[Value::Integer(1)]]);
}

#[tokio::test]
async fn its_time_is_limited() {
    let (_place, shell) = shell().await;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let limit = Duration::from_millis(20);
    let mut question = shell.ask(endless, Some(limit)).unwrap();
    let ended = question.run().unwrap().next();
    assert!(matches!(ended, Err(SqlError::TooLong { limit: said }) if said == limit), "{ended:?}");
    // The next question is not hurried by it.
    assert_eq!(rows(&shell, "SELECT 1").unwrap(), [[Value::Integer(1)]]);
}

#[tokio::test]
async fn the_views_are_for_people() {
    let (_place, shell) = shell().await;
    let sql = "SELECT host, path, query, status, type, ms, first_byte_ms, failure, client, level, time FROM v_exchanges";
    let expect = [
        text("::1"),
        text("/\u{fc}"),
        text("q=\"1\""),
        Value::Integer(299),
        text("text/html"),
        Value::Real(0.006),
        Value::Real(0.005),
        text("upstream/response_body"),
        text("127.0.0.1:1"),
        text("metadata"),
        text("2023-11-14 22:13:20.000"),
    ];
    let found = rows(&shell, sql).unwrap();
    assert_eq!(found, [expect]);
    let sql = "SELECT direction, part, seq, value FROM v_headers WHERE exchange = 3 AND name = 'x'";
    let field = |seq, value: &str| [text("response"), text("header"), Value::Integer(seq), text(value)];
    assert_eq!(rows(&shell, sql).unwrap(), [field(1, "1"), field(2, "2")]);
    let sql = "SELECT count(*) FROM v_headers WHERE part = 'trailer' AND direction = 'request'";
    assert_eq!(rows(&shell, sql).unwrap(), [[Value::Integer(2)]]);
    let sql = "SELECT header(response_headers, 'X'), header(interim, 'x') IS NULL FROM exchanges";
    assert_eq!(rows(&shell, sql).unwrap(), [[text("1, 2"), Value::Integer(1)]]);
}

#[tokio::test]
async fn bodies_are_read_where_they_are_asked_for() {
    let (_place, shell) = shell().await;
    let sql = "SELECT exchange, direction, size, stored, content_type, body FROM v_bodies WHERE direction = 'response'";
    let found = rows(&shell, sql).unwrap();
    let size = Value::Integer(8);
    let expect = [Value::Integer(3), text("response"), size.clone(), size, text("text/html"), text("3 None")];
    assert_eq!(found, [expect]);
    let sql = "SELECT body(9, 'request', 5), body(9, 'request'), upper(body(9, 'response'))";
    assert_eq!(rows(&shell, sql).unwrap(), [[text("9 Some(5)"), Value::Null, text("9 NONE")]]);
}

/// The examples of `docs/SCHEMA.md`, those that need its functions among them.
#[tokio::test]
async fn the_cookbook_is_answered() {
    let document = include_str!("../../../docs/SCHEMA.md");
    let (_place, shell) = shell().await;
    let examples = |kind| document.split(kind).skip(1).filter_map(|rest| rest.split("```").next());
    let (plain, more) = (examples("```sql\n"), examples("```dashcam-sql\n"));
    let all: Vec<_> = plain.chain(more).collect();
    assert!(all.len() > 10 && all.iter().any(|example| example.contains("body(")), "{all:?}");
    for example in all {
        let found = rows(&shell, example);
        assert!(found.is_ok(), "{example}: {found:?}");
    }
}
