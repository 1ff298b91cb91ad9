//! The write-ahead log is brought into the database while the writer goes on, and starts over.

use std::fs;

use dashcam_exchange::ExchangeId;
use dashcam_filter::Filter;
use dashcam_store::{Packing, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _};

use crate::samples::noise::noise;
use crate::samples::{Place, finished, place, plain};

const MIB: u64 = 1 << 20;

/// Appends exchanges of 2 MiB each, one at a time.
async fn append(store: &Store, ids: std::ops::Range<i64>) {
    let body = noise(0, 2 << 20);
    for id in ids {
        let mut exchange = plain(id);
        exchange.response_body.rest.clone_from(&body);
        (exchange.response_body.stored, exchange.response_body.size) = (2 * MIB, 2 * MIB);
        store.sink().append(vec![finished(&exchange)]).await.unwrap();
    }
}

/// Bytes of the log; it only gets shorter when it starts over.
fn length(place: &Place) -> u64 {
    fs::metadata(place.path.with_extension("db-wal")).unwrap().len()
}

async fn opened() -> (Place, Store) {
    let place = place();
    let store = Store::open(&place.path).await.unwrap();
    store.admin().set_packing(Packing::Plain).await.unwrap();
    (place, store)
}

#[tokio::test]
async fn the_log_stays_short_however_much_is_written() {
    let (place, store) = opened().await;
    append(&store, 1..200).await;
    // A pass begins at 31 MiB; where the disk is slow the log grows to 250 before the writer waits.
    assert!(length(&place) < 280 * MIB, "{}", length(&place));
    assert!(fs::metadata(&place.path).unwrap().len() > 100 * MIB);
    store.close().await;
    assert!(!place.path.with_extension("db-wal").exists());
    assert!(fs::metadata(&place.path).unwrap().len() > 398 * MIB);
}

#[tokio::test]
async fn a_reader_holds_it_up_only_while_it_reads() {
    let (place, store) = opened().await;
    append(&store, 1..2).await;
    let mut reader = SqliteConnectOptions::new().filename(&place.path).connect().await.unwrap();
    reader.execute("BEGIN; SELECT count(*) FROM exchange_rows").await.unwrap();
    append(&store, 2..150).await;
    let held = length(&place);
    assert!(held > 296 * MIB, "{held}");
    reader.execute("COMMIT").await.unwrap();
    append(&store, 150..200).await;
    // It started over, and was cut to what it may have at rest.
    assert!(length(&place) < held / 2, "{} after {held}", length(&place));
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 1000).await.unwrap();
    assert_eq!(list.len(), 199);
    store.close().await;
}
