//! Windows of bodies that are hard on them.

use dashcam_exchange::{BodyRecord, sample};

use super::*;
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
    let mut filling = Filling::new(window);
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
    let mut filling = Filling { since: Instant::now().checked_sub(TIME), ..Filling::new(window) };
    assert!(filling.take(&mut splitter, End::Whole));
    assert_eq!((filling.split.pieces.len(), splitter.position()), (1, 9));
}
