//! The recorder from outside: what goes in comes out once, whole or counted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    ConnectionId, Direction, Exchange, ExchangeId, Failure, GapReason, Headers, LastIds, Level, MessageKind,
    Record, ResponseHead, Side, Stage, State, Version,
};
use dashcam_recorder::{Begin, Limits, OpenExchange, Recorder, Writer, recorder};
use tokio::task::JoinHandle;

use crate::samples;

/// A recorder whose writer keeps what it is given.
struct Running {
    recorder: Recorder,
    stored: Arc<Mutex<Vec<Record>>>,
    writer: JoinHandle<()>,
}

impl Running {
    fn start(limits: Limits) -> Self {
        let (recorder, writer) = recorder(
            limits,
            LastIds { exchange: ExchangeId(41), connection: ConnectionId(7), ..LastIds::default() },
        );
        let stored = Arc::new(Mutex::new(Vec::new()));
        Self { recorder, writer: keep(writer, &stored), stored }
    }

    async fn stop(self) -> Vec<Record> {
        self.recorder.close();
        tokio::time::timeout(Duration::from_secs(30), self.writer).await.expect("the writer ends").unwrap();
        std::mem::take(&mut self.stored.lock().unwrap())
    }
}

#[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
fn keep(writer: Writer, stored: &Arc<Mutex<Vec<Record>>>) -> JoinHandle<()> {
    let stored = Arc::clone(stored);
    tokio::spawn(writer.run(
        move |records| {
            stored.lock().unwrap().extend(records);
            std::future::ready(Ok::<_, String>(()))
        },
        |_| dashcam_recorder::Refusal::lost(GapReason::DiskError),
    ))
}

fn begin(level: Level, body_limit: u64) -> Begin {
    let decision = CaptureDecision::certain(level, body_limit);
    Begin { connection: Some(ConnectionId(8)), decision, ..samples::begin() }
}

fn ok() -> ResponseHead {
    ResponseHead { version: Version::Http11, status: 200, reason: "OK".into(), headers: Headers::default() }
}

fn respond(open: OpenExchange, body: &[u8]) {
    open.response(ok());
    let mut tap = open.tap(Direction::Response);
    drop(open);
    for piece in body.chunks(1000) {
        tap.data(piece);
    }
    tap.end(None);
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

fn body(records: &[Record]) -> Vec<u8> {
    let mut body = Vec::new();
    for record in records {
        match record {
            Record::BodyPart { direction: Direction::Response, data, .. } => body.extend_from_slice(data),
            Record::Finished(exchange) => body.extend_from_slice(&exchange.response_body.rest),
            _ => {}
        }
    }
    body
}

#[tokio::test]
async fn an_exchange_is_stored_once_with_its_outcome() {
    let running = Running::start(Limits::default());
    respond(running.recorder.begin(begin(Level::Full, 100)).unwrap(), b"hello");
    let aborted = running.recorder.begin(begin(Level::Full, 100)).unwrap();
    aborted.response(ok());
    drop(aborted);
    let failed = running.recorder.begin(begin(Level::Full, 100)).unwrap();
    failed.fail(Failure::new(Side::Upstream, Stage::Connect, "no way"));
    failed.fail(Failure::new(Side::Client, Stage::Tunnel, "later"));
    drop(failed);
    assert_eq!(running.recorder.ledger().open, 0);
    let recorder = running.recorder.clone();
    let records = running.stop().await;
    let found: Vec<_> = finished(&records).iter().map(|exchange| (exchange.id.0, exchange.state)).collect();
    assert_eq!(found, [(42, State::Complete), (43, State::Aborted), (44, State::Failed)]);
    assert_eq!(finished(&records)[2].failure.as_ref().unwrap().stage, Stage::Connect);
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored, ledger.pending), (3, 3, 0));
}

#[tokio::test]
async fn a_large_body_leaves_in_parts_and_comes_out_whole() {
    let running = Running::start(Limits { part: 4096, ..Limits::default() });
    let sent: Vec<u8> = (0..100_000_u32).map(|number| (number % 251) as u8).collect();
    respond(running.recorder.begin(begin(Level::Full, 1 << 30)).unwrap(), &sent);
    let recorder = running.recorder.clone();
    let records = running.stop().await;
    assert!(
        matches!(records.first(), Some(Record::Opened(_))),
        "the store knows of it before its first part"
    );
    assert_eq!(body(&records), sent);
    assert_eq!(finished(&records)[0].response_body.stored, 100_000);
    assert_eq!(recorder.health().queued_bytes, 0, "all memory was given back");
}

