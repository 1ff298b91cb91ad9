//! The formats of bodies that consist of messages.

use dashcam_exchange::Headers;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::content::json_lines;
use crate::content::subject::Subject;

/// A format of bodies that consist of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitFormat {
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

impl SplitFormat {
    /// The format of the body behind `headers`, if their media type names one.
    #[must_use]
    pub fn of(headers: &Headers) -> Option<Self> {
        let subject = Subject::of_headers(headers);
        let is = |types: &[&str]| subject.is(types);
        match () {
            () if is(&["text/event-stream"]) => Some(Self::Events),
            () if is(json_lines::TYPES) => Some(Self::Documents),
            () if is(&["multipart/form-data"]) => None,
            () if is(&["multipart/*"]) => Some(Self::Parts),
            () if is(&["application/vnd.amazon.eventstream"]) => Some(Self::AwsEvents),
            () if is(&["application/grpc-web*", "application/connect+*"]) => Some(Self::Frames),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_names_it() {
        let check = |named: &str, expect: Option<SplitFormat>| {
            let headers = [("content-type", named)].into_iter().collect();
            assert_eq!(SplitFormat::of(&headers), expect, "{named}");
        };
        check("text/event-stream; charset=utf-8", Some(SplitFormat::Events));
        check("application/x-ndjson", Some(SplitFormat::Documents));
        check("application/geo+json-seq", Some(SplitFormat::Documents));
        check("multipart/x-mixed-replace; boundary=b", Some(SplitFormat::Parts));
        check("multipart/form-data; boundary=b", None);
        check("application/vnd.amazon.eventstream", Some(SplitFormat::AwsEvents));
        check("application/grpc-web-text", Some(SplitFormat::Frames));
        check("application/connect+json", Some(SplitFormat::Frames));
        check("application/grpc", None);
        check("application/json", None);
    }
}
