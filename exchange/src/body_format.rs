//! The formats of bodies that consist of messages, as their media types name them.

use crate::Headers;

/// A format of bodies that consist of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// Server-sent events.
    Events,
    /// JSON documents, a line for each or behind record separators.
    Documents,
    /// Parts of a multipart body: all kinds but forms.
    Parts,
    /// Messages of an AWS event stream.
    AwsEvents,
    /// Messages and trailers of gRPC-Web, or of a Connect stream.
    Frames,
}

/// Media types of JSON documents that follow each other; `*` stands for any beginning.
pub const JSON_DOCUMENTS: &[&str] = &[
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/jsonlines",
    "application/x-jsonlines",
    "application/json-lines",
    "application/stream+json",
    "application/json-seq",
    "*+json-seq",
    "text/x-ndjson",
];

/// Media types of most bodies, which are none of messages: they are known word for word.
const ORDINARY: [&[u8]; 3] = [b"application/json", b"text/html", b"text/plain"];

impl BodyFormat {
    /// The format of the body behind `headers`, if their media type names one. It allocates nothing: the recorder asks for
    /// every body.
    #[must_use]
    pub fn of(headers: &Headers) -> Option<Self> {
        let named = headers.first("content-type")?;
        let is_ordinary =
            |name: &&[u8]| named.starts_with(name) && matches!(named.get(name.len()), None | Some(b';'));
        if ORDINARY.iter().any(is_ordinary) {
            return None;
        }
        let named = std::str::from_utf8(named).ok()?.split(';').next()?.trim();
        let is = |name: &str| named.eq_ignore_ascii_case(name);
        let begins = |with: &str| {
            named.get(..with.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(with))
        };
        let ends = |with: &str| {
            let at = named.len().checked_sub(with.len());
            at.and_then(|at| named.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(with))
        };
        match () {
            () if is("text/event-stream") => Some(Self::Events),
            () if is("multipart/form-data") => None,
            () if begins("multipart/") => Some(Self::Parts),
            () if is("application/vnd.amazon.eventstream") => Some(Self::AwsEvents),
            () if begins("application/grpc-web") || begins("application/connect+") => Some(Self::Frames),
            () => JSON_DOCUMENTS
                .iter()
                .any(|known| known.strip_prefix('*').map_or_else(|| is(known), ends))
                .then_some(Self::Documents),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_names_it() {
        let check = |named: &str, expect: Option<BodyFormat>| {
            let headers = [("content-type", named)].into_iter().collect();
            assert_eq!(BodyFormat::of(&headers), expect, "{named}");
        };
        check("text/event-stream; charset=utf-8", Some(BodyFormat::Events));
        check(" Text/Event-Stream", Some(BodyFormat::Events));
        check("application/x-ndjson", Some(BodyFormat::Documents));
        check("application/geo+json-seq", Some(BodyFormat::Documents));
        check("multipart/x-mixed-replace; boundary=b", Some(BodyFormat::Parts));
        check("multipart/form-data; boundary=b", None);
        check("application/vnd.amazon.eventstream", Some(BodyFormat::AwsEvents));
        check("application/grpc-web-text", Some(BodyFormat::Frames));
        check("application/connect+json", Some(BodyFormat::Frames));
        check("application/grpc", None);
        check("application/json", None);
        check("application/json; charset=utf-8", None);
        check("application/json-seq", Some(BodyFormat::Documents));
        check("", None);
        assert_eq!(BodyFormat::of(&Headers::default()), None);
    }
}
