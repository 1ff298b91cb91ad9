//! The table of all views.

use super::view::ViewSpec;
use super::{aws_events, cbor, dns, form, framed, hex, json, llm, msgpack, protobuf, sse, text, thrift};

/// All views. Of two that fit a body equally well, the first is the better one.
pub(super) const VIEWS: &[ViewSpec] = &[
    llm::VIEW,
    framed::VIEW,
    dns::VIEW,
    aws_events::VIEW,
    thrift::VIEW,
    protobuf::VIEW,
    sse::VIEW,
    json::VIEW,
    cbor::VIEW,
    msgpack::VIEW,
    form::VIEW,
    text::VIEW,
    hex::VIEW,
];
