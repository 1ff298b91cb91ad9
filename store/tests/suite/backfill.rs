//! Older recordings of many exchanges: what a migration leaves is done in steps, from wherever it was when it ended.

use std::path::Path;

use dashcam_exchange::{Direction, ExchangeId, State, Timestamp};
use dashcam_store::{Backfill, Retention, Store, maintenance};
use rusqlite::Connection;

use crate::kept::{KEPT, unpack};
use crate::samples::{Place, filter, finished, place, plain};

/// More than three blocks of 4096, from 13 on.
const EXCHANGES: i64 = 12_500;
const LAST: i64 = 12 + EXCHANGES;

/// The recording of an older schema, grown: every fourth exchange is of a host of its own. Those who hold it are not known.
fn grown(schema: usize) -> Place {
    let place = place();
    unpack(KEPT[schema - 1].1, &place.path);
    let connection = Connection::open(&place.path).unwrap();
    let (rows, bodies) = if schema < 3 { ("exchanges", "bodies") } else { ("exchange_rows", "body_rows") };
    let numbers =
        format!("WITH RECURSIVE n (i) AS (SELECT 13 UNION ALL SELECT i + 1 FROM n WHERE i < {LAST})");
    connection
        .execute_batch(&format!(
            "BEGIN;
            INSERT INTO connections (id, opened_at, client, mode, bytes_in, bytes_out)
            VALUES (4, 1, '10.0.0.1:1000', 'forward', 0, 0), (5, 1, '10.0.0.2:1000', 'forward', 0, 0);
            {numbers} INSERT INTO {rows} (id, connection, started_at, level, state, method, scheme, host, port, target,
                status, request_size, response_size, request_version, request_stored, request_truncated, request_complete,
                response_stored, response_truncated, response_complete, request_headers)
            SELECT i, 4 + i % 2, i, 'full', 'complete', 'GET', 'https', iif(i % 4, 'usual', 'host' || i % 100), 443,
                '/' || i, 200, 0, 3, 'HTTP/1.1', 0, 0, 1, 3, 0, 1, '[]' FROM n;
            {numbers} INSERT INTO {bodies} (key, data) SELECT (i << 22) + (1 << 21), x'616263' FROM n;
            UPDATE meta SET last_exchange = {LAST}, last_connection = 5, exchanges = {EXCHANGES} + 2;
            COMMIT"
        ))
        .unwrap();
    place
}

/// Blocks, and who holds how much of them.
fn holdings(path: &Path) -> Vec<(i64, String)> {
    let connection = Connection::open(path).unwrap();
    let mut rows = connection.prepare("SELECT block, holders FROM holdings ORDER BY block").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
    // Names of the same weight have no order.
    let sorted = |holders: String| {
        let mut letters: Vec<_> = holders.chars().collect();
        letters.sort_unstable();
        letters.into_iter().collect()
    };
    rows.map(|row| row.map(|(block, holders)| (block, sorted(holders))).unwrap()).collect()
}

/// The backfill of holders, if it is not done.
async fn left(store: &Store) -> Option<Backfill> {
    store.reader().backfills().await.unwrap().into_iter().find(|backfill| backfill.name == "holders")
}

/// A recording as it would be found if dashcam were killed now.
fn killed(place: &Place) -> Place {
    let copy = self::place();
    for ending in ["", "-wal"] {
        let name = |place: &Place| place.folder.path().join(format!("dashcam.db{ending}"));
        std::fs::copy(name(place), name(&copy)).unwrap();
    }
    copy
}

async fn finish(store: &Store) {
    while store.admin().backfill().await.unwrap() {}
}

/// Old rows and new ones, in lists, by filters, whole.
async fn check(store: &Store) {
    let reader = store.reader();
    let ids = |filter: &'static str| async move {
        let found = reader.list(&self::filter(filter), None, 3).await.unwrap();
        found.iter().map(|summary| summary.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids("host:usual id:..100").await, [99, 98, 97]);
    assert_eq!(ids("/12").await, [LAST, LAST - 1, LAST - 2]);
    assert_eq!(reader.body(ExchangeId(5000), Direction::Response, None).await.unwrap(), b"abc");
    assert_eq!(reader.exchange(ExchangeId(9)).await.unwrap().unwrap().state, State::Interrupted);
}

