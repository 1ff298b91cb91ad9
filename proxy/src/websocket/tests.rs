//! The reader from outside: what is recorded of frames in all shapes.

use std::sync::{Arc, Mutex};

use dashcam_control::CaptureDecision;
use dashcam_control::Settings;
use dashcam_exchange::{
    Destination, Direction, GapReason, Headers, LastIds, Level, MessageCoding, MessageKind, Record,
    RequestHead, Scheme, Version,
};
use dashcam_recorder::{Begin, Limits, OpenExchange, Recorder, Writer, recorder};
use flate2::{Compress, Compression, FlushCompress};

use crate::inflating::Allowance;
use crate::websocket::{Extensions, Reader};

/// The messages that are recorded of `wire`, read in pieces of `step` bytes, and whether it could all be read.
async fn read(wire: &[u8], step: usize, extensions: &str) -> (Vec<(MessageKind, u64, Vec<u8>)>, bool) {
    read_within(Settings::default().body_limit, wire, step, extensions).await
}

async fn read_within(
    limit: u64,
    wire: &[u8],
    step: usize,
    extensions: &str,
) -> (Vec<(MessageKind, u64, Vec<u8>)>, bool) {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let open = begin(&recorder, limit);
    let headers = [("Sec-WebSocket-Extensions", extensions)].into_iter().collect();
    let mut reader = Reader::new(Direction::Request, &Extensions::negotiated(&headers), open.messages());
    wire.chunks(step).for_each(|piece| reader.read(piece));
    drop((open, reader));
    recorder.close();
    recorded(writer).await
}

fn begin(recorder: &Recorder, body_limit: u64) -> OpenExchange {
    let begin = Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, body_limit),
        destination: Destination::parse(Scheme::Http, "a").unwrap(),
        request: RequestHead {
            method: "GET".into(),
            target: "/".into(),
            authority: None,
            version: Version::Http11,
            headers: Headers::default(),
        },
    };
    recorder.begin(begin).unwrap()
}

async fn recorded(writer: Writer) -> (Vec<(MessageKind, u64, Vec<u8>)>, bool) {
    let records = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&records);
    let append = move |batch| {
        kept.lock().unwrap().extend::<Vec<Record>>(batch);
        std::future::ready(Ok::<_, String>(()))
    };
    writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError)).await;
    let mut messages = Vec::new();
    let mut whole = true;
    for record in records.lock().unwrap().drain(..) {
        match record {
            Record::Message(message) => messages.push((message.kind, message.size, message.data)),
            Record::Finished(exchange) => whole = !exchange.request_body.truncated,
            _ => {}
        }
    }
    (messages, whole)
}

fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(masked | length as u8),
        length @ 126..0x1_0000 => {
            frame.push(masked | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(masked | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(mask.iter().flatten());
    let mask = mask.unwrap_or_default();
    frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
    frame
}

fn deflate(compress: &mut Compress, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 100);
    compress.compress_vec(payload, &mut out, FlushCompress::Sync).unwrap();
    out.truncate(out.len() - 4);
    out
}

/// A stream of its own, whose last block has BFINAL set.
fn deflate_finally(payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 100);
    Compress::new(Compression::default(), false)
        .compress_vec(payload, &mut out, FlushCompress::Finish)
        .unwrap();
    out
}

#[tokio::test]
async fn fragments_masks_and_control_frames() {
    let large = vec![7; 70_000];
    let wire = [
        frame(0x01, Some([1, 2, 3, 4]), b"he"),
        frame(0x89, Some([9, 9, 9, 9]), b"ping"),
        frame(0x80, Some([5, 6, 7, 8]), b"llo"),
        frame(0x82, None, &large),
        frame(0x81, None, b""),
        frame(0x88, Some([0, 1, 0, 1]), b"\x03\xe8bye"),
    ];
    for step in [1, 7, 1 << 20] {
        let (messages, whole) = read(&wire.concat(), step, "").await;
        let expect = [
            (MessageKind::Ping, 4, b"ping".to_vec()),
            (MessageKind::Text, 5, b"hello".to_vec()),
            (MessageKind::Binary, 70_000, large.clone()),
            (MessageKind::Text, 0, Vec::new()),
            (MessageKind::Close, 5, b"\x03\xe8bye".to_vec()),
        ];
        assert_eq!((messages, whole), (expect.to_vec(), true), "in steps of {step}");
    }
}

