//! Pinned exchanges stay, whatever the bounds are.

use dashcam_exchange::{ConnectionId, Direction, ExchangeId, Record, Timestamp};
use dashcam_filter::Filter;
use dashcam_store::{Retention, Store};

use crate::samples::noise::noise;
use crate::samples::{connection, finished, opened, plain, store};

async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 100_000).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

async fn pinned(store: &Store) -> Vec<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 100_000).await.unwrap();
    list.iter().filter(|summary| summary.pinned).map(|summary| summary.id.0).collect()
}

fn sized(id: i64, bytes: usize) -> Record {
    let mut exchange = plain(id);
    exchange.response_body.rest = noise(id, bytes);
    exchange.response_body.stored = bytes as u64;
    finished(&exchange)
}

async fn pin(store: &Store, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        assert!(store.admin().pin(ExchangeId(id), Timestamp(1)).await.unwrap());
    }
}

fn at_most(exchanges: u64) -> Retention {
    Retention { exchanges: Some(exchanges), ..Retention::default() }
}

#[tokio::test]
async fn pinning_is_idempotent_and_needs_an_exchange() {
    let (_place, store) = store().await;
    store.sink().append(vec![finished(&plain(1)), finished(&plain(2))]).await.unwrap();
    pin(&store, [2, 2]).await;
    assert!(!store.admin().pin(ExchangeId(3), Timestamp(1)).await.unwrap());
    assert_eq!((pinned(&store).await, store.reader().kept().await.unwrap().pinned), (vec![2], 1));
    assert!(store.reader().is_pinned(ExchangeId(2)).await.unwrap());
    assert!(
        store.admin().unpin(ExchangeId(2)).await.unwrap()
            && store.admin().unpin(ExchangeId(2)).await.unwrap()
    );
    assert!(!store.admin().unpin(ExchangeId(3)).await.unwrap());
    assert_eq!(pinned(&store).await, [0; 0]);
}

#[tokio::test]
async fn many_are_pinned_at_once_and_those_that_were_are_not_counted() {
    let (_place, store) = store().await;
    store.sink().append((1..=5).map(|id| finished(&plain(id))).collect()).await.unwrap();
    let ids = |ids: &[i64]| ids.iter().copied().map(ExchangeId).collect::<Vec<_>>();
    let admin = store.admin();
    assert_eq!(admin.pin_these(ids(&[2, 4, 9]), Timestamp(1)).await.unwrap(), 2);
    assert_eq!(admin.pin_these(ids(&[4, 5]), Timestamp(1)).await.unwrap(), 1);
    assert_eq!(pinned(&store).await, [2, 4, 5]);
    assert_eq!(admin.unpin_these(ids(&[1, 2, 5])).await.unwrap(), 2);
    assert_eq!((pinned(&store).await, store.reader().kept().await.unwrap().pinned), (vec![4], 1));
    assert_eq!(admin.delete_step(ids(&[3, 4]), false).await.unwrap(), 1);
    admin.finish_deleting().await.unwrap();
    assert_eq!(self::ids(&store).await, [1, 2, 4, 5]);
}

#[tokio::test]
async fn the_bounds_leave_them_alone_until_they_are_unpinned() {
    let (_place, store) = store().await;
    store.sink().append((1..=5000).map(|id| finished(&plain(id))).collect()).await.unwrap();
    // More in a row than are looked at in one step.
    pin(&store, 10..=2500).await;
    store.admin().set_retention(at_most(100)).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 5000 - 2491 - 100);
    let expect: Vec<i64> = (10..=2500).chain(4901..=5000).collect();
    assert_eq!(ids(&store).await, expect);
    store.admin().unpin(ExchangeId(2000)).await.unwrap();
    store.sink().append(vec![finished(&plain(5001))]).await.unwrap();
    store.admin().retain().await.unwrap();
    assert_eq!(
        ids(&store).await,
        (10..=2500).filter(|id| *id != 2000).chain(4902..=5001).collect::<Vec<_>>()
    );
    let kept = store.reader().kept().await.unwrap();
    assert_eq!((kept.pinned, kept.deleted, kept.bounds), (2490, 5000 - 2491 - 100 + 2, at_most(100)));
}

#[tokio::test]
async fn their_bodies_outlive_the_packs_that_they_were_in() {
    let (_place, store) = store().await;
    let (body, long) = (noise(2, 5000), noise(3, 6000));
    let with = |id, body: &[u8]| {
        let mut exchange = plain(id);
        exchange.response_body.rest = body.to_vec();
        exchange.response_body.stored = body.len() as u64;
        exchange
    };
    store
        .sink()
        .append(vec![opened(&with(3, &[])), finished(&with(1, &noise(1, 100))), finished(&with(2, &body))])
        .await
        .unwrap();
    pin(&store, [2, 3]).await;
    store.sink().append(vec![finished(&with(3, &long)), finished(&with(4, b"x"))]).await.unwrap();
    store.sink().append((5..=1000).map(|id| finished(&with(id, &noise(id, 10)))).collect()).await.unwrap();
    store.admin().set_retention(at_most(3)).await.unwrap();
    store.admin().retain().await.unwrap();
    assert_eq!(ids(&store).await, [2, 3, 998, 999, 1000]);
    for (id, expect) in [(2, &body), (3, &long)] {
        let found = store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap();
        assert!(found == *expect, "{id}: {}", found.len());
    }
    assert_eq!(
        store.reader().body(ExchangeId(999), Direction::Response, None).await.unwrap(),
        noise(999, 10)
    );
}

