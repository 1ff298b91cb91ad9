//! Exchanges that their rules keep until a time.

use std::time::Duration;

use dashcam_exchange::{Direction, Exchange, ExchangeId, Record, Timestamp};
use dashcam_filter::Filter;
use dashcam_store::{Archive, Cause, Retention, Store, maintenance};

use crate::samples::noise::noise;
use crate::samples::{Place, finished, opened, plain, store};

const HOUR: Duration = Duration::from_secs(3600);
const FAR: Timestamp = Timestamp(4_102_444_800_000_000);
const PAST: Timestamp = Timestamp(1_000_000);

/// One that is kept until a time, with a body.
fn kept(id: i64, until: Option<Timestamp>) -> Exchange {
    let mut exchange = Exchange { keep_until: until, rule: Some("r".into()), ..plain(id) };
    exchange.response_body.rest = noise(id, 2000);
    exchange.response_body.stored = 2000;
    exchange
}

async fn append(store: &Store, exchanges: impl IntoIterator<Item = Exchange>) {
    store.sink().append(exchanges.into_iter().map(|one| finished(&one)).collect()).await.unwrap();
}

async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 100_000).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

async fn retain(store: &Store, bounds: Retention) {
    store.admin().set_retention(bounds).await.unwrap();
    store.admin().retain().await.unwrap();
}

async fn is_sound(place: &Place, store: &Store) {
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
    for id in ids(store).await {
        let body = store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap();
        assert!(body == noise(id, 2000), "the body of {id}");
    }
}

fn age() -> Retention {
    Retention { age: Some(HOUR), ..Retention::default() }
}

fn at_most(exchanges: u64) -> Retention {
    Retention { exchanges: Some(exchanges), ..Retention::default() }
}

#[tokio::test]
async fn they_go_when_their_time_is_over_also_without_bounds() {
    let (place, store) = store().await;
    // More than go in one step.
    append(&store, (1..=1000).map(|id| kept(id, Some(PAST).filter(|_| id % 2 == 0)))).await;
    retain(&store, Retention::default()).await;
    assert_eq!(ids(&store).await, (1..=1000).filter(|id| id % 2 == 1).collect::<Vec<_>>());
    assert_eq!(store.reader().count().await.unwrap(), 500);
    is_sound(&place, &store).await;
    let deleted = store.reader().deletions(Timestamp(0), FAR).await.unwrap();
    let first = plain(2).started_at;
    let expect = (Cause::Expired, 500, first, plain(1000).started_at);
    let found = &deleted[0];
    assert_eq!((found.cause, found.exchanges, found.from, found.until), expect);
    assert_eq!(deleted.len(), 1);
}

#[tokio::test]
async fn what_is_appended_lets_them_go() {
    let (_place, store) = store().await;
    append(&store, [kept(1, Some(PAST)), kept(2, None)]).await;
    assert_eq!(ids(&store).await, [2], "the first look is behind the first batch");
}

#[tokio::test]
async fn they_outlive_the_age_and_the_connections_of_others_go() {
    let (place, store) = store().await;
    append(&store, (1..=3000).map(|id| kept(id, Some(FAR).filter(|_| id % 3 == 0)))).await;
    retain(&store, age()).await;
    let expect: Vec<i64> = (1..=3000).filter(|id| id % 3 == 0).collect();
    assert_eq!(ids(&store).await, expect);
    is_sound(&place, &store).await;
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    retain(&store, age()).await;
    assert_eq!(ids(&store).await, expect, "the next start knows it as well");
}

#[tokio::test]
async fn others_go_first_where_there_are_too_many_and_then_those_whose_time_is_over_soonest() {
    let (place, store) = store().await;
    // 100 that are kept, the last of them for the shortest time, and 100 others.
    let until = |id: i64| (id <= 100).then(|| Timestamp(FAR.0 - id));
    append(&store, (1..=200).map(|id| kept(id, until(id)))).await;
    retain(&store, at_most(150)).await;
    assert_eq!(ids(&store).await, (1..=100).chain(151..=200).collect::<Vec<_>>());
    retain(&store, at_most(60)).await;
    assert_eq!(ids(&store).await, (1..=60).collect::<Vec<_>>());
    is_sound(&place, &store).await;
}