#[tokio::test]
async fn deflated_messages_with_and_without_context() {
    let text = "the same words, the same words, the same words ".repeat(1000);
    for extensions in ["permessage-deflate", "permessage-deflate; client_no_context_takeover"] {
        let mut compress = Compress::new(Compression::default(), false);
        let mut wire = Vec::new();
        for payload in [b"hello".as_slice(), text.as_bytes(), b"hello"] {
            if extensions.contains("no_context") {
                compress.reset();
            }
            let deflated = deflate(&mut compress, payload);
            let (head, tail) = deflated.split_at(deflated.len() / 2);
            wire.extend(frame(0x41, Some([1, 2, 3, 4]), head));
            wire.extend(frame(0x80, Some([4, 3, 2, 1]), tail));
        }
        for step in [1, 13, 1 << 20] {
            let (messages, whole) = read(&wire, step, extensions).await;
            let found: Vec<_> = messages.iter().map(|(_, _, data)| String::from_utf8_lossy(data)).collect();
            assert_eq!((found, whole), (vec!["hello".into(), text.as_str().into(), "hello".into()], true));
        }
    }
}

#[tokio::test]
async fn messages_of_final_blocks() {
    let text = "the same words, the same words, the same words ".repeat(1000);
    for (blocks, left_over) in [(1, b"\0".as_slice()), (1, b""), (2, b"\0"), (2, b"")] {
        let mut wire = Vec::new();
        for payload in [b"hello".as_slice(), text.as_bytes(), b"hello"] {
            let mut deflated = Vec::new();
            for piece in payload.chunks(payload.len().div_ceil(blocks)) {
                deflated.extend(deflate_finally(piece));
            }
            deflated.extend_from_slice(left_over);
            wire.extend(frame(0xc1, Some([1, 2, 3, 4]), &deflated));
        }
        for step in [1, 13, 1 << 20] {
            let (messages, whole) = read(&wire, step, "permessage-deflate").await;
            let found: Vec<_> = messages.iter().map(|(_, _, data)| String::from_utf8_lossy(data)).collect();
            let expect = vec!["hello".into(), text.as_str().into(), "hello".into()];
            assert_eq!((found, whole), (expect, true), "{blocks} and {left_over:?}, in steps of {step}");
        }
    }
}

#[tokio::test]
async fn a_message_that_is_not_whole_yet_draws_on_the_budget() {
    let memory = 64 << 10;
    let (recorder, writer) = recorder(Limits { memory, ..Limits::default() }, LastIds::default());
    let open = begin(&recorder, Settings::default().body_limit);
    let [mut first, mut second] =
        [(); 2].map(|()| Reader::new(Direction::Request, &Extensions::default(), open.messages()));
    let wire = frame(0x81, None, &[b'x'; 100_000]);
    wire[..30_000].chunks(1000).for_each(|piece| first.read(piece));
    let held = recorder.health().queued_bytes;
    assert!(held > 29_000, "{held} bytes are held");
    drop(first);
    assert!(recorder.health().queued_bytes < 4000, "what was not whole is given back");
    wire.chunks(1000).for_each(|piece| second.read(piece));
    let held = recorder.health().queued_bytes;
    assert!(held <= memory, "{held} bytes are held");
    drop((open, second));
    recorder.close();
    let (messages, whole) = recorded(writer).await;
    let [(MessageKind::Text, 100_000, data)] = &messages[..] else { panic!("{} messages", messages.len()) };
    assert!(!whole && data.len() > 10_000 && data.iter().all(|byte| *byte == b'x'), "{}", data.len());
    assert_eq!(recorder.health().queued_bytes, 0);
}

#[tokio::test]
async fn what_is_no_websocket_is_marked_and_ends_the_looking() {
    for wire in [b"\xf1\x00".as_slice(), b"\x80\x00", b"\x83\x00", b"\x09\x00", b"\x89\x7e\x00\x80"] {
        let (messages, whole) = read(&[wire, &frame(0x81, None, b"later")].concat(), 1, "").await;
        assert_eq!((messages, whole), (Vec::new(), false), "{wire:x?}");
    }
    let (messages, whole) = read(&frame(0x81, None, b"x"), 1, "x-unknown").await;
    assert_eq!((messages, whole), (Vec::new(), false));
}

#[tokio::test]
async fn a_message_beyond_the_limit_is_cut_and_marked() {
    for mask in [None, Some([1, 2, 3, 4])] {
        let wire = [frame(0x02, mask, &[7; 900]), frame(0x80, mask, &[8; 900]), frame(0x81, mask, b"next")];
        for step in [1, 1000, 1 << 20] {
            let (messages, whole) = read_within(1000, &wire.concat(), step, "").await;
            let data = [[7; 900].as_slice(), &[8; 100]].concat();
            let expect = [(MessageKind::Binary, 1800, data), (MessageKind::Text, 4, b"next".to_vec())];
            assert_eq!((messages, whole), (expect.to_vec(), false), "{mask:?} in steps of {step}");
        }
    }
}

#[tokio::test]
async fn what_ends_inside_a_message_leaves_a_hole() {
    let wire = [frame(0x81, None, b"whole"), frame(0x01, None, b"half"), frame(0x80, None, b"rest")].concat();
    for length in 0..=wire.len() {
        let (messages, whole) = read(&wire[..length], 1, "").await;
        assert_eq!(messages.len(), usize::from(length >= 7) + usize::from(length == wire.len()), "{length}");
        assert_eq!(whole, [0, 7, wire.len()].contains(&length), "{length}");
    }
}