#[tokio::test]
async fn what_ends_late_goes_all_the_same() {
    let (_place, store) = store().await;
    store.admin().set_retention(at_most(10)).await.unwrap();
    store.sink().append(vec![opened(&plain(1)), opened(&plain(3))]).await.unwrap();
    store.sink().append((4..=500).map(|id| finished(&plain(id))).collect()).await.unwrap();
    store.admin().retain().await.unwrap();
    pin(&store, [3]).await;
    // One that was passed as it was open, one that was pinned then, and one that comes late.
    store.sink().append(vec![finished(&plain(1)), finished(&plain(3)), finished(&plain(2))]).await.unwrap();
    store.admin().retain().await.unwrap();
    store.sink().append((501..=502).map(|id| finished(&plain(id))).collect()).await.unwrap();
    store.admin().retain().await.unwrap();
    let expect: Vec<i64> = std::iter::once(3).chain(493..=502).collect();
    assert_eq!(ids(&store).await, expect);
}

#[tokio::test]
async fn recording_goes_on_where_pins_take_all_the_room() {
    let (_place, store) = store().await;
    store.sink().append((1..=200).map(|id| sized(id, 10 << 10)).collect()).await.unwrap();
    pin(&store, 1..=200).await;
    store.admin().set_retention(Retention { size: Some(1 << 20), ..Retention::default() }).await.unwrap();
    for id in 201..=300 {
        store.sink().append(vec![sized(id, 1000)]).await.unwrap();
    }
    store.admin().retain().await.unwrap();
    assert_eq!(ids(&store).await, (1..=200).collect::<Vec<_>>());
    assert!(store.reader().kept().await.unwrap().crowded);
    store.admin().set_retention(Retention { size: Some(100 << 20), ..Retention::default() }).await.unwrap();
    store.sink().append(vec![sized(301, 1000)]).await.unwrap();
    assert_eq!(*ids(&store).await.last().unwrap(), 301);
    assert!(!store.reader().kept().await.unwrap().crowded);
}

#[tokio::test]
async fn connections_of_pinned_exchanges_stay_and_others_go() {
    let (_place, store) = store().await;
    store.admin().set_retention(at_most(50)).await.unwrap();
    for id in 1..=3000 {
        let mut served = connection(id);
        (served.opened_at, served.closed_at) = (Timestamp(id * 10), Some(Timestamp(id * 10 + 5)));
        let mut exchange = plain(id);
        (exchange.started_at, exchange.connection) = (Timestamp(id * 10 + 1), Some(ConnectionId(id)));
        store.sink().append(vec![Record::Connection(Box::new(served)), finished(&exchange)]).await.unwrap();
        if id % 100 == 0 {
            pin(&store, [id]).await;
            store.admin().retain().await.unwrap();
        }
    }
    store.admin().retain().await.unwrap();
    let there = async |id| store.reader().connection(ConnectionId(id)).await.unwrap().is_some();
    for id in [100, 1500, 3000, 2980] {
        assert!(there(id).await, "{id} is named");
    }
    for id in [1, 99, 101, 1501, 2000 + 1] {
        assert!(!there(id).await, "nobody names {id}");
    }
}

#[tokio::test]
async fn deleting_one_takes_its_pin_and_deleting_all_asks() {
    let (_place, store) = store().await;
    store.sink().append((1..=1200).map(|id| sized(id, 10)).collect()).await.unwrap();
    pin(&store, [5, 600]).await;
    assert!(store.admin().delete(ExchangeId(5)).await.unwrap());
    assert_eq!(store.reader().kept().await.unwrap().pinned, 1);
    store.sink().append(vec![opened(&plain(1201)), opened(&plain(1202))]).await.unwrap();
    pin(&store, [1201]).await;
    assert_eq!(store.admin().delete_all(false).await.unwrap(), 1199);
    assert_eq!((ids(&store).await, store.reader().count().await.unwrap()), (vec![600, 1201], 2));
    assert_eq!(store.reader().body(ExchangeId(600), Direction::Response, None).await.unwrap().len(), 10);
    // The pinned one that was open goes on to be stored, the other does not.
    store.sink().append(vec![sized(1201, 7), sized(1202, 7)]).await.unwrap();
    assert_eq!(ids(&store).await, [600, 1201]);
    assert_eq!(store.reader().body(ExchangeId(1201), Direction::Response, None).await.unwrap().len(), 7);
    assert_eq!(store.admin().delete_all(true).await.unwrap(), 2);
    assert_eq!((ids(&store).await, store.reader().kept().await.unwrap().pinned), (vec![], 0));
}