#[tokio::test]
async fn the_size_wins() {
    let (place, store) = store().await;
    let bounds = Retention { size: Some(3 << 20), ..Retention::default() };
    store.admin().set_retention(bounds).await.unwrap();
    for batch in 0..60_i64 {
        append(&store, (batch * 100..(batch + 1) * 100).map(|id| kept(id + 1, Some(FAR)))).await;
    }
    store.admin().retain().await.unwrap();
    assert!(store.reader().kept().await.unwrap().used <= 3 << 20);
    let left = ids(&store).await;
    assert!(left.len() > 100 && !left.contains(&1), "{}", left.len());
    is_sound(&place, &store).await;
}

#[tokio::test]
async fn those_go_that_were_open_when_their_time_came_and_are_interrupted() {
    let (place, store) = store().await;
    append(&store, [kept(9, None)]).await;
    let begun = [1, 2].map(|id| opened(&kept(id, Some(PAST))));
    store.sink().append(begun.into()).await.unwrap();
    retain(&store, Retention::default()).await;
    assert_eq!(ids(&store).await, [1, 2, 9], "they are under way");
    store.sink().append(vec![Record::Interrupted(ExchangeId(1))]).await.unwrap();
    retain(&store, Retention::default()).await;
    assert_eq!(ids(&store).await, [2, 9]);
    // The other ends with the run.
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    retain(&store, Retention::default()).await;
    assert_eq!(ids(&store).await, [9]);
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
}

#[tokio::test]
async fn those_that_are_open_while_room_is_wanted_go_once_they_are_interrupted() {
    let (_place, store) = store().await;
    store.sink().append(vec![opened(&kept(1, Some(FAR)))]).await.unwrap();
    retain(&store, at_most(0)).await;
    assert_eq!(ids(&store).await, [1], "it is under way");
    store.sink().append(vec![Record::Interrupted(ExchangeId(1))]).await.unwrap();
    retain(&store, at_most(0)).await;
    assert_eq!(ids(&store).await, [0; 0]);
}

#[tokio::test]
async fn pins_win() {
    let (place, store) = store().await;
    append(&store, [kept(1, Some(Timestamp(FAR.0 - 1))), kept(2, None)]).await;
    assert!(store.admin().pin(ExchangeId(1), Timestamp(1)).await.unwrap());
    retain(&store, at_most(0)).await;
    assert_eq!(ids(&store).await, [1]);
    // Its time is over while it is pinned, and noticed once it is not.
    let connection = rusqlite::Connection::open(&place.path).unwrap();
    connection
        .execute_batch("UPDATE exchange_rows SET keep_until = 5; UPDATE expiries SET keep_until = 5")
        .unwrap();
    drop(connection);
    retain(&store, Retention::default()).await;
    assert_eq!(ids(&store).await, [1]);
    assert!(store.admin().unpin(ExchangeId(1)).await.unwrap());
    store.admin().retain().await.unwrap();
    assert_eq!(ids(&store).await, [0; 0]);
}

#[tokio::test]
async fn an_archive_keeps_them_and_their_rules() {
    let (place, store) = store().await;
    append(&store, [kept(1, Some(FAR)), kept(2, Some(FAR))]).await;
    let path = place.folder.path().join("archive.db");
    let mut archive = Archive::open(&path, &place.path).await.unwrap();
    archive.copy(&[ExchangeId(1)]).unwrap();
    archive.finish(Timestamp(0)).unwrap();
    let archive = Store::open(&path).await.unwrap();
    let found = archive.reader().exchange(ExchangeId(1)).await.unwrap().unwrap();
    assert_eq!((found.rule.as_deref(), found.keep_until), (Some("r"), None));
    assert_eq!(maintenance::check(&path, true).unwrap().problems, []);
}

#[tokio::test]
async fn a_check_notices_those_that_would_stay_for_ever_and_repair_mends_it() {
    let (place, store) = store().await;
    append(&store, [kept(1, Some(FAR))]).await;
    store.close().await;
    let connection = rusqlite::Connection::open(&place.path).unwrap();
    connection.execute_batch("DELETE FROM expiries").unwrap();
    drop(connection);
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems.len(), 1);
    maintenance::repair(&place.path).await.unwrap();
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
}
