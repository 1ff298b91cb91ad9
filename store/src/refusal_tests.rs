//! The recorder and a snapshot, while the disk refuses what both have.

use std::sync::Arc;

use dashcam_exchange::Timestamp;
use dashcam_filter::Filter;

use crate::fault_tests::{exchange, fill_disk};
use crate::state::WriterState;
use crate::{Snapshot, Store};

/// A store, and the number of a snapshot in it.
async fn store_with_snapshot() -> (tempfile::TempDir, Store, i64) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    let snapshot = Snapshot { name: "s".to_owned(), ..Snapshot::default() };
    let id = store.admin().put_snapshot(snapshot).await.unwrap().unwrap();
    (folder, store, id)
}

/// The disk takes nothing until the writer has got another connection.
async fn refuse(store: &Store) {
    let refuse = |state: &mut WriterState| {
        state.transaction(|_| Ok(()))?;
        Ok(state.connection().execute_batch("PRAGMA query_only = on")?)
    };
    store.shared.run(refuse).await.unwrap();
}

async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list(&Filter::default(), None, 100).await.unwrap();
    list.iter().rev().map(|summary| summary.id.0).collect()
}

#[tokio::test]
async fn the_recorder_and_a_snapshot_that_a_disk_refuses_keep_what_they_have() {
    let (_folder, store, id) = store_with_snapshot().await;
    let sink = store.sink();
    let add = |records| sink.append_to_snapshot(id, records, Vec::new(), Timestamp(1));
    refuse(&store).await;
    assert!(sink.append(vec![exchange(1, 10)]).await.unwrap_err().keeps_batch());
    refuse(&store).await;
    assert!(add(vec![exchange(2, 10)]).await.unwrap_err().keeps_batch());
    sink.append(Vec::new()).await.unwrap();
    add(Vec::new()).await.unwrap();
    assert_eq!(ids(&store).await, [1, 2]);
    refuse(&store).await;
    assert!(add(vec![exchange(3, 10)]).await.unwrap_err().keeps_batch());
    refuse(&store).await;
    assert!(sink.append(vec![exchange(4, 10)]).await.unwrap_err().keeps_batch());
    refuse(&store).await;
    assert!(sink.append(Vec::new()).await.unwrap_err().keeps_batch());
    add(Vec::new()).await.unwrap();
    sink.append(Vec::new()).await.unwrap();
    assert_eq!(ids(&store).await, [1, 2, 3, 4]);
    assert_eq!(store.reader().snapshot("s").await.unwrap().unwrap().exchanges, 2);
}

#[tokio::test]
async fn a_batch_that_is_lost_while_it_waits_is_told_to_the_one_who_brought_it() {
    let (_folder, store, id) = store_with_snapshot().await;
    fill_disk(&store).await;
    let sink = store.sink();
    let add = |records| sink.append_to_snapshot(id, records, Vec::new(), Timestamp(1));
    assert!(add(vec![exchange(3, 1_000_000), exchange(4, 10)]).await.unwrap_err().keeps_batch());
    // Nothing takes it from now on.
    let spoil = |state: &mut WriterState| {
        let rows = &mut state.queue.first.as_mut().unwrap().exchanges;
        rows[1].exchange = Arc::clone(&rows[0].exchange);
        Ok(())
    };
    store.shared.run(spoil).await.unwrap();
    sink.append(vec![exchange(2, 10)]).await.unwrap();
    assert!(!add(Vec::new()).await.unwrap_err().keeps_batch());
    add(Vec::new()).await.expect("it is told once");
    assert_eq!(ids(&store).await, [2]);
}
