//! Coded bodies, bombs, and what can't be decoded.

use std::io::Write as _;

use dashcam_exchange::{Headers, StoredAs};

use super::{shown, stored};

const SECRET: &str = r#"{"user":"me","password":"hunter2"}"#;
const PLAIN: &str = r#"{"user":"me","colour":"blue"}"#;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 5, 22).write_all(text).unwrap();
    out
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).unwrap()
}

fn headers(coding: &str) -> Headers {
    [("Content-Type", "application/json"), ("Content-Encoding", coding)].into_iter().collect()
}

#[track_caller]
fn check(coding: &str, encode: fn(&[u8]) -> Vec<u8>) {
    let headers = headers(coding);
    let expect = r#"{"user":"me","password":"<password>"}"#;
    let body = encode(SECRET.as_bytes());
    let (out, stored_as) = stored(&headers, &[&body]);
    assert_eq!((shown(&out).as_str(), stored_as), (expect, StoredAs::Redacted), "{coding}");
    for cut in 1..body.len() {
        let (out, stored_as) = stored(&headers, &[&body[..cut], &body[cut..]]);
        assert_eq!((shown(&out).as_str(), stored_as), (expect, StoredAs::Redacted), "{coding}, cut at {cut}");
    }
    let plain = encode(PLAIN.as_bytes());
    assert_eq!(stored(&headers, &[&plain]), (plain.clone(), StoredAs::Sent), "{coding}");
    let (out, stored_as) = stored(&headers, &[&plain[..9], &plain[9..]]);
    assert_eq!((out, stored_as), (PLAIN.as_bytes().to_vec(), StoredAs::Redacted), "{coding}");
}

#[test]
fn codings() {
    check("gzip", gzip);
    check("deflate", zlib);
    check("deflate", deflate);
    check("br", brotli);
    check("zstd", zstd);
    check("gzip, br", |text| brotli(&gzip(text)));
}

#[test]
fn members_and_padding() {
    let (first, second) = SECRET.as_bytes().split_at(20);
    let body = [gzip(first), gzip(second), vec![0; 8]].concat();
    assert!(shown(&stored(&headers("gzip"), &[&body]).0).contains("<password>"));
}

#[test]
fn bodies_that_were_cut_off() {
    let text = SECRET.repeat(50);
    let body = gzip(text.as_bytes());
    let (out, _) = stored(&headers("gzip"), &[&body[..body.len() - 12]]);
    assert!(!shown(&out).contains("hunter2"));
}

#[test]
fn bombs_are_dropped() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let (out, stored_as) = stored(&headers("gzip"), &[&bomb]);
    assert!(out.len() < 20 << 20);
    assert_ne!(stored_as, StoredAs::Sent);
}

#[test]
fn wrong_and_unknown_codings() {
    let (out, _) = stored(&headers("gzip"), &[SECRET.as_bytes()]);
    assert_eq!(shown(&out), r#"{"user":"me","password":"<password>"}"#);
    assert_eq!(stored(&headers("compress"), &[SECRET.as_bytes()]), (Vec::new(), StoredAs::Withheld));
}

#[test]
fn utf16() {
    let body: Vec<u8> = SECRET.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (out, _) = stored(&super::headers("application/json; charset=utf-16le"), &[&body]);
    assert_eq!(shown(&out), "\u{feff}{\"user\":\"me\",\"password\":\"<password>\"}");
}
