//! Searches through contents: in order, complete, and stopped when nobody waits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use dashcam_exchange::{Direction, Exchange, ExchangeId, Message, MessageKind, Record, Timestamp, sample};
use dashcam_filter::{Facts, Filter, Truth};
use dashcam_store::{Contents, Judge, Judged, Start, Store};
use tokio::task::JoinSet;

use crate::samples::{body, filter, finished, message, opened, part, store};

/// More than any search here takes.
const WITHIN: Duration = Duration::from_secs(60);

/// Answers over contents as they are stored.
fn judge(filter: &Filter) -> Arc<Judge> {
    let filter = filter.clone();
    Arc::new(move |facts: Facts<'_>, contents: &Contents<'_>| {
        let facts = facts
            .with_body(Direction::Request, Some(contents.request.bytes))
            .with_body(Direction::Response, Some(contents.response.bytes))
            .with_messages(&contents.messages);
        let bytes = contents.request.bytes.len() + contents.response.bytes.len();
        Ok(Judged { truth: filter.evaluate(&facts), bytes: bytes as u64 })
    })
}

fn answering(id: i64, text: &str) -> Exchange {
    Exchange {
        response: Some(sample::ok(&[])),
        response_body: sample::body(text.as_bytes()),
        ..sample::exchange(id)
    }
}

/// Exchanges 1 to 3000 but every seventh; each tenth says "needle".
async fn filled() -> (crate::samples::Place, Store, Vec<i64>) {
    let (place, store) = store().await;
    let ids: Vec<i64> = (1..=3000).filter(|id| id % 7 != 0).collect();
    for ids in ids.chunks(200) {
        let text = |id: i64| format!("{id} {}", if id % 10 == 0 { "a Needle" } else { "hay" });
        let records = ids.iter().map(|id| finished(&answering(*id, &text(*id)))).collect();
        store.sink().append(records).await.unwrap();
    }
    (place, store, ids)
}

async fn all(store: &Store, text: &str, start: Start, most: usize) -> (Vec<i64>, u64, u64) {
    let filter = filter(text);
    let (mut next, mut found, mut looked_at, mut bytes) = (Some(start), Vec::new(), 0, 0);
    while let Some(start) = next {
        let looked = store
            .reader()
            .look_into(&filter, judge(&filter))
            .step(start, most, (WITHIN, None))
            .await
            .unwrap();
        assert!(looked.found.iter().all(|(_, truth)| truth.is_true()));
        assert_eq!(looked.left == 0, looked.next.is_none(), "{looked:?}");
        found.extend(looked.found.iter().map(|(id, _)| id.0));
        (looked_at, bytes) = (looked_at + looked.exchanges, bytes + looked.bytes);
        next = looked.next;
    }
    (found, looked_at, bytes)
}

#[tokio::test]
async fn all_that_match_are_found_in_order_and_what_was_looked_at_adds_up() {
    let (_place, store, ids) = filled().await;
    let expect: Vec<i64> = ids.iter().copied().filter(|id| id % 10 == 0).collect();
    let expect_backwards: Vec<i64> = expect.iter().rev().copied().collect();
    for is_indexed in [false, true] {
        for most in [1000, 7] {
            let (found, looked_at, bytes) = all(&store, "body:needle", Start::NEWEST, most).await;
            assert_eq!((&found, looked_at), (&expect_backwards, ids.len() as u64), "{is_indexed} {most}");
            let (forwards, looked_at, again) = all(&store, "body:needle", Start::OLDEST, most).await;
            assert_eq!((&forwards, looked_at), (&expect, ids.len() as u64), "{is_indexed} {most}");
            assert_eq!(bytes, again);
        }
        // Facts that are known of an exchange spare its contents.
        let (found, looked_at, bytes) = all(&store, "body:needle id:1000..1100", Start::NEWEST, 9).await;
        assert_eq!(found.len(), expect.iter().filter(|id| (1000..=1100).contains(*id)).count());
        assert!(looked_at <= ids.len() as u64 && bytes < 2000, "{looked_at} {bytes}");
        let (found, ..) = all(&store, "-body:needle", Start::NEWEST, 5000).await;
        assert_eq!(found.len(), ids.len() - expect.len());
        while store.admin().index().await.unwrap() {}
    }
}

