//! Windows of bodies that are hard on them.

use dashcam_exchange::{Arrival, BodyRecord, Stretch, sample};

use super::*;
use crate::arrivals::Arrivals;
use crate::decode::Decoding;

/// An exchange whose request is `body`, of a media type.
fn sent(content_type: &str, body: &[u8]) -> Exchange {
    let size = body.len() as u64;
    Exchange {
        request: sample::request("POST", "/", &[("content-type", content_type)]),
        request_body: BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() },
        ..sample::exchange(7)
    }
}

/// The first window of a body, and whether bytes behind it were left alone.
async fn first(content_type: &str, body: Vec<u8>) -> (Split, bool) {
    let exchange = sent(content_type, &body);
    let of = (&exchange, Direction::Request);
    let format = SplitFormat::of(exchange.headers(Direction::Request).unwrap()).unwrap();
    let decoders = Decoders::new(Decoding::default());
    let mut decoded = Decoded::begin(&Parts::held(body), &decoders, of).await.unwrap();
    let window = SplitWindow { offset: 0, most: 100, preview: 1 << 10 };
    let split = of_decoded(&mut decoded, of, (format, window)).await.unwrap();
    let is_left = decoded.next().await.unwrap().is_some();
    (split, is_left)
}

#[test]
fn kinds_count_as_contents() {
    // Contents of no bytes: without their kinds all of them would fit.
    let event = format!("event: {}\ndata:\n\n", "a".repeat(256));
    let count = (CONTENTS / 256) * 2;
    let exchange = sent("text/event-stream", event.repeat(count).as_bytes());
    let window = SplitWindow { offset: 0, most: usize::MAX, preview: 0 };
    let mut filling = Filling::new(window, Timestamp(0));
    let mut splitter = Splitter::new(SplitFormat::Events, &exchange.request.headers, (0, None));
    splitter.push(event.repeat(count).as_bytes());
    assert!(filling.take(&mut splitter, End::Whole));
    assert!(filling.split.pieces.len() <= CONTENTS / 256);
}

#[tokio::test]
async fn a_body_is_read_no_further_than_where_it_stops() {
    let (split, is_left) = first("application/x-ndjson", vec![b'1'; 3 * LARGEST]).await;
    assert_eq!((split.pieces.len(), split.next, split.more, is_left), (0, 0, false, true));
    assert!(split.note.unwrap().contains("larger than 16 MiB"));
    let (split, is_left) = first("application/vnd.amazon.eventstream", vec![b'1'; LARGEST]).await;
    assert_eq!((split.pieces.len(), split.more, is_left), (0, false, true));
    assert!(split.note.unwrap().contains("checksum"));
    let (split, is_left) = first("application/grpc-web-text", vec![b'!'; LARGEST]).await;
    assert_eq!((split.pieces.len(), split.more, is_left), (0, false, true));
    assert_eq!(split.note.as_deref(), Some("Not all of it is base64."));
}

#[test]
fn a_window_ends_with_the_message_at_which_its_time_is_over() {
    let exchange = sent("text/event-stream", b"");
    let mut splitter = Splitter::new(SplitFormat::Events, &exchange.request.headers, (0, None));
    splitter.push(&b"data: x\n\n".repeat(3));
    let window = SplitWindow { offset: 0, most: 100, preview: 100 };
    let mut filling =
        Filling { since: Instant::now().checked_sub(TIME), ..Filling::new(window, Timestamp(0)) };
    assert!(filling.take(&mut splitter, End::Whole));
    assert_eq!((filling.split.pieces.len(), splitter.position()), (1, 9));
}

/// `pieces` in a coding, of which each can be decoded once it is there; and how long that is up to the end of each.
fn coded(coding: &str, pieces: &[Vec<u8>]) -> (Vec<u8>, Vec<u64>) {
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};

    fn all<W: std::io::Write>(
        mut encoder: W,
        pieces: &[Vec<u8>],
        written: impl Fn(&W) -> usize,
    ) -> (W, Vec<u64>) {
        let each = |piece: &Vec<u8>| {
            encoder.write_all(piece).unwrap();
            encoder.flush().unwrap();
            written(&encoder) as u64
        };
        let ends = pieces.iter().map(each).collect();
        (encoder, ends)
    }
    match coding {
        "gzip" => {
            let (encoder, ends) =
                all(GzEncoder::new(Vec::new(), Compression::default()), pieces, |e| e.get_ref().len());
            (encoder.finish().unwrap(), ends)
        }
        "deflate" => {
            let (encoder, ends) =
                all(ZlibEncoder::new(Vec::new(), Compression::default()), pieces, |e| e.get_ref().len());
            (encoder.finish().unwrap(), ends)
        }
        "zstd" => {
            let encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
            let (encoder, ends) = all(encoder, pieces, |e| e.get_ref().len());
            (encoder.finish().unwrap(), ends)
        }
        "br" => {
            let encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
            let (encoder, ends) = all(encoder, pieces, |e| e.get_ref().len());
            (encoder.into_inner(), ends)
        }
        _ => all(Vec::new(), pieces, Vec::len),
    }
}

