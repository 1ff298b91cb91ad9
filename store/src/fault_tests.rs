//! Faults that need a hand inside: a disk that is full, a transaction dropped at a known point.

#[path = "../tests/suite/samples/noise.rs"]
mod noise;

use std::sync::Arc;

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, ExchangeId, Gap, GapReason, Record, State, Timestamp, sample,
};
use dashcam_filter::Filter;

use noise::noise;
use rusqlite::Connection;

use crate::Durability;
use crate::Packing;
use crate::Store;
use crate::StoreError;
use crate::database::checkpoint::Sync;
use crate::database::pacing::Load;
use crate::rows::heads::Folder;
use crate::state::WriterState;

pub(crate) fn exchange(id: i64, body: usize) -> Record {
    let request_body = BodyRecord { rest: noise(id, body), ..BodyRecord::default() };
    Record::Finished(Arc::new(Exchange { request_body, started_at: Timestamp(0), ..sample::exchange(id) }))
}

/// The database can't grow until the writer has got another connection.
pub(crate) async fn fill_disk(store: &Store) {
    let limit = |state: &mut WriterState| {
        let mut number = |pragma: &str| state.connection().query_row(pragma, [], |row| row.get::<_, i64>(0));
        let pages = number("PRAGMA page_count")?;
        assert_eq!(number(&format!("PRAGMA max_page_count = {pages}"))?, pages);
        Ok(())
    };
    store.shared.run(limit).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_said_so_and_survived() {
    full_disk(Packing::Plain).await;
    full_disk(Packing::Packed).await;
}

async fn full_disk(packing: Packing) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    store.admin().set_packing(packing).await.unwrap();
    store.sink().append(vec![exchange(1, 10)]).await.unwrap();
    fill_disk(&store).await;

    let refused = store.sink().append((2..100).map(|id| exchange(id, 100_000)).collect()).await.unwrap_err();
    assert!(matches!(refused, StoreError::DiskFull), "{refused}");
    assert_eq!(refused.gap_reason(), GapReason::DiskFull);
    assert!(refused.keeps_batch());
    assert_eq!(store.reader().count().await.unwrap(), 1, "all of it or nothing");

    store.sink().append(Vec::new()).await.unwrap();
    assert_eq!(
        store.reader().body(ExchangeId(99), Direction::Request, None).await.unwrap(),
        noise(99, 100_000)
    );
    assert_eq!(store.reader().count().await.unwrap(), 99, "what was refused was kept");
    store.sink().append(Vec::new()).await.unwrap();
    assert_eq!(store.reader().count().await.unwrap(), 99, "and is stored once");
}

#[tokio::test]
async fn a_transaction_that_fails_after_its_rows_were_written_is_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let guard = store.shared.writer.read().await;
    let fails = |state: &mut WriterState| {
        let mut batch = state.partial.sort((1..=100).map(|id| exchange(id, 1000)).collect())?;
        state.transaction(|connection| {
            batch.write(connection, &mut Folder::default())?;
            let count = "SELECT count(*) FROM exchanges";
            let rows: i64 = connection.query_row(count, [], |row| row.get(0))?;
            assert_eq!(rows, 100, "they are there, inside the transaction");
            Err::<(), _>(StoreError::DiskFull)
        })
    };
    let failed = guard.as_ref().unwrap().run(fails).await.unwrap_err();
    assert!(matches!(failed, StoreError::DiskFull), "{failed}");
    drop(guard);

    store.sink().append(vec![exchange(200, 10)]).await.unwrap();
    let list = store.reader().list(&Filter::default(), None, 1000).await.unwrap();
    assert_eq!(list.iter().map(|summary| summary.id.0).collect::<Vec<_>>(), [200]);
    assert_eq!(store.reader().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_log_is_kept_until_the_next_start_if_the_disk_fails_under_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let (path, log) = (folder.path().join("dashcam.db"), folder.path().join("dashcam.db-wal"));
    let store = Store::open(&path).await.unwrap();
    store.admin().set_packing(Packing::Plain).await.unwrap();
    let before = std::fs::read(&path).unwrap();
    store.sink().append(vec![exchange(1, 1 << 20)]).await.unwrap();
    let fails = |state: &mut WriterState| {
        state.checkpoints.sync = Sync(|_| Err(std::io::Error::other("a test's disk")));
        Ok(())
    };
    store.shared.run(fails).await.unwrap();
    // A reader keeps the log from being brought over whole.
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM meta").unwrap();
    for id in 2..=60 {
        store.sink().append(vec![exchange(id, 1 << 20)]).await.unwrap();
    }
    assert!(store.shared.run(|state| Ok(state.checkpoints.keeps_log())).await.unwrap());
    drop(reader);
    // The writer gets a new connection.
    let fault = |state: &mut WriterState| state.transaction(|_| Err::<(), _>(StoreError::DiskFull));
    store.shared.run(fault).await.unwrap_err();
    store.sink().append(vec![exchange(61, 1 << 20)]).await.unwrap();
    store.close().await;
    assert!(std::fs::metadata(&log).unwrap().len() > 61 << 20);

    // The disk took nothing of what was brought over.
    std::fs::write(&path, before).unwrap();
    let store = Store::open(&path).await.unwrap();
    let list = store.reader().list(&Filter::default(), None, 1000).await.unwrap();
    assert_eq!(list.len(), 61);
    let body = store.reader().body(ExchangeId(1), Direction::Request, None).await.unwrap();
    assert_eq!(body, noise(1, 1 << 20));
    store.close().await;
    assert!(!log.exists());
}

