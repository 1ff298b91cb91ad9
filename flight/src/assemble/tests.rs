//! Exchanges that are put together from pieces of the ring, in order, torn and taken back.

use dashcam_exchange::sample::exchange;
use dashcam_exchange::{Timestamp, sample};

use super::*;

fn part(id: i64, seq: u32) -> Entry {
    Entry::BodyPart { exchange: ExchangeId(id), direction: Direction::Response, seq, data: vec![b'x'; 10] }
}

/// One whose response came in so many pieces, and 5 bytes behind them.
fn finished(id: i64, parts: u32) -> Entry {
    let mut whole = exchange(id);
    whole.response = Some(sample::ok(&[]));
    whole.response_body = sample::body(b"12345");
    whole.response_body.parts = parts;
    whole.response_body.size += u64::from(parts) * 10;
    whole.response_body.stored = whole.response_body.size;
    Entry::Finished(Arc::new(whole))
}

fn opened(id: i64) -> Entry {
    Entry::Opened(Box::new(exchange(id)))
}

fn message(id: i64, seq: u32, kind: MessageKind) -> Entry {
    let (exchange, at, direction) = (ExchangeId(id), Timestamp(0), Direction::Request);
    Entry::Message(Box::new(Message {
        exchange,
        seq,
        at,
        direction,
        kind,
        size: 0,
        coding: None,
        redacted: false,
        data: Vec::new(),
    }))
}

/// The pieces in a few letters, with what is stored of responses that ended.
fn check(entries: Vec<Entry>, expect: &str) {
    let (mut assembly, mut pieces) = (Assembly::default(), Vec::new());
    entries.into_iter().for_each(|entry| assembly.take(entry, &mut pieces));
    assembly.end(&mut pieces);
    let shown: Vec<_> = pieces.iter().map(show).collect();
    assert_eq!(shown.join(" "), expect);
}

fn show(piece: &Piece) -> String {
    match piece {
        Piece::Record(Record::Opened(exchange)) => format!("open:{}", exchange.id),
        Piece::Record(Record::BodyPart { exchange, seq, .. }) => format!("part:{exchange}.{seq}"),
        Piece::Record(Record::Message(message)) => format!("message:{}.{}", message.exchange, message.seq),
        Piece::Record(Record::Finished(exchange)) => {
            let BodyRecord { stored, parts, truncated, rest, .. } = &exchange.response_body;
            let cut = if *truncated { "cut" } else { "whole" };
            format!("end:{}({stored} in {parts}+{}, {cut})", exchange.id, rest.len())
        }
        Piece::Record(Record::Interrupted(id)) => format!("interrupted:{id}"),
        Piece::Kept(id) => format!("kept:{id}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn pieces_follow_each_other_or_are_left_out() {
    check(vec![finished(1, 0)], "end:1(5 in 0+5, whole)");
    check(
        vec![opened(1), part(1, 0), part(1, 1), finished(1, 2)],
        "part:1.0 part:1.1 end:1(25 in 2+5, whole)",
    );
    // Their beginning was overwritten.
    check(vec![part(1, 1), finished(1, 2)], "end:1(0 in 0+0, cut)");
    check(vec![finished(1, 2)], "end:1(0 in 0+0, cut)");
    // A piece in the middle was damaged.
    check(
        vec![opened(1), part(1, 0), part(1, 2), part(1, 3), finished(1, 4)],
        "part:1.0 end:1(10 in 1+0, cut)",
    );
    // A block that comes twice.
    check(
        vec![opened(1), part(1, 0), opened(1), part(1, 0), finished(1, 1)],
        "part:1.0 end:1(15 in 1+5, whole)",
    );
}

#[test]
fn exchanges_that_are_open_at_the_end_are_interrupted() {
    check(vec![opened(2), opened(1), part(2, 0)], "open:1 interrupted:1 open:2 part:2.0 interrupted:2");
    check(vec![part(1, 0)], "");
    check(vec![opened(1), Entry::Interrupted(ExchangeId(1))], "open:1 interrupted:1");
    check(vec![Entry::Interrupted(ExchangeId(1)), Entry::Kept(ExchangeId(3))], "kept:3");
}

#[test]
fn exchanges_are_as_whole_as_they_were_captured() {
    let mut bare = exchange(1);
    bare.level = Level::Metadata;
    let (mut assembly, mut pieces) = (Assembly::default(), Vec::new());
    assembly.take(Entry::Finished(Arc::new(bare)), &mut pieces);
    assert!(matches!(&*pieces, [Piece::Record(Record::Finished(whole))] if whole.level == Level::Full));
}

#[test]
fn of_exchanges_that_are_in_the_store_nothing_is_stored_again() {
    check(vec![opened(1), part(1, 0), Entry::Kept(ExchangeId(1))], "kept:1");
    check(vec![opened(1), part(1, 0), Entry::Discarded(ExchangeId(1)), Entry::Kept(ExchangeId(2))], "kept:2");
}

#[test]
fn exchanges_without_an_end_hold_a_bounded_number_of_bytes() {
    let large = |seq| Entry::BodyPart {
        exchange: ExchangeId(1),
        direction: Direction::Request,
        seq,
        data: vec![0; MOST_HELD / 3],
    };
    let (mut assembly, mut pieces) = (Assembly::default(), Vec::new());
    (0..9).for_each(|seq| assembly.take(large(seq), &mut pieces));
    assert!(assembly.held <= MOST_HELD && assembly.open() == 1, "{}", assembly.held);
    let mut whole = exchange(1);
    whole.request_body.parts = 9;
    assembly.take(Entry::Finished(Arc::new(whole)), &mut pieces);
    let Some(Piece::Record(Record::Finished(found))) = pieces.last() else { panic!("{pieces:?}") };
    assert!(found.request_body.truncated && found.request_body.parts == 3);
    assert_eq!((assembly.held, assembly.open(), assembly.cut()), (0, 0, 1));
}

#[test]
fn missing_messages_are_told() {
    let text = |seq| message(1, seq, MessageKind::Text);
    check(
        vec![opened(1), text(0), text(1), finished(1, 0)],
        "message:1.0 message:1.1 end:1(5 in 0+5, whole)",
    );
    check(vec![text(4), finished(1, 0)], "message:1.4 end:1(5 in 0+5, cut)");
    check(vec![message(1, 4, MessageKind::Grpc), finished(1, 0)], "message:1.4 end:1(5 in 0+5, whole)");
}
