//! Appends that fail or are given up, and deletes in the midst of things.

use dashcam_exchange::{Direction, ExchangeId, Record};
use dashcam_filter::Filter;
use dashcam_store::{Packing, Store, StoreError};
use sqlx::{ConnectOptions, Connection};

use crate::samples;
use crate::samples::noise::noise;
use crate::samples::{finished, message, opened, part, plain, rich, store};

async fn response_body(store: &Store, id: i64) -> Vec<u8> {
    store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap()
}

/// The number of rows that SQL itself finds in the tables.
async fn rows(store: &Store, sql: &'static str) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(store.path()).read_only(true);
    let mut connection = options.connect().await.unwrap();
    let count = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

#[tokio::test]
async fn a_failed_append_leaves_nothing() {
    let (_place, store) = store().await;
    store.sink().append(vec![part(2, 0, b"resp")]).await.unwrap();
    let twice = vec![finished(&plain(1)), part(2, 1, b"a"), part(2, 1, b"b")];
    assert!(matches!(store.sink().append(twice).await, Err(StoreError::Sql(_))));
    assert_eq!(store.reader().exchange(ExchangeId(1)).await.unwrap(), None);
    assert_eq!(store.reader().count().await.unwrap(), 0);
    store.sink().append(vec![finished(&plain(3))]).await.unwrap();
    assert_eq!(store.reader().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_body_that_lost_a_piece_says_so() {
    let (_place, store) = store().await;
    store.sink().append(vec![opened(&rich(2)), part(2, 0, b"resp")]).await.unwrap();
    store.sink().append(vec![part(2, 1, b"lost"), part(2, 1, b"lost")]).await.unwrap_err();
    let mut exchange = rich(2);
    exchange.response_body = samples::body(&["resp", "lost", "after", "the end"], None);
    store.sink().append(vec![part(2, 2, b"after")]).await.unwrap();
    store.sink().append(vec![finished(&exchange)]).await.unwrap();
    let body = store.reader().exchange(ExchangeId(2)).await.unwrap().unwrap().response_body;
    assert_eq!((body.stored, body.truncated), (4, true));
    assert_eq!(response_body(&store, 2).await, b"resp");
    assert!(!store.reader().exchange(ExchangeId(2)).await.unwrap().unwrap().request_body.truncated);
}

#[tokio::test]
async fn an_append_given_up_at_any_moment_is_whole_or_nothing() {
    let (_place, store) = store().await;
    for polls in 1..1000 {
        let records = (1..=200).map(|id| finished(&rich(id))).collect();
        polls_only(store.sink().append(records), polls).await;
        store.sink().append(vec![finished(&plain(1000 + polls))]).await.unwrap();
        let stored = rows(&store, "SELECT count(*) FROM exchanges WHERE id <= 200").await;
        assert!(stored == 0 || stored == 200, "{stored} of 200 after {polls} polls");
        let all = rows(&store, "SELECT count(*) FROM exchanges").await;
        assert_eq!(store.reader().count().await.unwrap(), all as u64, "after {polls} polls");
        if stored == 200 {
            return;
        }
    }
    panic!("it never came to its end");
}

/// Polls `future` at most so many times, then drops it.
async fn polls_only(future: impl Future, most: i64) {
    let mut future = std::pin::pin!(future);
    let mut polls = 0;
    std::future::poll_fn(|context| {
        polls += 1;
        match future.as_mut().poll(context) {
            std::task::Poll::Ready(_) => std::task::Poll::Ready(()),
            std::task::Poll::Pending if polls >= most => std::task::Poll::Ready(()),
            std::task::Poll::Pending => std::task::Poll::Pending,
        }
    })
    .await;
}

#[tokio::test]
async fn numbers_are_not_used_again_after_a_delete() {
    let (place, store) = store().await;
    store.sink().append((1..=5).map(|id| finished(&plain(id))).collect()).await.unwrap();
    assert!(store.admin().delete(ExchangeId(5)).await.unwrap());
    assert!(!store.admin().delete(ExchangeId(5)).await.unwrap());
    assert_eq!(store.reader().count().await.unwrap(), 4);
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    assert_eq!(store.reader().last_ids().await.unwrap().exchange, ExchangeId(5));
    assert_eq!(store.reader().list(&Filter::default(), None, 1).await.unwrap()[0].id, ExchangeId(4));
}

#[tokio::test]
async fn a_deleted_exchange_takes_its_bodies_and_messages_along() {
    let (_place, store) = store().await;
    for id in [1, 2] {
        let records = vec![opened(&rich(id)), Record::Message(Box::new(message(id, 0))), finished(&rich(id))];
        store.sink().append(records).await.unwrap();
    }
    assert!(store.admin().delete(ExchangeId(1)).await.unwrap());
    assert_eq!(rows(&store, "SELECT count(*) FROM bodies WHERE exchange = 1").await, 0);
    assert_eq!(rows(&store, "SELECT count(*) FROM messages WHERE exchange = 1").await, 0);
    assert_eq!(store.reader().message_count(ExchangeId(2)).await.unwrap(), 1);
    assert_eq!(store.reader().body(ExchangeId(2), Direction::Request, None).await.unwrap(), b"request");
}

#[tokio::test]
async fn nothing_more_is_stored_of_an_open_exchange_that_was_deleted() {
    let (_place, store) = store().await;
    store.sink().append(vec![opened(&rich(1)), part(1, 0, b"resp")]).await.unwrap();
    assert!(store.admin().delete(ExchangeId(1)).await.unwrap());
    store.sink().append(vec![part(1, 1, b"more"), Record::Message(Box::new(message(1, 0)))]).await.unwrap();
    store.sink().append(vec![finished(&rich(1)), finished(&plain(2))]).await.unwrap();
    assert_eq!(store.reader().exchange(ExchangeId(1)).await.unwrap(), None);
    assert_eq!(response_body(&store, 1).await, b"");
    assert_eq!(
        (store.reader().count().await.unwrap(), store.reader().message_count(ExchangeId(1)).await.unwrap()),
        (1, 0)
    );
}

#[tokio::test]
async fn delete_all_makes_room_and_lets_appends_in() {
    delete_all(Packing::Packed).await;
    delete_all(Packing::Plain).await;
}

async fn delete_all(packing: Packing) {
    let (_place, store) = store().await;
    store.admin().set_packing(packing).await.unwrap();
    let large = |id| {
        let mut exchange = plain(id);
        exchange.response_body.rest = noise(id, 10 << 10);
        finished(&exchange)
    };
    for batch in 0..3 {
        store.sink().append((1..=600).map(|id| large(batch * 600 + id)).collect()).await.unwrap();
    }
    let pages = rows(&store, "PRAGMA page_count").await;
    let (deleted, appended) =
        tokio::join!(store.admin().delete_all(false), store.sink().append(vec![large(5000)]));
    appended.unwrap();
    let deleted = deleted.unwrap();
    assert!(deleted == 1800 || deleted == 1801, "{deleted}");
    assert_eq!(store.reader().count().await.unwrap(), 1801 - deleted);
    assert_eq!(rows(&store, "SELECT count(*) FROM exchanges").await as u64, 1801 - deleted);
    let bodies = "SELECT (SELECT count(*) FROM bodies) + (SELECT count(*) FROM packs)";
    assert_eq!(rows(&store, bodies).await as u64, 1801 - deleted);
    assert_eq!(rows(&store, "SELECT count(*) FROM orphans").await, 0);
    assert!(rows(&store, "PRAGMA page_count").await < pages / 10);
    assert_eq!(store.reader().last_ids().await.unwrap().exchange, ExchangeId(5000));
}
