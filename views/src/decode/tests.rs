//! Bodies and what is made of them.

use std::future::poll_fn;
use std::io::Write;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use dashcam_exchange::{BodyRecord, StoredAs};

use super::decoders::AT_ONCE;
use super::*;
use crate::content::{Readable, readable};
use crate::payload::Parts;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    brotli::CompressorWriter::new(&mut encoded, 4096, 5, 20).write_all(bytes).unwrap();
    encoded
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

async fn decode(fields: &[(&str, &str)], body: &[u8], limit: u64) -> Readable {
    let size = body.len() as u64;
    let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
    within(Decoding::default(), fields, (&record, body), limit).await
}

async fn within(
    limits: Decoding,
    fields: &[(&str, &str)],
    (record, body): (&BodyRecord, &[u8]),
    limit: u64,
) -> Readable {
    let headers = fields.iter().copied().collect();
    let parts = Parts::held(body.to_vec());
    readable(&Decoders::new(limits), &parts, Plan::new(&headers, record, limit)).await.unwrap()
}

async fn check_coding(coding: &str, body: &[u8]) {
    let decoded = decode(&[("Content-Encoding", coding)], body, 100).await;
    assert_eq!(
        (decoded.text.as_deref(), decoded.size, decoded.truncated, &decoded.note),
        (Some("Grüße"), 7, false, &None),
        "{coding}"
    );
    assert_eq!(decoded.encoding.as_deref(), Some(coding.to_lowercase().as_str()));
}

#[tokio::test]
async fn codings() {
    let text = "Grüße".as_bytes();
    check_coding("gzip", &gzip(text)).await;
    check_coding("X-GZip", &gzip(text)).await;
    check_coding("deflate", &zlib(text)).await;
    check_coding("deflate", &raw_deflate(text)).await;
    check_coding("br", &brotli(text)).await;
    check_coding("zstd", &zstd(text)).await;
    check_coding("gzip, br", &brotli(&gzip(text))).await;
    let two_members = [gzip("Grü".as_bytes()), gzip("ße".as_bytes())].concat();
    check_coding("gzip", &two_members).await;
}

async fn check_text(content_type: &str, body: &[u8], text: Option<&str>, charset: &str) {
    let decoded = decode(&[("Content-Type", content_type)], body, 100).await;
    let found = (decoded.text.as_deref(), decoded.charset.as_str());
    assert_eq!(found, (text, charset), "{content_type} {body:?}");
}

#[tokio::test]
async fn charsets_and_binaries() {
    check_text("text/plain", "ü".as_bytes(), Some("ü"), "utf-8").await;
    check_text("text/plain; charset=ISO-8859-1", b"\xfc", Some("ü"), "windows-1252").await;
    check_text("text/plain; Charset=\"shift_jis\"", b"\x82\xa0", Some("あ"), "shift_jis").await;
    check_text("text/plain; charset=nonsense", b"a", Some("a"), "utf-8").await;
    check_text("text/plain", b"\xef\xbb\xbfa", Some("a"), "utf-8").await;
    check_text("text/plain; charset=utf-8", b"\xff\xfea\0", Some("a"), "utf-16le").await;
    check_text("image/svg+xml", b"<svg/>", Some("<svg/>"), "utf-8").await;
    check_text("image/png", b"\x89PNG\r\n\x1a\n\0\0", None, "utf-8").await;
    check_text("text/html; charset=utf-8", b"\x89PNG\r\n\x1a\n\0\0", None, "utf-8").await;
    check_text("application/octet-stream", b"\x80\x81\x82", None, "utf-8").await;
    check_text("", b"", Some(""), "utf-8").await;
    check_text("text/html", b"<p>gr\xf6\xdfe", Some("<p>größe"), "windows-1252").await;
    check_text("text/html", b"<meta charset=gbk>\xd6\xd0", Some("<meta charset=gbk>中"), "gbk").await;
    check_text("text/html; charset=big5", b"<meta charset=gbk>", Some("<meta charset=gbk>"), "big5").await;
    let xml = b"<?xml version='1.0' encoding='latin1'?>\xe9";
    check_text("application/xml", xml, Some("<?xml version='1.0' encoding='latin1'?>é"), "windows-1252")
        .await;
    check_text("text/css", b"@charset \"gbk\";\xd6\xd0", Some("@charset \"gbk\";中"), "gbk").await;
    check_text("text/plain; charset=nonsense", b"\x93a\x94", Some("“a”"), "windows-1252").await;
    check_text("application/json", "\u{feff}{}".as_bytes(), Some("{}"), "utf-8").await;
    check_text("application/json-seq", b"\x1e{}\n\x1e1", Some("\u{1e}{}\n\u{1e}1"), "utf-8").await;
    check_text("", b"a\x1cb\x1dc", Some("a\u{1c}b\u{1d}c"), "utf-8").await;
    check_text("text/plain", b"\x01\x02\x03", None, "utf-8").await;
    check_text("text/plain", b"long enough, but not of text: \xff\xfe\xfa\x02", None, "utf-8").await;
}

