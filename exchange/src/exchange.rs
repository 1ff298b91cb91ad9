//! One request and its outcome.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::failure::names;
use crate::{
    ConnectionEnd, ConnectionId, Destination, ExchangeId, Failure, Headers, Level, Redaction, RequestHead,
    ResponseHead, StoredAs, Timestamp, UpstreamConnectionId,
};

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the client.
    Request,
    /// To the client.
    Response,
}

names!(Direction { Request => "request", Response => "response" });

/// How an exchange stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Under way.
    Open,
    /// The whole response passed.
    Complete,
    /// It ended with a [`Failure`].
    Failed,
    /// The client went away before the end.
    Aborted,
    /// dashcam ended before the exchange did, or had no room for the rest of it.
    Interrupted,
    /// dashcam itself refused it, and no upstream heard of it; the [`Failure`] says why.
    Refused,
}

names!(State {
    Open => "open",
    Complete => "complete",
    Failed => "failed",
    Aborted => "aborted",
    Interrupted => "interrupted",
    Refused => "refused",
});

/// A body as it passed and as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BodyRecord {
    /// Bytes that passed, framing removed.
    pub size: u64,
    /// Bytes that are stored: of those that passed, from the first on; or of what redaction made of them (`stored_as`).
    pub stored: u64,
    /// True if storing stopped before the body did: at the limit for one body, or because memory was short.
    pub truncated: bool,
    /// True if the body passed to its end.
    pub complete: bool,
    /// How the connection ended that carried it, where that was the body's end, or cut it short (responses only).
    pub end: Option<ConnectionEnd>,
    /// Trailers after the body.
    pub trailers: Option<Headers>,
    /// How the stored bytes relate to those that passed.
    pub stored_as: StoredAs,
    /// How many pieces of it were handed over before, as `BodyPart`s.
    pub parts: u32,
    /// The bytes after those pieces; empty in an exchange that was read from the store.
    pub rest: Vec<u8>,
}

/// When things happened, in microseconds after the exchange's start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// The name was resolved (new upstream connections only).
    pub resolved_us: Option<i64>,
    /// The upstream connection was there (new ones only).
    pub connected_us: Option<i64>,
    /// Its TLS handshake was done (new ones only).
    pub tls_us: Option<i64>,
    /// The request's last byte was passed on.
    pub request_end_us: Option<i64>,
    /// The response's head was there.
    pub response_start_us: Option<i64>,
    /// The exchange ended.
    pub end_us: Option<i64>,
}

/// The connection to the upstream that served an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// `ADDRESS:PORT`.
    pub address: String,
    /// True if the connection had served an exchange before.
    pub reused: bool,
    /// "TLSv1.3", "TLSv1.2"; `None` without TLS.
    pub tls_version: Option<String>,
    /// Its [`crate::UpstreamConnection`].
    pub connection: Option<UpstreamConnectionId>,
}

/// One request and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// Its number.
    pub id: ExchangeId,
    /// The client connection; `None` for a replay.
    pub connection: Option<ConnectionId>,
    /// The exchange that this one repeats.
    pub replay_of: Option<ExchangeId>,
    /// When the request's head was there.
    pub started_at: Timestamp,
    /// The level of the recording at that moment.
    pub level: Level,
    /// The name of the rule that decided about its recording.
    pub rule: Option<Arc<str>>,
    /// Until when it is kept, where that rule says so.
    pub keep_until: Option<Timestamp>,
    /// The redaction of its secrets; `None` if that was off.
    pub redaction: Option<Redaction>,
    /// How it stands.
    pub state: State,
    /// Where it goes. A refused request that names no destination was meant for dashcam itself, as far as
    /// anyone can tell (RFC 9110 §7.1): that is the address at which it came in.
    pub destination: Destination,
    /// The request as received; of a refused one as much as could be read.
    pub request: RequestHead,
    /// The request as sent to the upstream, where that is not as it was received.
    pub request_sent: Option<RequestHead>,
    /// The request's body.
    pub request_body: BodyRecord,
    /// Interim responses (1xx) in order.
    pub interim: Vec<ResponseHead>,
    /// The response as received; `None` when none came (what we answered instead is told by the failure).
    pub response: Option<ResponseHead>,
    /// The response as sent to the client, where that is not as it was received; our own answer where none was.
    pub response_sent: Option<ResponseHead>,
    /// The response's body.
    pub response_body: BodyRecord,
    /// When things happened.
    pub timings: Timings,
    /// The upstream that served it.
    pub upstream: Option<Upstream>,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl BodyRecord {
    /// Forgets the bytes, as if none had been wanted: how many passed stays known.
    pub fn forget_bytes(&mut self) {
        (self.stored, self.parts, self.truncated) = (0, 0, false);
        self.stored_as = StoredAs::Sent;
        self.rest = Vec::new();
    }

    /// Returns whether all of the body is stored, as it passed or redacted.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let has_all = match self.stored_as {
            StoredAs::Sent => self.stored == self.size,
            StoredAs::Redacted => true,
            StoredAs::Withheld => false,
        };
        has_all && self.complete && !self.truncated
    }

    /// The same without the bytes.
    fn without_bytes(&self) -> Self {
        let Self { size, stored, truncated, complete, ref trailers, parts, end, stored_as, rest: _ } = *self;
        let trailers = trailers.clone();
        Self { size, stored, truncated, complete, trailers, parts, end, stored_as, rest: Vec::new() }
    }
}

impl Exchange {
    /// The same without the bytes of its bodies.
    #[must_use]
    pub fn without_bodies(&self) -> Self {
        Self {
            request_body: self.request_body.without_bytes(),
            response_body: self.response_body.without_bytes(),
            rule: self.rule.clone(),
            redaction: self.redaction.clone(),
            destination: self.destination.clone(),
            request: self.request.clone(),
            request_sent: self.request_sent.clone(),
            interim: self.interim.clone(),
            response: self.response.clone(),
            response_sent: self.response_sent.clone(),
            upstream: self.upstream.clone(),
            failure: self.failure.clone(),
            ..*self
        }
    }

    /// The URL: the destination and the target. `*` and other targets that are no path stand behind a slash, but for a
    /// CONNECT's that names the destination again.
    #[must_use]
    pub fn url(&self) -> String {
        url(&self.destination, &self.request.target)
    }

    /// The fields of one of its heads as received; `None` for a response that did not come.
    #[must_use]
    pub fn headers(&self, of: Direction) -> Option<&Headers> {
        match of {
            Direction::Request => Some(&self.request.headers),
            Direction::Response => self.response.as_ref().map(|response| &response.headers),
        }
    }

    /// One of its bodies.
    #[must_use]
    pub fn body(&self, of: Direction) -> &BodyRecord {
        match of {
            Direction::Request => &self.request_body,
            Direction::Response => &self.response_body,
        }
    }
}

pub(crate) fn url(destination: &Destination, target: &str) -> String {
    let mut url = String::with_capacity(destination.host.len() + target.len() + "https://[]:65535/".len());
    write_url(destination, target, &mut url);
    url
}

/// Adds the URL of an exchange to `text`, as [`Exchange::url`] has it: for callers that have a buffer.
pub fn write_url(destination: &Destination, target: &str, text: &mut String) {
    text.push_str(destination.scheme.as_str());
    text.push_str("://");
    destination.write_authority(text);
    if target.starts_with('/') {
        text.push_str(target);
        return;
    }
    text.push('/');
    if Destination::parse(destination.scheme, target).as_ref() != Ok(destination) {
        text.push_str(target);
    }
}
