//! One message inside an exchange: WebSocket, SSE or gRPC.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::names;
use crate::{Direction, ExchangeId, Timestamp};

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A WebSocket text message.
    Text,
    /// A WebSocket binary message.
    Binary,
    /// A WebSocket ping.
    Ping,
    /// A WebSocket pong.
    Pong,
    /// A WebSocket close; its data is the status code (two bytes, network order) and the reason.
    Close,
    /// A gRPC message, without its prefix, decompressed if it was compressed.
    Grpc,
}

names!(MessageKind {
    Text => "text",
    Binary => "binary",
    Ping => "ping",
    Pong => "pong",
    Close => "close",
    Grpc => "grpc",
});

/// How a payload is compressed that is kept as it passed on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageCoding {
    /// WebSocket's permessage-deflate (RFC 7692): raw deflate without its last four bytes, which may refer to what
    /// earlier messages of its direction held.
    Deflate,
    /// A gRPC message as gzip (RFC 1952).
    Gzip,
    /// A gRPC message as zlib (RFC 1950), which gRPC calls "deflate".
    Zlib,
    /// A gRPC message in another coding: the header `grpc-encoding` names it.
    Other,
}

names!(MessageCoding {
    Deflate => "deflate",
    Gzip => "gzip",
    Zlib => "zlib",
    Other => "other",
});

/// A message as recorded: unmasked, joined from its fragments, inflated if it was compressed and that was affordable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The exchange that it belongs to.
    pub exchange: ExchangeId,
    /// Its number in the exchange, from 0, over both directions in the order they passed.
    pub seq: u32,
    /// When its last byte passed.
    pub at: Timestamp,
    /// Request: from the client. Response: from the upstream.
    pub direction: Direction,
    /// The kind of message.
    pub kind: MessageKind,
    /// How large it was on arrival, before any cut, in bytes after inflating; with a `coding`, as it passed.
    pub size: u64,
    /// Set where `data` is compressed, as it passed on the wire.
    pub coding: Option<MessageCoding>,
    /// True if secrets in it are replaced, or all of it is withheld: `size` is that of what passed.
    pub redacted: bool,
    /// Its payload; shorter than `size` when it was cut.
    pub data: Vec<u8>,
}
