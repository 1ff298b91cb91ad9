//! The end of a connection as the end of a body.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::names;

/// How a peer ended the connection that carried a body, where that was the body's end, or cut it short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionEnd {
    /// It announced the end of TLS.
    CloseNotify,
    /// It closed TCP. Under TLS anybody on the way can do that: the body may be a part of what was sent.
    TcpClose,
}

names!(ConnectionEnd { CloseNotify => "close_notify", TcpClose => "tcp_close" });
