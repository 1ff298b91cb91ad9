//! Opening, closing, crashing, and files that are not ours.

use std::fs;
use std::path::Path;

use dashcam_exchange::{ConnectionId, Direction, ExchangeId, LastIds, State, UpstreamConnectionId};
use dashcam_filter::Filter;
use dashcam_store::{ReadError, Store, StoreError};
use sqlx::{ConnectOptions, Connection};

use crate::samples::{finished, opened, part, place, plain, rich, store};

/// Copies what a crash leaves: the files as they are at this moment.
fn crash(from: &Path, to: &Path) {
    for ending in ["", "-wal"] {
        let name = |path: &Path| format!("{}{ending}", path.display());
        fs::copy(name(from), name(to)).unwrap();
    }
}

async fn execute(path: &Path, sql: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn what_is_stored_outlives_a_restart() {
    let (place, store) = store().await;
    store.sink().append(vec![finished(&rich(9))]).await.unwrap();
    store.clone().close().await;
    assert!(matches!(store.sink().append(Vec::new()).await, Err(StoreError::Closed)));
    assert!(matches!(store.reader().count().await, Err(ReadError::Unavailable(StoreError::Closed))));
    let wal = place.folder.path().join("dashcam.db-wal");
    assert!(!wal.exists(), "a clean end leaves one file");

    let store = Store::open(&place.path).await.unwrap();
    assert_eq!(
        store.reader().last_ids().await.unwrap(),
        LastIds {
            exchange: ExchangeId(9),
            connection: ConnectionId(7),
            upstream_connection: UpstreamConnectionId(9)
        }
    );
    assert_eq!(store.reader().count().await.unwrap(), 1);
    assert!(store.reader().size().await.unwrap() > 32 << 10);
}

#[tokio::test]
async fn what_was_deleted_before_a_crash_is_overwritten_after_it() {
    const SECRET: &[u8] = b"a secret that is in no other sample";
    let (place, store) = store().await;
    let records = vec![opened(&rich(2)), part(2, 0, SECRET), finished(&rich(2))];
    store.sink().append(records).await.unwrap();
    // As long as somebody reads, the log can't be emptied.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(store.path()).read_only(true);
    let mut reader = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN; SELECT * FROM meta").execute(&mut reader).await.unwrap();
    assert!(store.admin().delete(ExchangeId(2)).await.unwrap());
    let after = place.folder.path().join("after.db");
    crash(&place.path, &after);
    reader.close().await.unwrap();
    let holds = || {
        [after.clone(), after.with_extension("db-wal")].iter().any(|path| {
            let bytes = fs::read(path).unwrap_or_default();
            bytes.windows(SECRET.len()).any(|window| window == SECRET)
        })
    };
    assert!(holds());
    let store = Store::open(&after).await.unwrap();
    store.admin().retain().await.unwrap();
    assert!(!holds());
}

#[tokio::test]
async fn a_crash_interrupts_what_was_open() {
    let (place, store) = store().await;
    let records = vec![finished(&plain(1)), opened(&plain(2)), part(2, 0, b"abc"), part(3, 0, b"no row yet")];
    store.sink().append(records).await.unwrap();
    let mut more = plain(4);
    (more.request_body.size, more.response_body.size) = (0, 5000);
    store.sink().append(vec![opened(&more), part(4, 0, b"stored")]).await.unwrap();
    let after = place.folder.path().join("after.db");
    crash(&place.path, &after);

    let store = Store::open(&after).await.unwrap();
    assert_eq!(store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap().state, State::Complete);
    let open = store.reader().exchange(ExchangeId(2)).await.unwrap().unwrap();
    assert_eq!((open.state, open.response_body.stored, open.response_body.size), (State::Interrupted, 3, 3));
    assert!(!open.response_body.truncated);
    let open = store.reader().exchange(ExchangeId(4)).await.unwrap().unwrap();
    assert_eq!((open.response_body.stored, open.response_body.size), (6, 5000));
    assert_eq!((open.request_body.truncated, open.response_body.truncated), (false, true));
    assert_eq!(
        store.reader().body(ExchangeId(3), Direction::Response, None).await.unwrap(),
        b"",
        "nobody would find it"
    );
    assert_eq!(store.reader().last_ids().await.unwrap().exchange, ExchangeId(4), "their numbers are used up");
}

#[tokio::test]
async fn a_second_writer_is_told() {
    let (place, first) = store().await;
    let second = Store::open(&place.path).await;
    assert!(matches!(second, Err(StoreError::Locked { .. })));
    first.close().await;
    Store::open(&place.path).await.unwrap();
}

#[tokio::test]
async fn readers_beside_a_writer_and_after_it() {
    let (place, store) = store().await;
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    let reader = Store::open_read_only(&place.path).await.unwrap();
    assert_eq!(reader.reader().count().await.unwrap(), 1);
    store.sink().append(vec![finished(&plain(2))]).await.unwrap();
    assert_eq!(reader.reader().list(&Filter::default(), None, 9).await.unwrap().len(), 2);
    assert!(matches!(reader.sink().append(Vec::new()).await, Err(StoreError::Closed)));
    reader.close().await;
    store.close().await;

    let reader = Store::open_read_only(&place.path).await.unwrap();
    assert_eq!(reader.reader().exchange(ExchangeId(2)).await.unwrap(), Some(plain(2)));
    reader.close().await;
    Store::open(&place.path).await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_left_as_it_is() {
    let (place, store) = store().await;
    store.close().await;
    execute(
        &place.path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', 1, x'00', 1)",
    )
    .await;
    let before = fs::read(&place.path).unwrap();
    let refused = Store::open(&place.path).await.err().unwrap();
    assert!(matches!(refused, StoreError::Newer { found: 9999, .. }), "{refused}");
    assert!(matches!(Store::open_read_only(&place.path).await, Err(StoreError::Newer { .. })));
    assert!(fs::read(&place.path).unwrap() == before);
}

#[tokio::test]
async fn files_of_others_are_left_as_they_are() {
    let place = place();
    fs::write(&place.path, "Dear diary, this is no database at all.").unwrap();
    assert!(matches!(Store::open(&place.path).await, Err(StoreError::NotADatabase { .. })));
    assert!(matches!(Store::open_read_only(&place.path).await, Err(StoreError::NotADatabase { .. })));
    assert_eq!(fs::read(&place.path).unwrap(), b"Dear diary, this is no database at all.");

    let other = place.folder.path().join("other.db");
    execute(&other, "CREATE TABLE recipes (name TEXT)").await;
    let before = fs::read(&other).unwrap();
    assert!(matches!(Store::open(&other).await, Err(StoreError::Foreign { .. })));
    assert!(fs::read(&other).unwrap() == before);
}

#[tokio::test]
async fn paths_that_lead_nowhere() {
    let place = place();
    assert!(matches!(Store::open_read_only(&place.path).await, Err(StoreError::Missing { .. })));
    assert!(!place.path.exists());
    let nowhere = place.folder.path().join("no/such/folder.db");
    assert!(matches!(Store::open(&nowhere).await, Err(StoreError::Unwritable { .. })));
    assert!(matches!(Store::open(place.folder.path()).await, Err(StoreError::Unwritable { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (place, store) = store().await;
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    for ending in ["", ".lock", "-wal", "-shm"] {
        let file = fs::metadata(format!("{}{ending}", place.path.display())).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{ending}");
    }
}
