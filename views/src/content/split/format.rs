//! The formats of bodies that consist of messages.

use dashcam_exchange::{BodyFormat, Headers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
        Some(match BodyFormat::of(headers)? {
            BodyFormat::Events => Self::Events,
            BodyFormat::Documents => Self::Documents,
            BodyFormat::Parts => Self::Parts,
            BodyFormat::AwsEvents => Self::AwsEvents,
            BodyFormat::Frames => Self::Frames,
        })
    }
}