#[tokio::test]
async fn a_bad_byte_is_replaced() {
    let check = async |content_type: &str, (start, rest): (&str, &[u8]), charset: &str, expect: &str| {
        let body = [start.as_bytes(), rest].concat();
        let decoded = decode(&[("Content-Type", content_type)], &body, 1000).await;
        assert_eq!(decoded.text, Some(format!("{start}{expect}")), "{content_type}");
        assert_eq!(decoded.charset, charset, "{content_type}");
    };
    let line = "a log line\n".repeat(20);
    check("application/json", (&line, b"\xff}"), "utf-8", "\u{fffd}}").await;
    check("application/octet-stream", (&line, b"\xff"), "utf-8", "\u{fffd}").await;
    check("text/plain", ("grüße, größe", b"\xe9."), "utf-8", "\u{fffd}.").await;
    check("text/html", (&line, b"\xe9"), "windows-1252", "é").await;
}

#[tokio::test]
async fn a_bomb_is_cut_at_the_limit() {
    let bomb = gzip(&gzip(&vec![b'a'; 64 << 20]));
    assert!(bomb.len() < 1000, "{}", bomb.len());
    let decoded = decode(&[("Content-Encoding", "gzip, gzip")], &bomb, 1000).await;
    assert_eq!((decoded.text, decoded.size, decoded.truncated), (Some("a".repeat(1000)), 1000, true));
}

/// One that gets small again: what is in between would be the memory, or the time.
#[tokio::test]
async fn a_bomb_between_codings_is_cut() {
    // A frame that is to be skipped: nothing comes of it.
    let (magic, length) = (0x184d_2a50_u32.to_le_bytes(), (40_u32 << 20).to_le_bytes());
    let nothing = [magic.as_slice(), &length, &vec![0; 40 << 20]].concat();
    let decoded = decode(&[("Content-Encoding", "zstd, gzip")], &gzip(&nothing), 100).await;
    let note = decoded.note.unwrap();
    assert!(note.contains("more than 32 MiB"), "{note}");
}

#[tokio::test]
async fn more_codings_than_are_undone() {
    let (text, fields) = ("Grüße".as_bytes(), [("Content-Encoding", "gzip, br, gzip")]);
    let body = gzip(&brotli(&gzip(text)));
    let decoded = decode(&fields, &body, 100).await;
    let note = decoded.note.unwrap();
    assert!(note.starts_with("It has 3 content codings") && decoded.text.is_none(), "{note}");
    let size = body.len() as u64;
    let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
    let limits = Decoding { codings: 3, ..Decoding::default() };
    assert_eq!(within(limits, &fields, (&record, &body), 100).await.text.as_deref(), Some("Grüße"));
}

#[tokio::test]
async fn decoding_that_takes_too_long_is_stopped() {
    let body = gzip(&vec![b'a'; 64 << 20]);
    let size = body.len() as u64;
    let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
    let limits = Decoding { time: Duration::from_micros(200), ..Decoding::default() };
    let decoded = within(limits, &[("Content-Encoding", "gzip")], (&record, &body), 32 << 20).await;
    let note = decoded.note.unwrap();
    assert!(note.starts_with("Decoding was stopped after 200µs") && decoded.truncated, "{note}");
}

/// A zstd frame whose window would take a quarter of a gigabyte before its first byte.
#[tokio::test]
async fn a_window_beyond_what_codings_may_have_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&vec![b'a'; 1 << 20]).unwrap();
    let body = encoder.finish().unwrap();
    let decoded = decode(&[("Content-Encoding", "zstd")], &body, 100).await;
    let note = decoded.note.unwrap();
    assert!(note.contains("cannot be decoded"), "{note}");
}

