//! A fault of redaction itself: the record is withheld and counted, and the writer goes on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    Destination, Direction, Exchange, GapReason, LastIds, Level, MessageKind, Record, Scheme, StoredAs,
    sample,
};
use dashcam_redact::{Definitions, Keys, Sets};

use super::in_force::{BROKEN_HOST, Redaction};
use crate::{Begin, Limits, Recorder, Refusal, recorder};

const SECRET: &str = "Zk93unlikelySecret77pQx";

fn pass(recorder: &Recorder, host: &str, size: usize) {
    let mut request = sample::exchange(1).request;
    request.headers.push("Authorization", format!("Bearer {SECRET}"));
    request.target = format!("/a?token={SECRET}");
    let open = recorder.begin(Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, 1 << 20),
        destination: Destination::parse(Scheme::Https, host).unwrap(),
        request,
    });
    let open = open.unwrap();
    let mut tap = open.tap(Direction::Request);
    tap.data(format!("{{\"password\":\"{SECRET}\",\"a\":\"").as_bytes());
    "x".repeat(size).as_bytes().chunks(100).for_each(|piece| tap.data(piece));
    tap.end(None);
    let messages = open.messages();
    let mut message = messages.buffer();
    message.push(SECRET.as_bytes(), 100);
    messages.message(Direction::Request, MessageKind::Text, 23, message);
    let shown = format!("{:?}", recorder.find(open.id()).unwrap());
    assert!(!shown.contains(SECRET), "{shown}");
    drop((open, tap, messages));
}

#[tokio::test]
async fn a_record_on_which_redaction_fails_is_withheld() {
    for size in [10, 10_000] {
        let (recorder, writer) = recorder(Limits { part: 1 << 10, ..Limits::default() }, LastIds::default());
        let sets = Sets::compile(&Definitions::default()).unwrap();
        let keys = Arc::new(Keys::new([7; 32]));
        recorder.set_redaction(Some(Arc::new(Redaction::new(sets, keys, Duration::from_hours(1)))));
        pass(&recorder, BROKEN_HOST, size);
        pass(&recorder, "works.example", size);
        recorder.close();
        let stored = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&stored);
        let append = move |records: Vec<Record>| {
            kept.lock().unwrap().extend(records);
            std::future::ready(Ok::<_, String>(()))
        };
        let running = writer.run(append, |_| Refusal::lost(GapReason::DiskError));
        tokio::time::timeout(Duration::from_secs(10), running).await.unwrap();
        let records = stored.lock().unwrap();
        assert!(!format!("{records:?}").contains(SECRET));
        let ended: Vec<&Exchange> = records
            .iter()
            .filter_map(|record| match record {
                Record::Finished(exchange) => Some(&**exchange),
                _ => None,
            })
            .collect();
        let [broken, whole] = ended[..] else { panic!("{} have ended", ended.len()) };
        assert_eq!(broken.request.target, "/?withheld");
        assert_eq!(broken.request_body.stored_as, StoredAs::Withheld);
        assert!(broken.request.headers.iter().next().is_none() && broken.request_body.truncated);
        assert_eq!((whole.request_body.stored_as, whole.request_body.truncated), (StoredAs::Redacted, false));
        assert!(recorder.redaction().unwrap().faults >= 2, "{:?}", recorder.redaction());
        assert_eq!(recorder.health().queued_bytes, 0, "all memory is given back");
    }
}
