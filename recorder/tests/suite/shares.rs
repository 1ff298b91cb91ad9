//! One client that fills all it can, and others: they are recorded, it is counted, and memory is bounded.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{Direction, GapReason, Headers, LastIds, MessageKind, Record, ResponseHead, Version};
use dashcam_recorder::{Begin, Client, Limits, OpenExchange, Recorder, Refusal, Writer, recorder};
use tokio::time::timeout;

use crate::samples::{self, eventually};

const LIMITS: Limits = Limits {
    exchanges: 1600,
    memory: 4 << 20,
    address_share: 25,
    part: 16 << 10,
    lossless_wait: Duration::ZERO,
    lossless_waiting: 0,
};

fn address(last: u8) -> Option<IpAddr> {
    Some(Ipv4Addr::new(127, 0, 0, last).into())
}

fn begin(recorder: &Recorder, client: &Client) -> Option<OpenExchange> {
    recorder.begin(Begin { client: Some(client.clone()), ..samples::begin() })
}

fn head(field: usize) -> ResponseHead {
    let headers: Headers = [("x", vec![b'a'; field])].into_iter().collect();
    ResponseHead { version: Version::Http11, status: 200, reason: String::new(), headers }
}

/// An ordinary exchange; whether there was room for it.
fn ask(recorder: &Recorder, client: &Client) -> bool {
    let Some(open) = begin(recorder, client) else { return false };
    open.tap(Direction::Request).end(None);
    open.response(head(200));
    let mut tap = open.tap(Direction::Response);
    tap.data(&[7; 1000]);
    tap.end(None);
    true
}

/// Does with one exchange what a hostile client may do.
fn attack(open: &OpenExchange, kind: usize) {
    match kind % 5 {
        0 => open.response(head(100_000)),
        1 => (0..40).for_each(|_| open.interim(head(5000))),
        2 => open.tap(Direction::Request).data(&[1; 100_000]),
        3 => open.tap(Direction::Response).end(Some(head(50_000).headers)),
        _ => {
            let messages = open.messages();
            let mut kept = messages.buffer();
            kept.push(&[1; 60_000], 1 << 20);
            messages.message(Direction::Request, MessageKind::Binary, 60_000, kept);
        }
    }
}

/// Stores everything; what was stored.
async fn stop(recorder: &Recorder, writer: Writer) -> Vec<Record> {
    recorder.close();
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records);
        std::future::ready(Ok::<_, String>(()))
    };
    let running = writer.run(append, |_| Refusal::lost(GapReason::DiskError));
    timeout(Duration::from_secs(10), running).await.unwrap();
    std::mem::take(&mut stored.lock().unwrap())
}

fn dropped(recorder: &Recorder, reason: GapReason) -> u64 {
    recorder.ledger().dropped.iter().find(|(of, _)| *of == reason).unwrap().1
}

fn balance(recorder: &Recorder) {
    let ledger = recorder.ledger();
    let dropped: u64 = ledger.dropped.iter().map(|(_, count)| count).sum();
    assert_eq!(ledger.seen, ledger.stored + ledger.open + ledger.pending + dropped, "{ledger:?}");
}

/// The writer does not run at all meanwhile: the disk hangs.
#[tokio::test]
async fn a_client_that_fills_all_it_can_harms_nobody_else() {
    for connections in [1, 50] {
        let (recorder, writer) = recorder(LIMITS, LastIds::default());
        let hostile: Vec<_> = (0..connections).map(|_| recorder.client(address(2))).collect();
        let mut open = Vec::new();
        for round in 0..600 {
            open.extend(begin(&recorder, &hostile[round % connections]));
            if let Some(last) = open.last() {
                attack(last, round);
            }
            assert!(recorder.health().queued_bytes <= LIMITS.memory);
        }
        // Half of it ends and waits in the queue.
        open.truncate(open.len() / 2);
        let healthy: Vec<_> = (0..4).map(|_| recorder.client(address(1))).collect();
        let asked = (0..200).filter(|round| ask(&recorder, &healthy[round % 4])).count();
        assert_eq!(asked, 200, "all of the other's are recorded");
        assert!(recorder.health().queued_bytes <= LIMITS.memory);
        assert!(dropped(&recorder, GapReason::ClientShare) > 200);
        assert_eq!(dropped(&recorder, GapReason::QueueFull), 0);
        let [(source, count)] = recorder.heaviest(5)[..] else { panic!("one is named") };
        assert_eq!(source.to_string(), "127.0.0.2");
        assert!(count > 200);
        balance(&recorder);
        drop((open, hostile, healthy));
        let stored = stop(&recorder, writer).await;
        let whole = |record: &&Record| match record {
            Record::Finished(exchange) => {
                exchange.response_body.stored == 1000 && !exchange.response_body.truncated
            }
            _ => false,
        };
        assert_eq!(stored.iter().filter(whole).count(), 200);
        assert_eq!(recorder.health().queued_bytes, 0);
        balance(&recorder);
    }
}

