//! Leases, snapshots and runs.

use dashcam_exchange::{BodyRecord, Direction, ExchangeId, Level, Record, Timestamp, sample};
use dashcam_filter::Filter;
use dashcam_store::{Lease, LeaseEnd, LeaseUse, Retention, Snapshot, Store, maintenance};
use serde_json::json;

use crate::samples::{finished, opened, plain, store};

fn lease(reason: &str) -> Lease {
    Lease {
        rule: json!({"name": "lease-1", "level": "full"}),
        from: Timestamp(5),
        until: Some(Timestamp(9)),
        max_bytes: Some(500),
        reason: Some(reason.to_owned()),
        who: "cli".to_owned(),
        session: Some("s".to_owned()),
        persist: true,
        ..Lease::default()
    }
}

async fn reasons(store: &Store, open: bool) -> Vec<String> {
    let leases = store.reader().leases(open, 10).await.unwrap();
    leases.into_iter().filter_map(|lease| lease.reason).collect()
}

#[tokio::test]
async fn leases_are_put_used_extended_and_ended() {
    let (place, store) = store().await;
    let admin = store.admin();
    let first = admin.put_lease(lease("a")).await.unwrap();
    let second = admin.put_lease(lease("b")).await.unwrap();
    assert_eq!((first, second), (1, 2));
    let used = LeaseUse { bytes: 30, exchanges: 2 };
    admin.note_lease_use(vec![(first, used), (77, used)]).await.unwrap();
    let extended = Lease { id: second, until: Some(Timestamp(20)), ..lease("b") };
    assert_eq!(admin.put_lease(extended.clone()).await.unwrap(), second);
    assert_eq!(reasons(&store, true).await, ["b", "a"]);
    let end = |why: &str| LeaseEnd { at: Timestamp(8), why: why.to_owned() };
    let more = LeaseUse { bytes: 40, exchanges: 3 };
    assert!(admin.end_lease(first, more, end("count")).await.unwrap());
    assert!(!admin.end_lease(first, used, end("time")).await.unwrap(), "it has ended");
    assert!(!admin.end_lease(77, used, end("time")).await.unwrap(), "there is none");
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    assert_eq!(reasons(&store, true).await, ["b"]);
    let ended = Lease { id: first, used: more, ended: Some(end("count")), ..lease("a") };
    assert_eq!(store.reader().leases(false, 10).await.unwrap(), [extended, ended]);
}

fn snapshot(name: &str) -> Snapshot {
    Snapshot {
        name: name.to_owned(),
        trigger: "status:5xx".to_owned(),
        reason: Some("INC-1".to_owned()),
        created_at: Timestamp(5),
        covers_from: Timestamp(1),
        covers_until: Timestamp(5),
        ..Snapshot::default()
    }
}

async fn ids(store: &Store) -> Vec<i64> {
    let list = store.reader().list_after(&Filter::default(), ExchangeId(0), 1000).await.unwrap();
    list.iter().map(|summary| summary.id.0).collect()
}

fn numbers(ids: impl IntoIterator<Item = i64>) -> Vec<ExchangeId> {
    ids.into_iter().map(ExchangeId).collect()
}

