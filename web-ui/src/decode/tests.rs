//! Bodies and what is made of them.

use std::io::Write;

use super::*;

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

fn decode(fields: &[(&str, &str)], body: &[u8], limit: u64) -> Decoded {
    let size = body.len() as u64;
    let record = BodyRecord { size, stored: size, complete: true, ..BodyRecord::default() };
    let source = Source::new(&fields.iter().copied().collect(), &record, limit);
    let wanted = usize::try_from(source.wanted()).unwrap().min(body.len());
    source.decode(body[..wanted].to_vec())
}

fn check_coding(coding: &str, body: &[u8]) {
    let decoded = decode(&[("Content-Encoding", coding)], body, 100);
    let expect = (Some("Grüße".to_owned()), "utf-8".to_owned());
    assert_eq!(
        (decoded.text(), decoded.size, decoded.truncated, &decoded.note),
        (expect, 7, false, &None),
        "{coding}"
    );
    assert_eq!(decoded.encoding.as_deref(), Some(coding.to_lowercase().as_str()));
}

#[test]
fn codings() {
    let text = "Grüße".as_bytes();
    check_coding("gzip", &gzip(text));
    check_coding("X-GZip", &gzip(text));
    check_coding("deflate", &zlib(text));
    check_coding("deflate", &raw_deflate(text));
    check_coding("br", &brotli(text));
    check_coding("zstd", &zstd(text));
    check_coding("gzip, br", &brotli(&gzip(text)));
    let two_members = [gzip("Grü".as_bytes()), gzip("ße".as_bytes())].concat();
    check_coding("gzip", &two_members);
}

fn check_text(content_type: &str, body: &[u8], text: Option<&str>, charset: &str) {
    let decoded = decode(&[("Content-Type", content_type)], body, 100);
    assert_eq!(decoded.text(), (text.map(str::to_owned), charset.to_owned()), "{content_type} {body:?}");
}

#[test]
fn charsets_and_binaries() {
    check_text("text/plain", "ü".as_bytes(), Some("ü"), "utf-8");
    check_text("text/plain; charset=ISO-8859-1", b"\xfc", Some("ü"), "windows-1252");
    check_text("text/plain; Charset=\"shift_jis\"", b"\x82\xa0", Some("あ"), "shift_jis");
    check_text("text/plain; charset=nonsense", b"a", Some("a"), "utf-8");
    check_text("text/plain", b"\xef\xbb\xbfa", Some("a"), "utf-8");
    check_text("text/plain; charset=utf-8", b"\xff\xfea\0", Some("a"), "utf-16le");
    check_text("image/svg+xml", b"<svg/>", Some("<svg/>"), "utf-8");
    check_text("image/png", b"\x89PNG\r\n\x1a\n\0\0", None, "utf-8");
    check_text("text/html; charset=utf-8", b"\x89PNG\r\n\x1a\n\0\0", None, "utf-8");
    check_text("application/octet-stream", b"\x80\x81\x82", None, "utf-8");
    check_text("", b"", Some(""), "utf-8");
}

#[test]
fn a_bomb_is_cut_at_the_limit() {
    let bomb = gzip(&gzip(&vec![b'a'; 64 << 20]));
    assert!(bomb.len() < 1000, "{}", bomb.len());
    let decoded = decode(&[("Content-Encoding", "gzip, gzip")], &bomb, 1000);
    assert_eq!((decoded.bytes.len(), decoded.size, decoded.truncated), (1000, 1000, true));
    assert!(decoded.bytes.capacity() < 1 << 20);
}

#[test]
fn plain_text_is_cut_between_characters() {
    let decoded = decode(&[], "aüü".as_bytes(), 4);
    assert_eq!((decoded.text().0.as_deref(), decoded.size, decoded.truncated), (Some("aü"), 5, true));
}

#[test]
fn a_coding_that_is_not_there() {
    let decoded = decode(&[("Content-Encoding", "gzip")], b"plain", 100);
    assert_eq!(decoded.text().0.as_deref(), Some("plain"));
    assert!(decoded.note.unwrap().starts_with("Content-Encoding says gzip, but"));
    let decoded = decode(&[("Content-Encoding", "rot13")], b"cynva", 100);
    assert!(decoded.note.unwrap().contains("does not know"));
}

#[test]
fn a_body_that_was_cut_is_shown_as_far_as_it_goes() {
    let text: String = (0..2000).map(|number| format!("{number} ")).collect();
    let whole = gzip(text.as_bytes());
    let stored = whole.len() as u64 / 2;
    let record = BodyRecord { size: whole.len() as u64, stored, truncated: true, ..BodyRecord::default() };
    let source = Source::new(&[("Content-Encoding", "gzip")].into_iter().collect(), &record, 1 << 20);
    let decoded = source.decode(whole[..whole.len() / 2].to_vec());
    assert!(decoded.truncated && decoded.text().0.unwrap().starts_with("0 1 2 3 "));
    assert_eq!(decoded.note.as_deref(), Some("It is shown as far as its stored bytes go."));
}
