//! Bodies of all kinds with secrets, whole and in pieces.

mod codings;
mod messages;
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
    out.extend(body.finish(&mut redactor));
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
