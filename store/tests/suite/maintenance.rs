//! Looking at recordings that are damaged, cut off, being written, foreign or missing; and repairing them.

use std::fs::OpenOptions;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use dashcam_exchange::{Direction, ExchangeId, Record, Timestamp};
use dashcam_filter::Filter;
use dashcam_store::maintenance::{Problem, check, info, repair, vacuum};
use dashcam_store::{Packing, Store, StoreError};
use rusqlite::Connection;

use crate::samples::noise::noise;
use crate::samples::{Place, connection, finished, message, opened, part, place, plain, store};

const PAGE: u64 = 32_768;

fn body(id: i64) -> Vec<u8> {
    noise(id, 3000 + (id as usize * 37) % 4000)
}

/// Exchanges with bodies (in packs and in rows of their own, batch by batch), connections, messages, and a pin.
async fn fill(store: &Store, exchanges: i64) {
    for first in (1..=exchanges).step_by(200) {
        let packing = if first % 400 == 1 { Packing::Plain } else { Packing::Packed };
        store.admin().set_packing(packing).await.unwrap();
        let mut records = Vec::new();
        for id in first..(first + 200).min(exchanges + 1) {
            let mut exchange = plain(id);
            exchange.response_body.rest = body(id);
            exchange.response_body.stored = body(id).len() as u64;
            records.push(Record::Connection(Box::new(connection(id))));
            if id % 50 == 0 {
                records.push(opened(&exchange));
                records.extend((0..20).map(|seq| Record::Message(Box::new(message(id, seq)))));
            }
            records.push(finished(&exchange));
        }
        store.sink().append(records).await.unwrap();
    }
    store.admin().pin(ExchangeId(exchanges), Timestamp(1)).await.unwrap();
}

async fn filled(exchanges: i64) -> Place {
    let (place, store) = store().await;
    fill(&store, exchanges).await;
    store.close().await;
    place
}

fn overwrite(path: &Path, pages: impl IntoIterator<Item = u64>) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    for page in pages {
        file.seek(SeekFrom::Start(page * PAGE)).unwrap();
        file.write_all(&vec![0xa5; PAGE as usize]).unwrap();
    }
}

/// Asserts that all that is left is whole: each exchange has its body, or one that is marked as cut.
async fn assert_usable(path: &Path) -> Vec<i64> {
    assert_eq!(check(path, true).unwrap().problems, []);
    let store = Store::open(path).await.unwrap();
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 100_000).await.unwrap();
    for summary in &list {
        let exchange = store.reader().exchange(summary.id).await.unwrap().unwrap();
        let stored = store.reader().body(summary.id, Direction::Response, None).await.unwrap();
        let whole = stored == body(summary.id.0);
        assert!(whole || exchange.response_body.truncated, "{}", summary.id.0);
        assert_eq!(exchange.response_body.stored, stored.len() as u64);
    }
    let more = list.last().unwrap().id.0 + 100_000;
    store.sink().append(vec![finished(&plain(more))]).await.unwrap();
    assert_eq!(store.reader().count().await.unwrap(), list.len() as u64 + 1);
    store.admin().delete(ExchangeId(more)).await.unwrap();
    store.close().await;
    list.iter().map(|summary| summary.id.0).collect()
}

#[tokio::test]
async fn a_sound_one_is_told_of_and_left_alone() {
    let place = filled(450).await;
    let before = std::fs::read(&place.path).unwrap();
    let told = info(&place.path).unwrap();
    let bodies: usize = (1..=450).map(|id| body(id).len()).sum();
    assert_eq!((told.exchanges, told.connections, told.messages, told.pinned), (450, 450, 180, 1));
    assert_eq!((told.bodies, told.page_size, told.open), (bodies as u64, PAGE, 0));
    assert_eq!((told.oldest_at, told.newest_at), (Some(1_700_000_000_000_001), Some(1_700_000_000_000_450)));
    for thorough in [false, true] {
        let checked = check(&place.path, thorough).unwrap();
        assert_eq!((checked.problems, checked.notes), (vec![], Vec::<String>::new()));
    }
    let repaired = repair(&place.path).await.unwrap();
    assert_eq!((repaired.done, repaired.damaged), (vec![], None));
    assert_eq!(std::fs::read(&place.path).unwrap(), before);
}