/// The times of the messages of a body, of which each of `pieces` came a second after the one before.
async fn times(fields: &[(&str, &str)], pieces: &[Vec<u8>], offset: u64) -> Vec<Option<i64>> {
    let coding =
        fields.iter().find(|(name, _)| *name == "content-encoding").map_or("", |(_, coding)| *coding);
    let (body, ends) = coded(coding, pieces);
    let arrivals =
        ends.iter().zip(1..).map(|(end, at)| Arrival { end: *end, at_us: at * 1_000_000 }).collect();
    let stretch = Stretch { from: 0, merged: 1, arrivals };
    let exchange = Exchange { request: sample::request("POST", "/", fields), ..sent("", &body) };
    let format = SplitFormat::of(&exchange.request.headers).unwrap();
    let parts = Parts::held(body).with_arrivals(Arrivals::held(vec![stretch]));
    let window = SplitWindow { offset, most: 100, preview: 100 };
    let decoders = Decoders::new(Decoding::default());
    let of = (&exchange, Direction::Request);
    let split = split(&parts, &decoders, of, (format, window)).await.unwrap();
    let seconds = |at: Timestamp| (at.0 - exchange.started_at.0) / 1_000_000;
    split.pieces.iter().map(|(piece, _)| piece.at.map(seconds)).collect()
}

#[tokio::test]
async fn a_message_has_the_time_of_the_byte_that_completed_it() {
    let pieces: [&[u8]; 5] =
        [b"data: one\n\nda", b"ta: two", b"\n\n", b"data: three\n\ndata: four\n\n", b"data: five"];
    let pieces = pieces.map(<[u8]>::to_vec);
    for coding in ["", "gzip", "deflate", "zstd", "br"] {
        let fields = [("content-type", "text/event-stream"), ("content-encoding", coding)];
        let found = times(&fields, &pieces, 0).await;
        assert_eq!(found, [Some(1), Some(3), Some(4), Some(4), Some(5)], "{coding}");
        assert_eq!(times(&fields, &pieces, 11).await, [Some(3), Some(4), Some(4), Some(5)], "{coding}");
    }
}

#[tokio::test]
async fn a_large_message_has_its_time_as_well() {
    // More than a decoder gives at once, and not to be compressed well.
    let noise: String = (0..25_000_u32).map(|at| format!("{:08x}", at.wrapping_mul(0x9e37_79b1))).collect();
    let large = |name: &str| format!("data: {name}{noise}\n\n").into_bytes();
    let pieces = [large("a"), b"data: b\n\n".to_vec(), large("c"), b"data: d\n\n".to_vec()];
    for coding in ["", "gzip", "zstd", "br"] {
        let fields = [("content-type", "text/event-stream"), ("content-encoding", coding)];
        let found = times(&fields, &pieces, 0).await;
        assert_eq!(found, [Some(1), Some(2), Some(3), Some(4)], "{coding}");
    }
}

#[tokio::test]
async fn frames_in_base64_have_times() {
    use base64::Engine as _;
    let frame = |text: &[u8]| {
        let bytes = [&[0, 0, 0, 0, text.len() as u8], text].concat();
        base64::engine::general_purpose::STANDARD.encode(bytes).into_bytes()
    };
    let fields = [("content-type", "application/grpc-web-text")];
    let found = times(&fields, &[frame(b"one"), frame(b"two"), frame(b"three")], 0).await;
    assert_eq!(found, [Some(1), Some(2), Some(3)]);
}

#[tokio::test]
async fn messages_behind_very_many_have_their_own_times() {
    let pieces = vec![b"data: x\n\n".to_vec(); 67_000];
    let found = times(&[("content-type", "text/event-stream")], &pieces, 66_000 * 9).await;
    assert_eq!(found, (66_001..=66_100).map(Some).collect::<Vec<_>>());
}
