//! The function that the fuzz target `redact` (`fuzz/`) runs, and that `cargo test` runs on its seeds: it takes any bytes
//! at all, and panics if something that must always hold does not. Built only for tests and with `--cfg fuzzing`.

use dashcam_exchange::{Direction, Headers, StoredAs};
use serde_json::Value;

use crate::body::Body;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::redactor::Redactor;
use crate::{Definitions, Sets};

/// Types of bodies, by an input's first byte.
const TYPES: [&str; 12] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "text/event-stream",
    "text/csv",
    "text/plain",
    "application/grpc",
    "application/grpc-web-text",
    "application/x-protobuf",
    "text/html; charset=utf-16",
    "",
];
/// Codings, by its second byte.
const CODINGS: [&str; 6] = ["", "gzip", "deflate", "br", "zstd", "gzip, br"];

/// Redacts what stands behind the first three bytes of `input`: whole, and in two pieces.
///
/// # Panics
/// When the pieces give something else than the whole, when what was stored as sent is not what was sent, or when a
/// JSON document is none any more.
pub fn redact(input: &[u8]) {
    let [kind, coding, cut, body @ ..] = input else { return };
    let content_type = TYPES[usize::from(*kind) % TYPES.len()];
    let coding = CODINGS[usize::from(*coding) % CODINGS.len()];
    let mut headers: Headers = [("Content-Type", content_type)].into_iter().collect();
    if !coding.is_empty() {
        headers.push("Content-Encoding", coding);
    }
    let (whole, stored_as) = stored(&headers, &[body]);
    if stored_as == StoredAs::Sent {
        assert_eq!(whole, body, "nothing was found");
    }
    let is_json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).is_ok();
    if content_type == TYPES[0] && coding.is_empty() && is_json(body) {
        assert!(is_json(&whole), "{}", whole.escape_ascii());
    }
    let (first, second) = body.split_at(body.len() * usize::from(*cut) / 256);
    let (pieces, _) = stored(&headers, &[first, second]);
    // A body in pieces is stored decoded, and text in UTF-16 as UTF-8.
    let is_utf16 = pieces.starts_with(b"\xef\xbb\xbf") && !body.starts_with(b"\xef\xbb\xbf");
    if coding.is_empty() && !is_utf16 {
        let (pieces, whole) = (pieces.escape_ascii().to_string(), whole.escape_ascii().to_string());
        assert_eq!(pieces, whole, "in pieces of {} and {}", first.len(), second.len());
    }
}

/// A body as it is stored, and how.
fn stored(headers: &Headers, pieces: &[&[u8]]) -> (Vec<u8>, StoredAs) {
    let sets = Sets::compile(&Definitions::default()).expect("the default set compiles");
    let (keys, mut memory) = (Keys::new([1; 32]), Memory::default());
    let set = sets.set(None).expect("the default set is chosen");
    let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
    let mut body = Body::new(set, Direction::Request, headers);
    let mut out = Vec::new();
    for piece in pieces {
        out.extend(body.push(piece, &mut redactor));
    }
    out.extend(body.finish(false, &mut redactor));
    (out, body.stored_as())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// A number that follows from another, as good as random.
    fn next(state: &mut u64) -> usize {
        *state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from(*state >> 33).unwrap()
    }

    #[test]
    fn seeds() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let mut paths: Vec<_> = ["seeds/redact", "regressions/redact"]
            .into_iter()
            .filter_map(|folder| fuzz.join(folder).read_dir().ok())
            .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
            .collect();
        paths.sort();
        assert!(paths.len() >= 8, "{} inputs", paths.len());
        let seeds: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
        seeds.iter().for_each(|seed| super::redact(seed));
        let mut state = 1;
        for round in 0..20_000 {
            let mut input = seeds[round % seeds.len()].clone();
            for _ in 0..=next(&mut state) % 4 {
                let at = next(&mut state) % (input.len() + 1);
                let other = &seeds[next(&mut state) % seeds.len()];
                let from = next(&mut state) % other.len();
                let piece = &other[from..other.len().min(from + next(&mut state) % 16)];
                match next(&mut state) % 4 {
                    0 => input.truncate(at),
                    1 => drop(input.splice(at..at, piece.iter().copied())),
                    2 => drop(input.splice(at..input.len().min(at + 4), [])),
                    _ => input.insert(at, u8::try_from(next(&mut state) % 256).unwrap()),
                }
            }
            super::redact(&input);
        }
    }
}
