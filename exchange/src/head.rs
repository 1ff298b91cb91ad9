//! The heads of requests and responses, as they were on the wire.

mod legal;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::legal::IllegalHead;
use crate::Headers;

/// The HTTP version of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Version {
    /// HTTP/1.0
    #[serde(rename = "HTTP/1.0")]
    Http10,
    /// HTTP/1.1
    #[serde(rename = "HTTP/1.1")]
    Http11,
    /// HTTP/2
    #[serde(rename = "HTTP/2")]
    Http2,
}

impl Version {
    /// The version as in a request line, "HTTP/1.1"; HTTP/2 is "HTTP/2".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }

    /// The reverse of [`Version::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Http10, Self::Http11, Self::Http2].into_iter().find(|version| version.as_str() == text)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The method as sent; case matters (RFC 9110 §9.1).
    pub method: String,
    /// The target in origin form or `*`: path and query as sent. What else an absolute-form target names is in `authority`.
    pub target: String,
    /// `:authority` of HTTP/2, or the authority of an absolute-form target; `None` when only `Host` names it.
    pub authority: Option<String>,
    /// The version the client spoke.
    pub version: Version,
    /// The fields, `Host` among them when it was sent.
    pub headers: Headers,
}

impl RequestHead {
    /// The host (and port) that the request names: its authority, else its `Host` field.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.authority.as_deref().or_else(|| self.headers.text("host"))
    }

    /// The memory that the head holds beside itself, in bytes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let authority = self.authority.as_ref().map_or(0, String::capacity);
        self.headers.footprint() + self.method.capacity() + self.target.capacity() + authority
    }
}

/// A response without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The version the upstream spoke.
    pub version: Version,
    /// The status code, 100 to 999.
    pub status: u16,
    /// The reason phrase as sent, latin-1; empty in HTTP/2.
    pub reason: String,
    /// The fields.
    pub headers: Headers,
}

impl ResponseHead {
    /// The memory that the head holds beside itself, in bytes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.headers.footprint() + self.reason.capacity()
    }
}
