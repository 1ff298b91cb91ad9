//! Bodies that end inside of a secret, and those for which there is no room.

use dashcam_control::CaptureDecision;
use dashcam_exchange::{Direction, LastIds, Level, Record, StoredAs};
use dashcam_recorder::{Limits, recorder};
use dashcam_redact::Definitions;

use super::{PART, begin, body, finished, redaction, start, stop};

/// A key of a service, which is found only as a whole.
const KEY: &str = "ghp_Zk93unlikelySecret77pQxabcdefghijk12";

/// Checks that nothing of [`KEY`] is stored.
fn is_left_out(records: &[Record], size: usize) {
    let stored = String::from_utf8(body(records, Direction::Request)).unwrap();
    assert!(!stored.contains(&KEY[..8]) && stored.starts_with("line 1\n"), "{stored:.100}");
    let ended = &finished(records).request_body;
    assert!(ended.truncated && ended.size == size as u64 && ended.stored < ended.size);
}

#[tokio::test]
async fn half_a_secret_at_the_limit_of_a_body_is_left_out() {
    for before in [20, 3 * PART] {
        let text = format!("{}{KEY} and more", "line 1\n".repeat(before / 7));
        for limit in [text.len() - 25, text.len() - 40] {
            let (recorder, writer) = start();
            let mut begin = begin();
            begin.decision = CaptureDecision::certain(Level::Full, limit as u64);
            begin.request.headers.remove("content-type");
            let open = recorder.begin(begin).unwrap();
            let mut tap = open.tap(Direction::Request);
            text.as_bytes().chunks(100).for_each(|piece| tap.data(piece));
            tap.end(None);
            drop((open, tap));
            is_left_out(&stop(recorder, writer).await, text.len());
        }
    }
}

#[tokio::test]
async fn half_a_secret_of_a_body_that_broke_off_is_left_out() {
    for before in [20, 3 * PART] {
        let (recorder, writer) = start();
        let text = format!("{}{}", "line 1\n".repeat(before / 7), &KEY[..30]);
        let mut begin = begin();
        begin.request.headers.remove("content-type");
        let open = recorder.begin(begin).unwrap();
        let mut tap = open.tap(Direction::Request);
        text.as_bytes().chunks(100).for_each(|piece| tap.data(piece));
        drop(tap);
        let seen = recorder.find(open.id()).unwrap();
        let shown = String::from_utf8_lossy(&seen.request_body.rest).into_owned();
        assert!(!shown.contains(&KEY[..8]), "{shown}");
        drop(open);
        is_left_out(&stop(recorder, writer).await, text.len());
    }
}

/// A message of Protocol buffers waits for its end, which takes memory that others need.
#[tokio::test]
async fn what_waits_takes_part_in_the_budget() {
    let limits = Limits { part: PART, memory: 1 << 20, ..Limits::default() };
    let (recorder, writer) = recorder(limits, LastIds::default());
    recorder.set_redaction(Some(redaction(&Definitions::default())));
    let mut writing = tokio::task::JoinSet::new();
    let stored = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&stored);
    writing.spawn(writer.run(
        move |records: Vec<Record>| {
            kept.lock().unwrap().extend(records);
            std::future::ready(Ok::<_, String>(()))
        },
        |_| dashcam_recorder::Refusal::lost(dashcam_exchange::GapReason::DiskError),
    ));
    let mut begin = begin();
    begin.decision = CaptureDecision::certain(Level::Full, 1 << 30);
    begin.request.headers.remove("content-type");
    begin.request.headers.push("Content-Type", "application/x-protobuf");
    let open = recorder.begin(begin).unwrap();
    let mut tap = open.tap(Direction::Request);
    for _ in 0..1200 {
        tap.data(&[1; PART]);
        assert!(recorder.settle().await);
        assert!(recorder.health().queued_bytes <= 1 << 20, "{}", recorder.health().queued_bytes);
    }
    tap.end(None);
    drop((open, tap));
    recorder.close();
    tokio::time::timeout(std::time::Duration::from_secs(10), writing.join_all()).await.unwrap();
    let records = stored.lock().unwrap();
    let ended = &finished(&records).request_body;
    assert_eq!((ended.stored, ended.truncated, ended.stored_as), (0, true, StoredAs::Withheld));
    assert_eq!(recorder.redaction().unwrap().withheld, 1);
    assert_eq!(recorder.health().queued_bytes, 0);
}