/// Messages as they are recorded of a direction that may inflate what [`Allowance::default`] has: how each is coded, how
/// large it was, and what is kept.
async fn coded(wire: &[u8], step: usize, extensions: &str) -> Vec<(Option<MessageCoding>, u64, Vec<u8>)> {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let open = begin(&recorder, Settings::default().body_limit);
    let headers = [("Sec-WebSocket-Extensions", extensions)].into_iter().collect();
    let mut reader = Reader::new(Direction::Response, &Extensions::negotiated(&headers), open.messages());
    wire.chunks(step).for_each(|piece| reader.read(piece));
    drop((open, reader));
    recorder.close();
    let records = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&records);
    let append = move |batch| {
        kept.lock().unwrap().extend::<Vec<Record>>(batch);
        std::future::ready(Ok::<_, String>(()))
    };
    writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError)).await;
    let records = std::mem::take(&mut *records.lock().unwrap());
    let messages = records.into_iter().filter_map(|record| match record {
        Record::Message(message) => Some((message.coding, message.size, message.data)),
        _ => None,
    });
    messages.collect()
}

#[tokio::test]
async fn a_bomb_is_kept_as_it_came() {
    let zeros = vec![0; 16 << 20];
    for (extensions, next) in [
        // What follows may refer to what was not inflated.
        ("permessage-deflate", Some(MessageCoding::Deflate)),
        ("permessage-deflate; server_no_context_takeover", None),
    ] {
        let mut compress = Compress::new(Compression::best(), false);
        let bomb = deflate(&mut compress, &zeros);
        if next.is_none() {
            compress.reset();
        }
        let hello = deflate(&mut compress, b"hello hello");
        let plain = frame(0x81, None, b"plain");
        let wire = [frame(0xc2, None, &bomb), frame(0xc1, None, &hello), plain].concat();
        for step in [1, 4096, usize::MAX] {
            let messages = coded(&wire, step, extensions).await;
            let hello = if next.is_some() { hello.clone() } else { b"hello hello".to_vec() };
            let expect = [
                (Some(MessageCoding::Deflate), bomb.len() as u64, bomb.clone()),
                (next, hello.len() as u64, hello),
                (None, 5, b"plain".to_vec()),
            ];
            assert!(messages == expect, "{extensions} in pieces of {step}");
        }
    }
}

#[tokio::test]
async fn small_messages_that_grow_a_thousandfold_are_not_inflated_for_ever() {
    let mut compress = Compress::new(Compression::best(), false);
    let zeros = vec![0; 64 << 10];
    let wire: Vec<_> = (0..1000).map(|_| frame(0xc2, None, &deflate(&mut compress, &zeros))).collect();
    let messages = coded(&wire.concat(), 4096, "permessage-deflate").await;
    assert_eq!(messages.len(), 1000);
    let (as_they_came, inflated): (Vec<_>, Vec<_>) =
        messages.iter().partition(|(coding, ..)| coding.is_some());
    // 64 MiB were asked for. A second or two may pass while this runs.
    assert!(!inflated.is_empty() && inflated.len() < 200, "{} were inflated", inflated.len());
    assert!(as_they_came.iter().all(|(_, size, data)| *size == data.len() as u64 && data.len() < 200));
    let kept: usize = messages.iter().map(|(.., data)| data.len()).sum();
    let came: usize = wire.iter().map(Vec::len).sum();
    assert!(kept <= 64 * came + (1 << 20), "{kept} bytes are kept of {came}");
}

#[tokio::test]
async fn what_is_kept_of_inflated_messages_is_bounded_by_what_came() {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let open = begin(&recorder, Settings::default().body_limit);
    let headers = [("Sec-WebSocket-Extensions", "permessage-deflate")].into_iter().collect();
    let extensions = Extensions::negotiated(&headers);
    // All may be inflated, as if much time passed between messages.
    let (direction, allowance) = (Direction::Request, Allowance::without_time());
    let mut reader = Reader::within(allowance, direction, &extensions, open.messages());
    let mut compress = Compress::new(Compression::best(), false);
    let zeros = vec![0; 256 << 10];
    let wire: Vec<_> = (0..20).map(|_| frame(0xc2, None, &deflate(&mut compress, &zeros))).collect();
    wire.iter().for_each(|frame| reader.read(frame));
    drop((open, reader));
    recorder.close();
    let (messages, whole) = recorded(writer).await;
    let (kept, came): (usize, usize) =
        (messages.iter().map(|(.., data)| data.len()).sum(), wire.iter().map(Vec::len).sum());
    assert!(kept > 1 << 20 && kept <= 64 * came + (1 << 20), "{kept} bytes are kept of {came}");
    assert!(messages.iter().all(|(_, size, _)| *size == 256 << 10), "their sizes are told");
    assert!(!whole, "it is marked");
}
