//! Copies for readers of memory and live watchers.

use dashcam_exchange::{Direction, Live, MessageKind};

use super::{JSON, PART, SECRET, assert_clean, begin, head, json, shown_exchange, start, stop};

/// Live watchers, lists, and copies and tails of exchanges under way, at each moment.
#[tokio::test]
async fn readers_of_memory_and_watchers() {
    let (recorder, writer) = start();
    let (mut live, mut paced) = (recorder.watch(), recorder.watch_at_a_pace());
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
        let event = recorder.as_it_stands(id).expect("it is in memory");
        assert_eq!(event.exchange(), Some(id), "{moment}");
        assert_clean(format!("{event:?}").as_bytes(), moment);
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
    let mut kinds = Vec::new();
    while let Ok(event) = paced.try_recv() {
        assert_clean(format!("{event:?}").as_bytes(), "an event at a pace");
        kinds.push(match &**event {
            Live::GoesOn(named) if *named == id => "goes on",
            Live::Message(_) => "message",
            Live::Finished(_) => "finished",
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(kinds, ["goes on", "goes on", "message", "finished"]);
}