#[tokio::test]
async fn a_snapshot_pins_its_exchanges_and_takes_them_with_it() {
    let (place, store) = store().await;
    let admin = store.admin();
    store.sink().append((1..=600).map(|id| finished(&plain(id))).collect()).await.unwrap();
    assert!(admin.pin(ExchangeId(7), Timestamp(1)).await.unwrap(), "a user's, before");
    let first = admin.put_snapshot(snapshot("first")).await.unwrap().unwrap();
    assert_eq!(admin.put_snapshot(snapshot("first")).await.unwrap(), None, "the name is taken");
    let other = admin.put_snapshot(snapshot("other")).await.unwrap().unwrap();
    assert_eq!(admin.add_to_snapshot(first, numbers(1..=500), Timestamp(5)).await.unwrap(), 500);
    assert_eq!(admin.add_to_snapshot(first, numbers([1, 999]), Timestamp(5)).await.unwrap(), 0);
    assert_eq!(admin.add_to_snapshot(other, numbers([9, 7]), Timestamp(5)).await.unwrap(), 2);
    assert!(admin.pin(ExchangeId(8), Timestamp(1)).await.unwrap(), "a user's, after");
    let changed = Snapshot { id: first, complete: true, covers_until: Timestamp(6), ..snapshot("first") };
    assert!(admin.change_snapshot(changed.clone()).await.unwrap());
    let expect = Snapshot { exchanges: 500, ..changed };
    assert_eq!(store.reader().snapshot("first").await.unwrap(), Some(expect.clone()));
    assert_eq!(store.reader().snapshots(10).await.unwrap().last(), Some(&expect));

    admin.set_retention(Retention { exchanges: Some(0), ..Retention::default() }).await.unwrap();
    admin.retain().await.unwrap();
    assert_eq!(ids(&store).await, (1..=500).collect::<Vec<_>>(), "pinned");

    assert_eq!(admin.delete_snapshot("none".to_owned()).await.unwrap(), None);
    assert_eq!(admin.delete_snapshot("first".to_owned()).await.unwrap(), Some(497));
    assert_eq!(ids(&store).await, [7, 8, 9], "a user pinned the first two, the third is in another snapshot");
    assert_eq!(admin.delete_snapshot("other".to_owned()).await.unwrap(), Some(1));
    admin.retain().await.unwrap();
    assert_eq!(ids(&store).await, [7, 8]);
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
}

#[tokio::test]
async fn exchanges_of_the_flight_recorder_are_stored_once_and_get_their_bodies() {
    let (place, store) = store().await;
    let admin = store.admin();
    let mut bare = plain(1);
    (bare.level, bare.response_body) = (Level::Metadata, BodyRecord { size: 5, ..BodyRecord::default() });
    let id = admin.put_snapshot(snapshot("s")).await.unwrap().unwrap();
    let mut whole = plain(1);
    whole.response_body = sample::body(b"whole");
    let part = |id| Record::BodyPart {
        exchange: ExchangeId(id),
        direction: Direction::Request,
        seq: 0,
        data: b"piece".to_vec(),
    };
    let pieces = |id| {
        let mut pieces = plain(id);
        pieces.request_body =
            BodyRecord { size: 5, stored: 5, parts: 1, complete: true, ..BodyRecord::default() };
        finished(&pieces)
    };
    store.sink().append(vec![finished(&bare), opened(&plain(3))]).await.unwrap();
    admin.set_retention(Retention { exchanges: Some(0), ..Retention::default() }).await.unwrap();
    let records = || vec![finished(&whole), finished(&plain(2)), part(3), pieces(3), part(4), pieces(4)];
    let append = |records| store.sink().append_to_snapshot(id, records, numbers([3]), Timestamp(9));
    append(records()).await.unwrap();
    append(records()).await.unwrap();
    assert_eq!(store.reader().snapshot("s").await.unwrap().unwrap().exchanges, 4, "each once");
    let found = store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap();
    assert_eq!((found.level, found.response_body.stored), (Level::Full, 5));
    store.sink().append(vec![finished(&plain(3))]).await.unwrap();
    admin.retain().await.unwrap();
    assert_eq!(ids(&store).await, [1, 2, 3, 4], "pinned before the bounds could delete them");
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
}

