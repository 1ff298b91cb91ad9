//! Exchanges of which something went ahead, and that were not wanted in the end.

use dashcam_exchange::{Direction, ExchangeId, Level, Record};
use dashcam_filter::Filter;
use dashcam_store::{Store, maintenance};

use crate::samples::{Place, finished, message, opened, part, plain, store};

fn discarded(id: i64, bodies_only: bool) -> Record {
    Record::Discarded { exchange: ExchangeId(id), bodies_only }
}

fn of_messages(id: i64, messages: u32) -> Vec<Record> {
    (0..messages).map(|seq| Record::Message(Box::new(message(id, seq)))).collect()
}

async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 1000).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

/// Rows of a table, counted beside dashcam, and what a check of the recording finds.
async fn rows(place: &Place, store: &Store, table: &str) -> i64 {
    store.admin().retain().await.unwrap();
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
    let connection = rusqlite::Connection::open(&place.path).unwrap();
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Everything of an exchange but its end.
fn ahead(id: i64) -> Vec<Record> {
    let mut records = vec![opened(&plain(id)), part(id, 0, b"abc"), part(id, 1, b"def")];
    records.extend(of_messages(id, 3));
    records
}

#[tokio::test]
async fn all_of_it_goes_whether_it_was_stored_or_not() {
    for at_once in [false, true] {
        let (place, store) = store().await;
        store.sink().append(vec![finished(&plain(1))]).await.unwrap();
        let mut records = ahead(2);
        if !at_once {
            store.sink().append(std::mem::take(&mut records)).await.unwrap();
            assert_eq!(ids(&store).await, [1, 2]);
        }
        records.extend([discarded(2, false), finished(&plain(3))]);
        store.sink().append(records).await.unwrap();
        assert_eq!((ids(&store).await, store.reader().count().await.unwrap()), (vec![1, 3], 2));
        for table in ["body_rows", "messages", "orphans"] {
            assert_eq!(rows(&place, &store, table).await, 0, "{table}, at once: {at_once}");
        }
    }
}

#[tokio::test]
async fn pieces_that_have_no_row_go_as_well() {
    let (place, store) = store().await;
    store.sink().append(vec![part(2, 0, b"abc"), Record::Message(Box::new(message(2, 0)))]).await.unwrap();
    store.sink().append(vec![discarded(2, false)]).await.unwrap();
    for table in ["exchange_rows", "body_rows", "messages", "orphans"] {
        assert_eq!(rows(&place, &store, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn only_its_bodies_go_and_its_end_follows() {
    for at_once in [false, true] {
        let (place, store) = store().await;
        let mut records = ahead(2);
        if !at_once {
            store.sink().append(std::mem::take(&mut records)).await.unwrap();
        }
        let mut end = plain(2);
        (end.level, end.response_body.size, end.response_body.complete) = (Level::Metadata, 6, true);
        records.extend([discarded(2, true), finished(&end)]);
        store.sink().append(records).await.unwrap();
        let found = store.reader().exchange(ExchangeId(2)).await.unwrap().unwrap();
        assert_eq!((found.level, &found.response_body), (Level::Metadata, &end.response_body));
        assert_eq!(store.reader().count().await.unwrap(), 1);
        assert_eq!(store.reader().message_count(ExchangeId(2)).await.unwrap(), 0);
        assert!(store.reader().body(ExchangeId(2), Direction::Response, None).await.unwrap().is_empty());
        for table in ["body_rows", "messages", "orphans"] {
            assert_eq!(rows(&place, &store, table).await, 0, "{table}, at once: {at_once}");
        }
    }
}

#[tokio::test]
async fn more_than_goes_at_once_is_swept() {
    let (place, store) = store().await;
    let mut records = vec![opened(&plain(2))];
    records.extend((0..300).map(|seq| part(2, seq, &[7; 1000])));
    store.sink().append(records).await.unwrap();
    store.sink().append(vec![discarded(2, false)]).await.unwrap();
    assert_eq!((ids(&store).await, store.reader().count().await.unwrap()), (vec![], 0));
    assert_eq!(rows(&place, &store, "body_rows").await, 0);
}

#[tokio::test]
async fn unknown_ones_and_those_that_ended_stay_what_they_are() {
    let (place, store) = store().await;
    let mut exchange = plain(1);
    (exchange.response_body.rest, exchange.response_body.stored) = (b"abc".to_vec(), 3);
    store.sink().append(vec![finished(&exchange)]).await.unwrap();
    store.sink().append(vec![discarded(1, false), discarded(9, false), discarded(1, true)]).await.unwrap();
    assert_eq!((ids(&store).await, store.reader().count().await.unwrap()), (vec![1], 1));
    assert_eq!(store.reader().body(ExchangeId(1), Direction::Response, None).await.unwrap(), b"abc");
    assert_eq!(rows(&place, &store, "exchange_rows").await, 1);
}
