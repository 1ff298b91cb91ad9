//! Kept databases of every schema so far (`kept/`) are read, and brought up to date, with all that is in them.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use dashcam_exchange::{
    Arrival, ConnectionEnd, ConnectionId, Direction, ExchangeId, GapReason, MessageCoding, Redaction,
    Runtime, SealId, State, StoredAs, Timestamp, UpstreamConnectionId, Version,
};
use dashcam_filter::Filter;
use dashcam_store::{AuditFilter, ChangeKind, Store, StoreError};
use flate2::read::GzDecoder;

use crate::samples::{body, filter, finished, place, plain};

pub(crate) const KEPT: [(i64, &[u8]); 21] = [
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
    (21, include_bytes!("../kept/schema-21.db.gz")),
];

pub(crate) fn unpack(kept: &[u8], path: &Path) {
    let mut database = Vec::new();
    GzDecoder::new(kept).read_to_end(&mut database).unwrap();
    std::fs::write(path, database).unwrap();
}

/// Exchanges in a list, with their states.
async fn listed(store: &Store) -> Vec<(i64, State)> {
    let list = store.reader().list(&Filter::default(), None, 10).await.unwrap();
    list.iter().map(|summary| (summary.id.0, summary.state)).collect()
}

/// The state of exchange 8.
fn eighth(schema: i64) -> State {
    if schema >= 3 { State::Failed } else { State::Complete }
}

#[tokio::test]
async fn every_schema_so_far_keeps_its_data() {
    for (schema, kept) in KEPT {
        let place = place();
        unpack(kept, &place.path);
        let store = Store::open(&place.path).await.unwrap();
        check(&store, schema).await;
        store.sink().append(vec![finished(&plain(13))]).await.unwrap();
        let expect = [(13, State::Complete), (9, State::Interrupted), (8, eighth(schema))];
        assert_eq!(listed(&store).await, expect, "schema {schema}");
        assert_eq!(store.reader().count().await.unwrap(), 3, "schema {schema}");
        store.close().await;
        let sound: String = rusqlite::Connection::open(&place.path)
            .unwrap()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(sound, "ok", "schema {schema}");
    }
}

#[tokio::test]
async fn every_schema_so_far_is_read_and_not_a_byte_is_changed() {
    for (schema, kept) in KEPT {
        let place = place();
        unpack(kept, &place.path);
        let before = std::fs::read(&place.path).unwrap();
        let store = Store::open_read_only(&place.path).await.unwrap();
        check(&store, schema).await;
        assert_eq!(listed(&store).await, [(9, State::Open), (8, eighth(schema))], "schema {schema}");
        let url = if schema >= 3 { "https://[::1]:8443/" } else { "https://a/b" };
        assert_eq!(store.reader().list(&filter(url), None, 10).await.unwrap().len(), 1, "schema {schema}");
        assert_eq!(store.reader().kept().await.unwrap().pinned, u64::from(schema >= 4), "schema {schema}");
        store.close().await;
        assert!(std::fs::read(&place.path).unwrap() == before, "schema {schema}");
    }
}

#[tokio::test]
async fn who_reads_an_older_one_sees_what_is_recorded_to_it_since() {
    for (schema, kept) in KEPT {
        let place = place();
        unpack(kept, &place.path);
        let reader = Store::open_read_only(&place.path).await.unwrap();
        check(&reader, schema).await;
        let store = Store::open(&place.path).await.unwrap();
        let mut exchange = plain(13);
        exchange.response_body = body(&["new"], None);
        store.sink().append(vec![finished(&exchange)]).await.unwrap();
        assert!(store.admin().pin(ExchangeId(13), Timestamp(1)).await.unwrap());
        assert_eq!(reader.reader().body(ExchangeId(13), Direction::Response, None).await.unwrap(), b"new");
        assert!(reader.reader().is_pinned(ExchangeId(13)).await.unwrap(), "schema {schema}");
        let expect = [(13, State::Complete), (9, State::Interrupted), (8, eighth(schema))];
        assert_eq!(listed(&reader).await, expect, "schema {schema}");
        store.close().await;
    }
}

