//! The reader from outside: what is recorded of messages in all shapes.

use std::io::Write as _;
use std::sync::Mutex;

use dashcam_control::CaptureDecision;
use dashcam_control::Settings;
use dashcam_exchange::{Destination, GapReason, LastIds, Level, Record, RequestHead, Scheme, Version};
use dashcam_recorder::{Begin, Limits, OpenExchange, Recorder, Writer, recorder};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};

use crate::grpc::*;

/// Size and kept bytes of each message, and whether all could be read; `None` if it is not taken for gRPC. Those that
/// are kept as they came have their coding before their bytes.
type Told = Option<(Vec<(u64, Vec<u8>)>, bool)>;

/// The recording of `wire`, read in pieces of `step` bytes.
async fn read(wire: &[u8], step: usize, fields: &[(&str, &str)], limit: u64) -> Told {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let open = begin(&recorder, limit);
    let headers: Headers = fields.iter().copied().collect();
    let mut reader = Reader::new(Direction::Request, &headers, || open.messages())?;
    wire.chunks(step).for_each(|piece| reader.read(piece));
    drop((open, reader));
    recorder.close();
    Some(recorded(writer).await)
}

fn begin(recorder: &Recorder, limit: u64) -> OpenExchange {
    let begin = Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, limit),
        destination: Destination::parse(Scheme::Http, "a").unwrap(),
        request: RequestHead {
            method: "POST".into(),
            target: "/a.Service/Call".into(),
            authority: None,
            version: Version::Http2,
            headers: Headers::default(),
        },
    };
    recorder.begin(begin).unwrap()
}

async fn recorded(writer: Writer) -> (Vec<(u64, Vec<u8>)>, bool) {
    let records = Mutex::new(Vec::new());
    let append = |batch| {
        records.lock().unwrap().extend::<Vec<Record>>(batch);
        std::future::ready(Ok::<_, String>(()))
    };
    writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError)).await;
    let (mut messages, mut whole) = (Vec::new(), true);
    for record in records.into_inner().unwrap() {
        match record {
            Record::Message(message) => {
                assert_eq!((message.kind, message.direction), (MessageKind::Grpc, Direction::Request));
                let coding = message.coding.map_or("", MessageCoding::as_str).as_bytes();
                messages.push((message.size, [coding, &message.data].concat()));
            }
            Record::Finished(exchange) => whole = !exchange.request_body.truncated,
            _ => {}
        }
    }
    (messages, whole)
}

const PLAIN: [(&str, &str); 1] = [("content-type", "application/grpc")];
const GZIP: [(&str, &str); 2] = [("content-type", "application/grpc+proto"), ("grpc-encoding", "gzip")];
const DEFLATE: [(&str, &str); 2] = [("content-type", "application/grpc"), ("grpc-encoding", "deflate")];
const OTHER: [(&str, &str); 2] = [("content-type", "application/grpc"), ("grpc-encoding", "zstd")];

fn no_limit() -> u64 {
    Settings::default().body_limit
}

