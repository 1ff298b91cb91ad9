//! No secret leaves memory, at whatever moment and place it could be seen.

mod bodies;
mod cut;
mod forged;
mod killed;
mod life;
mod readers;
mod timed;

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{Direction, Exchange, GapReason, Headers, LastIds, Record, ResponseHead, Version};
use dashcam_recorder::{Begin, Limits, Recorder, Redaction, Refusal, Writer, recorder};
use dashcam_redact::{Definitions, Keys, Sets};
use tokio::time::timeout;

use crate::samples;

/// Stands in all places.
const SECRET: &str = "Zk93unlikelySecret77pQx";
const PART: usize = 1 << 10;

fn redaction(definitions: &Definitions) -> Arc<Redaction> {
    let sets = Sets::compile(definitions).unwrap();
    Arc::new(Redaction::new(sets, Arc::new(Keys::new([7; 32])), Duration::from_hours(1)))
}

fn start() -> (Recorder, Writer) {
    let (recorder, writer) = recorder(Limits { part: PART, ..Limits::default() }, LastIds::default());
    recorder.set_redaction(Some(redaction(&Definitions::default())));
    (recorder, writer)
}

fn begin() -> Begin {
    let mut begin = samples::begin();
    begin.request.target = format!("/a?access_token={SECRET}&b=1");
    begin.request.headers.push("Authorization", format!("Bearer {SECRET}"));
    begin.request.headers.push("Cookie", format!("sid={SECRET}"));
    begin.request.headers.push("Content-Type", "application/json");
    begin
}

fn head(fields: &[(&str, &str)]) -> ResponseHead {
    let mut headers: Headers = fields.iter().copied().collect();
    headers.push("Set-Cookie", format!("sid={SECRET}; Path=/"));
    headers.push("Location", format!("https://u:{SECRET}@a.example/?token={SECRET}"));
    ResponseHead { version: Version::Http11, status: 200, reason: String::new(), headers }
}

/// A document of about `size` bytes with secrets at its beginning, in its middle and at its end.
fn json(size: usize) -> Vec<u8> {
    let padding = "x".repeat(size / 2);
    let text = format!(
        r#"{{"password":"{SECRET}","a":"{padding}","client_secret":"{SECRET}","b":"{padding}","token":"{SECRET}"}}"#
    );
    text.into_bytes()
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// All that a record shows of texts and bytes.
fn shown(record: &Record) -> Vec<u8> {
    match record {
        Record::BodyPart { data, .. } => data.clone(),
        Record::Message(message) => message.data.clone(),
        Record::Finished(exchange) => shown_exchange(exchange),
        Record::Opened(exchange) => shown_exchange(exchange),
        // Sealed values are encrypted.
        Record::Seal(seal) => seal.sealed.clone(),
        other => format!("{other:?}").into_bytes(),
    }
}

fn shown_exchange(exchange: &Exchange) -> Vec<u8> {
    let mut all = format!("{:?}", exchange.without_bodies()).into_bytes();
    all.extend_from_slice(&exchange.request_body.rest);
    all.extend_from_slice(&exchange.response_body.rest);
    all
}

fn assert_clean(bytes: &[u8], place: &str) {
    let found = bytes.windows(SECRET.len()).position(|window| window == SECRET.as_bytes());
    assert_eq!(found, None, "{place}: {}", String::from_utf8_lossy(bytes));
}

/// Lets the writer end, and returns what it stored.
async fn stop(recorder: Recorder, writer: Writer) -> Vec<Record> {
    recorder.close();
    let stored = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&stored);
    let append = move |records: Vec<Record>| {
        kept.lock().unwrap().extend(records);
        std::future::ready(Ok::<_, String>(()))
    };
    let running = writer.run(append, |_| Refusal::lost(GapReason::DiskError));
    timeout(Duration::from_secs(10), running).await.unwrap();
    assert_eq!(recorder.health().queued_bytes, 0, "all memory is given back");
    let records = std::mem::take(&mut *stored.lock().unwrap());
    records.iter().for_each(|record| assert_clean(&shown(record), "a record"));
    assert_sealed(&records);
    records
}

/// Each seal that a record names was handed over before it.
fn assert_sealed(records: &[Record]) {
    let mut known = Vec::new();
    for record in records {
        if let Record::Seal(seal) = record {
            known.push(seal.id.to_string());
        }
        let text = String::from_utf8_lossy(&shown(record)).into_owned();
        for (at, _) in text.match_indices("~sealed.") {
            let id = text[at..].split('.').nth(2).and_then(|rest| rest.get(..24)).unwrap_or_default();
            assert!(known.iter().any(|known| known == id), "{id} is not sealed: {text}");
        }
    }
}

fn finished(records: &[Record]) -> &Exchange {
    let ended = records.iter().find_map(|record| match record {
        Record::Finished(exchange) => Some(&**exchange),
        _ => None,
    });
    ended.unwrap_or_else(|| panic!("none has ended: {records:?}"))
}

/// The bytes of a body that are stored.
fn body(records: &[Record], of: Direction) -> Vec<u8> {
    let mut all = Vec::new();
    let mut next = 0;
    for record in records {
        match record {
            Record::BodyPart { direction, seq, data, .. } if *direction == of => {
                assert_eq!(*seq, next, "parts are numbered without a gap");
                next += 1;
                all.extend_from_slice(data);
            }
            Record::Finished(exchange) => all.extend_from_slice(&exchange.body(of).rest),
            _ => {}
        }
    }
    let record = finished(records).body(of);
    assert_eq!(
        (record.stored, record.parts),
        (all.len() as u64, next),
        "the counts are those of what is stored"
    );
    all
}

/// A whole exchange with these bodies, its response's with `fields`.
fn pass(recorder: &Recorder, request: &[u8], (response, fields): (&[u8], &[(&str, &str)])) {
    let open = recorder.begin(begin()).unwrap();
    let mut tap = open.tap(Direction::Request);
    request.chunks(100).for_each(|piece| tap.data(piece));
    tap.end(None);
    drop(tap);
    open.interim(head(&[]));
    open.response(head(fields));
    let mut tap = open.tap(Direction::Response);
    response.chunks(333).for_each(|piece| tap.data(piece));
    tap.end(Some([("X-Api-Key", SECRET)].into_iter().collect()));
    drop((open, tap));
}

const JSON: (&str, &str) = ("Content-Type", "application/json");
