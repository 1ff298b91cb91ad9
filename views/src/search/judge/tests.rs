//! For all bodies: decoded at once they are the same as step by step, and a search finds what the matcher matches.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use dashcam_exchange::{
    BodyRecord, Direction, Exchange, ExchangeId, Headers, Message, MessageKind, Record, State, Timestamp,
    sample,
};
use dashcam_filter::{Context, Filter};
use dashcam_store::{Start, Store};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::content;
use crate::decode::Decoding;
use crate::payload;
use crate::search::{Bodies, Search};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let (mut coded, params) = (Vec::new(), brotli::enc::BrotliEncoderParams::default());
    brotli::BrotliCompress(&mut &bytes[..], &mut coded, &params).unwrap();
    coded
}

/// `bytes` in codings, in the order in which they are named; names that are no coding change nothing.
fn coded(codings: &str, bytes: &[u8]) -> Vec<u8> {
    codings.split(", ").fold(bytes.to_vec(), |bytes, coding| match coding {
        "gzip" => gzip(&bytes),
        "deflate" => deflate(&bytes),
        "br" => brotli(&bytes),
        "zstd" => zstd::bulk::compress(&bytes, 1).unwrap(),
        "aws-chunked" => [format!("{:x};x=1\r\n", bytes.len()).as_bytes(), &bytes, b"\r\n0\r\n\r\n"].concat(),
        _ => bytes,
    })
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let texts = select(vec![
        "needle in a haystack",
        "a NEEDLE",
        "gr\u{fc}ne Needle, \u{4e2d}\u{6587} \u{1f600}",
        "{\"a\": {\"b\": \"needle\", \"c\": [1, 42, {\"d\": \"n\\u0065edle\"}]}}",
        "{\"a\": 42, \"query\": \"query Needle { x }\"}",
        "<html><meta charset=shift_jis><p>needle",
        "<html><meta charset=iso-2022-jp>\u{1b}$B$\u{1b}(Bneedle",
        "<?xml version='1.0' encoding='windows-1252'?><needle>\u{fc}</needle>",
        "--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nneedle\r\n--b--\r\n",
        "",
    ]);
    let made =
        (texts, select(vec!["utf-8", "latin1", "utf-16le", "bom16", "bom8", "broken", "nul"]), 0..3_usize);
    made.prop_map(|(text, form, padding)| {
        let text = " ".repeat([0, 40_000, 70_000][padding]) + text;
        let wide = || text.encode_utf16().flat_map(u16::to_le_bytes);
        match form {
            "latin1" => text.chars().map(|sign| u8::try_from(u32::from(sign)).unwrap_or(b'?')).collect(),
            "utf-16le" => wide().collect(),
            "bom16" => [0xff, 0xfe].into_iter().chain(wide()).collect(),
            "bom8" => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            "broken" => [text.as_bytes(), b"\xff\xc3"].concat(),
            "nul" => [b"\0\x01", text.as_bytes()].concat(),
            _ => text.into_bytes(),
        }
    })
}

/// A body with the headers before it, as it was stored.
fn body() -> impl Strategy<Value = (Headers, BodyRecord)> {
    let codings = select(vec![
        "",
        "",
        "",
        "gzip",
        "br",
        "zstd",
        "deflate",
        "gzip, br",
        "identity",
        "aws-chunked",
        "odd",
        "gzip, gzip, gzip",
    ]);
    let kinds = select(vec![
        "",
        "application/json",
        "text/html",
        "text/html; charset=iso-8859-1",
        "text/plain; charset=utf-16le",
        "text/plain; charset=ISO-2022-JP",
        "text/css; charset=\"utf-8\"",
        "application/octet-stream",
        "image/svg+xml",
        "multipart/form-data; boundary=b",
    ]);
    let names = select(vec![("Content-Encoding", "Content-Type"), ("content-encoding", "CONTENT-TYPE")]);
    (text(), codings, kinds, names, select(vec!["whole", "whole", "cut", "lie"])).prop_map(
        |(text, codings, kind, names, state)| {
            let mut headers = Headers::default();
            headers.push("ETag", "\"x\"");
            if !codings.is_empty() {
                headers.push(names.0, codings);
            }
            if !kind.is_empty() {
                headers.push(names.1, kind);
            }
            // Some servers name a coding that they did not apply.
            let mut bytes = if state == "lie" { text } else { coded(codings, &text) };
            let size = bytes.len() as u64;
            if state == "cut" {
                bytes.truncate(bytes.len() * 2 / 3);
            }
            let record = BodyRecord {
                size,
                truncated: state == "cut",
                complete: true,
                ..BodyRecord { size, ..sample::body(&bytes) }
            };
            (headers, record)
        },
    )
}

fn exchange(id: i64, (headers, record): &(Headers, BodyRecord)) -> Exchange {
    let mut response = sample::ok(&[]);
    response.headers = headers.clone();
    Exchange { response: Some(response), response_body: record.clone(), ..sample::exchange(id) }
}

