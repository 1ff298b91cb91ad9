//! A disk that is full, played by SQLite's own limit on pages.

use dashcam_exchange::{
    BodyRecord, Destination, Direction, Exchange, ExchangeId, GapReason, Headers, Level, Record, RequestHead,
    Scheme, State, Timestamp, Timings, Version,
};

use crate::{Store, StoreError};

fn exchange(id: i64, body: usize) -> Record {
    let request = RequestHead {
        method: "GET".to_owned(),
        target: "/".to_owned(),
        authority: None,
        version: Version::Http11,
        headers: Headers::default(),
    };
    Record::Finished(Box::new(Exchange {
        id: ExchangeId(id),
        connection: None,
        replay_of: None,
        started_at: Timestamp(0),
        level: Level::Full,
        state: State::Complete,
        destination: Destination { scheme: Scheme::Http, host: "a".to_owned(), port: 80 },
        request,
        request_body: BodyRecord { rest: vec![1; body], ..BodyRecord::default() },
        interim: Vec::new(),
        response: None,
        response_body: BodyRecord::default(),
        timings: Timings::default(),
        upstream: None,
        failure: None,
    }))
}

#[tokio::test]
async fn a_full_disk_is_said_so_and_survived() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
    store.append(vec![exchange(1, 10)]).await.unwrap();
    let mut writer = store.shared.writer.lock().await;
    let connection = writer.as_mut().unwrap().connection();
    sqlx::query("PRAGMA max_page_count = 20").execute(connection).await.unwrap();
    drop(writer);

    let refused = store.append((2..100).map(|id| exchange(id, 100_000)).collect()).await.unwrap_err();
    assert!(matches!(refused, StoreError::DiskFull), "{refused}");
    assert_eq!(refused.gap_reason(), GapReason::DiskFull);
    assert_eq!(store.count().await.unwrap(), 1, "all of it or nothing");

    store.append(vec![exchange(200, 100_000)]).await.unwrap();
    assert_eq!(store.body(ExchangeId(200), Direction::Request, None).await.unwrap().len(), 100_000);
    assert_eq!(store.count().await.unwrap(), 2);
}
