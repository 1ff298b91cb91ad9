//! Records that go aside, seals of many exchanges, and redaction that is turned off.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{Direction, GapReason, Record};
use dashcam_recorder::{Aside, Refusal};
use tokio::time::timeout;

use super::{JSON, PART, SECRET, assert_clean, begin, json, pass, shown, shown_exchange, start, stop};

/// Pieces that went ahead of one that is given up, and records that go aside.
#[tokio::test]
async fn aside_and_interrupted() {
    let (recorder, writer) = start();
    recorder.set_aside(true);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    let writer = writer.with_aside(move |news| match news {
        Aside::Record(record) => kept.lock().unwrap().push(shown(record)),
        Aside::Stored(exchange) => kept.lock().unwrap().push(shown_exchange(exchange)),
        Aside::BatchEnd => {}
    });
    let document = json(4 * PART);
    pass(&recorder, &document, (&document, &[JSON]));
    // One that is under way when the recorder ends.
    let open = recorder.begin(begin()).unwrap();
    let mut tap = open.tap(Direction::Request);
    tap.data(&document[..2 * PART + 60]);
    drop((open, tap));
    stop(recorder, writer).await;
    let seen = seen.lock().unwrap();
    assert!(!seen.is_empty());
    seen.iter().for_each(|bytes| assert_clean(bytes, "aside"));
}

#[tokio::test]
async fn a_secret_is_sealed_once_for_many_exchanges() {
    let (recorder, writer) = start();
    for _ in 0..20 {
        pass(&recorder, b"{}", (b"{}", &[JSON]));
    }
    let records = stop(recorder, writer).await;
    let seals = records.iter().filter(|record| matches!(record, Record::Seal(_))).count();
    assert!((1..20).contains(&seals), "{seals} for the same secret");
}

#[tokio::test]
async fn off_is_off_and_what_has_begun_under_a_set_stays_under_it() {
    let (recorder, writer) = start();
    let open = recorder.begin(begin()).unwrap();
    let mut tap = open.tap(Direction::Request);
    tap.data(&json(3 * PART)[..2 * PART]);
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records);
        std::future::ready(Ok::<_, String>(()))
    };
    let mut writing = tokio::task::JoinSet::new();
    writing.spawn(writer.run(append, |_| Refusal::lost(GapReason::DiskError)));
    assert!(recorder.settle().await);
    recorder.set_redaction(None);
    assert_eq!(recorder.redaction(), None);
    tap.data(format!(r#"","password":"{SECRET}"}}"#).as_bytes());
    drop((open, tap));
    drop(recorder.begin(begin()).unwrap());
    recorder.close();
    timeout(Duration::from_secs(10), writing.join_all()).await.unwrap();
    let records = stored.lock().unwrap();
    let ended: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Finished(exchange) => Some(exchange),
            _ => None,
        })
        .collect();
    assert_clean(&shown_exchange(ended[0]), "begun before");
    assert!(ended[0].redaction.is_some() && ended[1].redaction.is_none());
    assert!(String::from_utf8_lossy(&shown_exchange(ended[1])).contains(SECRET), "off is off");
}
