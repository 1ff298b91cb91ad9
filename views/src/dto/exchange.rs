//! An exchange with everything but the bytes of its bodies.

use dashcam_exchange::{Direction, Headers, RequestHead, ResponseHead};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::{ConnectionEnd, StoredAs};
use super::note::Note;
use super::program::Program;
use super::summary::Summary;
use super::time::Time;
use super::upstream::Upstream;
use crate::content::SplitFormat;

/// A header field as on the wire: name, value; bytes beyond ASCII mapped latin-1.
pub type Field = (String, String);

/// A request's head.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Request {
    /// The method as sent.
    pub method: String,
    /// Path and query as sent, or `*`.
    pub target: String,
    /// The authority that HTTP/2's `:authority` or an absolute-form target named; null when only `Host` did.
    #[schema(required)]
    pub authority: Option<String>,
    /// The version spoken: `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// The fields in wire order.
    pub headers: Vec<(String, String)>,
}

/// A response's head.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Response {
    /// The version spoken.
    pub version: String,
    /// The status code.
    pub status: u16,
    /// The reason phrase; empty in HTTP/2.
    pub reason: String,
    /// The fields in wire order.
    pub headers: Vec<(String, String)>,
}

/// The size of a body, and how much of it is stored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Body {
    /// Bytes that passed.
    pub size: u64,
    /// Bytes that are stored: of those that passed, from the first on; with `redacted`, of what stands in their place.
    pub stored: u64,
    /// How the stored bytes relate to those that passed.
    pub stored_as: StoredAs,
    /// The format of the messages that it consists of, by its media type, which `…/messages` lists; null if it names none.
    #[serde(default)]
    #[schema(required)]
    pub split: Option<SplitFormat>,
    /// True if storing stopped before the body did.
    pub truncated: bool,
    /// True if the body passed to its end.
    pub complete: bool,
    /// How the upstream ended the connection that carried the body, where that was the body's end, or cut it short;
    /// null otherwise, and for requests.
    #[schema(required)]
    pub end: Option<ConnectionEnd>,
    /// Trailers after the body.
    #[schema(required)]
    pub trailers: Option<Vec<(String, String)>>,
}

/// When things happened, in microseconds after the start.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Timings {
    /// The name was resolved (new upstream connections only).
    #[schema(required)]
    pub resolved_us: Option<i64>,
    /// The upstream connection was there (new ones only).
    #[schema(required)]
    pub connected_us: Option<i64>,
    /// Its TLS handshake was done (new ones only).
    #[schema(required)]
    pub tls_us: Option<i64>,
    /// The request's last byte was passed on.
    #[schema(required)]
    pub request_end_us: Option<i64>,
    /// The response's head was there.
    #[schema(required)]
    pub response_start_us: Option<i64>,
    /// The exchange ended.
    #[schema(required)]
    pub end_us: Option<i64>,
}

/// The redaction of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Redaction {
    /// The set that was in force, as `NAME@HASH`: the hash tells its versions apart.
    pub set: String,
    /// How many values it replaced in heads, bodies and messages.
    pub replaced: u32,
}

/// One request and its outcome.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Exchange {
    /// The facts that the list shows of it.
    #[serde(flatten)]
    pub summary: Summary,
    /// The program that sent it; null if it is not on this machine, was not found, or is not known yet.
    #[schema(required)]
    pub sent_by: Option<Program>,
    /// The request as received.
    pub request: Request,
    /// The request as sent to the upstream; null when that is what was received, and when nothing was sent.
    #[schema(required)]
    pub request_sent: Option<Request>,
    /// The response as received; null when none came.
    #[schema(required)]
    pub response: Option<Response>,
    /// The response as sent to the client; null when that is what was received. Where none was received: what
    /// dashcam itself answered.
    #[schema(required)]
    pub response_sent: Option<Response>,
    /// Interim responses (1xx) in order.
    pub interim: Vec<Response>,
    /// The request's body.
    pub request_body: Body,
    /// The response's body.
    pub response_body: Body,
    /// When things happened.
    pub timings: Timings,
    /// The upstream that served it.
    #[schema(required)]
    pub upstream: Option<Upstream>,
    /// How many messages it has.
    pub message_count: u64,
    /// The comment and the tags that users wrote down.
    pub note: Note,
    /// The time until which its rule keeps it; null if the rule does not say.
    #[schema(required)]
    pub keep_until: Option<Time>,
    /// The snapshots that it belongs to, by their names.
    pub snapshots: Vec<String>,
    /// The redaction of its secrets; null if that was off, or an older dashcam recorded it.
    #[schema(required)]
    pub redaction: Option<Redaction>,
}

