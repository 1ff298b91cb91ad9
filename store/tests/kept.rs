//! Kept databases of every schema so far (`kept/`) are brought up to date with all that is in them.

#![allow(clippy::unwrap_used)] // tests and what they share

mod samples;

use std::io::Read as _;
use std::path::Path;

use dashcam_exchange::{
    ConnectionId, Direction, ExchangeId, GapReason, State, TextFilter, UpstreamConnectionId, Version,
};
use dashcam_store::{Store, StoreError};
use flate2::read::GzDecoder;
use samples::{finished, place, plain};

const KEPT: [(i64, &[u8]); 3] = [
    (1, include_bytes!("kept/schema-1.db.gz")),
    (2, include_bytes!("kept/schema-2.db.gz")),
    (3, include_bytes!("kept/schema-3.db.gz")),
];

fn unpack(kept: &[u8], path: &Path) {
    let mut database = Vec::new();
    GzDecoder::new(kept).read_to_end(&mut database).unwrap();
    std::fs::write(path, database).unwrap();
}

#[tokio::test]
async fn every_schema_so_far_keeps_its_data() {
    for (schema, kept) in KEPT {
        let place = place();
        unpack(kept, &place.path);
        match Store::open_read_only(&place.path).await {
            Err(StoreError::Older { found, .. }) => assert_eq!(found, schema),
            other => assert!(schema == KEPT.len() as i64 && other.is_ok(), "schema {schema}: {other:?}"),
        }
        let store = Store::open(&place.path).await.unwrap();
        check(&store, schema).await;
        store.append(vec![finished(&plain(13))]).await.unwrap();
        let list = store.list(&TextFilter::default(), None, 10).await.unwrap();
        let found: Vec<_> = list.iter().map(|summary| (summary.id.0, summary.state)).collect();
        let eighth = if schema == 3 { State::Failed } else { State::Complete };
        assert_eq!(found, [(13, State::Complete), (9, State::Interrupted), (8, eighth)], "schema {schema}");
        assert_eq!(store.count().await.unwrap(), 3, "schema {schema}");
        store.close().await;
        let sound: String = rusqlite::Connection::open(&place.path)
            .unwrap()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok", "schema {schema}");
    }
}

async fn check(store: &Store, schema: i64) {
    assert_eq!(store.last_ids().await.unwrap().exchange, ExchangeId(12), "schema {schema}");
    assert_eq!(store.body(ExchangeId(8), Direction::Response, None).await.unwrap(), b"body");
    assert_eq!(store.message_count(ExchangeId(8)).await.unwrap(), 1);
    let gap = store.gaps(10).await.unwrap().remove(0);
    assert_eq!((gap.from.0, gap.until.0, gap.reason, gap.exchanges), (1, 2, GapReason::DiskFull, 3));
    let change = store.settings_history(1).await.unwrap().remove(0);
    assert_eq!((change.who.as_str(), change.why.as_deref()), ("page", Some("because")));
    assert_eq!(change.to["level"], "metadata");
    assert!(store.connection(ConnectionId(3)).await.unwrap().unwrap().tls.is_some());
    let exchange = store.exchange(ExchangeId(8)).await.unwrap().unwrap();
    assert_eq!(exchange.request.version, Version::Http2);
    assert_eq!(exchange.request_sent.is_some(), schema >= 2, "heads as sent came with schema 2");
    if schema == 2 {
        let upstream = store.upstream_connection(UpstreamConnectionId(5)).await.unwrap().unwrap();
        assert_eq!((upstream.destination.as_str(), upstream.connect_us), ("a:443", Some(2)));
        assert_eq!(exchange.upstream.unwrap().connection, Some(UpstreamConnectionId(5)));
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_not_a_byte_is_changed() {
    let place = place();
    unpack(KEPT[2].1, &place.path);
    let connection = rusqlite::Connection::open(&place.path).unwrap();
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'later', 1, x'00', 1)";
    connection.execute(later, []).unwrap();
    connection.close().unwrap();
    let before = std::fs::read(&place.path).unwrap();
    for _ in 0..2 {
        assert!(matches!(Store::open(&place.path).await, Err(StoreError::Newer { found: 9999, .. })));
        assert!(std::fs::read(&place.path).unwrap() == before);
    }
}