#[tokio::test]
async fn places_have_shares_as_well() {
    let (recorder, writer) = recorder(LIMITS, LastIds::default());
    let hostile: Vec<_> = (0..10).map(|_| recorder.client(address(2))).collect();
    let open: Vec<_> = (0..5000).filter_map(|round| begin(&recorder, &hostile[round % 10])).collect();
    assert_eq!(open.len(), LIMITS.exchanges / 2);
    let healthy: Vec<_> = (0..4).map(|_| recorder.client(address(1))).collect();
    let others: Vec<_> = (0..1000).filter_map(|round| begin(&recorder, &healthy[round % 4])).collect();
    assert_eq!(others.len(), LIMITS.exchanges / 4, "an address's share");
    let replay = recorder.begin(samples::begin());
    assert!(replay.is_some(), "what no client asked for has its share, too");
    assert_eq!(dropped(&recorder, GapReason::ClientShare), 5000 - 800 + 600);
    drop((open, others, replay));
    stop(&recorder, writer).await;
    balance(&recorder);
}

/// A lone client at full speed, 40,000 exchanges of 1 KiB a second, is recorded whole though the disk pauses for 150 ms:
/// over 32 connections, and over one that multiplexes all.
#[tokio::test]
async fn a_busy_client_alone_is_not_held_to_a_share() {
    for connections in [32, 1] {
        let (recorder, writer) = recorder(Limits::default(), LastIds::default());
        let clients: Vec<_> = (0..connections).map(|_| recorder.client(address(1))).collect();
        let recorded = (0..6000).filter(|round| ask(&recorder, &clients[round % connections])).count();
        assert_eq!(recorded, 6000);
        let stored = stop(&recorder, writer).await;
        assert_eq!((stored.len(), recorder.ledger().truncated), (6000, 0));
        assert_eq!(recorder.health().queued_bytes, 0);
    }
}

/// Sixty addresses come one after the other, and each keeps all that it gets under way: half of what is left each time.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
async fn who_comes_late_takes_the_place_of_who_holds_most() {
    let (recorder, writer) = recorder(LIMITS, LastIds::default());
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records);
        std::future::ready(Ok::<_, String>(()))
    };
    let writing = tokio::spawn(writer.run(append, |_| Refusal::lost(GapReason::DiskError)));
    let hostile: Vec<_> = (100..160).map(|last| recorder.client(address(last))).collect();
    // The first are in the store before all is taken.
    let mut open: Vec<OpenExchange> = (0..20).filter_map(|_| begin(&recorder, &hostile[0])).collect();
    eventually("they are stored", || stored.lock().unwrap().len() >= 20).await;
    let mut without_room = Vec::new();
    for client in &hostile {
        while let Some(exchange) = begin(&recorder, client) {
            exchange.response(head(20_000));
            let has_room = recorder.find(exchange.id()).is_some();
            if has_room { &mut open } else { &mut without_room }.push(exchange);
        }
    }
    let healthy: Vec<_> = (0..4).map(|_| recorder.client(address(1))).collect();
    eventually("there is room", || {
        dropped(&recorder, GapReason::ClientShare) >= 60 && ask(&recorder, &healthy[0])
    })
    .await;
    let full = dropped(&recorder, GapReason::QueueFull);
    for round in 0..150 {
        assert!(ask(&recorder, &healthy[round % 4]), "{round}");
        tokio::task::yield_now().await;
    }
    assert_eq!(dropped(&recorder, GapReason::QueueFull), full);
    assert!(recorder.health().queued_bytes <= LIMITS.memory);
    balance(&recorder);
    let evicted: HashSet<_> =
        open.iter().map(OpenExchange::id).filter(|id| recorder.find(*id).is_none()).collect();
    assert!(!evicted.is_empty() && evicted.len() < open.len() / 2, "{} of {}", evicted.len(), open.len());
    // Traffic goes on with them; the record does not.
    for exchange in open.into_iter().chain(without_room) {
        exchange.response(head(200));
        exchange.tap(Direction::Response).data(&[7; 1000]);
    }
    recorder.close();
    writing.await.unwrap();
    balance(&recorder);
    assert_eq!((recorder.ledger().open, recorder.health().queued_bytes), (0, 0));
    let stored = std::mem::take(&mut *stored.lock().unwrap());
    let (mut opened, mut interrupted) = (HashSet::new(), HashSet::new());
    for record in &stored {
        match record {
            Record::Opened(exchange) => drop(opened.insert(exchange.id)),
            Record::Interrupted(id) => {
                assert!(opened.contains(id) && evicted.contains(id));
                interrupted.insert(*id);
            }
            Record::Finished(exchange) => assert!(!evicted.contains(&exchange.id)),
            _ => {}
        }
    }
    assert_eq!(interrupted.len(), evicted.intersection(&opened).count());
    assert!(!interrupted.is_empty(), "some were in the store already");
}
