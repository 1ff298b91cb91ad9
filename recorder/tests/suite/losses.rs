//! Losses, because memory is short or a batch is refused: they are counted or marked, and bounded.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{
    Direction, Exchange, ExchangeId, GapReason, Headers, LastIds, Live, MessageKind, Record, ResponseHead,
    State, Version,
};
use dashcam_recorder::{Begin, Event, Limits, OpenExchange, Recorder, Writer, recorder};
use tokio::sync::broadcast;
use tokio::time::timeout;

use crate::samples;

fn start(limits: Limits) -> (Recorder, Writer) {
    recorder(limits, LastIds::default())
}

/// Limits of which one client may have everything.
fn all_for_one() -> Limits {
    Limits { address_share: 100, ..Limits::default() }
}

/// An exchange whose request's head has a field of `field` bytes.
fn begin(field: usize) -> Begin {
    let mut begin = samples::begin();
    begin.request.headers = headers(field);
    begin
}

fn headers(field: usize) -> Headers {
    [("x", vec![b'a'; field])].into_iter().filter(|_| field > 0).collect()
}

fn head(status: u16, field: usize) -> ResponseHead {
    ResponseHead { version: Version::Http11, status, reason: String::new(), headers: headers(field) }
}

fn message(open: &OpenExchange, data: &[u8]) {
    let tap = open.messages();
    let mut kept = tap.buffer();
    kept.push(data, 1 << 20);
    tap.message(Direction::Request, MessageKind::Binary, data.len() as u64, kept);
}

/// Closes the recorder and takes down what comes out of it.
async fn stop(recorder: &Recorder, writer: Writer) -> Vec<Record> {
    recorder.close();
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records);
        std::future::ready(Ok::<_, String>(()))
    };
    timeout(
        Duration::from_secs(10),
        writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError)),
    )
    .await
    .unwrap();
    std::mem::take(&mut stored.lock().unwrap())
}

fn finished(records: &[Record]) -> Vec<&Exchange> {
    records
        .iter()
        .filter_map(|record| match record {
            Record::Finished(exchange) => Some(&**exchange),
            _ => None,
        })
        .collect()
}

fn gaps(records: &[Record]) -> Vec<(GapReason, u64)> {
    let gap = |record: &Record| match record {
        Record::Gap(gap) => Some((gap.reason, gap.exchanges)),
        _ => None,
    };
    records.iter().filter_map(gap).collect()
}

#[tokio::test]
async fn interim_responses_without_end_are_cut() {
    let (recorder, writer) = start(Limits::default());
    for count in [32, 1000] {
        let open = recorder.begin(begin(0)).unwrap();
        (0..count).for_each(|_| open.interim(head(103, 100)));
    }
    let records = stop(&recorder, writer).await;
    let found = finished(&records);
    let found: Vec<_> =
        found.iter().map(|found| (found.interim.len(), found.response_body.truncated)).collect();
    assert_eq!(found, [(32, false), (32, true)]);
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn without_memory_for_its_head_an_exchange_does_not_begin() {
    let (recorder, writer) = start(Limits { memory: 10_000, exchanges: 1, ..all_for_one() });
    assert!(recorder.begin(begin(20_000)).is_none());
    let open = recorder.begin(begin(5000)).expect("the place of the other was given back");
    assert!(recorder.health().queued_bytes >= 5000);
    drop(open);
    let records = stop(&recorder, writer).await;
    assert_eq!(gaps(&records), [(GapReason::QueueFull, 1)]);
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored, ledger.dropped[0]), (2, 1, (GapReason::QueueFull, 1)));
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn heads_that_come_later_leave_less_to_bodies() {
    let (recorder, writer) = start(Limits { memory: 11_000, part: 1000, ..all_for_one() });
    let open = recorder.begin(begin(0)).unwrap();
    open.interim(head(103, 3000));
    open.response(head(200, 4000));
    open.interim(head(103, 4000));
    let mut tap = open.tap(Direction::Response);
    tap.data(&[1; 5000]);
    tap.end(Some(headers(3000)));
    let held = recorder.health().queued_bytes;
    assert!((7000..=11_000).contains(&held), "{held}");
    drop((open, tap));
    let mut large = recorder.begin(begin(5000));
    assert!(large.take().is_none(), "no room is left for it");
    let records = stop(&recorder, writer).await;
    let found = finished(&records)[0];
    assert_eq!(found.response.as_ref().unwrap().headers, headers(4000));
    let body = &found.response_body;
    assert_eq!((found.interim.len(), body.stored, body.truncated, &body.trailers), (1, 0, true, &None));
    assert_eq!(recorder.health().queued_bytes, 0);
}

