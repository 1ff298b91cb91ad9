//! One message inside an exchange: WebSocket, SSE or gRPC.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::names;
use crate::{Direction, ExchangeId, Timestamp};

/// What a message is.
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

/// A message as recorded: unmasked, joined from its fragments, inflated if it was compressed.
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
    /// What it is.
    pub kind: MessageKind,
    /// How large it was on arrival, before any cut, in bytes after inflating.
    pub size: u64,
    /// Its payload; shorter than `size` when it was cut.
    pub data: Vec<u8>,
}