#[tokio::test]
async fn every_older_recording_is_brought_up_to_date_from_wherever_it_was_killed() {
    for schema in [1, 2, 3, 5] {
        let place = grown(schema);
        let store = Store::open(&place.path).await.unwrap();
        store.sink().append(vec![finished(&plain(LAST + 1))]).await.unwrap();
        let (mut copies, mut seen) = (Vec::new(), Vec::new());
        while let Some(backfill) = left(&store).await {
            check(&store).await;
            copies.push(killed(&place));
            seen.push(backfill.done);
            assert_eq!((backfill.total, backfill.held_up), (3 * 4096 - 8, None), "schema {schema}");
            assert!(store.admin().backfill().await.unwrap());
        }
        assert_eq!(seen, [0, 4096, 8192], "schema {schema}");
        assert!(!store.admin().backfill().await.unwrap(), "nothing is left");
        check(&store).await;
        store.close().await;
        let expect = holdings(&place.path);
        assert_eq!(expect.iter().map(|(block, _)| *block).collect::<Vec<_>>(), [0, 1, 2, 3]);
        for copy in copies {
            assert!(!maintenance::check(&copy.path, true).unwrap().is_damaged());
            let store = Store::open(&copy.path).await.unwrap();
            finish(&store).await;
            check(&store).await;
            store.close().await;
            assert_eq!(holdings(&copy.path), expect, "schema {schema}");
        }
    }
}

#[tokio::test]
async fn recordings_that_know_who_holds_them_have_nothing_to_do() {
    for (_, kept) in &KEPT[5..] {
        let place = place();
        unpack(kept, &place.path);
        let store = Store::open(&place.path).await.unwrap();
        assert_eq!(left(&store).await, None);
        store.close().await;
    }
}

/// As it would have been counted when it was recorded.
#[tokio::test]
async fn what_is_counted_later_is_what_the_writer_counts() {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    for first in (1..9000).step_by(500) {
        store.sink().append((first..first + 500).map(|id| finished(&plain(id))).collect()).await.unwrap();
    }
    store.close().await;
    let expect = holdings(&place.path);
    let connection = Connection::open(&place.path).unwrap();
    let forget = "DELETE FROM holdings WHERE block < 2;
        INSERT INTO backfills (name, first, next, last) VALUES ('holders', 1, 8191, 8191)";
    connection.execute_batch(forget).unwrap();
    connection.close().unwrap();
    let store = Store::open(&place.path).await.unwrap();
    finish(&store).await;
    store.close().await;
    assert_eq!(holdings(&place.path), expect);
}

/// Half of it is deleted by one who looks on: a block that is gone is passed over.
#[tokio::test]
async fn exchanges_may_go_meanwhile() {
    let place = grown(5);
    let store = Store::open(&place.path).await.unwrap();
    assert!(store.admin().backfill().await.unwrap());
    store.admin().set_retention(Retention { exchanges: Some(3000), ..Retention::default() }).await.unwrap();
    store.admin().retain().await.unwrap();
    finish(&store).await;
    assert_eq!(left(&store).await, None);
    assert!(store.admin().pin(ExchangeId(LAST), Timestamp(1)).await.unwrap());
    store.close().await;
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
    let blocks: Vec<_> = holdings(&place.path).into_iter().map(|(block, _)| block).collect();
    assert_eq!(blocks, [0, 2], "exchange 8 is pinned; of the block that was recorded to last nobody knows");
}

#[tokio::test]
async fn while_it_goes_on_others_read_archive_and_look() {
    let place = grown(2);
    let store = Store::open(&place.path).await.unwrap();
    assert!(store.admin().backfill().await.unwrap());
    let reader = Store::open_read_only(&place.path).await.unwrap();
    check(&reader).await;
    assert_eq!(left(&reader).await, left(&store).await, "whoever reads it sees how far it is");
    assert!(matches!(Store::open(&place.path).await, Err(dashcam_store::StoreError::Locked { .. })));
    reader.close().await;
    let archive = place.folder.path().join("archive.db");
    let mut archive = dashcam_store::Archive::open(&archive, &place.path).await.unwrap();
    archive.copy(&[ExchangeId(100), ExchangeId(5000)]).unwrap();
    assert_eq!(store.admin().delete_these(vec![ExchangeId(100), ExchangeId(5000)], false).await.unwrap(), 2);
    finish(&store).await;
    assert_eq!(left(&store).await, None);
    store.close().await;
    assert_eq!(maintenance::info(&place.path).unwrap().exchanges as i64, EXCHANGES);
}
