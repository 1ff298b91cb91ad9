//! Messages, frames, and Protocol buffers.

use dashcam_exchange::{
    Direction, ExchangeId, Headers, Message, MessageCoding, MessageKind, StoredAs, Timestamp,
};

use super::{shown, stored};
use crate::body::MessageContext;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::redactor::Redactor;
use crate::{Definitions, Sets};

fn message(kind: MessageKind, coding: Option<MessageCoding>, data: &[u8]) -> Message {
    redacted(Message {
        exchange: ExchangeId(1),
        seq: 0,
        at: Timestamp(0),
        direction: Direction::Request,
        kind,
        size: data.len() as u64,
        coding,
        data: data.to_vec(),
        redacted: false,
    })
}

fn redacted(mut message: Message) -> Message {
    let (sets, keys) = (Sets::compile(&Definitions::default()).unwrap(), Keys::new([1; 32]));
    let (set, mut memory) = (sets.set(None).unwrap(), Memory::default());
    let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
    redactor.message(&mut message, &MessageContext::default());
    message
}

/// A field of Protocol buffers with a length.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(content.len()).unwrap()], content].concat()
}

#[test]
fn texts() {
    let check = |data: &str, expect: &str| {
        let message = message(MessageKind::Text, None, data.as_bytes());
        assert_eq!(shown(&message.data), expect);
        assert_eq!(message.redacted, data != expect);
    };
    check(r#"{"password":"abc1"}"#, r#"{"password":"<password>"}"#);
    check(r#"42["login",{"password":"abc1"}]"#, r#"42["login",{"password":"<password>"}]"#);
    check("{\"password\":\"abc1\"}\u{1e}{}\u{1e}", "{\"password\":\"<password>\"}\u{1e}{}\u{1e}");
    check("CONNECT\npassword:hunter2\n\n\0", "CONNECT\npassword:<password>\n\n\0");
    check("hello", "hello");
}

#[test]
fn codings() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, br#"{"password":"abc1"}"#).unwrap();
    let out = message(MessageKind::Grpc, Some(MessageCoding::Gzip), &encoder.finish().unwrap());
    assert_eq!((shown(&out.data).as_str(), out.coding), (r#"{"password":"<password>"}"#, None));
    let out = message(MessageKind::Text, Some(MessageCoding::Deflate), &[0xff; 20]);
    assert_eq!((out.data.len(), out.redacted, out.coding), (0, true, None));
}

#[test]
fn a_message_that_was_cut_loses_its_last_word_once() {
    let whole = message(MessageKind::Text, None, b"the key AKIA12");
    let out = redacted(Message { size: 100, ..whole.clone() });
    assert_eq!(out.data, b"the key ");
    // An earlier set made it shorter: nothing was cut.
    let out = redacted(Message { size: 100, redacted: true, ..whole });
    assert_eq!(out.data, b"the key AKIA12");
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::none());
    std::io::Write::write_all(&mut encoder, b"the key AKIA12 and all that follows it").unwrap();
    let mut coded = message(MessageKind::Text, None, &encoder.finish().unwrap());
    (coded.coding, coded.redacted, coded.size) = (Some(MessageCoding::Deflate), false, 60);
    coded.data.truncate(5 + 14);
    let out = redacted(coded);
    assert_eq!((out.data.as_slice(), out.coding, out.redacted), (&b"the key "[..], None, true));
}

#[test]
fn protobuf() {
    let inner = field(1, b"https://me:s3cr3t@host.example");
    let data = [field(1, b"hello"), vec![0x10, 0x96, 0x01], field(3, &inner)].concat();
    let out = message(MessageKind::Grpc, None, &data);
    assert!(out.redacted && shown(&out.data).contains("https://me:<url-credential>@host.example"));
    assert!(crate::body::protobuf::is_message(&out.data));
    let plain = [field(1, b"hello"), vec![0x10, 0x96, 0x01]].concat();
    assert_eq!(message(MessageKind::Grpc, None, &plain).data, plain);
}

#[test]
fn frames() {
    let headers: Headers = [("content-type", "application/grpc")].into_iter().collect();
    let inner = field(1, b"https://me:s3cr3t@host.example");
    let body = [&[0, 0, 0, 0, u8::try_from(inner.len()).unwrap()], inner.as_slice()].concat();
    let (out, stored_as) = stored(&headers, &[&body]);
    assert_eq!(stored_as, StoredAs::Redacted);
    assert!(!shown(&out).contains("s3cr3t"));
    assert_eq!(usize::from(out[4]), out.len() - 5);
    for cut in 1..body.len() {
        assert_eq!(stored(&headers, &[&body[..cut], &body[cut..]]).0, out, "cut at {cut}");
    }
}