/// The marks that an exchange got after it was recorded.
pub(crate) struct Marks {
    pub(crate) pinned: bool,
    pub(crate) note: dashcam_store::Note,
    pub(crate) snapshots: Vec<String>,
    /// The client's address, where its connection is stored.
    pub(crate) client: Option<String>,
}

impl Exchange {
    pub(crate) fn new(
        exchange: dashcam_exchange::Exchange,
        sent_by: Option<dashcam_exchange::Program>,
        connection: Option<dashcam_exchange::UpstreamConnection>,
        message_count: u64,
        Marks { pinned, note, snapshots, client }: Marks,
    ) -> Self {
        let request_body = Body::new(&exchange, Direction::Request);
        let response_body = Body::new(&exchange, Direction::Response);
        Self {
            summary: Summary {
                pinned,
                program: sent_by.as_ref().map(|program| program.name.clone()),
                client,
                tags: note.tags.clone(),
                ..exchange.summary().into()
            },
            sent_by: sent_by.map(Program::from),
            request: exchange.request.into(),
            request_sent: exchange.request_sent.map(Request::from),
            response: exchange.response.map(Response::from),
            response_sent: exchange.response_sent.map(Response::from),
            interim: exchange.interim.into_iter().map(Response::from).collect(),
            request_body,
            response_body,
            timings: exchange.timings.into(),
            upstream: exchange.upstream.map(|upstream| Upstream::new(upstream, connection)),
            message_count,
            note: note.into(),
            keep_until: exchange.keep_until.map(Time::from),
            snapshots,
            redaction: exchange.redaction.map(Redaction::from),
        }
    }
}

impl From<dashcam_exchange::Redaction> for Redaction {
    fn from(redaction: dashcam_exchange::Redaction) -> Self {
        Self { set: redaction.set.to_string(), replaced: redaction.replaced }
    }
}

impl From<RequestHead> for Request {
    fn from(head: RequestHead) -> Self {
        Self {
            headers: fields(&head.headers),
            method: head.method,
            target: head.target,
            authority: head.authority,
            version: head.version.to_string(),
        }
    }
}

impl From<ResponseHead> for Response {
    fn from(head: ResponseHead) -> Self {
        Self {
            headers: fields(&head.headers),
            version: head.version.to_string(),
            status: head.status,
            reason: head.reason,
        }
    }
}

impl Body {
    fn new(exchange: &dashcam_exchange::Exchange, direction: Direction) -> Self {
        let body = exchange.body(direction);
        Self {
            split: exchange.headers(direction).and_then(SplitFormat::of),
            size: body.size,
            stored: body.stored,
            stored_as: body.stored_as.into(),
            truncated: body.truncated,
            complete: body.complete,
            end: body.end.map(ConnectionEnd::from),
            trailers: body.trailers.as_ref().map(fields),
        }
    }
}

impl From<dashcam_exchange::Timings> for Timings {
    fn from(timings: dashcam_exchange::Timings) -> Self {
        Self {
            resolved_us: timings.resolved_us,
            connected_us: timings.connected_us,
            tls_us: timings.tls_us,
            request_end_us: timings.request_end_us,
            response_start_us: timings.response_start_us,
            end_us: timings.end_us,
        }
    }
}

/// Headers as pairs of text.
pub(crate) fn fields(headers: &Headers) -> Vec<Field> {
    headers.iter().map(|(name, value)| (latin1(name), latin1(value))).collect()
}

/// The reverse of [`fields`]; `None` if a character is beyond one byte.
pub(crate) fn from_fields(fields: &[Field]) -> Option<Headers> {
    let bytes =
        |text: &str| text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>();
    fields.iter().map(|(name, value)| bytes(name).zip(bytes(value))).collect()
}

/// Bytes as text, one character a byte, so that nothing is lost.
#[must_use]
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