/// When the one who asked is gone, what runs for it ends, and its place is free.
#[tokio::test(flavor = "multi_thread")]
async fn decoding_ends_with_its_reader() {
    let decoders = Decoders::new(Decoding { time: Duration::MAX, ..Decoding::default() });
    let body = gzip(&gzip(b"").repeat((40 << 20) / gzip(b"").len()));
    let size = body.len() as u64;
    let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
    let headers = [("Content-Encoding", "gzip, gzip")].into_iter().collect();
    let mut reading = Reading::begin(&decoders, Parts::held(body), Plan::new(&headers, &record, 100));
    let pace = Arc::clone(&reading.pace);
    {
        let mut next = std::pin::pin!(reading.next());
        // It is asked once, which begins the step.
        let is_pending = poll_fn(|context| Poll::Ready(next.as_mut().poll(context).is_pending()));
        assert!(is_pending.await);
    }
    drop(reading);
    let places = decoders.places.acquire_many(u32::try_from(AT_ONCE).unwrap()).await.unwrap();
    assert_eq!(pace.cut(), Some(pace::Cut::Gone));
    drop(places);
}

#[tokio::test]
async fn a_large_body_is_read_twice_and_not_held() {
    let text = "ü".repeat(300_000);
    let body = gzip(text.as_bytes());
    let size = body.len() as u64;
    let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
    let headers = [("Content-Encoding", "gzip")].into_iter().collect();
    let (decoders, parts) = (Decoders::new(Decoding::default()), Parts::held(body));
    let scanned = scan(&decoders, &parts, Plan::new(&headers, &record, 500_001), 1000).await.unwrap();
    assert!(!scanned.is_held && scanned.bytes.is_empty() && scanned.truncated);
    let mut reading = Reading::again(&decoders, parts, scanned.plan);
    let mut writer = Writer::new(scanned.encoding.unwrap());
    let mut again = String::new();
    while let Some(piece) = reading.next().await.unwrap() {
        again += &writer.push(&piece, false);
    }
    assert_eq!(again, text[..500_000]);
}

#[tokio::test]
async fn plain_text_is_cut_between_characters() {
    let decoded = decode(&[], "aüü".as_bytes(), 4).await;
    assert_eq!((decoded.text.as_deref(), decoded.size, decoded.truncated), (Some("aü"), 5, true));
}

#[tokio::test]
async fn a_coding_that_is_not_there() {
    let decoded = decode(&[("Content-Encoding", "gzip")], b"plain", 100).await;
    assert_eq!(decoded.text.as_deref(), Some("plain"));
    assert!(decoded.note.unwrap().starts_with("Content-Encoding says gzip, but"));
    let decoded = decode(&[("Content-Encoding", "rot13")], b"cynva", 100).await;
    assert!(decoded.note.unwrap().contains("does not know"));
}

#[tokio::test]
async fn a_body_that_was_cut_is_shown_as_far_as_it_goes() {
    let text: String = (0..2000).map(|number| format!("{number} ")).collect();
    let whole = gzip(text.as_bytes());
    let stored = whole.len() as u64 / 2;
    let record = BodyRecord { size: whole.len() as u64, stored, truncated: true, ..BodyRecord::default() };
    let (fields, half) = ([("Content-Encoding", "gzip")], &whole[..whole.len() / 2]);
    let decoded = within(Decoding::default(), &fields, (&record, half), 1 << 20).await;
    assert!(decoded.truncated && decoded.text.unwrap().starts_with("0 1 2 3 "));
    assert_eq!(decoded.note.as_deref(), Some("It is shown as far as its stored bytes go."));
}

#[tokio::test]
async fn what_is_whole_has_no_note() {
    let check = async |coding: &str, body: &[u8], text: &str, encoding: Option<&str>| {
        let decoded = decode(&[("Content-Encoding", coding)], body, 1000).await;
        let found = (decoded.text.as_deref(), decoded.truncated, decoded.note, decoded.encoding.as_deref());
        assert_eq!(found, (Some(text), false, None, encoding), "{coding}");
    };
    for harmless in ["identity", "none", "NONE", "binary", "8bit", "utf-8"] {
        check(harmless, b"abc", "abc", None).await;
    }
    check("\"gzip\"", &gzip(b"abc"), "abc", Some("gzip")).await;
    check("none, gzip", &gzip(b"abc"), "abc", Some("gzip")).await;
    for coding in ["gzip", "br", "zstd", "deflate"] {
        check(coding, b"", "", Some(coding)).await;
    }
    check("gzip", &[gzip(b"abc"), vec![0; 512]].concat(), "abc", Some("gzip")).await;
}