fn message(flag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[flag][..], &u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Checks the messages, in pieces of every size.
async fn check(wire: &[u8], fields: &[(&str, &str)], expect: &[&[u8]]) {
    let expect: Vec<_> = expect.iter().map(|bytes| (bytes.len() as u64, bytes.to_vec())).collect();
    for step in [1, 2, 3, 5, 7, 1000, usize::MAX] {
        let told = read(wire, step, fields, no_limit()).await;
        assert_eq!(told, Some((expect.clone(), true)), "in pieces of {step}");
    }
}

#[tokio::test]
async fn messages_in_pieces_of_any_size() {
    check(b"", &PLAIN, &[]).await;
    check(&message(0, b""), &PLAIN, &[b""]).await;
    let wire = [message(0, b"one"), message(0, b""), message(0, &[7; 3000]), message(0, b"last")].concat();
    check(&wire, &PLAIN, &[b"one", b"", &[7; 3000], b"last"]).await;
}

#[tokio::test]
async fn compressed_messages_are_told_as_they_were() {
    let long = "very much the same ".repeat(500).into_bytes();
    let wire = [message(1, &gzip(&long)), message(0, b"as it is"), message(1, &gzip(b""))].concat();
    check(&wire, &GZIP, &[&long, b"as it is", b""]).await;
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&long).unwrap();
    check(&message(1, &zlib.finish().unwrap()), &DEFLATE, &[&long]).await;
    // A coding that we do not know, or that is not named: as it is.
    for fields in [&OTHER[..], &PLAIN] {
        let (messages, whole) = read(&message(1, b"whatever"), 3, fields, no_limit()).await.unwrap();
        assert_eq!((messages, whole), (vec![(8, b"otherwhatever".to_vec())], true), "{fields:?}");
    }
}

#[tokio::test]
async fn only_grpc_is_read() {
    for (content_type, taken) in [
        ("application/grpc", true),
        ("application/grpc+json", true),
        ("application/grpc;x=1", true),
        ("application/grpc-web", false),
        ("application/grpc-web+proto", false),
        ("application/json", false),
    ] {
        let told = read(&message(0, b"x"), 9, &[("content-type", content_type)], no_limit()).await;
        assert_eq!(told.is_some(), taken, "{content_type}");
    }
    assert_eq!(read(b"", 1, &[], no_limit()).await, None);
}

/// Of a message beyond the limit its size is told, and what fits is kept.
#[tokio::test]
async fn the_limit_cuts_messages_and_not_the_reading() {
    let wire = [message(0, b"0123456789"), message(0, b"abc"), message(1, &gzip(b"0123456789"))].concat();
    let (messages, _) = read(&wire, 3, &GZIP, 4).await.unwrap();
    assert_eq!(messages, [(10, b"0123".to_vec()), (3, b"abc".to_vec()), (10, b"0123".to_vec())]);
}

#[tokio::test]
async fn what_cannot_be_understood_is_marked_and_read_no_further() {
    let good = message(0, b"good");
    for bad in [message(2, b"no such flag"), message(1, b"no gzip"), message(1, &gzip(b"cut")[..12])] {
        for step in [1, 7, 1000] {
            let wire = [good.clone(), bad.clone(), good.clone()].concat();
            let told = read(&wire, step, &GZIP, no_limit()).await.unwrap();
            assert_eq!(told, (vec![(4, b"good".to_vec())], true), "{bad:?} in pieces of {step}");
        }
    }
}

/// A message that the body breaks off in is none; what came before it stays.
#[tokio::test]
async fn a_message_that_is_not_whole_is_not_told() {
    let wire = [message(0, b"whole"), message(0, b"not whole")].concat();
    let (messages, _) = read(&wire[..wire.len() - 1], 4, &PLAIN, no_limit()).await.unwrap();
    assert_eq!(messages, [(5, b"whole".to_vec())]);
}

/// Few bytes that become very many are kept as they came, and what follows is read as ever.
#[tokio::test]
async fn a_bomb_is_kept_as_it_came() {
    let bomb = vec![0; usize::try_from(LARGEST_KEPT).unwrap()];
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(&bomb).unwrap();
    for (coding, bomb, fields) in [("gzip", gzip(&bomb), GZIP), ("zlib", zlib.finish().unwrap(), DEFLATE)] {
        let wire = [message(1, &bomb), message(0, b"next")].concat();
        for step in [1, 4096, usize::MAX] {
            let (messages, whole) = read(&wire, step, &fields, no_limit()).await.unwrap();
            let kept = [coding.as_bytes(), &bomb].concat();
            let expect = [(bomb.len() as u64, kept), (4, b"next".to_vec())];
            assert!(messages == expect && whole, "{coding} in pieces of {step}");
        }
    }
}
