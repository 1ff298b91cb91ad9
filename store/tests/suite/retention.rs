//! The recording stays within its bounds.

use std::time::Duration;

use dashcam_exchange::{ConnectionId, Direction, ExchangeId, Record, Timestamp};
use dashcam_filter::Filter;
use dashcam_store::{Packing, Retention, Store};
use sqlx::ConnectOptions;

use crate::samples;
use crate::samples::noise::noise;
use crate::samples::{connection, finished, message, opened, part, plain, rich, store};

/// The numbers of what is stored, the oldest first.
async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 100_000).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

/// An exchange whose body has so many bytes.
fn large(id: i64, bytes: usize) -> Record {
    let mut exchange = plain(id);
    exchange.response_body.rest = noise(id, bytes);
    exchange.response_body.stored = bytes as u64;
    exchange.response_body.size = bytes as u64;
    finished(&exchange)
}

#[tokio::test]
async fn by_number_the_oldest_go() {
    let (_place, store) = store().await;
    store.sink().append((1..=1000).map(|id| finished(&plain(id))).collect()).await.unwrap();
    store.admin().set_retention(Retention { exchanges: Some(100), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 900);
    assert_eq!(ids(&store).await, (901..=1000).collect::<Vec<i64>>());
    assert_eq!(store.reader().count().await.unwrap(), 100);
}

#[tokio::test]
async fn by_age() {
    let (_place, store) = store().await;
    let hour = 3_600_000_000;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as i64;
    let aged = |id: i64, age: i64| {
        let mut exchange = plain(id);
        exchange.started_at = Timestamp(now - age);
        finished(&exchange)
    };
    store.sink().append((1..=3000).map(|id| aged(id, 2 * hour)).collect()).await.unwrap();
    store.sink().append((3001..=3100).map(|id| aged(id, hour / 2)).collect()).await.unwrap();
    let age = Some(Duration::from_secs(3600));
    store.admin().set_retention(Retention { age, ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 3000);
    assert_eq!(ids(&store).await, (3001..=3100).collect::<Vec<i64>>());
}

#[tokio::test]
async fn by_size_behind_each_append() {
    by_size(Packing::Packed).await;
    by_size(Packing::Plain).await;
}

async fn by_size(packing: Packing) {
    const LIMIT: u64 = 20 << 20;
    let (place, store) = store().await;
    store.admin().set_packing(packing).await.unwrap();
    store.admin().set_retention(Retention { size: Some(LIMIT), ..Retention::default() }).await.unwrap();
    for batch in 0..150 {
        let records = (1..=100).map(|id| large(batch * 100 + id, 10 << 10)).collect();
        store.sink().append(records).await.unwrap();
    }
    let kept = ids(&store).await;
    assert_eq!(*kept.last().unwrap(), 15_000);
    assert!(kept.is_sorted() && kept[0] + kept.len() as i64 - 1 == 15_000, "the newest, without a hole");
    for id in [kept[0], 14_000, 15_000] {
        let body = store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap();
        assert_eq!(body, noise(id, 10 << 10));
    }
    store.close().await;
    let size = std::fs::metadata(&place.path).unwrap().len();
    assert!((LIMIT * 95 / 100..=LIMIT * 105 / 100).contains(&size), "{size}");
}

#[tokio::test]
async fn what_is_under_way_stays_and_what_is_large_goes_with_its_bodies() {
    let (place, store) = store().await;
    store
        .sink()
        .append(vec![opened(&rich(2)), part(2, 0, b"resp"), Record::Message(Box::new(message(2, 0)))])
        .await
        .unwrap();
    let pieces = (0..200).map(|seq| part(3, seq, &[1; 4096]));
    let messages = (0..3000).map(|seq| Record::Message(Box::new(message(4, seq))));
    let ends = [finished(&plain(3)), finished(&plain(4))];
    store.sink().append(pieces.chain(messages).chain(ends).collect()).await.unwrap();
    store.admin().set_retention(Retention { exchanges: Some(0), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 2);
    assert_eq!(ids(&store).await, [2]);
    store.sink().append(vec![finished(&rich(2))]).await.unwrap();
    let body = store.reader().body(ExchangeId(2), Direction::Response, None).await.unwrap();
    assert_eq!(body, b"response");
    assert_eq!(store.admin().retain().await.unwrap(), 3);
    store.close().await;

    let store = Store::open(&place.path).await.unwrap();
    assert_eq!(store.reader().body(ExchangeId(3), Direction::Response, None).await.unwrap(), b"");
    assert_eq!(store.reader().messages(ExchangeId(4), None, 10).await.unwrap(), []);
    assert_eq!(store.reader().count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_smaller_bound_shrinks_the_file() {
    let (place, store) = store().await;
    store.sink().append((1..=2000).map(|id| large(id, 10 << 10)).collect()).await.unwrap();
    store.admin().set_retention(Retention { size: Some(5 << 20), ..Retention::default() }).await.unwrap();
    assert!(store.admin().retain().await.unwrap() > 1000);
    store.close().await;
    assert!(std::fs::metadata(&place.path).unwrap().len() <= 5 << 20);
}

#[tokio::test]
async fn connections_go_with_the_exchanges_that_they_served() {
    let (_place, store) = store().await;
    store.admin().set_retention(Retention { size: Some(4 << 20), ..Retention::default() }).await.unwrap();
    for batch in 0..100 {
        let mut records = Vec::new();
        for id in batch * 200 + 1..=(batch + 1) * 200 {
            let mut served = connection(id);
            (served.opened_at, served.closed_at) = (Timestamp(id * 10), Some(Timestamp(id * 10 + 5)));
            records.push(Record::Connection(Box::new(served)));
            let mut exchange = plain(id);
            (exchange.started_at, exchange.connection) = (Timestamp(id * 10 + 1), Some(ConnectionId(id)));
            exchange.response_body.rest = noise(id, 1000);
            records.push(finished(&exchange));
        }
        store.sink().append(records).await.unwrap();
    }
    let kept = ids(&store).await;
    assert_eq!(*kept.last().unwrap(), 20_000);
    assert!((1000..15_000).contains(&kept.len()), "{} exchanges", kept.len());
    for id in [kept[0], kept[kept.len() / 2], 20_000] {
        assert!(store.reader().connection(ConnectionId(id)).await.unwrap().is_some(), "{id} is named");
    }
    assert!(
        store.reader().connection(ConnectionId(kept[0] - 2000)).await.unwrap().is_none(),
        "nobody names it"
    );
}

#[tokio::test]
async fn a_pack_goes_with_the_last_exchange_in_it() {
    let (place, store) = store().await;
    store.sink().append((1..=10).map(|id| large(id, 1000)).collect()).await.unwrap();
    store.sink().append((11..=20).map(|id| large(id, 1000)).collect()).await.unwrap();
    store.admin().set_retention(Retention { exchanges: Some(5), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 15);
    for id in 16..=20 {
        let body = store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap();
        assert_eq!(body, noise(id, 1000));
    }
    assert_eq!(packs(&place).await, 1);
    store.admin().set_retention(Retention { exchanges: Some(0), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 20);
    assert_eq!(packs(&place).await, 0);
}

async fn packs(place: &samples::Place) -> i64 {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).read_only(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM packs").fetch_one(&mut connection).await.unwrap()
}