#[tokio::test]
async fn the_recorder_s_own_end_of_an_exchange_may_come_behind_a_snapshot_s() {
    let (place, store) = store().await;
    let admin = store.admin();
    let id = admin.put_snapshot(snapshot("s")).await.unwrap().unwrap();
    let bare = |number| {
        let mut bare = plain(number);
        (bare.level, bare.response_body) = (Level::Metadata, BodyRecord { size: 5, ..BodyRecord::default() });
        bare
    };
    let whole = |number| {
        let mut whole = plain(number);
        whole.response_body = sample::body(b"whole");
        finished(&whole)
    };
    let part = Record::BodyPart {
        exchange: ExchangeId(3),
        direction: Direction::Response,
        seq: 0,
        data: b"ahead".to_vec(),
    };
    // 1 is not stored, 2 is as it began, and 3 has a piece there, which the recorder is about to take back.
    store.sink().append(vec![opened(&bare(2)), part]).await.unwrap();
    let records = Vec::from([1, 2, 3].map(whole));
    store.sink().append_to_snapshot(id, records, Vec::new(), Timestamp(9)).await.unwrap();
    let taken_back = Record::Discarded { exchange: ExchangeId(3), bodies_only: false };
    let records = vec![finished(&bare(1)), finished(&bare(2)), taken_back, finished(&plain(4))];
    store.sink().append(records).await.unwrap();
    assert_eq!(ids(&store).await, [1, 2, 3, 4], "with what came in the same batch");
    for number in [1, 2, 3] {
        let found = store.reader().exchange(ExchangeId(number)).await.unwrap().unwrap();
        assert_eq!((found.level, found.response_body.stored), (Level::Full, 5), "{number}");
    }
    assert_eq!(store.reader().snapshot("s").await.unwrap().unwrap().exchanges, 3);
    assert_eq!(maintenance::check(&place.path, true).unwrap().problems, []);
}

#[tokio::test]
async fn what_a_snapshot_leaves_is_left_to_the_bounds() {
    let (_place, store) = store().await;
    let admin = store.admin();
    store.sink().append(vec![opened(&plain(1)), finished(&plain(2))]).await.unwrap();
    let id = admin.put_snapshot(snapshot("s")).await.unwrap().unwrap();
    assert_eq!(admin.add_to_snapshot(id, numbers([1, 2]), Timestamp(5)).await.unwrap(), 2);
    assert!(admin.unpin(ExchangeId(2)).await.unwrap());
    assert_eq!(admin.delete_snapshot("s".to_owned()).await.unwrap(), Some(1), "one is under way");
    assert!(!store.reader().is_pinned(ExchangeId(1)).await.unwrap());
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    admin.set_retention(Retention { exchanges: Some(0), ..Retention::default() }).await.unwrap();
    admin.retain().await.unwrap();
    assert_eq!(ids(&store).await, [0; 0]);
}

#[tokio::test]
async fn runs_are_seen_with_what_they_store() {
    let (place, store) = store().await;
    store.admin().begin_run("1.2.3".to_owned(), Timestamp(1)).await.unwrap();
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    let run = store.reader().runs(10).await.unwrap().remove(0);
    assert_eq!((run.started_at, run.ended_at, run.version.as_str()), (Timestamp(1), None, "1.2.3"));
    assert!(run.seen_at > Timestamp(1_700_000_000_000_000), "now");
    store.sink().append(vec![finished(&plain(2))]).await.unwrap();
    assert_eq!(store.reader().runs(10).await.unwrap()[0], run, "noted at most every ten seconds");
    // As after a kill -9.
    store.close().await;
    let store = Store::open(&place.path).await.unwrap();
    store.admin().begin_run("1.2.4".to_owned(), Timestamp(i64::MAX - 1)).await.unwrap();
    store.admin().end_run(Timestamp(i64::MAX)).await.unwrap();
    store.admin().end_run(Timestamp(7)).await.unwrap();
    let runs = store.reader().runs(10).await.unwrap();
    assert_eq!((runs[0].ended_at, runs[1].ended_at), (Some(Timestamp(i64::MAX)), None));
}

#[tokio::test]
async fn a_run_goes_on_in_a_new_file() {
    let (place, store) = store().await;
    store.admin().begin_run("1".to_owned(), Timestamp(1)).await.unwrap();
    store.sink().append(vec![finished(&plain(1))]).await.unwrap();
    std::fs::remove_file(&place.path).unwrap();
    store.sink().append(vec![finished(&plain(2))]).await.unwrap();
    let runs = store.reader().runs(10).await.unwrap();
    assert!(runs.len() == 1 && runs[0].started_at > Timestamp(1), "{runs:?}");
}