#[tokio::test]
async fn bodies_in_pieces_and_messages_are_looked_through() {
    let (_place, store) = store().await;
    let in_pieces = Exchange {
        response: Some(sample::ok(&[])),
        response_body: body(&["the nee", "dle is split"], None),
        ..sample::exchange(1)
    };
    let talk = |seq, text: &str| Message {
        kind: MessageKind::Text,
        size: text.len() as u64,
        data: text.as_bytes().to_vec(),
        ..message(2, seq)
    };
    let large = talk(1, &format!("{}needle", "x".repeat(100_000)));
    let records = vec![
        opened(&in_pieces),
        part(1, 0, b"the nee"),
        finished(&in_pieces),
        opened(&sample::exchange(2)),
        Record::Message(Box::new(talk(0, "hello"))),
        Record::Message(Box::new(large)),
        finished(&sample::exchange(2)),
        finished(&answering(3, "hay")),
        // One that goes on.
        opened(&answering(4, "")),
        part(4, 0, b"needle so far"),
    ];
    store.sink().append(records).await.unwrap();
    assert_eq!(all(&store, "body:needle", Start::NEWEST, 9).await.0, [4, 2, 1]);
    assert_eq!(all(&store, "ws:needle", Start::NEWEST, 9).await.0, [2]);
    assert_eq!(all(&store, "res.body:needle -ws:*", Start::NEWEST, 9).await.0, [4, 1]);
    store.admin().pin(ExchangeId(1), Timestamp(1)).await.unwrap();
    assert_eq!(all(&store, "body:needle is:pinned", Start::NEWEST, 9).await.0, [1]);
}

/// A place at which the threads of a search wait.
#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
    asked: AtomicU64,
}

#[tokio::test]
async fn a_search_that_nobody_waits_for_stops() {
    let (_place, store, ids) = filled().await;
    let (gate, (arrived, mut arrival)) = (Arc::new(Gate::default()), tokio::sync::mpsc::channel(10));
    let at_gate = Arc::clone(&gate);
    let judge: Arc<Judge> = Arc::new(move |_: Facts<'_>, _: &Contents<'_>| {
        at_gate.asked.fetch_add(1, Ordering::Relaxed);
        let _full = arrived.try_send(());
        let is_open = at_gate.is_open.lock().unwrap();
        drop(at_gate.opened.wait_while(is_open, |is_open| !*is_open).unwrap());
        Ok(Judged { truth: Truth::False, bytes: 1 })
    });
    let filter = filter("body:needle");
    let search = store.reader().look_into(&filter, Arc::clone(&judge));
    tokio::select! {
        looked = search.step(Start::NEWEST, 9, (WITHIN, None)) => {
            panic!("nothing was let through: {looked:?}");
        }
        _ = arrival.recv() => {}
    }
    *gate.is_open.lock().unwrap() = true;
    gate.opened.notify_all();
    let deadline = Instant::now() + WITHIN;
    drop(search);
    while Arc::strong_count(&judge) > 1 {
        assert!(Instant::now() < deadline, "the search goes on");
        tokio::task::yield_now().await;
    }
    let asked = gate.asked.load(Ordering::Relaxed);
    assert!(asked <= 4, "it went on: {asked} of {} were looked at", ids.len());
}

#[tokio::test]
async fn a_search_whose_time_is_over_says_where_it_goes_on() {
    let (_place, store, ids) = filled().await;
    let filter = filter("body:needle");
    let slow = judge(&filter);
    // Each answer takes as long as the search may.
    let judge: Arc<Judge> = Arc::new(move |facts: Facts<'_>, contents: &Contents<'_>| {
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(12) {
            std::hint::spin_loop();
        }
        slow(facts, contents)
    });
    let (mut next, mut looked_at) = (Some(Start::Before(ExchangeId(40))), 0);
    let mut found = BTreeSet::new();
    while let Some(start) = next {
        let within = Duration::from_millis(1);
        let looked = store
            .reader()
            .look_into(&filter, Arc::clone(&judge))
            .step(start, 9, (within, None))
            .await
            .unwrap();
        assert!(looked.left <= 40, "{looked:?}");
        looked_at += looked.exchanges;
        found.extend(looked.found.iter().map(|(id, _)| id.0));
        next = looked.next;
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [10, 20, 30]);
    assert_eq!(looked_at, ids.iter().filter(|id| **id < 40).count() as u64);
}

#[tokio::test]
async fn what_is_deleted_meanwhile_is_not_found() {
    let (_place, store, _) = filled().await;
    let filter = filter("body:needle");
    let first = store
        .reader()
        .look_into(&filter, judge(&filter))
        .step(Start::NEWEST, 5, (WITHIN, None))
        .await
        .unwrap();
    assert_eq!(first.found.len(), 5);
    let oldest: Vec<_> = (1..=2000).map(ExchangeId).collect();
    store.admin().delete_these(oldest, false).await.unwrap();
    let rest = store
        .reader()
        .look_into(&filter, judge(&filter))
        .step(first.next.unwrap(), 5000, (WITHIN, None))
        .await
        .unwrap();
    assert_eq!(rest.next, None);
    assert!(rest.found.iter().all(|(id, _)| id.0 > 2000), "{rest:?}");
    assert_eq!(rest.unreadable, 0);
}

