//! An exchange of the corpus.

use std::ops::Range;

use crate::marked::{Class, Mark, Marked};

/// Fields in order: names, and values with their marks.
pub type Fields = Vec<(String, Marked)>;

/// A request and what came of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name, unique in the corpus.
    pub name: String,
    /// The protocol that it needs.
    pub protocol: Protocol,
    /// How it ends.
    pub end: End,
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: Marked,
    /// The request's fields and body.
    pub request: Side,
    /// Responses before the final one: their statuses and fields.
    pub interim: Vec<(u16, Fields)>,
    /// The final status.
    pub status: u16,
    /// The response's fields and body.
    pub response: Side,
    /// The messages of a WebSocket.
    pub messages: Vec<Message>,
}

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Any HTTP will do.
    Http,
    /// HTTP/1.1 only.
    Http1,
    /// gRPC, over HTTP/2.
    Grpc,
    /// A WebSocket, over HTTP/1.1.
    WebSocket,
}

/// The end of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The whole response.
    Complete,
    /// The client leaves in the middle of the response.
    Aborted,
    /// The server leaves in the middle of the response.
    Cut,
    /// The server closes the connection instead of a response.
    Unanswered,
}

/// One direction.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// The fields, without those of the framing.
    pub fields: Fields,
    /// The body, decoded, without the heads of frames.
    pub body: Marked,
    /// Where in the body everything before is to be on disk before the rest is sent.
    pub gates: Vec<usize>,
    /// The frames of gRPC's that the body is made of; empty if it is not.
    pub frames: Vec<Frame>,
    /// The trailers.
    pub trailers: Fields,
    /// The content coding: `gzip`, `deflate`, `br`, `zstd`, or `base64` (gRPC-Web's text). Of gRPC messages, their own.
    pub coding: Option<String>,
    /// True if it is sent in chunks.
    pub chunked: bool,
}

/// A frame of gRPC's.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Its flags.
    pub flags: u8,
    /// The place of its payload in the body.
    pub payload: Range<usize>,
}

/// A message of a WebSocket.
#[derive(Debug, Clone)]
pub struct Message {
    /// True if the client sends it.
    pub from_client: bool,
    /// True for text.
    pub text: bool,
    /// The payload.
    pub payload: Marked,
}

impl Side {
    fn texts(&self) -> impl Iterator<Item = &Marked> {
        let fields = self.fields.iter().chain(&self.trailers).map(|(_, value)| value);
        fields.chain(std::iter::once(&self.body))
    }
}

impl Case {
    /// All texts in it.
    fn texts(&self) -> impl Iterator<Item = &Marked> {
        let interim = self.interim.iter().flat_map(|(_, fields)| fields).map(|(_, value)| value);
        let messages = self.messages.iter().map(|message| &message.payload);
        std::iter::once(&self.url)
            .chain(self.request.texts())
            .chain(interim)
            .chain(self.response.texts())
            .chain(messages)
    }

    /// The marks of `class`, with their bytes.
    pub fn marked(&self, class: Class) -> impl Iterator<Item = (&Mark, &[u8])> {
        self.texts().flat_map(move |text| text.marked(class))
    }

    /// The host and, if it is said, the port of the URL; `None` if it has none.
    #[must_use]
    pub fn authority(&self) -> Option<String> {
        let url = self.url.text();
        let rest = url.split_once("://")?.1;
        let authority = rest.split(['/', '?']).next()?;
        Some(authority.rsplit('@').next()?.to_owned())
    }

    /// The scheme of the URL.
    #[must_use]
    pub fn scheme(&self) -> String {
        self.url.text().split(':').next().unwrap_or_default().to_owned()
    }

    /// The path and query of the URL.
    #[must_use]
    pub fn target(&self) -> Marked {
        let url = &self.url.bytes;
        let after = url.windows(3).position(|three| three == b"://").map_or(0, |at| at + 3);
        let start = url[after..].iter().position(|byte| matches!(byte, b'/' | b'?'));
        start.map_or_else(|| Marked::plain("/"), |at| self.url.part(after + at..url.len()))
    }
}
