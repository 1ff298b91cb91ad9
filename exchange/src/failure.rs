//! Exchanges and connections that ended without an answer, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose end of the conversation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The client that connected to us.
    Client,
    /// The server that we connect to.
    Upstream,
    /// dashcam itself: what was asked is refused.
    Proxy,
}

/// How far things had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Finding the protocol from the first bytes.
    Detect,
    /// Resolving the destination's name.
    Dns,
    /// Opening the TCP connection.
    Connect,
    /// The TLS handshake.
    TlsHandshake,
    /// The request's head: malformed, too large, too slow.
    RequestHead,
    /// The request's body.
    RequestBody,
    /// Waiting for, or reading, the response's head.
    ResponseHead,
    /// The response's body.
    ResponseBody,
    /// A tunnel or an upgraded connection.
    Tunnel,
}

macro_rules! names {
    ($type:ident { $($variant:ident => $name:literal),* $(,)? }) => {
        impl $type {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the store, the API and logs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The reverse of `as_str`.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($name => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use names;

names!(Side { Client => "client", Upstream => "upstream", Proxy => "proxy" });
names!(Stage {
    Detect => "detect",
    Dns => "dns",
    Connect => "connect",
    TlsHandshake => "tls_handshake",
    RequestHead => "request_head",
    RequestBody => "request_body",
    ResponseHead => "response_head",
    ResponseBody => "response_body",
    Tunnel => "tunnel",
});

/// The reason why an exchange or a connection failed, for the person who has to repair it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Whose end failed.
    pub side: Side,
    /// How far things had come.
    pub stage: Stage,
    /// The cause, and what to do next; no secrets.
    pub message: String,
}

impl Failure {
    /// A failure on `side` at `stage`.
    #[must_use]
    pub fn new(side: Side, stage: Stage, message: impl Into<String>) -> Self {
        Self { side, stage, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.side, self.stage, self.message)
    }
}

impl std::error::Error for Failure {}
