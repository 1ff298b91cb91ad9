//! Helpers that the tests ask with.

use dashcam_tests::h2::frame::headers;
use dashcam_tests::h2::peer::{Event, Fields};

/// The answer of an origin that has nothing to say.
pub(crate) const OK: [(&str, &str); 1] = [(":status", "200")];

/// A request of `method` for `path`.
pub(crate) fn fields<'a>(method: &'a str, path: &'a str) -> [(&'a str, &'a str); 4] {
    [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
}

/// A whole GET.
pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    headers(stream, &fields("GET", path), true)
}

/// A POST whose body is to come.
pub(crate) fn post(stream: u32, path: &str) -> Vec<u8> {
    headers(stream, &fields("POST", path), false)
}

/// Fields as owned pairs.
pub(crate) fn owned(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Returns whether an event is the end of what comes on `id`.
pub(crate) fn ends(event: &Event, id: u32) -> bool {
    matches!(event, Event::Headers { stream, ends: true, .. } | Event::Data { stream, ends: true, .. } if *stream == id)
}