#[tokio::test]
async fn a_damaged_pack_is_counted_and_the_rest_is_found() {
    let (place, store, _) = filled().await;
    let damage = |sql: &str| {
        let connection = rusqlite::Connection::open(&place.path).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    damage("UPDATE packs SET data = x'00' WHERE id = (SELECT pack FROM exchange_rows WHERE id = 10)");
    let filter = filter("body:needle");
    let looked = store
        .reader()
        .look_into(&filter, judge(&filter))
        .step(Start::NEWEST, 5000, (WITHIN, None))
        .await
        .unwrap();
    let found: BTreeSet<i64> = looked.found.iter().map(|(id, _)| id.0).collect();
    assert!(looked.unreadable > 0 && !found.contains(&10) && found.contains(&3000), "{looked:?}");
    assert_eq!(looked.next, None);
}

/// A runtime on which hardly more threads can wait than one search takes.
fn few_threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(4)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn many_searches_at_once_take_turns_and_all_answer() {
    let searches = async {
        let (_place, store, ids) = filled().await;
        let (under_way, most_under_way) = <(Arc<AtomicU64>, Arc<AtomicU64>)>::default();
        let filter = filter("body:needle id:1..400");
        let expect = ids.iter().filter(|id| **id % 10 == 0 && **id <= 400).count();
        let mut searches = JoinSet::new();
        for _ in 0..300 {
            let (answers, filter, reader) = (judge(&filter), filter.clone(), store.reader().clone());
            let (under_way, most_under_way) = (Arc::clone(&under_way), Arc::clone(&most_under_way));
            let judge: Arc<Judge> = Arc::new(move |facts: Facts<'_>, contents: &Contents<'_>| {
                let now = under_way.fetch_add(1, Ordering::SeqCst) + 1;
                most_under_way.fetch_max(now, Ordering::SeqCst);
                let answer = answers(facts, contents);
                under_way.fetch_sub(1, Ordering::SeqCst);
                answer
            });
            searches.spawn(async move {
                let search = reader.look_into(&filter, judge);
                let (mut next, mut found) = (Some(Start::NEWEST), 0);
                while let Some(start) = next {
                    let looked = search.step(start, 20, (WITHIN, None)).await.unwrap();
                    found += looked.found.len();
                    next = looked.next;
                }
                found
            });
        }
        assert_eq!(searches.join_all().await, [expect; 300]);
        let most = most_under_way.load(Ordering::SeqCst);
        assert!((1..=2).contains(&most), "{most} threads looked into contents at once");
    };
    few_threads().block_on(async { tokio::time::timeout(WITHIN, searches).await.unwrap() });
}

#[tokio::test]
async fn a_search_whose_turn_does_not_come_says_where_it_goes_on() {
    let (_place, store, _) = filled().await;
    let (gate, (arrived, mut arrival)) = (Arc::new(Gate::default()), tokio::sync::mpsc::channel(10));
    let at_gate = Arc::clone(&gate);
    let waits: Arc<Judge> = Arc::new(move |_: Facts<'_>, _: &Contents<'_>| {
        let _full = arrived.try_send(());
        let is_open = at_gate.is_open.lock().unwrap();
        drop(at_gate.opened.wait_while(is_open, |is_open| !*is_open).unwrap());
        Ok(Judged { truth: Truth::False, bytes: 1 })
    });
    let filter = filter("body:needle");
    let slow = store.reader().look_into(&filter, waits);
    let mut other = JoinSet::new();
    other.spawn(async move { slow.step(Start::NEWEST, 9, (WITHIN, None)).await });
    arrival.recv().await.unwrap();
    let search = store.reader().look_into(&filter, judge(&filter));
    let (start, now) = (Start::Before(ExchangeId(1500)), Some(Instant::now()));
    let looked = search.step(start, 9, (WITHIN, now)).await.unwrap();
    assert_eq!((looked.had_turn, looked.next, looked.exchanges), (false, Some(start), 0));
    assert!((1000..2000).contains(&looked.left), "{looked:?}");
    // Its cursor is a number of an exchange.
    let looked = search.step(Start::NEWEST, 9, (WITHIN, now)).await.unwrap();
    assert_eq!(looked.next, Some(Start::Before(ExchangeId(3001))), "3000 is the last one");
    let looked = search.step(Start::OLDEST, 9, (WITHIN, now)).await.unwrap();
    assert_eq!(looked.next, Some(Start::After(ExchangeId(0))));
    *gate.is_open.lock().unwrap() = true;
    gate.opened.notify_all();
    let looked = search.step(start, 9, (WITHIN, None)).await.unwrap();
    assert!(looked.had_turn && looked.exchanges > 0, "{looked:?}");
    assert_eq!(other.join_next().await.unwrap().unwrap().unwrap().next, None);
}
