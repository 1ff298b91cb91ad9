//! No secret leaves memory, at whatever moment and place it could be seen.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{
    Direction, Exchange, GapReason, Headers, LastIds, MessageKind, Record, ResponseHead, StoredAs, Version,
};
use dashcam_recorder::{Aside, Begin, Limits, Recorder, Redaction, Refusal, Writer, recorder};
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
        // What is sealed is encrypted.
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

#[tokio::test]
async fn bodies_of_all_sizes_whole_and_in_parts() {
    for size in [16, 600, 3 * PART, 16 << 10, 1_000_000] {
        let (recorder, writer) = start();
        let document = json(size);
        pass(&recorder, &document, (&document, &[JSON]));
        let records = stop(recorder, writer).await;
        for direction in [Direction::Request, Direction::Response] {
            let stored = String::from_utf8(body(&records, direction)).unwrap();
            let ended = finished(&records).body(direction);
            assert_eq!((ended.size, ended.truncated), (document.len() as u64, false));
            let json: serde_json::Value = serde_json::from_str(&stored).unwrap();
            assert!(
                json["password"].as_str().unwrap().starts_with("~sealed.password."),
                "{size}: {stored:.200}"
            );
            assert_eq!(json["b"].as_str().unwrap().len(), size / 2, "the rest is as it was");
        }
        let redaction = finished(&records).redaction.as_ref().unwrap();
        assert!(redaction.set.starts_with("default@") && redaction.replaced >= 10, "{redaction:?}");
    }
}

#[tokio::test]
async fn compressed_bodies_are_stored_without_their_coding() {
    for size in [16, 64 << 10, 1 << 20] {
        let (recorder, writer) = start();
        let mut document = json(size);
        // Noise, so that it has parts also when it is compressed.
        let noise: Vec<u8> = (0..size as u64).map(|at| b'a' + (at * at % 7 * at % 23) as u8).collect();
        document.splice(1..1, [b"\"n\":\"".as_slice(), &noise, b"\","].concat());
        let coding = ("Content-Encoding", "gzip");
        pass(&recorder, b"{}", (&gzip(&document), &[JSON, coding]));
        let records = stop(recorder, writer).await;
        let stored = body(&records, Direction::Response);
        assert_eq!(finished(&records).response_body.stored_as, StoredAs::Redacted);
        assert!(serde_json::from_slice::<serde_json::Value>(&stored).is_ok(), "{size}");
        assert_eq!(finished(&records).request_body.stored_as, StoredAs::Sent);
    }
}

#[tokio::test]
async fn nothing_found_leaves_bodies_byte_for_byte() {
    let (recorder, writer) = start();
    let noise: Vec<u8> = (0..5 * PART).map(|at| (at * 7 + at / 256) as u8).collect();
    pass(&recorder, b"{ \"a\" : [1,2 ] }", (&noise, &[("Content-Type", "image/png")]));
    let records = stop(recorder, writer).await;
    assert_eq!(body(&records, Direction::Request), b"{ \"a\" : [1,2 ] }");
    assert_eq!(body(&records, Direction::Response), noise);
    assert_eq!(finished(&records).response_body.stored_as, StoredAs::Sent);
}

#[tokio::test]
async fn messages() {
    let (recorder, writer) = start();
    let open = recorder.begin(begin()).unwrap();
    let tap = open.messages();
    for direction in [Direction::Request, Direction::Response] {
        let text = format!(r#"{{"op":"auth","token":"{SECRET}"}}"#);
        let mut message = tap.buffer();
        message.push(text.as_bytes(), 1 << 20);
        tap.message(direction, MessageKind::Text, text.len() as u64, message);
    }
    drop((open, tap));
    let records = stop(recorder, writer).await;
    let messages = records.iter().filter(|record| matches!(record, Record::Message(one) if one.redacted));
    assert_eq!(messages.count(), 2);
    assert!(finished(&records).redaction.as_ref().unwrap().replaced >= 5, "those of messages count");
}

/// Live watchers, lists, and copies and tails of exchanges under way, at each moment.
#[tokio::test]
async fn readers_of_memory_and_watchers() {
    let (recorder, writer) = start();
    let mut live = recorder.watch();
    let open = recorder.begin(begin()).unwrap();
    let id = open.id();
    let check = |moment: &str| {
        let found = recorder.find(id).unwrap();
        assert_clean(&shown_exchange(&found), moment);
        for direction in [Direction::Request, Direction::Response] {
            let tail = recorder.tail(id, direction);
            let bytes = tail.map_or(Vec::new(), |tail| tail.bytes);
            assert_clean(&bytes, moment);
            if found.body(direction).parts == 0 {
                assert_eq!(found.body(direction).stored, bytes.len() as u64, "{moment}");
            }
        }
        assert_clean(format!("{:?}", recorder.list(None, 10, |_| true)).as_bytes(), moment);
        // A filter must not be able to look for a secret either.
        let looked = recorder.list(None, 10, |row| {
            assert_clean(format!("{row:?}").as_bytes(), moment);
            true
        });
        assert_eq!(looked.len(), 1);
        let all: Vec<_> = recorder.exchanges(None).collect();
        assert_clean(format!("{all:?}").as_bytes(), moment);
    };
    check("begun");
    let document = json(3 * PART);
    let mut tap = open.tap(Direction::Request);
    for piece in document.chunks(200) {
        tap.data(piece);
        check("in the request's body");
    }
    tap.end(None);
    drop(tap);
    open.response(head(&[JSON]));
    check("answered");
    let mut tap = open.tap(Direction::Response);
    tap.data(&document[..30]);
    check("inside of a secret");
    tap.data(&document[30..400]);
    check("in the response's body");
    let messages = open.messages();
    let mut message = messages.buffer();
    message.push(format!("token={SECRET}").as_bytes(), 1 << 20);
    messages.message(Direction::Request, MessageKind::Text, 30, message);
    drop((open, tap, messages));
    check("ended");
    stop(recorder, writer).await;
    let mut heard = 0;
    while let Ok(event) = live.try_recv() {
        heard += 1;
        assert_clean(format!("{event:?}").as_bytes(), "an event");
        event.rendered(|live| {
            assert_clean(format!("{live:?}").as_bytes(), "an event, rendered");
            bytes::Bytes::new()
        });
    }
    assert_eq!(heard, 4, "begun, answered, a message, ended");
}

/// A record that went ahead of one that is given up, and one that goes aside.
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