#[tokio::test]
async fn pages_overwritten_in_the_middle() {
    let place = filled(3000).await;
    let pages = std::fs::metadata(&place.path).unwrap().len() / PAGE;
    overwrite(&place.path, [pages / 4, pages / 3, pages / 3 + 1, pages / 2, pages * 3 / 4]);
    assert!(check(&place.path, false).unwrap().is_damaged());
    let damaged = std::fs::read(&place.path).unwrap();

    let repaired = repair(&place.path).await.unwrap();
    let kept = repaired.damaged.unwrap();
    assert_eq!(kept, place.folder.path().join("dashcam.db.damaged-1"));
    assert_eq!(std::fs::read(&kept).unwrap(), damaged, "the damaged one stays as it was");
    let left = assert_usable(&place.path).await;
    assert!(left.len() > 2500, "{}", left.len());
    assert_eq!(left.len() as u64 + repaired.lost, 3000);
    let table = |name| repaired.salvaged.iter().find(|told| told.table == name).unwrap();
    assert_eq!(table("exchange_rows").rows, left.len() as u64);
    assert!(repaired.salvaged.iter().map(|told| told.holes).sum::<u64>() > 0);
    let gaps = info(&place.path).unwrap().gaps;
    assert!(!gaps.is_empty() && gaps.iter().all(|gap| gap.reason == "disk_error"));
    assert_eq!(gaps.iter().map(|gap| gap.exchanges).sum::<u64>(), repaired.lost);
    assert_eq!(repair(&place.path).await.unwrap().done, [""; 0], "once is enough");
}

#[tokio::test]
async fn a_page_of_every_kind() {
    let whole = filled(600).await;
    let pages = std::fs::metadata(&whole.path).unwrap().len() / PAGE;
    for page in (1..12).chain((12..pages).step_by(9)) {
        let place = place();
        std::fs::copy(&whole.path, &place.path).unwrap();
        overwrite(&place.path, [page]);
        let found = check(&place.path, true).unwrap();
        match repair(&place.path).await {
            // Pages that nobody uses may be overwritten.
            Ok(repaired) => assert_eq!(repaired.damaged.is_some(), found.is_damaged(), "page {page}"),
            Err(error) => panic!("page {page}: {error}"),
        }
        assert_usable_or_empty(&place.path).await;
    }
}

/// Where the root of a table is gone there is nothing left of it.
async fn assert_usable_or_empty(path: &Path) {
    if info(path).unwrap().exchanges > 0 {
        assert_usable(path).await;
    }
    assert_eq!(check(path, true).unwrap().problems, []);
}

#[tokio::test]
async fn a_file_that_is_cut_off() {
    let place = filled(3000).await;
    let size = std::fs::metadata(&place.path).unwrap().len();
    OpenOptions::new().write(true).open(&place.path).unwrap().set_len(size * 3 / 5).unwrap();
    assert!(check(&place.path, false).unwrap().is_damaged());
    let repaired = repair(&place.path).await.unwrap();
    let left = assert_usable(&place.path).await;
    assert!(left.len() > 1000, "{}", left.len());
    assert_eq!(left.len() as u64 + repaired.lost, 3000);
}

#[tokio::test]
async fn a_beginning_that_is_gone_is_beyond_repair() {
    let place = filled(200).await;
    let mut file = OpenOptions::new().write(true).open(&place.path).unwrap();
    file.seek(SeekFrom::Start(100)).unwrap();
    file.write_all(&[0xa5; 20_000]).unwrap();
    let before = std::fs::read(&place.path).unwrap();
    assert!(check(&place.path, false).unwrap().is_damaged());
    let refused = repair(&place.path).await.unwrap_err();
    assert!(matches!(refused, StoreError::BeyondRepair { .. }), "{refused}");
    assert_eq!(std::fs::read(&place.path).unwrap(), before);
    let names: Vec<_> =
        std::fs::read_dir(place.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("repairing")), "{names:?}");
}

