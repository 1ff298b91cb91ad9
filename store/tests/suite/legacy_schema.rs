//! The work of `dashcam db` on recordings of older dashcams.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use dashcam_exchange::{Direction, ExchangeId, Timestamp};
use dashcam_store::{Store, maintenance};
use flate2::read::GzDecoder;

use crate::samples::place;

/// Of every schema but today's.
const OLDER: [(i64, &[u8]); 20] = [
    (1, include_bytes!("../kept/schema-1.db.gz")),
    (2, include_bytes!("../kept/schema-2.db.gz")),
    (3, include_bytes!("../kept/schema-3.db.gz")),
    (4, include_bytes!("../kept/schema-4.db.gz")),
    (5, include_bytes!("../kept/schema-5.db.gz")),
    (6, include_bytes!("../kept/schema-6.db.gz")),
    (7, include_bytes!("../kept/schema-7.db.gz")),
    (8, include_bytes!("../kept/schema-8.db.gz")),
    (9, include_bytes!("../kept/schema-9.db.gz")),
    (10, include_bytes!("../kept/schema-10.db.gz")),
    (11, include_bytes!("../kept/schema-11.db.gz")),
    (12, include_bytes!("../kept/schema-12.db.gz")),
    (13, include_bytes!("../kept/schema-13.db.gz")),
    (14, include_bytes!("../kept/schema-14.db.gz")),
    (15, include_bytes!("../kept/schema-15.db.gz")),
    (16, include_bytes!("../kept/schema-16.db.gz")),
    (17, include_bytes!("../kept/schema-17.db.gz")),
    (18, include_bytes!("../kept/schema-18.db.gz")),
    (19, include_bytes!("../kept/schema-19.db.gz")),
    (20, include_bytes!("../kept/schema-20.db.gz")),
];
const PAGE: u64 = 32_768;

fn unpack(kept: &[u8], path: &Path) -> Vec<u8> {
    let mut database = Vec::new();
    GzDecoder::new(kept).read_to_end(&mut database).unwrap();
    std::fs::write(path, &database).unwrap();
    database
}

fn change(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.close().unwrap();
}

fn schema(path: &Path) -> i64 {
    maintenance::info(path).unwrap().schema
}

#[test]
fn looking_changes_nothing() {
    for (schema, kept) in OLDER {
        let place = place();
        let before = unpack(kept, &place.path);
        let info = maintenance::info(&place.path).unwrap();
        assert_eq!((info.schema, info.exchanges, info.open, info.messages), (schema, 2, 1, 1));
        assert_eq!((info.pinned, info.gaps.len()), (u64::from(schema >= 4), 1), "schema {schema}");
        let checked = maintenance::check(&place.path, true).unwrap();
        assert!(!checked.is_damaged(), "{checked:?}");
        // In that of schema 3, and so in 4, which was made of it, a body is shorter than its exchange says.
        assert_eq!(checked.problems.is_empty(), ![3, 4].contains(&schema), "schema {schema}: {checked:?}");
        assert!(std::fs::read(&place.path).unwrap() == before, "schema {schema}");
    }
}

#[tokio::test]
async fn what_needs_no_mending_stays_what_it_was() {
    let place = place();
    let before = unpack(OLDER[0].1, &place.path);
    assert_eq!(maintenance::repair(&place.path).await.unwrap().done, [""; 0]);
    maintenance::vacuum(&place.path).unwrap();
    assert_eq!(schema(&place.path), 1);
    assert!(std::fs::read(&place.path).unwrap() == before);
}

#[tokio::test]
async fn unused_pages_are_given_back() {
    let place = place();
    unpack(OLDER[1].1, &place.path);
    let much = "CREATE TABLE much (data BLOB); INSERT INTO much VALUES (zeroblob(3000000)); DROP TABLE much";
    change(&place.path, much);
    let vacuumed = maintenance::vacuum(&place.path).unwrap();
    assert!(vacuumed.after + 2_900_000 < vacuumed.before, "{vacuumed:?}");
    assert_eq!(schema(&place.path), 2);
}

#[tokio::test]
async fn mending_brings_them_up_to_date() {
    for (older, kept) in OLDER {
        let place = place();
        unpack(kept, &place.path);
        change(&place.path, "UPDATE meta SET exchanges = 7");
        let repaired = maintenance::repair(&place.path).await.unwrap();
        assert!(repaired.done[0].contains("an older dashcam's"), "{:?}", repaired.done);
        assert_eq!(maintenance::check(&place.path, true).unwrap().problems, [], "schema {older}");
        assert_eq!(schema(&place.path), 21, "a new schema has its line in `OLDER`");
        let store = Store::open_read_only(&place.path).await.unwrap();
        assert_eq!(store.reader().count().await.unwrap(), 2, "schema {older}");
        store.close().await;
    }
}

#[tokio::test]
async fn what_can_be_read_of_a_damaged_one_is_copied() {
    for (older, kept) in OLDER {
        let place = place();
        unpack(kept, &place.path);
        let connection = rusqlite::Connection::open(&place.path).unwrap();
        let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'messages'";
        let root: u64 =
            connection.query_row(root, [], |row| row.get::<_, i64>(0)).unwrap().try_into().unwrap();
        connection.close().unwrap();
        let mut file = std::fs::OpenOptions::new().write(true).open(&place.path).unwrap();
        file.seek(SeekFrom::Start((root - 1) * PAGE)).unwrap();
        file.write_all(&[0x5a; PAGE as usize]).unwrap();
        let repaired = maintenance::repair(&place.path).await.unwrap();
        assert_eq!((repaired.damaged.is_some(), repaired.lost), (true, 0), "schema {older}: {repaired:?}");
        assert_eq!(maintenance::check(&place.path, true).unwrap().problems, [], "schema {older}");
        let store = Store::open(&place.path).await.unwrap();
        assert_eq!(store.reader().count().await.unwrap(), 2, "schema {older}");
        assert_eq!(store.reader().body(ExchangeId(8), Direction::Response, None).await.unwrap(), b"body");
        assert_eq!(store.reader().message_count(ExchangeId(8)).await.unwrap(), 0, "schema {older}");
        assert_eq!(
            store.reader().gaps(10).await.unwrap().last().unwrap().until,
            Timestamp(2),
            "schema {older}"
        );
        assert_eq!(store.reader().is_pinned(ExchangeId(8)).await.unwrap(), older >= 4);
        store.close().await;
    }
}
