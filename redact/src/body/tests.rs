//! Bodies of all kinds with secrets, whole and in pieces.

mod codings;
mod messages;
mod plain;
mod properties;
mod structured;

use dashcam_exchange::{Direction, Headers, StoredAs};

use super::Body;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::redactor::Redactor;
use crate::{Definitions, Sets};

/// A body as it is stored, and how.
fn stored(headers: &Headers, pieces: &[&[u8]]) -> (Vec<u8>, StoredAs) {
    stored_by(true, headers, pieces)
}

fn stored_by(is_raw: bool, headers: &Headers, pieces: &[&[u8]]) -> (Vec<u8>, StoredAs) {
    let (sets, keys) = (Sets::compile(&Definitions::default()).unwrap(), Keys::new([1; 32]));
    let (set, mut memory) = (sets.set(None).unwrap(), Memory::default());
    let begin = if is_raw { Redactor::new } else { Redactor::again };
    let mut redactor = begin(set, &keys, &mut memory, "api.example");
    let mut body = Body::new(set, Direction::Request, headers);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(body.push(piece, &mut redactor));
    }
    out.extend(body.finish(false, &mut redactor));
    (out, body.stored_as())
}

fn headers(content_type: &str) -> Headers {
    [("content-type", content_type)].into_iter().collect()
}

/// `text` with kinds in the place of placeholders: `<password>`.
fn shown(text: &[u8]) -> String {
    let placeholder = regex::bytes::Regex::new("~(?:sealed|masked)[.]([a-z-]+)[.][a-z0-9]+~").unwrap();
    String::from_utf8_lossy(&placeholder.replace_all(text, &b"<$1>"[..])).into_owned()
}

/// Checks a body whole and cut at every byte, that nothing is found in what was stored, and that the original comes
/// back where secrets are put back.
#[track_caller]
fn check(content_type: &str, body: &str, expect: &str) {
    let headers = headers(content_type);
    let (whole, stored_as) = stored(&headers, &[body.as_bytes()]);
    assert_eq!(shown(&whole), expect, "{content_type} {body}");
    assert_eq!(stored_as, if body == expect { StoredAs::Sent } else { StoredAs::Redacted });
    for cut in 1..body.len() {
        let (cut_out, _) = stored(&headers, &[&body.as_bytes()[..cut], &body.as_bytes()[cut..]]);
        assert_eq!(shown(&cut_out), expect, "cut at {cut}");
    }
    let (again, _) = stored_by(false, &headers, &[&whole]);
    assert_eq!(again, whole, "again");
}

#[track_caller]
fn stays(content_type: &str, body: &str) {
    check(content_type, body, body);
}

/// `body`, behind which it was cut, as it is stored in one piece and in two.
fn cut(content_type: &str, body: &[u8]) -> (Vec<u8>, StoredAs) {
    let (sets, keys) = (Sets::compile(&Definitions::default()).unwrap(), Keys::new([1; 32]));
    let (set, mut memory) = (sets.set(None).unwrap(), Memory::default());
    let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
    let headers = headers(content_type);
    let mut stored = |pieces: &[&[u8]]| {
        let mut way = Body::new(set, Direction::Request, &headers);
        let mut out = Vec::new();
        for piece in pieces {
            out.extend(way.push(piece, &mut redactor));
        }
        out.extend(way.finish(true, &mut redactor));
        (out, way.stored_as())
    };
    let whole = stored(&[body]);
    assert_eq!(stored(&[&body[..3], &body[3..]]).0, whole.0);
    whole
}

#[test]
fn half_a_secret_at_a_cut_is_left_out() {
    for (content_type, body, expect) in [
        ("text/plain", "one ghp_Zk93unlike", "one "),
        ("application/json", r#"{"a":"b","c":"ghp_Zk93un"#, r#"{"a":"b","c":""#),
        ("application/json", r#"{"a":"b","password":"hun"#, r#"{"a":"b","password":"<password>"#),
        ("application/x-www-form-urlencoded", "a=1&b=https://u:hunt", "a=1&"),
        ("text/xml", "<a><b>eyJhbGciOi", "<a><b>"),
        ("text/plain", "all is whole\n", "all is whole\n"),
        ("image/png", "\u{1}\0\0\u{2}ghp_Zk93unlike", "\u{1}\0\0\u{2}ghp_Zk93unlike"),
    ] {
        let (stored, stored_as) = cut(content_type, body.as_bytes());
        assert_eq!(shown(&stored), expect);
        let is_redacted = expect.contains('<') && content_type.ends_with("json");
        assert_eq!(stored_as, if is_redacted { StoredAs::Redacted } else { StoredAs::Sent }, "{body}");
    }
}

#[test]
fn the_bytes_that_wait_are_counted() {
    let (sets, keys) = (Sets::compile(&Definitions::default()).unwrap(), Keys::new([1; 32]));
    let (set, mut memory) = (sets.set(None).unwrap(), Memory::default());
    let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
    let mut body = Body::new(set, Direction::Request, &headers("application/x-protobuf"));
    let small = body.footprint();
    for _ in 0..10 {
        body.push(&[7; 1000], &mut redactor);
    }
    assert!(body.footprint() >= small + 10_000, "{}", body.footprint());
    for (coding, at_least, at_most) in [("br", 4 << 20, 5 << 20), ("gzip", 40 << 10, 80 << 10)] {
        let mut headers = headers("text/plain");
        headers.push("content-encoding", coding);
        let mut body = Body::new(set, Direction::Request, &headers);
        // A window of 4 MiB.
        body.push(&[0x0b], &mut redactor);
        body.push(&[0x80], &mut redactor);
        assert!((at_least..at_most).contains(&body.footprint()), "{coding}: {}", body.footprint());
    }
}