/// Nothing is held beyond the limit, and a record without its response would not be true.
#[tokio::test]
async fn an_exchange_whose_head_finds_no_room_is_dropped_and_counted() {
    let notes: [fn(&OpenExchange); 3] = [
        |open| open.response(head(200, 9000)),
        |open| open.response_sent(&head(200, 9000)),
        |open| open.request_sent(&begin(9000).request),
    ];
    for note in notes {
        let (recorder, writer) = start(Limits { memory: 10_000, ..all_for_one() });
        let open = recorder.begin(begin(0)).unwrap();
        let mut tap = open.tap(Direction::Request);
        tap.data(&[1; 2000]);
        note(&open);
        assert!(recorder.health().queued_bytes < 3000, "what was kept is let go of");
        tap.data(&[1; 2000]);
        open.response(head(200, 0));
        message(&open, b"not kept");
        assert!(recorder.find(open.id()).is_none(), "half of it is not shown");
        let ledger = recorder.ledger();
        assert_eq!((ledger.seen, ledger.open), (1, 1));
        drop((open, tap));
        let records = stop(&recorder, writer).await;
        assert_eq!((finished(&records).len(), gaps(&records)), (0, vec![(GapReason::QueueFull, 1)]));
        let ledger = recorder.ledger();
        assert_eq!((ledger.open, ledger.pending, ledger.stored, ledger.dropped[0].1), (0, 0, 0, 1));
        assert_eq!(recorder.health().queued_bytes, 0);
    }
}

/// The store has its beginning: its end says that it is not whole.
#[tokio::test]
async fn of_one_that_is_stored_already_the_rest_is_marked_as_missing() {
    let (recorder, writer) = start(Limits { memory: 20_000, part: 1000, ..all_for_one() });
    let open = recorder.begin(begin(0)).unwrap();
    let mut tap = open.tap(Direction::Request);
    tap.data(&[1; 1000]);
    tap.data(&[1; 500]);
    open.response(head(200, 30_000));
    tap.end(None);
    drop((open, tap));
    let records = stop(&recorder, writer).await;
    let found = finished(&records)[0];
    assert_eq!((found.state, found.response.is_none()), (State::Interrupted, true));
    let body = &found.request_body;
    assert_eq!((body.size, body.stored, body.parts, body.truncated), (1500, 1000, 1, true));
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored, ledger.truncated, ledger.pending), (1, 1, 1, 0));
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn copies_for_the_store_are_given_back_with_all_else() {
    let (recorder, writer) = start(Limits { part: 1000, exchanges: 3, ..all_for_one() });
    let open = recorder.begin(begin(500)).unwrap();
    open.response(head(200, 500));
    let mut tap = open.tap(Direction::Response);
    (0..10).for_each(|_| tap.data(&[1; 1000]));
    drop((open, tap));
    let records = stop(&recorder, writer).await;
    let found = finished(&records)[0];
    assert_eq!((records.len(), found.response_body.stored, found.response_body.truncated), (3, 1000, true));
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn a_message_is_cut_when_memory_is_short_and_shown_short_to_watchers() {
    let (recorder, writer) = start(Limits { memory: 250_000, ..all_for_one() });
    let mut live = recorder.watch();
    let open = recorder.begin(begin(0)).unwrap();
    let tap = open.messages();
    let mut unfinished = tap.buffer();
    unfinished.push(&[1; 200_000], 1 << 20);
    message(&open, &[2; 200_000]);
    drop(unfinished);
    message(&open, &[3; 200_000]);
    drop((open, tap));
    let records = stop(&recorder, writer).await;
    let kept: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Message(message) => Some((message.size, message.data.len())),
            _ => None,
        })
        .collect();
    assert_eq!(kept, [(200_000, 0), (200_000, 200_000)]);
    assert!(finished(&records)[0].request_body.truncated);
    let mut shown = Vec::new();
    while let Ok(event) = live.try_recv() {
        if let Live::Message(message) = &**event {
            shown.push((message.size, message.data.len()));
        }
    }
    assert_eq!(shown[0], (200_000, 0));
    assert!(shown[1].1 > 100 && shown[1].1 < Live::LARGEST, "{shown:?}");
    assert_eq!(recorder.health().queued_bytes, 0);
}

