//! The table of all views.

use super::view::ViewSpec;
use super::{
    aws_events, cbor, code, csv, dns, form, framed, graphql, hex, json, json_lines, llm, markup, msgpack,
    multipart, protobuf, sse, text, thrift,
};

/// All views. Of two that fit a body equally well, the first is the better one.
pub(super) const VIEWS: &[ViewSpec] = &[
    llm::VIEW,
    graphql::VIEW,
    framed::VIEW,
    dns::VIEW,
    aws_events::VIEW,
    thrift::VIEW,
    protobuf::VIEW,
    sse::VIEW,
    json_lines::VIEW,
    json::VIEW,
    cbor::VIEW,
    msgpack::VIEW,
    markup::HTML,
    markup::XML,
    code::CSS,
    code::JAVASCRIPT,
    form::VIEW,
    multipart::VIEW,
    csv::VIEW,
    text::VIEW,
    hex::VIEW,
];
