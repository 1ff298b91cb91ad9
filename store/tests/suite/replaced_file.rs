//! The database's file is deleted or replaced while it is written.

use std::fs;
use std::path::Path;

use dashcam_exchange::{Direction, ExchangeId, GapReason, LastIds, State, Timestamp};
use dashcam_filter::Filter;
use dashcam_store::{Packing, SettingsChange, Store, StoreError};
use sqlx::{ConnectOptions, Connection};

use crate::samples;
use crate::samples::noise::noise;
use crate::samples::{finished, message, opened, part, plain, rich, store};

async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list(&Filter::default(), None, 100).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

/// Deletes the file alone, as who tidies up by hand.
fn delete(path: &Path) {
    fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn where_the_file_was_deleted_a_new_one_is_begun() {
    let (place, store) = store().await;
    let settings = SettingsChange {
        at: Timestamp(1),
        who: "page".into(),
        to: serde_json::json!({"level": "metadata"}),
        ..SettingsChange::default()
    };
    store.admin().append_settings(&settings).await.unwrap();
    store.sink().append(vec![finished(&rich(41))]).await.unwrap();
    assert_eq!(ids(&store).await, [41]);
    delete(&place.path);
    store.sink().append(vec![finished(&plain(42))]).await.unwrap();

    assert_eq!(ids(&store).await, [42], "readers follow");
    assert_eq!(store.reader().count().await.unwrap(), 1);
    assert_eq!(
        store.reader().settings().await.unwrap(),
        Some(settings.to.clone()),
        "the settings outlive it"
    );
    let gaps = store.reader().gaps(10).await.unwrap();
    assert_eq!((gaps.len(), gaps[0].reason, gaps[0].exchanges), (1, GapReason::DiskError, 0));
    assert!(gaps[0].from < gaps[0].until);

    store.sink().append(vec![finished(&plain(43))]).await.unwrap();
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    assert_eq!(ids(&store).await, [43, 42]);
    let LastIds { exchange, connection, upstream_connection } = store.reader().last_ids().await.unwrap();
    assert_eq!((exchange.0, connection.0, upstream_connection.0), (43, 7, 9), "no number is used twice");
}

#[tokio::test]
async fn without_traffic_it_is_noticed_too() {
    let (place, store) = store().await;
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    delete(&place.path);
    store.admin().retain().await.unwrap();
    assert_eq!(ids(&store).await, Vec::<i64>::new());
    assert!(place.path.exists());
}

#[tokio::test]
async fn what_is_moved_away_is_whole_there() {
    let (place, store) = store().await;
    store.sink().append((1..=50).map(|id| finished(&rich(id))).collect()).await.unwrap();
    let away = place.folder.path().join("away.db");
    fs::rename(&place.path, &away).unwrap();
    store.sink().append(vec![finished(&plain(51))]).await.unwrap();
    assert_eq!(ids(&store).await, [51]);
    let moved = Store::open(&away).await.unwrap();
    assert_eq!(ids(&moved).await.len(), 50);
    moved.close().await;
    store.sink().append(vec![finished(&plain(52))]).await.unwrap();
    assert_eq!(ids(&store).await, [52, 51]);
}

#[tokio::test]
async fn what_is_moved_away_while_its_log_is_long_is_whole_there() {
    let (place, store) = store().await;
    store.admin().set_packing(Packing::Plain).await.unwrap();
    // Behind the 16th a pass over the log begins, which is under way when the file goes.
    for id in 1..=18 {
        let mut exchange = plain(id);
        exchange.response_body.rest = noise(id, 2 << 20);
        (exchange.response_body.stored, exchange.response_body.size) = (2 << 20, 2 << 20);
        store.sink().append(vec![finished(&exchange)]).await.unwrap();
    }
    let away = place.folder.path().join("away.db");
    fs::rename(&place.path, &away).unwrap();
    store.sink().append(vec![finished(&plain(19))]).await.unwrap();
    assert_eq!(ids(&store).await, [19]);
    let moved = Store::open(&away).await.unwrap();
    let body = moved.reader().body(ExchangeId(18), Direction::Response, None).await.unwrap();
    assert_eq!((ids(&moved).await.len(), body), (18, noise(18, 2 << 20)));
    moved.close().await;
}

#[tokio::test]
async fn a_file_that_is_put_back_is_gone_on_with() {
    let (place, store) = store().await;
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    let folder = place.folder.path();
    let away = folder.join("away");
    fs::create_dir(&away).unwrap();
    for file in ["dashcam.db", "dashcam.db-wal", "dashcam.db-shm"] {
        fs::rename(folder.join(file), away.join(file)).unwrap();
    }
    for file in ["dashcam.db", "dashcam.db-wal", "dashcam.db-shm"] {
        fs::rename(away.join(file), folder.join(file)).unwrap();
    }
    store.sink().append(vec![finished(&plain(2))]).await.unwrap();
    assert_eq!(ids(&store).await, [2, 1]);
}

#[tokio::test]
async fn what_was_under_way_is_cut_where_the_old_file_had_its_beginning() {
    let (place, store) = store().await;
    let begun = vec![opened(&rich(1)), part(1, 0, b"first"), part(2, 0, b"no row yet")];
    store.sink().append(begun).await.unwrap();
    store
        .sink()
        .append(vec![opened(&rich(3)), dashcam_exchange::Record::Message(Box::new(message(3, 0)))])
        .await
        .unwrap();
    delete(&place.path);
    // The first is whole in this batch but for its first piece; of the fourth nothing was stored before.
    let last = vec![
        part(1, 1, b"second"),
        finished(&rich(1)),
        part(2, 1, b"more"),
        opened(&rich(4)),
        part(4, 0, b"resp"),
    ];
    store.sink().append(last).await.unwrap();
    store
        .sink()
        .append(vec![part(2, 2, b"and more"), finished(&rich(2)), finished(&rich(3)), finished(&rich(4))])
        .await
        .unwrap();

    assert_eq!(ids(&store).await, [4, 3, 2, 1]);
    assert_eq!(store.reader().count().await.unwrap(), 4);
    for id in [1, 2] {
        let body = store.reader().exchange(ExchangeId(id)).await.unwrap().unwrap().response_body;
        assert_eq!((body.stored, body.truncated), (0, true), "{id}");
        assert_eq!(
            store.reader().body(ExchangeId(id), Direction::Response, None).await.unwrap(),
            b"",
            "{id}"
        );
    }
    assert!(
        store.reader().exchange(ExchangeId(3)).await.unwrap().unwrap().request_body.truncated,
        "a message is missing"
    );
    let whole = store.reader().exchange(ExchangeId(4)).await.unwrap().unwrap();
    assert_eq!((whole.state, whole.response_body.truncated), (State::Failed, false));
}

#[tokio::test]
async fn an_older_copy_is_taken() {
    let (place, store) = store().await;
    store.sink().append(vec![finished(&plain(1)), opened(&rich(2)), part(2, 0, b"piece")]).await.unwrap();
    let (copy, copied) = (place.folder.path().join("copy.db"), place.path.clone());
    backup(&copied, &copy);
    store.sink().append((3..30).map(|id| finished(&plain(id))).collect()).await.unwrap();
    fs::rename(&copy, &place.path).unwrap();
    store.sink().append(vec![part(2, 1, b"more"), finished(&plain(30))]).await.unwrap();
    store.sink().append(vec![finished(&rich(2)), finished(&plain(31))]).await.unwrap();
    assert_eq!(ids(&store).await, [31, 30, 2, 1]);
    assert_eq!(store.reader().count().await.unwrap(), 4);
    let again = store.reader().exchange(ExchangeId(2)).await.unwrap().unwrap().response_body;
    assert_eq!((again.stored, again.truncated), (0, true));
    store.close().await;
    assert_eq!(ids(&Store::open(&place.path).await.unwrap()).await, [31, 30, 2, 1]);
}

fn backup(from: &Path, to: &Path) {
    for ending in ["", "-wal"] {
        fs::copy(format!("{}{ending}", from.display()), format!("{}{ending}", to.display())).unwrap();
    }
    // As one file.
    let connection = rusqlite::Connection::open(to).unwrap();
    connection.execute_batch("PRAGMA journal_mode = delete").unwrap();
}

#[tokio::test]
async fn what_can_not_be_taken_is_left_alone_until_it_is_gone() {
    let (place, store) = store().await;
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    let (other, ahead) = samples::store().await;
    ahead.sink().append(vec![finished(&plain(1000))]).await.unwrap();
    ahead.close().await;

    delete(&place.path);
    fs::write(&place.path, "Dear diary, this is no database at all.").unwrap();
    let refused = store.sink().append(vec![finished(&plain(2))]).await.unwrap_err();
    assert!(matches!(&refused, StoreError::NotADatabase { .. }), "{refused}");
    assert_eq!(fs::read(&place.path).unwrap(), b"Dear diary, this is no database at all.");
    assert!(refused.keeps_batch());

    fs::rename(&other.path, &place.path).unwrap();
    let refused = store.sink().append(Vec::new()).await.unwrap_err();
    assert!(matches!(&refused, StoreError::Ahead { found: 1000 }), "{refused}");
    delete(&place.path);
    store.sink().append(Vec::new()).await.unwrap();
    assert_eq!(ids(&store).await, [2], "what was refused was kept");
}

#[tokio::test]
async fn a_folder_that_is_gone_is_waited_for() {
    let place = samples::place();
    let folder = place.folder.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let path = folder.join("dashcam.db");
    let store = Store::open(&path).await.unwrap();
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let refused = store.sink().append(vec![finished(&plain(2))]).await.unwrap_err();
    assert!(refused.keeps_batch() && refused.to_string().contains("dashcam.db"), "{refused}");
    assert_eq!(refused.gap_reason(), GapReason::DiskError);
    assert!(store.sink().append(Vec::new()).await.is_err());
    fs::create_dir(&folder).unwrap();
    store.sink().append(Vec::new()).await.unwrap();
    assert_eq!(ids(&store).await, [2]);
    assert!(matches!(Store::open(&path).await, Err(StoreError::Locked { .. })), "nobody else writes there");
}

#[tokio::test]
async fn a_file_that_is_busy_is_taken_later() {
    let (place, store) = store().await;
    store.sink().append(vec![opened(&rich(2)), part(2, 0, b"resp")]).await.unwrap();
    let copy = place.folder.path().join("copy.db");
    Store::open(&copy).await.unwrap().close().await;
    fs::rename(&copy, &place.path).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path);
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let refused = store.sink().append(vec![finished(&rich(2))]).await.unwrap_err();
    assert!(refused.keeps_batch(), "{refused}");
    other.close().await.unwrap();

    store.sink().append(Vec::new()).await.unwrap();
    assert_eq!(ids(&store).await, [2], "readers follow");
    let read = store.reader().exchange(ExchangeId(2)).await.unwrap().unwrap();
    assert!(read.response_body.truncated, "its beginning was in the other file");
    assert_eq!(store.reader().body(ExchangeId(2), Direction::Response, None).await.unwrap(), b"");
    assert_eq!(store.reader().gaps(10).await.unwrap().len(), 1);
}