/// Runs the writer with an `append` that refuses while `refusals` last; what it then stores is returned.
async fn run_refusing(
    writer: Writer,
    mut refusals: Vec<&'static str>,
    refused: impl Fn(usize),
) -> Vec<Record> {
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        let result = refusals.pop().map_or(Ok(()), Err);
        match result {
            Ok(()) => kept.lock().unwrap().extend(records),
            Err(_) => refused(refusals.len()),
        }
        std::future::ready(result)
    };
    timeout(
        Duration::from_secs(60),
        writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskFull)),
    )
    .await
    .unwrap();
    std::mem::take(&mut stored.lock().unwrap())
}

#[tokio::test]
async fn a_message_in_a_refused_batch_marks_its_exchange() {
    for ends_before in [false, true] {
        let (recorder, writer) = start(Limits::default());
        let open = recorder.begin(begin(0)).unwrap();
        message(&open, b"lost");
        let open = Mutex::new(Some(open));
        // While the batch is refused the exchange ends, and is in the queue when the loss is known; or it
        // goes on, and ends once it is marked.
        let refused = |_| {
            if ends_before {
                drop(open.lock().unwrap().take());
            }
            recorder.close();
        };
        let marked = async {
            while !ends_before && !recorder.find(ExchangeId(1)).unwrap().request_body.truncated {
                tokio::task::yield_now().await;
            }
            drop(open.lock().unwrap().take());
        };
        let writing = run_refusing(writer, vec!["full"], refused);
        let records = match ends_before {
            true => writing.await,
            false => {
                timeout(Duration::from_secs(10), async { tokio::join!(writing, marked).0 }).await.unwrap()
            }
        };
        assert!(finished(&records)[0].request_body.truncated, "ended before: {ends_before}");
        assert!(!finished(&records)[0].response_body.truncated);
        assert_eq!(gaps(&records), [(GapReason::DiskFull, 0)]);
        assert_eq!((recorder.ledger().stored, recorder.ledger().truncated), (1, 1));
    }
}

#[tokio::test]
async fn a_hole_is_told_of_once_it_is_stored() {
    let (recorder, writer) = start(Limits { exchanges: 1, ..Limits::default() });
    let watching = Arc::new(Mutex::new(recorder.watch()));
    let heard = |watching: &Mutex<broadcast::Receiver<Arc<Event>>>| {
        let mut watching = watching.lock().unwrap();
        std::iter::from_fn(|| watching.try_recv().ok())
            .filter(|event| matches!(***event, Live::Gap(_)))
            .count()
    };
    let open = recorder.begin(begin(0)).unwrap();
    assert!(recorder.begin(begin(0)).is_none());
    drop(open);
    recorder.close();
    let watcher = Arc::clone(&watching);
    let append = move |_: Vec<Record>| {
        assert_eq!(heard(&watcher), 0, "who asks for it now does not find it");
        std::future::ready(Ok::<_, String>(()))
    };
    let running = writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError));
    timeout(Duration::from_secs(10), running).await.unwrap();
    assert_eq!(heard(&watching), 1);
}
