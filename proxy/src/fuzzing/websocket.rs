//! Frames: the messages are the same however the bytes are cut, within the limits.

use std::sync::{Arc, Mutex};

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    Destination, Direction, GapReason, Headers, LastIds, Level, Message, Record, RequestHead, Scheme, Version,
};
use dashcam_recorder::{Begin, Limits, recorder};

use crate::fuzzing::cuts::header;
use crate::fuzzing::{frames, world};
use crate::inflating::Allowance;
use crate::websocket::{Extensions, Reader};

/// Bytes that are kept of a message at most.
const LIMIT: u64 = 1 << 10;
/// Bytes that the recorder may hold.
const MEMORY: usize = 16 << 10;
const EXTENSIONS: [&str; 4] = [
    "",
    "permessage-deflate",
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    "permessage-deflate, x-unknown",
];

/// Reads the frames behind the first two bytes of `input`: those say the direction and the extensions.
///
/// # Panics
/// When the messages depend on how the bytes came, or more is held than the limits allow.
pub fn websocket(input: &[u8]) {
    let Some((flags, cuts, wire)) = header(input) else { return };
    let direction = if flags & 1 == 0 { Direction::Request } else { Direction::Response };
    let extensions = EXTENSIONS[usize::from(flags >> 1) % EXTENSIONS.len()];
    // Room for all there can be, so that the budget plays no part; then hardly any.
    let plenty = Limits { memory: 64 << 20, ..Limits::default() };
    let whole = world::run(read(&[wire], direction, extensions, plenty));
    let pieces = cuts.of(wire, 1000);
    let cut = world::run(read(&pieces, direction, extensions, plenty));
    assert_eq!(whole, cut, "left: at once, right: in pieces");
    for (_, size, data) in &whole.messages {
        assert!(data.len() as u64 <= (*size).min(LIMIT), "{} of {size} bytes are kept", data.len());
    }
    if extensions.is_empty() {
        let (messages, understood) = frames::messages(wire);
        let kept = |data: &[u8]| data[..data.len().min(LIMIT as usize)].to_vec();
        let expect: Vec<_> =
            messages.iter().map(|(kind, data)| (*kind, data.len() as u64, kept(data))).collect();
        assert_eq!(whole.messages, expect);
        let cut = messages.iter().any(|(_, data)| data.len() as u64 > LIMIT);
        assert_eq!(whole.truncated, cut || !understood);
    }
    let cut = whole.messages.iter().any(|(_, size, data)| *size > data.len() as u64);
    assert!(whole.truncated || !cut, "it is marked");
    let little = world::run(read(&pieces, direction, extensions, Limits { memory: MEMORY, ..plenty }));
    assert!(little.messages.len() <= whole.messages.len());
}

/// The messages that are recorded.
#[derive(Debug, PartialEq, Eq)]
struct Recorded {
    messages: Vec<(dashcam_exchange::MessageKind, u64, Vec<u8>)>,
    truncated: bool,
}

async fn read(pieces: &[&[u8]], direction: Direction, extensions: &str, limits: Limits) -> Recorded {
    let (recorder, writer) = recorder(limits, LastIds::default());
    let open = recorder.begin(begin()).expect("there is room for one");
    let headers: Headers = [("Sec-WebSocket-Extensions", extensions)].into_iter().collect();
    let allowance = Allowance::without_time();
    let mut reader = Reader::within(allowance, direction, &Extensions::negotiated(&headers), open.messages());
    for piece in pieces {
        reader.read(piece);
        assert!(recorder.health().queued_bytes <= limits.memory, "the budget is not kept");
    }
    drop((open, reader));
    recorder.close();
    let records = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&records);
    let append = move |batch: Vec<Record>| {
        kept.lock().expect("no panic").extend(batch);
        std::future::ready(Ok::<_, String>(()))
    };
    writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError)).await;
    assert_eq!(recorder.health().queued_bytes, 0, "all is given back");
    let mut recorded = Recorded { messages: Vec::new(), truncated: false };
    for record in records.lock().expect("no panic").drain(..) {
        match record {
            Record::Message(message) => {
                let Message { kind, size, data, .. } = *message;
                recorded.messages.push((kind, size, data));
            }
            Record::Finished(exchange) => {
                recorded.truncated = exchange.request_body.truncated || exchange.response_body.truncated;
            }
            _ => {}
        }
    }
    recorded
}

fn begin() -> Begin {
    Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, LIMIT),
        destination: Destination { scheme: Scheme::Http, host: "a".to_owned(), port: 80 },
        request: RequestHead {
            method: "GET".into(),
            target: "/".into(),
            authority: None,
            version: Version::Http11,
            headers: Headers::default(),
        },
    }
}
