//! Databases of earlier schemas are brought up to date and keep what is in them.

use std::path::Path;

use dashcam_exchange::{
    ConnectionId, Direction, ExchangeId, LastIds, State, Upstream, UpstreamConnectionId, Version,
};
use dashcam_store::Store;
use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection};

use crate::samples::{filter, finished, place, rich};

/// Rows of the first version of dashcam: a decrypted connection, an exchange over it, one that was open.
const FIRST: &str = "
    INSERT INTO connections (id, opened_at, closed_at, client, mode, destination, detected, verdict,
        tls_version, tls_cipher, tls_sni, tls_alpn, bytes_in, bytes_out)
    VALUES (3, 5, 9, '127.0.0.1:1', 'forward', 'a:443', 'tls', 'decrypt',
        'TLSv1.3', 'TLS13_AES_128_GCM_SHA256', 'a', 'h2', 0, 0);
    INSERT INTO exchanges (id, connection, started_at, level, state, method, scheme, host, port, target,
        status, content_type, request_size, response_size, duration_us, request_version, response_version,
        reason, request_stored, request_truncated, request_complete, response_stored, response_truncated,
        response_complete, upstream_address, upstream_reused, upstream_tls, request_headers, response_headers)
    VALUES (8, 3, 6, 'full', 'complete', 'GET', 'https', 'a', 443, '/b', 200, 'text/plain', 0, 4, 7,
        'HTTP/2', 'HTTP/1.1', 'OK', 0, 0, 1, 4, 0, 1, '127.0.0.1:443', 0, 'TLSv1.2', '[[\"x\",\"1\"]]', '[]'),
        (9, 3, 6, 'full', 'open', 'GET', 'https', 'a', 443, '/c', NULL, NULL, 0, 0, NULL,
        'HTTP/2', NULL, NULL, 0, 0, 1, 0, 0, 0, NULL, NULL, NULL, '[]', NULL);
    INSERT INTO bodies (key, data) VALUES ((8 << 22) + (1 << 21), x'626f6479');
    UPDATE meta SET last_exchange = 12, last_connection = 4, exchanges = 2;
";

/// A database as it was when the first `schema` migrations were all that there were.
async fn of_schema(schema: usize, path: &Path, rows: &'static str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/sqlite");
    let all = Migrator::new(folder.as_path()).await.unwrap();
    let early = all.migrations[..schema].to_vec();
    let migrator = Migrator { migrations: early.into(), ..Migrator::DEFAULT };
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    migrator.run(&mut connection).await.unwrap();
    sqlx::raw_sql(rows).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn the_first_schema_keeps_its_data() {
    let place = place();
    of_schema(1, &place.path, FIRST).await;
    let store = Store::open(&place.path).await.unwrap();
    let expect = LastIds {
        exchange: ExchangeId(12),
        connection: ConnectionId(4),
        upstream_connection: UpstreamConnectionId(0),
    };
    assert_eq!(store.reader().last_ids().await.unwrap(), expect);
    let exchange = store.reader().exchange(ExchangeId(8)).await.unwrap().unwrap();
    assert_eq!((exchange.state, exchange.request.version), (State::Complete, Version::Http2));
    assert_eq!((exchange.request_sent, exchange.response_sent), (None, None));
    let (address, tls_version) = ("127.0.0.1:443".to_owned(), Some("TLSv1.2".to_owned()));
    let upstream = Upstream { address, reused: false, tls_version, connection: None };
    assert_eq!(exchange.upstream, Some(upstream));
    assert_eq!(store.reader().body(ExchangeId(8), Direction::Response, None).await.unwrap(), b"body");
    assert_eq!(store.reader().exchange(ExchangeId(9)).await.unwrap().unwrap().state, State::Interrupted);
    let tls = store.reader().connection(ConnectionId(3)).await.unwrap().unwrap().tls.unwrap();
    assert_eq!((tls.sni.as_deref(), tls.certificates), (Some("a"), Vec::new()));

    store.sink().append(vec![finished(&rich(13))]).await.unwrap();
    assert_eq!(store.reader().count().await.unwrap(), 3);
    let urls = store.reader().list(&filter("a/b"), None, 10).await.unwrap();
    assert_eq!(urls.iter().map(|summary| summary.id.0).collect::<Vec<_>>(), [8]);
}
