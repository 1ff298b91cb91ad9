//! The file shrinks after deletes, in small steps, while exchanges are appended.

use std::path::Path;
use std::time::{Duration, Instant};

use dashcam_exchange::{ExchangeId, Record};
use dashcam_store::{Packing, Retention, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::samples::noise::noise;
use crate::samples::{Place, finished, plain, store};

const MIB: u64 = 1 << 20;
/// Pages of 55 MiB.
const LARGE: i64 = 55 << 5;

fn large(id: i64) -> Record {
    let mut exchange = plain(id);
    exchange.response_body.rest = noise(id, 100 << 10);
    (exchange.response_body.stored, exchange.response_body.size) = (100 << 10, 100 << 10);
    finished(&exchange)
}

/// A recording with so many exchanges of 100 KiB, in rows of their own.
async fn filled(exchanges: i64) -> (Place, Store) {
    let (place, store) = store().await;
    store.admin().set_packing(Packing::Plain).await.unwrap();
    for first in (1..=exchanges).step_by(50) {
        store.sink().append((first..(first + 50).min(exchanges + 1)).map(large).collect()).await.unwrap();
    }
    // So many bytes of bodies keep the writer busy: small batches tell it that it is not any more.
    for id in 0..40 {
        store.sink().append(vec![finished(&plain(1_000_000 + id))]).await.unwrap();
    }
    (place, store)
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

/// Retains until `done`, as dashcam does now and then.
async fn retain_until(store: &Store, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        store.admin().retain().await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(30), "it does not come to pass");
    }
}

#[tokio::test]
async fn what_a_user_deletes_is_given_back_while_others_append() {
    let (place, store) = filled(600).await;
    let path = place.path.clone();
    assert!(pages(&path).await > LARGE);
    let ids = (1..=500).map(ExchangeId).collect();
    let deleting = async {
        assert_eq!(store.admin().delete_these(ids, false).await.unwrap(), 500);
        retain_until(&store, || length(&path) < 20 * MIB).await;
    };
    let mut used = Vec::new();
    let appending = async {
        let mut reader = read(&path).await;
        for id in 2_000_000.. {
            store.sink().append(vec![finished(&plain(id))]).await.unwrap();
            used.push(pages_of(&mut reader).await);
        }
    };
    tokio::select! {
        () = deleting => {}
        () = appending => {}
    }
    // Appends came between the steps, each of which gave some pages back.
    used.dedup();
    let steps = used.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let most = used.windows(2).map(|pair| pair[0].saturating_sub(pair[1])).max().unwrap();
    assert!(steps >= 3, "{used:?}");
    assert!(most < used[0] / 2, "not all at once: {used:?}");
    assert!(store.reader().exchange(ExchangeId(550)).await.unwrap().is_some());
}

/// Pages of the file as a reader sees it, before the write-ahead log is brought over.
async fn pages(path: &Path) -> i64 {
    let mut reader = read(path).await;
    let pages = pages_of(&mut reader).await;
    reader.close().await.unwrap();
    pages
}

async fn read(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).read_only(true).connect().await.unwrap()
}

async fn pages_of(reader: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("PRAGMA page_count").fetch_one(reader).await.unwrap()
}

#[tokio::test]
async fn the_bounds_leave_some_pages_for_what_comes() {
    let (place, store) = filled(600).await;
    let path = place.path.clone();
    assert!(pages(&path).await > LARGE);
    // A few go: their pages stay, to be written again.
    store.admin().set_retention(Retention { exchanges: Some(540), ..Retention::default() }).await.unwrap();
    assert_eq!(store.admin().retain().await.unwrap(), 100);
    store.admin().retain().await.unwrap();
    assert!(pages(&path).await > LARGE);
    // Many go: most of their pages are given back.
    store.admin().set_retention(Retention { exchanges: Some(100), ..Retention::default() }).await.unwrap();
    retain_until(&store, || length(&path) < 12 * MIB).await;
    assert!(length(&path) > 6 * MIB, "60 exchanges are left, and an eighth of the file is free");
}

#[tokio::test]
async fn a_full_recording_keeps_its_size() {
    let (place, store) = store().await;
    store.admin().set_retention(Retention { size: Some(40 * MIB), ..Retention::default() }).await.unwrap();
    let mut sizes = Vec::new();
    for first in (1..=1200).step_by(20) {
        store.sink().append((first..first + 20).map(large).collect()).await.unwrap();
        store.admin().retain().await.unwrap();
        sizes.push(pages(&place.path).await);
    }
    let full = &sizes[40..];
    assert!(full.windows(2).all(|pair| pair[1] >= pair[0]), "what is freed is written again: {full:?}");
}