#[tokio::test]
async fn the_disk_is_waited_for_also_where_the_writer_went_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    store.admin().set_packing(Packing::Plain).await.unwrap();
    let fails = |state: &mut WriterState| {
        state.checkpoints.sync = Sync(|_| Err(std::io::Error::other("a test's disk")));
        Ok(())
    };
    store.shared.run(fails).await.unwrap();
    // Each pass begins behind a commit, and others follow: that one of them falls into it does not take many.
    for id in 1..=500 {
        store.sink().append(vec![exchange(id, 1 << 20)]).await.unwrap();
        if store.shared.run(|state| Ok(state.checkpoints.keeps_log())).await.unwrap() {
            return;
        }
    }
    panic!("no pass waited for the disk");
}

#[tokio::test]
async fn a_kept_batch_whose_commit_survived_is_not_stored_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    // Nobody is told that it was committed.
    let survives = |state: &mut WriterState| {
        let gap = Gap { from: Timestamp(1), until: Timestamp(2), reason: GapReason::DiskFull, exchanges: 3 };
        let mut batch = state.partial.sort(vec![exchange(1, 10), Record::Gap(gap)])?;
        state.transaction(|connection| batch.write(connection, &mut Folder::default()))?;
        state.queue.first = Some(batch);
        Ok(())
    };
    store.shared.run(survives).await.unwrap();
    store.sink().append(Vec::new()).await.unwrap();
    store.sink().append(vec![exchange(2, 10)]).await.unwrap();
    assert_eq!((store.reader().count().await.unwrap(), store.reader().gaps(10).await.unwrap().len()), (2, 1));
}

#[tokio::test]
async fn a_commit_that_failed_and_yet_survived_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let guard = store.shared.writer.read().await;
    // Nobody is told that it was committed.
    let survives = |state: &mut WriterState| {
        let Record::Finished(open) = exchange(1, 0) else { unreachable!() };
        let open = Box::new(Exchange { state: State::Open, ..Exchange::clone(&open) });
        let mut batch = state.partial.sort(vec![Record::Opened(open)])?;
        state.transaction(|connection| batch.write(connection, &mut Folder::default()))
    };
    guard.as_ref().unwrap().run(survives).await.unwrap();
    drop(guard);

    store.sink().append(vec![exchange(1, 10), exchange(2, 10)]).await.unwrap();
    let list = store.reader().list(&Filter::default(), None, 10).await.unwrap();
    let found: Vec<_> = list.iter().map(|summary| (summary.id.0, summary.state)).collect();
    assert_eq!(found, [(2, State::Complete), (1, State::Complete)]);
}

#[tokio::test]
async fn pages_are_given_back_many_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    store.admin().set_packing(Packing::Plain).await.unwrap();
    store.sink().append((1..=100).map(|id| exchange(id, 100_000)).collect()).await.unwrap();
    store.admin().delete(ExchangeId(1)).await.unwrap();
    let vacuum = |state: &mut WriterState| {
        state.transaction(|connection| {
            let free = || connection.query_row("PRAGMA freelist_count", [], |row| row.get::<_, i64>(0));
            connection.execute("DELETE FROM body_rows", [])?;
            let before = free()?;
            crate::rows::deletion::vacuum(connection, 50)?;
            Ok(before - free()?)
        })
    };
    let guard = store.shared.writer.read().await;
    assert_eq!(guard.as_ref().unwrap().run(vacuum).await.unwrap(), 50);
}