#[tokio::test]
async fn rows_that_disagree_are_mended_in_place() {
    let place = filled(300).await;
    let change = Connection::open(&place.path).unwrap();
    change
        .execute_batch(
            "UPDATE meta SET exchanges = 7, last_exchange = 3;
            DELETE FROM exchange_rows WHERE id IN (10, 50);
            DELETE FROM body_rows WHERE key >> 22 = 20;
            UPDATE exchange_rows SET response_stored = response_stored - 1 WHERE id = 21;
            INSERT INTO body_rows (key, data) VALUES (30 << 22 | 2097152 | 5, x'00');
            INSERT INTO pins (exchange, at) VALUES (9999, 1);
            INSERT INTO arrivals (key, data) VALUES (9998 << 22, x''), (9998 << 22 | 1, x''), (41 << 22, x'');
            INSERT INTO orphans (exchange, deleted) VALUES (40, 1)",
        )
        .unwrap();
    drop(change);
    let found = check(&place.path, false).unwrap();
    assert!(!found.is_damaged());
    let books: Vec<String> = found
        .problems
        .iter()
        .map(|problem| match problem {
            Problem::Books(what) | Problem::Damage(what) => what.clone(),
        })
        .collect();
    let expect = [
        "3 bodies are not stored as their exchanges say",
        "2 exchanges are missing whose bodies are there",
        "1 exchanges are missing whose messages are there",
        "7 exchanges are said to be stored, and 298 are",
        "numbers that are in use are said to be free",
        "1 exchanges are pinned that are not there",
        "1 exchanges are missing whose arrivals are there",
        "1 exchanges that are there are said to be deleted",
    ];
    assert_eq!(books, expect);
    let repaired = repair(&place.path).await.unwrap();
    assert_eq!((repaired.damaged, repaired.lost), (None, 0));
    assert_eq!(repaired.done.len(), 4, "{:?}", repaired.done);
    assert_eq!(assert_usable(&place.path).await.len(), 298);
}

#[tokio::test]
async fn one_that_is_being_written() {
    let (place, store) = store().await;
    fill(&store, 500).await;
    // Not finished, and so of no exchange yet.
    let stretch = std::sync::Arc::new(dashcam_exchange::Stretch::default());
    let came =
        Record::Arrivals { exchange: ExchangeId(900), direction: Direction::Response, seq: 0, stretch };
    let records = vec![part(900, 0, b"abc"), came, opened(&plain(901)), part(901, 0, b"abc")];
    store.sink().append(records).await.unwrap();
    assert_eq!(info(&place.path).unwrap().exchanges, 501);
    assert_eq!(check(&place.path, true).unwrap().problems, []);
    assert!(matches!(repair(&place.path).await, Err(StoreError::Locked { .. })));
    assert!(matches!(vacuum(&place.path), Err(StoreError::Locked { .. })));
    store.sink().append(vec![finished(&plain(902))]).await.unwrap();
    assert_eq!(store.reader().count().await.unwrap(), 502);
}

#[tokio::test]
async fn what_is_not_ours_or_not_there() {
    let place = place();
    assert!(matches!(info(&place.path), Err(StoreError::Missing { .. })));
    assert!(matches!(check(&place.path, false), Err(StoreError::Missing { .. })));
    assert!(matches!(repair(&place.path).await, Err(StoreError::Missing { .. })));
    assert!(matches!(vacuum(&place.path), Err(StoreError::Missing { .. })));
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 0, "nothing was begun");

    std::fs::write(&place.path, "a text that is longer than a header of SQLite's".repeat(5)).unwrap();
    assert!(matches!(repair(&place.path).await, Err(StoreError::NotADatabase { .. })));
    std::fs::remove_file(&place.path).unwrap();
    Connection::open(&place.path).unwrap().execute_batch("CREATE TABLE a (b)").unwrap();
    let before = std::fs::read(&place.path).unwrap();
    assert!(matches!(info(&place.path), Err(StoreError::Foreign { .. })));
    assert!(matches!(check(&place.path, false), Err(StoreError::Foreign { .. })));
    assert!(matches!(repair(&place.path).await, Err(StoreError::Foreign { .. })));
    assert!(matches!(vacuum(&place.path), Err(StoreError::Foreign { .. })));
    assert_eq!(std::fs::read(&place.path).unwrap(), before);
}

#[tokio::test]
async fn vacuum_gives_pages_back() {
    let (place, store) = store().await;
    fill(&store, 3000).await;
    for id in 1..=2900 {
        store.admin().delete(ExchangeId(id)).await.unwrap();
    }
    store.close().await;
    let before = info(&place.path).unwrap();
    assert!(before.free > before.file / 2, "{before:?}");
    let vacuumed = vacuum(&place.path).unwrap();
    let after = info(&place.path).unwrap();
    assert_eq!((vacuumed.before, vacuumed.after, after.free), (before.file, after.file, 0));
    assert!(after.file < before.file / 2, "{vacuumed:?}");
    assert_eq!(assert_usable(&place.path).await.len(), 100);
}