/// `exchange` handed over as the recorder does: with its first bytes ahead of it, if they are many.
fn records(mut exchange: Exchange, texts: &[String]) -> Vec<Record> {
    let id = exchange.id;
    let mut records = Vec::new();
    let rest = &mut exchange.response_body.rest;
    let is_split = rest.len() > 30_000;
    if is_split || !texts.is_empty() {
        let mut opened = Exchange { state: State::Open, ..sample::exchange(id.0) };
        opened.response.clone_from(&exchange.response);
        records.push(Record::Opened(Box::new(opened)));
    }
    if is_split {
        // The piece ends within the text.
        let rest_of_it = rest.split_off(rest.len() - 7);
        let data = std::mem::replace(rest, rest_of_it);
        let direction = Direction::Response;
        records.push(Record::BodyPart { exchange: id, direction, seq: 0, data });
        exchange.response_body.parts = 1;
    }
    for (seq, text) in (0..).zip(texts) {
        records.push(Record::Message(Box::new(Message {
            exchange: id,
            seq,
            at: Timestamp(1),
            direction: Direction::Request,
            kind: MessageKind::Text,
            size: text.len() as u64,
            coding: None,
            redacted: false,
            data: text.clone().into_bytes(),
        })));
    }
    records.push(Record::Finished(Arc::new(exchange)));
    records
}

fn filter(text: &str) -> Filter {
    let (now, presets) = (jiff::Zoned::default(), BTreeMap::new());
    Filter::parse(text, &Context { now: &now, presets: &presets }).unwrap()
}

const FILTERS: [&str; 14] = [
    "body:needle",
    "~b needle",
    "~bs Needle",
    "res.body:/needle in .*stack/",
    "-body:needle",
    "body:gr\u{fc}ne",
    "res.json.a.b:needle",
    "json.a.c.*.d:=needle",
    "json.a:42",
    "json.a.c.1:42",
    "json.a:*",
    "gql.operation:Needle",
    "ws:needle | body:haystack id:3..9",
    "body:needle status:200 -ws:*",
];

async fn found(search: &Search, start: Start, most: usize) -> Vec<i64> {
    let (mut next, mut ids) = (Some(start), Vec::new());
    while let Some(start) = next {
        let found = search.page(start, most, None).await.unwrap();
        let progress = found.progress.unwrap();
        assert_eq!((progress.unreadable, progress.left == 0), (0, found.next.is_none()));
        ids.extend(found.rows.iter().map(|row| row.id.0));
        next = found.next;
    }
    ids
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn at_once_as_step_by_step(bodies in prop::collection::vec(body(), 40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let decoders = Decoders::new(Decoding::default());
        for of in bodies {
            let exchange = exchange(1, &of);
            let (headers, record) = of;
            let parts = payload::Parts::held(record.rest.clone());
            let by_steps = content::searched(&parts, &decoders, (&exchange, Direction::Response), SEARCHED);
            let by_steps = runtime.block_on(by_steps).unwrap();
            let json = serde_json::to_string(&headers).unwrap();
            let stored = StoredBody::new(Some(&json), record.clone(), &record.rest);
            let mut room = b"left of another".to_vec();
            let at_once = decoded(&decoders, &stored, &mut room).unwrap().unwrap();
            prop_assert!(at_once == by_steps, "{headers:?} {record:?}");
        }
    }

    #[test]
    fn a_search_finds_what_the_matcher_matches(
        bodies in prop::collection::vec((body(), prop::collection::vec(select(vec!["needle".to_owned(), "hay".to_owned()]), 0..2)), 1..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        runtime.block_on(async {
            let store = Store::open(&folder.path().join("dashcam.db")).await.unwrap();
            for (id, (of, texts)) in (1..).zip(&bodies) {
                store.sink().append(records(exchange(id, of), texts)).await.unwrap();
            }
            let reader = store.reader().clone();
            let decoders = Decoders::new(Decoding::default()).with_recording(&reader);
            for text in FILTERS {
                let search = Search { reader: reader.clone(), decoders: decoders.clone(), filter: filter(text) };
                let mut expect = Vec::new();
                for id in (1..=bodies.len()).map(|id| ExchangeId(id as i64)) {
                    let exchange = reader.exchange(id).await.unwrap().unwrap();
                    let row = exchange.summary();
                    if search.matches((&exchange, &row), &Bodies::stored(&reader, id)).await.unwrap() {
                        expect.push(id.0);
                    }
                }
                prop_assert_eq!(&found(&search, Start::OLDEST, 1000).await, &expect, "{}", text);
                expect.reverse();
                for most in [1000, 2] {
                    prop_assert_eq!(&found(&search, Start::NEWEST, most).await, &expect, "{}", text);
                }
            }
            Ok(())
        })?;
    }
}
