//! Exchanges are moved to an archive, and none is lost or doubled.

use std::path::PathBuf;

use dashcam_exchange::{Certificate, ConnectionId, Direction, ExchangeId, Gap, GapReason, Record, Timestamp};
use dashcam_filter::Filter;
use dashcam_store::maintenance::{check, info};
use dashcam_store::{Archive, Packing, Store, StoreError};

use crate::samples::noise::noise;
use crate::samples::{Place, failed_connection, finished, message, opened, plain, store};

async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 100_000).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

/// Exchanges 1 to 40, half of them in packs, all over one connection; 7 with messages, 8 pinned, 41 under way.
async fn filled() -> (Place, Store, PathBuf) {
    let (place, store) = store().await;
    for (packing, first) in [(Packing::Packed, 1), (Packing::Plain, 21)] {
        store.admin().set_packing(packing).await.unwrap();
        let mut records = Vec::new();
        for id in first..first + 20 {
            let mut exchange = plain(id);
            exchange.connection = Some(ConnectionId(3));
            exchange.response_body.rest = noise(id, 2000);
            exchange.response_body.stored = 2000;
            if id == 7 {
                records.push(opened(&exchange));
                records.extend((0..5).map(|seq| Record::Message(Box::new(message(id, seq)))));
            }
            records.push(finished(&exchange));
        }
        store.sink().append(records).await.unwrap();
    }
    let certificate = Certificate::new(b"leaf");
    let gap = Gap { from: Timestamp(1), until: Timestamp(2), reason: GapReason::DiskFull, exchanges: 3 };
    let more = vec![
        Record::Connection(Box::new(failed_connection(3))),
        Record::Certificate { certificate, at: Timestamp(5) },
        Record::Gap(gap),
        opened(&plain(41)),
    ];
    store.sink().append(more).await.unwrap();
    store.admin().pin(ExchangeId(8), Timestamp(9)).await.unwrap();
    let to = place.folder.path().join("old ones?.db");
    (place, store, to)
}

fn numbers(ids: impl IntoIterator<Item = i64>) -> Vec<ExchangeId> {
    ids.into_iter().map(ExchangeId).collect()
}

async fn assert_whole(store: &Store, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        let body = store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap();
        assert!(body == noise(id, 2000), "{id}: {}", body.len());
    }
}

#[tokio::test]
async fn exchanges_are_moved_with_all_that_is_theirs() {
    let (place, store, to) = filled().await;
    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    let moved = || (1..=30).filter(|id| id % 3 != 0);
    archive.copy(&numbers(moved().chain([41, 99]))).unwrap();
    assert_eq!(store.admin().delete_these(numbers(moved()), false).await.unwrap(), 19, "8 is pinned");
    assert_eq!(store.admin().delete_these(numbers([8]), true).await.unwrap(), 1);
    archive.finish(Timestamp(i64::MAX)).unwrap();
    let left: Vec<i64> = (1..=41).filter(|id| id % 3 == 0 || *id > 30).collect();
    assert_eq!((ids(&store).await, store.reader().count().await.unwrap()), (left.clone(), left.len() as u64));
    assert_whole(&store, left.into_iter().filter(|id| *id != 41)).await;
    store.close().await;
    assert_eq!(check(&place.path, true).unwrap().problems, []);

    assert_eq!(check(&to, true).unwrap().problems, []);
    let told = info(&to).unwrap();
    assert_eq!((told.exchanges, told.messages, told.pinned, told.connections), (20, 5, 1, 1));
    assert_eq!((told.certificates, told.gaps.len(), told.wal), (1, 1, 0));
    let store = Store::open_read_only(&to).await.unwrap();
    assert_eq!(ids(&store).await, moved().collect::<Vec<_>>());
    assert_whole(&store, moved()).await;
}

/// A move that was killed leaves exchanges that are in both.
#[tokio::test]
async fn a_move_that_was_cut_short_is_ended_by_the_next() {
    let (place, store, to) = filled().await;
    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    archive.copy(&numbers(1..=25)).unwrap();
    drop(archive);
    assert_eq!(store.reader().count().await.unwrap(), 41);
    store.admin().delete_these(numbers([1, 2]), false).await.unwrap();

    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    archive.copy(&numbers(1..=30)).unwrap();
    assert_eq!(store.admin().delete_these(numbers(1..=30), true).await.unwrap(), 28);
    archive.finish(Timestamp(0)).unwrap();
    store.close().await;
    for path in [&to, &place.path] {
        assert_eq!(check(path, true).unwrap().problems, []);
    }
    let store = Store::open_read_only(&to).await.unwrap();
    assert_eq!((ids(&store).await, store.reader().count().await.unwrap()), ((1..=30).collect(), 30));
    assert_whole(&store, 1..=30).await;
}

#[tokio::test]
async fn another_recordings_archive_is_refused() {
    let (place, _store, to) = filled().await;
    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    archive.copy(&numbers([1])).unwrap();
    archive.finish(Timestamp(0)).unwrap();
    let (other, _other_store, _) = filled().await;
    let refused = Archive::open(&to, &other.path).await.unwrap_err();
    assert!(matches!(refused, StoreError::OtherRecording { .. }), "{refused}");
    // The recording that another dashcam writes is no archive.
    let refused = Archive::open(&other.path, &place.path).await.unwrap_err();
    assert!(matches!(refused, StoreError::Locked { .. }), "{refused}");
    assert_eq!(info(&to).unwrap().exchanges, 1);
}
