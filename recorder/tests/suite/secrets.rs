//! Secrets are in no record, however they pass.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    Direction, Exchange, GapReason, LastIds, Level, MessageKind, Record, ResponseHead, Version,
};
use dashcam_recorder::{Begin, Limits, Recorder, Writer, recorder};

use crate::samples;

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn start(part: usize) -> (Recorder, Writer) {
    let (recorder, writer) = recorder(Limits { part, ..Limits::default() }, LastIds::default());
    recorder.hide(TOKEN);
    (recorder, writer)
}

async fn stop(recorder: Recorder, writer: Writer) -> Vec<Record> {
    recorder.close();
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records);
        std::future::ready(Ok::<_, String>(()))
    };
    let running = writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError));
    tokio::time::timeout(Duration::from_secs(10), running).await.unwrap();
    assert_eq!(recorder.health().queued_bytes, 0, "all memory was given back");
    std::mem::take(&mut stored.lock().unwrap())
}

fn response(fields: &[(&str, &str)]) -> ResponseHead {
    let headers = fields.iter().copied().collect();
    ResponseHead { version: Version::Http11, status: 200, reason: String::new(), headers }
}

fn finished(records: &[Record]) -> &Exchange {
    for record in records {
        if let Record::Finished(exchange) = record {
            return exchange;
        }
    }
    panic!("none has ended: {records:?}");
}

#[tokio::test]
async fn heads_as_received_and_as_sent() {
    let (recorder, writer) = start(1 << 10);
    let mut begin = samples::begin();
    begin.request.target = format!("/?token={TOKEN}");
    begin.request.headers.push("X-Token", TOKEN);
    begin.request.headers.push("Proxy-Authorization", "Basic c2VjcmV0");
    let sent = begin.request.clone();
    let open = recorder.begin(begin).unwrap();
    open.request_sent(&sent);
    let (received, passed) = (response(&[("Location", TOKEN)]), response(&[("Location", TOKEN), ("X", "1")]));
    open.interim(received.clone());
    open.response(received);
    open.response_sent(&passed);
    let mut tap = open.tap(Direction::Response);
    tap.end(Some([("X-Trailer", TOKEN)].into_iter().collect()));
    drop((open, tap));
    let records = stop(recorder, writer).await;
    let text = format!("{records:?}");
    assert!(!text.contains(TOKEN) && !text.contains("c2VjcmV0"), "{text}");
    let exchange = finished(&records);
    assert_eq!(exchange.request.target.len(), "/?token=".len() + TOKEN.len());
    assert!(exchange.request_sent.is_none(), "it went as it came: {text}");
    assert_eq!(exchange.response_sent.as_ref().unwrap().headers.len(), 2);
}

/// However it is cut into pieces, and wherever a part ends.
#[tokio::test]
async fn bodies() {
    for offset in [0, 1, 37, 63, 64, 90] {
        let (recorder, writer) = start(100);
        let open = recorder.begin(samples::begin()).unwrap();
        open.response(response(&[]));
        let body = [&vec![b'0'; offset][..], TOKEN.as_bytes(), &[b'-'; 50], TOKEN.as_bytes(), b"."].concat();
        let mut tap = open.tap(Direction::Response);
        body.chunks(7).for_each(|piece| tap.data(piece));
        tap.end(None);
        drop((open, tap));
        let records = stop(recorder, writer).await;
        let mut stored = Vec::new();
        for record in &records {
            match record {
                Record::BodyPart { data, .. } => stored.extend_from_slice(data),
                Record::Finished(exchange) => stored.extend_from_slice(&exchange.response_body.rest),
                _ => {}
            }
        }
        let expect = String::from_utf8(body).unwrap().replace(TOKEN, &"*".repeat(TOKEN.len()));
        assert_eq!(String::from_utf8(stored).unwrap(), expect);
        let body = &finished(&records).response_body;
        assert_eq!((body.size, body.stored), (expect.len() as u64, expect.len() as u64));
    }
}

#[tokio::test]
async fn a_body_that_is_cut_inside_of_it() {
    let (recorder, writer) = start(1 << 10);
    let open = recorder
        .begin(Begin { decision: CaptureDecision::certain(Level::Full, 60), ..samples::begin() })
        .unwrap();
    let mut tap = open.tap(Direction::Request);
    tap.data(TOKEN.as_bytes());
    drop((open, tap));
    let records = stop(recorder, writer).await;
    assert_eq!(finished(&records).request_body.rest, [b'*'; 60]);
}

#[tokio::test]
async fn messages() {
    let (recorder, writer) = start(1 << 10);
    let open = recorder.begin(samples::begin()).unwrap();
    let tap = open.messages();
    let mut message = tap.buffer();
    message.push(format!("a {TOKEN}").as_bytes(), 1 << 10);
    tap.message(Direction::Request, MessageKind::Text, 66, message);
    drop((open, tap));
    let records = stop(recorder, writer).await;
    let data = records.iter().find_map(|record| match record {
        Record::Message(message) => Some(message.data.clone()),
        _ => None,
    });
    assert_eq!(data.unwrap(), format!("a {}", "*".repeat(64)).into_bytes());
}

/// A request for dashcam itself leaves no more than where it went.
#[tokio::test]
async fn a_request_for_ourselves() {
    let (recorder, writer) = start(1 << 10);
    let mut begin = samples::begin();
    begin.request.target = "/?a=secret".into();
    begin.request.headers.push("Cookie", "secret");
    let open = recorder.begin(begin).unwrap();
    open.withhold();
    drop(open);
    let records = stop(recorder, writer).await;
    assert_eq!(finished(&records).request.target, "/?[redacted]");
    assert!(!format!("{records:?}").contains("secret"));
}
