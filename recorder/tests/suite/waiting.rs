//! Exchanges that have ended are seen until they are stored, and never missed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{Direction, ExchangeId, GapReason, LastIds, MessageKind, Record, State};
use dashcam_recorder::{Limits, OpenExchange, Recorder, Refusal, Tail, Writer, recorder};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::samples;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn start() -> (Recorder, Writer) {
    recorder(Limits::default(), LastIds::default())
}

fn begin(recorder: &Recorder) -> OpenExchange {
    recorder.begin(samples::begin()).unwrap()
}

/// Passes a whole exchange with `body` as its request's body.
fn pass(recorder: &Recorder, body: &[u8]) -> ExchangeId {
    let open = begin(recorder);
    let mut tap = open.tap(Direction::Request);
    tap.data(body);
    tap.end(None);
    open.id()
}

fn seen(recorder: &Recorder) -> Vec<i64> {
    recorder.list(None, usize::MAX, |_| true).iter().map(|row| row.id.0).collect()
}

/// Runs the writer; each batch waits for somebody to let it pass.
fn held_up(writer: Writer) -> (mpsc::Sender<Result<(), GapReason>>, impl Future<Output = ()>) {
    let (outcomes, waiting) = mpsc::channel(8);
    let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
    let append = move |batch: Vec<Record>| {
        let waiting = Arc::clone(&waiting);
        async move {
            let outcome = waiting.lock().await.recv().await.unwrap_or(Ok(()));
            drop(batch);
            outcome
        }
    };
    (outcomes, writer.run(append, |reason| Refusal { reason: *reason, kept: *reason == GapReason::DiskFull }))
}

fn tail(after: u32, bytes: &[u8]) -> Tail {
    Tail { after, bytes: bytes.to_vec() }
}

#[tokio::test]
async fn it_is_seen_in_the_queue_while_it_is_stored_and_not_after() {
    let (recorder, writer) = start();
    let id = pass(&recorder, b"body");
    let check = |when: &str| {
        let found = recorder.find(id).unwrap_or_else(|| panic!("{when}"));
        assert_eq!((found.state, found.request_body.size), (State::Aborted, 4), "{when}");
        assert!(found.request_body.rest.is_empty(), "{when}");
        assert_eq!(recorder.tail(id, Direction::Request), Some(tail(0, b"body")), "{when}");
        assert_eq!(recorder.tail(id, Direction::Response), Some(tail(0, b"")), "{when}");
        assert_eq!((seen(&recorder), recorder.is_waiting(id)), (vec![id.0], true), "{when}");
    };
    check("in the queue");
    let (outcomes, writing) = held_up(writer);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(writing);
    let settled = recorder.settle();
    tokio::pin!(settled);
    assert!(timeout(Duration::from_millis(200), &mut settled).await.is_err(), "nothing lets it pass");
    check("while it is stored");
    outcomes.send(Ok(())).await.unwrap();
    assert!(settled.await);
    assert!(recorder.find(id).is_none() && seen(&recorder).is_empty() && !recorder.is_waiting(id));
    assert_eq!(recorder.health().queued_bytes, 0, "all is given back");
    recorder.close();
    drop(outcomes);
    tasks.join_next().await.unwrap().unwrap();
}

#[tokio::test]
async fn it_is_seen_while_the_disk_refuses_it_and_nobody_waits_then() {
    let (recorder, writer) = start();
    let id = pass(&recorder, b"");
    let (outcomes, writing) = held_up(writer);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(writing);
    outcomes.send(Err(GapReason::DiskFull)).await.unwrap();
    assert!(!recorder.settle().await, "the disk took nothing");
    assert!(recorder.health().pause.is_some() && recorder.find(id).is_some());
    assert!(!recorder.settle().await, "it is known that it takes nothing");
    outcomes.send(Ok(())).await.unwrap();
    let stored = async {
        while recorder.find(id).is_some() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), stored).await.expect("it is tried again");
    assert!(recorder.settle().await && recorder.ledger().stored == 1);
    recorder.close();
    drop(outcomes);
    tasks.join_next().await.unwrap().unwrap();
}