#[tokio::test]
async fn what_exceeds_a_limit_is_cut_and_marked() {
    let running = Running::start(Limits { memory: 20_000, address_share: 100, ..Limits::default() });
    respond(running.recorder.begin(begin(Level::Full, 1500)).unwrap(), &[1; 5000]);
    let held = running.recorder.begin(begin(Level::Full, 1 << 20)).unwrap();
    let mut tap = held.tap(Direction::Response);
    tap.data(&[2; 9000]);
    tap.data(&[2; 9000]);
    drop((held, tap));
    respond(running.recorder.begin(begin(Level::Metadata, 1 << 20)).unwrap(), &[3; 5000]);
    let recorder = running.recorder.clone();
    let records = running.stop().await;
    let sizes: Vec<_> = finished(&records)
        .iter()
        .map(|exchange| &exchange.response_body)
        .map(|body| (body.size, body.stored, body.truncated))
        .collect();
    assert_eq!(sizes, [(5000, 1500, true), (18_000, 9000, true), (5000, 0, false)]);
    let ledger = recorder.ledger();
    assert_eq!((ledger.truncated, ledger.metadata_only), (2, 1));
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn without_room_an_exchange_is_counted_and_leaves_a_gap() {
    let running = Running::start(Limits { exchanges: 2, address_share: 100, ..Limits::default() });
    let open: Vec<_> = (0..5).map(|_| running.recorder.begin(begin(Level::Full, 100))).collect();
    assert_eq!(open.iter().flatten().count(), 2);
    for unrecorded in [Level::Off, Level::Metrics] {
        assert!(running.recorder.begin(begin(unrecorded, 100)).is_none(), "{unrecorded}");
    }
    drop(open);
    let recorder = running.recorder.clone();
    let records = running.stop().await;
    let gap = records.iter().find_map(|record| match record {
        Record::Gap(gap) => Some((gap.reason, gap.exchanges)),
        _ => None,
    });
    assert_eq!(gap, Some((GapReason::QueueFull, 3)));
    let ledger = recorder.ledger();
    let dropped: u64 = ledger.dropped.iter().map(|(_, count)| count).sum();
    assert_eq!((ledger.seen, ledger.stored, dropped, ledger.not_recorded), (5, 2, 3, 2));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
async fn a_batch_that_is_refused_is_counted_and_leaves_a_gap_later() {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let mut batches = 0;
    let append = move |records: Vec<Record>| {
        batches += 1;
        let refused = batches == 1;
        if !refused {
            kept.lock().unwrap().extend(records);
        }
        std::future::ready(if refused { Err("full") } else { Ok(()) })
    };
    let writer = tokio::spawn(writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskFull)));
    respond(recorder.begin(begin(Level::Full, 100)).unwrap(), b"lost");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while recorder.ledger().dropped[1].1 == 0 {
        assert!(tokio::time::Instant::now() < deadline, "the first batch was never tried");
        tokio::task::yield_now().await;
    }
    respond(recorder.begin(begin(Level::Full, 100)).unwrap(), b"kept");
    recorder.close();
    tokio::time::timeout(Duration::from_secs(30), writer).await.expect("the writer ends").unwrap();
    let records = std::mem::take(&mut *stored.lock().unwrap());
    let gaps =
        records.iter().filter(|record| matches!(record, Record::Gap(gap) if gap.exchanges == 1)).count();
    assert_eq!((body(&records), gaps), (b"kept".to_vec(), 1));
    let ledger = recorder.ledger();
    assert_eq!((ledger.seen, ledger.stored, ledger.dropped[1]), (2, 1, (GapReason::DiskFull, 1)));
    assert_eq!(recorder.health().pause, None);
}

#[tokio::test]
async fn messages_and_long_exchanges_are_stored_while_open() {
    let running = Running::start(Limits::default());
    let open = running.recorder.begin(begin(Level::Full, 100)).unwrap();
    let messages = open.messages();
    let mut kept = messages.buffer();
    kept.push(b"hi", 100);
    messages.message(Direction::Request, MessageKind::Text, 2, kept);
    drop(messages);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while running.stored.lock().unwrap().len() < 2 {
        assert!(tokio::time::Instant::now() < deadline, "nothing was stored while it was open");
        tokio::task::yield_now().await;
    }
    drop(open);
    let records = running.stop().await;
    assert!(
        matches!(&records[..], [Record::Opened(_), Record::Message(_), Record::Finished(_)]),
        "{records:?}"
    );
}

#[tokio::test]
async fn once_recording_is_off_nothing_more_is_kept() {
    let running = Running::start(Limits::default());
    let mut replay = begin(Level::Full, 100);
    replay.replay_of = Some(ExchangeId(1));
    for begin in [begin(Level::Full, 100), replay] {
        let open = running.recorder.begin(begin).unwrap();
        let (mut tap, messages) = (open.tap(Direction::Response), open.messages());
        tap.data(b"before");
        running.recorder.set_off(true);
        tap.data(b"secret");
        messages.message(Direction::Request, MessageKind::Text, 6, messages.buffer());
        running.recorder.set_off(false);
        tap.end(None);
    }
    let records = running.stop().await;
    let kept: Vec<_> = finished(&records)
        .iter()
        .map(|exchange| (exchange.response_body.rest.as_slice(), exchange.response_body.truncated))
        .collect();
    assert_eq!(kept, [(b"before".as_slice(), true), (b"beforesecret", false)]);
    let messages = records.iter().filter(|record| matches!(record, Record::Message(_))).count();
    assert_eq!(messages, 1, "only the replay's");
}
