//! A store that is opened late: recording is paused until then, and numbers go on from those in the store.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{
    ConnectionId, ExchangeId, GapReason, LastIds, Record, Upstream, UpstreamConnectionId, sample,
};
use dashcam_recorder::{Begin, HandOver, Limits, Recorder, Refusal, waiting_recorder};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::samples::begin;

/// The ids that the store has used before.
const LAST: LastIds = LastIds {
    exchange: ExchangeId(100),
    connection: ConnectionId(50),
    upstream_connection: UpstreamConnectionId(20),
};

#[derive(Debug, Default)]
struct Disk {
    works: AtomicBool,
    tries: AtomicUsize,
    stored: Mutex<Vec<Record>>,
}

#[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
fn start() -> (Recorder, Arc<Disk>, JoinHandle<bool>) {
    let (recorder, mut writer) = waiting_recorder(Limits::default(), GapReason::DiskFull, "full".to_owned());
    let disk = Arc::<Disk>::default();
    let (opening, storing) = (Arc::clone(&disk), Arc::clone(&disk));
    let refusal = |_: &&'static str| Refusal { reason: GapReason::DiskError, kept: true };
    let writing = tokio::spawn(async move {
        let open = || {
            opening.tries.fetch_add(1, Ordering::Relaxed);
            let works = opening.works.load(Ordering::Relaxed);
            std::future::ready(if works { Ok(LAST) } else { Err("broken") })
        };
        let opened = writer.open(open, refusal).await;
        if opened {
            let append = |records| {
                storing.stored.lock().unwrap().extend::<Vec<Record>>(records);
                std::future::ready(Ok(()))
            };
            writer.run(append, refusal).await;
        }
        opened
    });
    (recorder, disk, writing)
}

/// Moves the clock, which stands still otherwise, until the store is open.
async fn until_open(recorder: &Recorder) {
    let begun = Instant::now();
    while !recorder.is_open() || recorder.health().pause.is_some() {
        assert!(begun.elapsed() < Duration::from_secs(11), "it is tried at the latest every ten seconds");
        tokio::time::advance(Duration::from_millis(1)).await;
    }
}

async fn stop(recorder: &Recorder, writing: JoinHandle<bool>) -> bool {
    recorder.close();
    timeout(Duration::from_secs(60), writing).await.expect("the writer ends").unwrap()
}

#[tokio::test(start_paused = true)]
async fn it_is_paused_until_the_store_is_open_and_tried_ever_more_seldom() {
    let (recorder, disk, writing) = start();
    let pause = recorder.health().pause.unwrap();
    assert_eq!((pause.reason, pause.message.as_str()), (GapReason::DiskFull, "full"));
    assert!(!recorder.is_open() && recorder.begin(begin()).is_none());
    let began = Instant::now();
    for (tries, after) in [(1, 500), (2, 1500), (3, 3500), (4, 7500), (5, 15_500), (6, 25_500), (7, 35_500)] {
        let at = began + Duration::from_millis(after);
        tokio::time::sleep_until(at - Duration::from_millis(10)).await;
        assert_eq!(disk.tries.load(Ordering::Relaxed), tries - 1);
        tokio::time::sleep_until(at + Duration::from_millis(10)).await;
        assert_eq!(disk.tries.load(Ordering::Relaxed), tries);
    }
    let later = recorder.health().pause.unwrap();
    assert_eq!((later.reason, later.message.as_str()), (GapReason::DiskError, "broken"));
    assert_eq!(later.since, pause.since, "it is the same pause");
    assert!(recorder.begin(begin()).is_none());

    disk.works.store(true, Ordering::Relaxed);
    until_open(&recorder).await;
    assert_eq!(recorder.begin(begin()).unwrap().id(), ExchangeId(101));
    assert!(stop(&recorder, writing).await);
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored), (3, 1));
    let gaps = disk.stored.lock().unwrap();
    let missed = gaps.iter().filter_map(|record| match record {
        Record::Gap(gap) => Some((gap.reason, gap.exchanges)),
        _ => None,
    });
    assert_eq!(missed.collect::<Vec<_>>(), [(GapReason::DiskFull, 1), (GapReason::DiskError, 1)]);
}

#[tokio::test(start_paused = true)]
async fn connections_that_came_before_have_numbers_of_their_own() {
    let (recorder, disk, writing) = start();
    let early = (recorder.connection_id(), recorder.upstream_connection_id());
    // Nobody knows yet what it is called.
    recorder.connection(&recorder.client(None), sample::connection(early.0.0), HandOver::Now);
    disk.works.store(true, Ordering::Relaxed);
    until_open(&recorder).await;
    let late = (recorder.connection_id(), recorder.upstream_connection_id());
    for (client, upstream) in [early, late] {
        recorder.connection(&recorder.client(None), sample::connection(client.0), HandOver::Now);
        let open = recorder.begin(Begin { connection: Some(client), ..begin() }).unwrap();
        let address = "192.0.2.1:80".to_owned();
        open.upstream(Upstream { address, reused: false, tls_version: None, connection: Some(upstream) });
    }
    assert!(stop(&recorder, writing).await);
    let (mut connections, mut exchanges) = (Vec::new(), Vec::new());
    for record in disk.stored.lock().unwrap().iter() {
        match record {
            Record::Connection(connection) => connections.push(connection.id.0),
            Record::Finished(exchange) => exchanges.push((
                exchange.id.0,
                exchange.connection.map(|id| id.0),
                exchange.upstream.as_ref().and_then(|upstream| upstream.connection).map(|id| id.0),
            )),
            _ => {}
        }
    }
    assert_eq!(connections, [51, 52]);
    assert_eq!(exchanges, [(101, Some(51), Some(21)), (102, Some(52), Some(22))]);
}

#[tokio::test(start_paused = true)]
async fn closed_before_it_is_tried_once_more() {
    for works in [false, true] {
        let (recorder, disk, writing) = start();
        assert!(recorder.begin(begin()).is_none());
        disk.works.store(works, Ordering::Relaxed);
        assert_eq!(stop(&recorder, writing).await, works);
        assert_eq!(disk.tries.load(Ordering::Relaxed), 1);
        // What was missed is told where that goes.
        assert_eq!(disk.stored.lock().unwrap().len(), usize::from(works));
    }
}