#[test]
fn one_under_way_is_seen_without_secrets_and_what_went_ahead_is_told() {
    let (recorder, _writer) = start();
    recorder.hide(SECRET);
    let open = begin(&recorder);
    let mut tap = open.tap(Direction::Request);
    tap.data(format!("a {SECRET} {}", &SECRET[..20]).as_bytes());
    let expect = format!("a {} ", "*".repeat(SECRET.len()));
    assert_eq!(recorder.tail(open.id(), Direction::Request), Some(tail(0, expect.as_bytes())));
    let found = recorder.find(open.id()).unwrap();
    assert_eq!(
        (found.request_body.size, found.request_body.stored),
        (55, 35),
        "what can be read counts as stored"
    );
    assert!(!recorder.is_waiting(open.id()) && !recorder.went_ahead(open.id()));
    assert!(recorder.under_way().is_empty(), "nobody was told of it");
    let messages = open.messages();
    messages.message(Direction::Request, MessageKind::Text, 0, messages.buffer());
    assert!(recorder.went_ahead(open.id()));
    assert_eq!(recorder.under_way(), [open.id()]);
    recorder.leave_out(open.id());
    assert!(recorder.find(open.id()).is_none() && seen(&recorder).is_empty());
}

#[test]
fn the_end_of_a_body_is_there_whatever_went_ahead_of_it() {
    let (recorder, _writer) = start();
    let open = begin(&recorder);
    let mut tap = open.tap(Direction::Response);
    let part = Limits::default().part;
    tap.data(&vec![b'x'; part]);
    assert_eq!(recorder.tail(open.id(), Direction::Response), Some(tail(1, b"")));
    tap.data(b"three ");
    tap.data(b"events");
    assert_eq!(recorder.tail(open.id(), Direction::Response), Some(tail(1, b"three events")));
    assert_eq!(recorder.find(open.id()).unwrap().response_body.stored, part as u64 + 12);
}

#[test]
fn lists_are_the_newest_first_and_filtered() {
    let (recorder, _writer) = start();
    let ids: Vec<_> = (0..5).map(|_| pass(&recorder, b"")).collect();
    let list = |before: Option<usize>, most| {
        let rows = recorder.list(before.map(|at| ids[at]), most, |row| row.id != ids[3]);
        rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(list(None, 3), [ids[4], ids[2], ids[1]]);
    assert_eq!(list(Some(2), 3), [ids[1], ids[0]]);
}

/// A reader that looks into memory first, and then at what is stored, finds every exchange from its beginning on.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_moment_hides_one() {
    const EACH: usize = 3000;
    let (recorder, writer) = start();
    let stored = Arc::new(Mutex::new(HashSet::new()));
    let append = {
        let stored = Arc::clone(&stored);
        move |batch: Vec<Record>| {
            let ids = batch.iter().filter_map(|record| match record {
                Record::Finished(exchange) => Some(exchange.id),
                _ => None,
            });
            stored.lock().unwrap().extend(ids);
            std::future::ready(Ok::<_, GapReason>(()))
        }
    };
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(writer.run(append, |reason| Refusal::lost(*reason)));
    let (begun, mut to_look_for) = mpsc::channel(1024);
    let passing: Vec<_> = (0..2)
        .map(|_| {
            let (recorder, begun) = (recorder.clone(), begun.clone());
            std::thread::spawn(move || {
                for _ in 0..EACH {
                    let open = begin(&recorder);
                    begun.blocking_send(open.id()).unwrap();
                }
            })
        })
        .collect();
    drop(begun);
    let mut known = Vec::new();
    while let Some(id) = to_look_for.recv().await {
        known.push(id);
        for id in known.iter().rev().take(64) {
            let found = recorder.find(*id).is_some() || stored.lock().unwrap().contains(id);
            assert!(found, "{id:?} is nowhere");
        }
    }
    passing.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(recorder.settle().await);
    assert_eq!((stored.lock().unwrap().len(), seen(&recorder).len()), (2 * EACH, 0));
    recorder.close();
    tasks.join_next().await.unwrap().unwrap();
}