#[tokio::test]
async fn an_exchange_whose_end_was_lost_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let Record::Finished(open) = exchange(1, 0) else { unreachable!() };
    let open = Box::new(Exchange { state: State::Open, ..Exchange::clone(&open) });
    store.sink().append(vec![Record::Opened(open)]).await.unwrap();
    let guard = store.shared.writer.read().await;
    let lost = |state: &mut WriterState| state.partial.sort(vec![exchange(1, 0)]).map(drop);
    guard.as_ref().unwrap().run(lost).await.unwrap();
    drop(guard);
    store.sink().append(vec![exchange(2, 0)]).await.unwrap();
    let found = store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap();
    assert_eq!(found.state, State::Interrupted);
}

#[tokio::test]
async fn an_exchange_whose_room_others_needed_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let Record::Finished(open) = exchange(1, 0) else { unreachable!() };
    let open = Box::new(Exchange { state: State::Open, ..Exchange::clone(&open) });
    let piece = |seq| Record::BodyPart {
        exchange: ExchangeId(1),
        direction: Direction::Response,
        seq,
        data: vec![7; 1000],
    };
    store.sink().append(vec![Record::Opened(open), piece(0)]).await.unwrap();
    // One that was never opened is none, and no obstacle.
    store
        .sink()
        .append(vec![piece(1), Record::Interrupted(ExchangeId(1)), Record::Interrupted(ExchangeId(9))])
        .await
        .unwrap();
    let found = store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap();
    assert_eq!(
        (found.state, found.response_body.stored, found.response_body.size),
        (State::Interrupted, 2000, 2000)
    );
    assert!(store.reader().exchange(ExchangeId(9)).await.unwrap().is_none());
    assert_eq!(store.reader().count().await.unwrap(), 1);
}

#[tokio::test]
async fn durability_outlives_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let synchronous = |state: &mut WriterState| {
        state.transaction(|connection| {
            Ok(connection.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0))?)
        })
    };
    assert_eq!(store.shared.run(synchronous).await.unwrap(), 1);
    store.admin().set_durability(Durability::Full).await.unwrap();
    assert_eq!(store.shared.run(synchronous).await.unwrap(), 2);
    let fails = |state: &mut WriterState| state.transaction(|_| Err::<(), _>(StoreError::DiskFull));
    store.shared.run(fails).await.unwrap_err();
    assert_eq!(store.shared.run(synchronous).await.unwrap(), 2, "of the connection that came after it");
}

#[tokio::test]
async fn work_that_can_wait_waits_for_a_full_disk_and_for_much_to_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    for first in [1, 3001] {
        store.sink().append((first..first + 3000).map(|id| exchange(id, 10)).collect()).await.unwrap();
    }
    let older = |state: &mut WriterState| {
        let older = "DELETE FROM holdings; INSERT INTO backfills (name, first, next, last) VALUES ('holders', 1, 4095, 4095)";
        state.connection().execute_batch(older)?;
        state.keeper.begin_anew();
        state.load.worked(1 << 20, 0);
        Ok(())
    };
    let limit = |state: &mut WriterState| {
        let is_full = "PRAGMA query_only = on";
        state.load = Load::new();
        // It looks again, and is not.
        state.checkpoints.seem_behind();
        Ok(state.connection().execute_batch(is_full)?)
    };
    let writer = store.shared.writer.read().await;
    writer.as_ref().unwrap().run(older).await.unwrap();
    let left = async || store.reader().backfills().await.unwrap().remove(0);
    assert!(!store.admin().backfill().await.unwrap());
    assert_eq!(left().await.held_up.as_deref(), Some("there is much to record"));
    writer.as_ref().unwrap().run(limit).await.unwrap();
    let refused = store.admin().backfill().await.unwrap_err();
    assert_eq!((left().await.done, left().await.held_up), (0, Some(refused.to_string())));
    assert!(store.admin().backfill().await.unwrap(), "it is tried again, over another connection");
    assert_eq!(
        store.reader().backfills().await.unwrap().iter().filter(|left| left.name == "holders").count(),
        0
    );
}