#[tokio::test]
async fn codings_of_what_is_redacted_are_undone_already() {
    let body = b"{\"password\": \"~sealed.password.0123456789abcdef01234567~\"}";
    let record = BodyRecord {
        size: 31,
        stored: body.len() as u64,
        complete: true,
        stored_as: StoredAs::Redacted,
        ..BodyRecord::default()
    };
    let fields = [("Content-Encoding", "gzip"), ("Content-Type", "application/json")];
    let decoded = within(Decoding::default(), &fields, (&record, body), 1000).await;
    assert_eq!(decoded.text.as_deref().map(str::as_bytes), Some(&body[..]));
    assert_eq!((decoded.truncated, decoded.note), (false, None));
    assert_eq!(decoded.encoding.as_deref(), Some("gzip"), "it says how it passed");
}

#[tokio::test]
async fn bytes_behind_gzip_are_said_to_be_there() {
    let body = [gzip(b"abc"), b"<!-- cached -->".to_vec()].concat();
    let decoded = decode(&[("Content-Encoding", "gzip")], &body, 1000).await;
    let note = "15 bytes behind its gzip data are no part of it, and are not shown.";
    assert_eq!((decoded.text.as_deref(), decoded.note.as_deref()), (Some("abc"), Some(note)));
    assert!(!decoded.truncated);
}

#[tokio::test]
async fn data_that_ends_too_early() {
    let text: String = (0..60_000).map(|number| format!("{number} ")).collect();
    for (coding, whole) in
        [("gzip", gzip(text.as_bytes())), ("br", brotli(text.as_bytes())), ("zstd", zstd(text.as_bytes()))]
    {
        let fields = [("Content-Encoding", coding)];
        for stored in [5, whole.len() - 10] {
            let (size, part) = (whole.len() as u64, &whole[..stored]);
            let stored = stored as u64;
            let cut = BodyRecord { size, stored, truncated: true, ..BodyRecord::default() };
            let open = BodyRecord { size: stored, stored, complete: false, ..BodyRecord::default() };
            let whole = BodyRecord { size: stored, stored, complete: true, ..BodyRecord::default() };
            let early = format!("Content-Encoding says {coding}, but its data ends too early.");
            let notes = ["It is shown as far as its stored bytes go."; 2].into_iter().chain([early.as_str()]);
            for (record, note) in [cut, open, whole].iter().zip(notes) {
                let decoded = within(Decoding::default(), &fields, (record, part), 1 << 20).await;
                assert_eq!(decoded.note.as_deref(), Some(note), "{coding} {stored}");
                let shown = decoded.text.unwrap_or_default();
                assert!(
                    decoded.truncated && (stored == 5 || shown.starts_with("0 1 2 ")),
                    "{coding} {stored}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_part_of_a_cut_body_has_no_note() {
    let text: Vec<u8> =
        (0..1_u32 << 18).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let body = gzip(&text);
    let stored = body.len() as u64;
    let record = BodyRecord { size: stored * 2, stored, truncated: true, ..BodyRecord::default() };
    let decoded = within(Decoding::default(), &[("Content-Encoding", "gzip")], (&record, &body), 1000).await;
    assert_eq!((decoded.size, decoded.truncated, decoded.note), (1000, true, None));
}

#[tokio::test]
async fn a_redacted_body_is_stored_without_its_codings() {
    let text = br#"{"token": "~masked.token.lt32~"}"#;
    let redacted = BodyRecord {
        size: 9,
        stored: text.len() as u64,
        complete: true,
        stored_as: StoredAs::Redacted,
        ..BodyRecord::default()
    };
    let fields = [("Content-Encoding", "gzip, aws-chunked"), ("Content-Type", "application/json")];
    let decoded = within(Decoding::default(), &fields, (&redacted, text), 100).await;
    assert_eq!(decoded.text.as_deref().map(str::as_bytes), Some(&text[..]));
    assert_eq!((decoded.size, decoded.truncated, decoded.note), (text.len() as u64, false, None));
    assert_eq!(decoded.encoding.as_deref(), Some("gzip, aws-chunked"), "it says how it passed");
    let cut = BodyRecord { truncated: true, ..redacted };
    assert!(within(Decoding::default(), &fields, (&cut, text), 100).await.truncated);
}

#[tokio::test]
async fn a_withheld_body_says_so() {
    let withheld =
        BodyRecord { size: 9, complete: true, stored_as: StoredAs::Withheld, ..BodyRecord::default() };
    let decoded = within(Decoding::default(), &[("Content-Encoding", "gzip")], (&withheld, b""), 100).await;
    assert!(decoded.truncated && decoded.note.as_ref().is_some_and(|note| note.contains("withheld")));
}