async fn check(store: &Store, schema: i64) {
    assert_eq!(store.reader().last_ids().await.unwrap().exchange, ExchangeId(12), "schema {schema}");
    assert_eq!(store.reader().body(ExchangeId(8), Direction::Response, None).await.unwrap(), b"body");
    assert_eq!(store.reader().message_count(ExchangeId(8)).await.unwrap(), 1);
    let message = store.reader().messages(ExchangeId(8), None, 10).await.unwrap().remove(0);
    match schema {
        6.. => {
            assert_eq!(message.coding, Some(MessageCoding::Deflate));
            assert_eq!(message.data, b"again and ".repeat(100));
        }
        _ => assert!(message.coding.is_none() && !message.data.is_empty(), "schema {schema}"),
    }
    let gap = store.reader().gaps(10).await.unwrap().remove(0);
    assert_eq!((gap.from.0, gap.until.0, gap.reason, gap.exchanges), (1, 2, GapReason::DiskFull, 3));
    let change = store.reader().settings_history(1).await.unwrap().remove(0);
    assert_eq!((change.who.as_str(), change.why.as_deref()), ("page", Some("because")));
    assert_eq!(change.to["level"], "metadata");
    let kind = if schema >= 17 { ChangeKind::Rules } else { ChangeKind::Settings };
    assert_eq!(change.kind, kind, "kinds of changes came with schema 17");
    check_rules(store, schema).await;
    check_redaction(store, schema).await;
    check_roles(store, schema).await;
    check_arrivals(store, schema).await;
    let connection = store.reader().connection(ConnectionId(3)).await.unwrap().unwrap();
    assert!(connection.tls.is_some());
    let program = connection.program.map(|program| (program.name, program.pid));
    assert_eq!(program, (schema >= 9).then(|| ("curl".to_owned(), 77)), "programs came with schema 9");
    let runtime = (schema >= 11).then_some(Runtime::Python);
    assert_eq!(connection.runtime, runtime, "runtimes of clients came with schema 11");
    let listener = (schema >= 12).then_some("edge");
    assert_eq!(connection.listener.as_deref(), listener, "names of listeners came with schema 12");
    let exchange = store.reader().exchange(ExchangeId(8)).await.unwrap().unwrap();
    assert_eq!(exchange.request.version, Version::Http2);
    assert_eq!(exchange.request_sent.is_some(), schema >= 2, "heads as sent came with schema 2");
    let end = (schema >= 7).then_some(ConnectionEnd::TcpClose);
    assert_eq!(exchange.response_body.end, end, "ends of bodies came with schema 7");
    if schema >= 10 {
        let upstream = store.reader().upstream_connection(UpstreamConnectionId(9)).await.unwrap().unwrap();
        assert_eq!(upstream.parent.as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(upstream.tried.as_deref(), Some("[::1]:3128 refused the connection"));
    }
    if schema == 2 {
        let upstream = store.reader().upstream_connection(UpstreamConnectionId(5)).await.unwrap().unwrap();
        assert_eq!((upstream.destination.as_str(), upstream.connect_us), ("a:443", Some(2)));
        assert_eq!(exchange.upstream.unwrap().connection, Some(UpstreamConnectionId(5)));
    }
    assert_eq!(
        store.reader().is_pinned(ExchangeId(8)).await.unwrap(),
        schema >= 4,
        "pins came with schema 4"
    );
}

/// The additions of schema 17.
async fn check_rules(store: &Store, schema: i64) {
    let reader = store.reader();
    let exchange = reader.exchange(ExchangeId(8)).await.unwrap().unwrap();
    let rule = (schema >= 17).then_some(("pay", Timestamp(4_102_444_800_000_000)));
    assert_eq!(exchange.rule.as_deref().zip(exchange.keep_until), rule, "schema {schema}");
    let summaries = reader.list(&Filter::default(), None, 10).await.unwrap();
    let eighth = summaries.iter().find(|summary| summary.id.0 == 8).unwrap();
    assert_eq!(eighth.rule.as_deref(), rule.map(|(name, _)| name), "schema {schema}");
    let lease = reader.leases(false, 10).await.unwrap().pop();
    assert_eq!(lease.map(|lease| lease.used.exchanges), rule.map(|_| 4), "schema {schema}");
    let snapshot = reader.snapshots(10).await.unwrap().pop();
    assert_eq!(snapshot.map(|snapshot| snapshot.name), rule.map(|_| "crash".to_owned()), "schema {schema}");
    assert_eq!(reader.runs(10).await.unwrap().len(), rule.iter().len(), "schema {schema}");
    let deleted = reader.deletions(Timestamp(0), Timestamp(10)).await.unwrap().pop();
    assert_eq!(deleted.map(|deleted| deleted.exchanges), rule.map(|_| 3), "schema {schema}");
}

/// The additions of schema 18.
async fn check_redaction(store: &Store, schema: i64) {
    let reader = store.reader();
    let exchange = reader.exchange(ExchangeId(8)).await.unwrap().unwrap();
    let redaction = (schema >= 18).then(|| Redaction { set: Arc::from("payments@1a2b3c4d"), replaced: 3 });
    let stored_as = if schema >= 18 { StoredAs::Redacted } else { StoredAs::Sent };
    assert_eq!(exchange.redaction, redaction, "schema {schema}");
    assert_eq!(exchange.request_body.stored_as, StoredAs::Sent, "schema {schema}");
    assert_eq!(exchange.response_body.stored_as, stored_as, "schema {schema}");
    let message = reader.messages(ExchangeId(8), None, 10).await.unwrap().remove(0);
    assert_eq!(message.redacted, schema >= 18, "schema {schema}");
    let preview = reader.message(ExchangeId(8), message.seq, 5).await.unwrap().unwrap();
    assert_eq!(preview.message.redacted, schema >= 18, "schema {schema}");
    let seal = reader.seal(&SealId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).await.unwrap();
    assert_eq!(seal.map(|seal| seal.sealed), (schema >= 18).then(|| b"sealed".repeat(8)), "schema {schema}");
}

/// The additions of schema 19.
async fn check_roles(store: &Store, schema: i64) {
    let token = store.reader().tokens().await.unwrap().pop();
    let token = token.map(|token| (token.id, token.name, token.sha256[31]));
    assert_eq!(token, (schema >= 19).then(|| (3, "ci".to_owned(), 31)), "schema {schema}");
    let entry = store.reader().audit(&AuditFilter::default(), 10).await.unwrap().pop();
    let entry = entry.map(|entry| (entry.who, entry.exchanges));
    let expect = (schema >= 19).then(|| ("ci (api)".to_owned(), vec![ExchangeId(8)]));
    assert_eq!(entry, expect, "schema {schema}");
}

/// The additions of schema 20.
async fn check_arrivals(store: &Store, schema: i64) {
    let arrivals = store.reader().arrivals(ExchangeId(8), Direction::Request, 0).await.unwrap();
    let found = arrivals.map(|(stretches, next)| (stretches[0].arrivals.clone(), next));
    let expect = [Arrival { end: 3, at_us: 1000 }, Arrival { end: 7, at_us: 2500 }];
    assert_eq!(found, (schema >= 20).then(|| (expect.to_vec(), 1)), "schema {schema}");
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
