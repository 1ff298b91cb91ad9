//! The site: paths with known answers, whatever the protocol.

use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::json;
use tokio::sync::Semaphore;

use crate::digest;
use crate::wire::Fields;

/// A request as it reached the origin.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The target as sent (path and query).
    pub target: String,
    /// "HTTP/1.1" or "HTTP/2".
    pub version: &'static str,
    /// The fields in order.
    pub fields: Fields,
    /// `LENGTH SHA256` of the body.
    pub digest: String,
    /// The body's beginning ([`SHOWN`]), latin-1.
    pub body: String,
    /// The trailers.
    pub trailers: Fields,
    /// The status of the answer.
    pub status: u16,
    /// The fields of the answer, without its framing.
    pub sent_fields: Fields,
    /// `LENGTH SHA256` of the answer's body; empty for one too large to be worth the time.
    pub sent: String,
}

/// How much of a request's body is kept.
pub(super) const SHOWN: usize = 8 << 20;

/// The part that is sent of a body that breaks off.
pub(super) const CUT_SHORT: &[u8] = b"only the beginning";

/// The events of `/events`.
pub(super) const EVENTS: [&str; 2] = ["data: first\n\n", "data: second\n\n"];

/// An answer that a test makes itself; its length is announced.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The fields, without the framing.
    pub fields: Fields,
    /// The body.
    pub body: Vec<u8>,
}

/// A test's own answers; for what it has none, the site answers.
pub(super) type Replies = Box<dyn Fn(&Seen) -> Option<Reply> + Send + Sync>;

/// The requests that came, and the gate that holds events back.
pub struct Site {
    seen: Mutex<Vec<Seen>>,
    gate: Semaphore,
    replies: OnceLock<Replies>,
}

impl Default for Site {
    fn default() -> Self {
        Self { seen: Mutex::default(), gate: Semaphore::new(0), replies: OnceLock::new() }
    }
}

/// A response to make.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) fields: Fields,
    pub(super) body: Body,
    pub(super) trailers: Fields,
    /// True if a 103 goes ahead of it.
    pub(super) early: bool,
}

/// The body after the head.
pub(super) enum Body {
    /// Nothing, and nothing says how long it is.
    None,
    /// These bytes, their length announced.
    Sized(Vec<u8>),
    /// These pieces, chunked.
    Pieces(Vec<&'static str>),
    /// So many bytes of the pattern.
    Pattern(u64),
    /// These bytes, their length announced; over HTTP/2, the end of the stream waits for the gate.
    Withheld(&'static [u8]),
    /// Two events, the second when the gate opens.
    Events,
    /// Nothing at all, ever: not even the head.
    Silence,
    /// Part of the announced length, then the connection closes.
    CutShort,
}

impl Site {
    /// The requests so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The requests for `target` so far.
    #[must_use]
    pub fn seen_for(&self, target: &str) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.target == target).collect()
    }

    /// The requests since this was asked last.
    #[must_use]
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets a test answer itself, from now on. Only the first call counts.
    pub fn answer_with(&self, replies: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) {
        let _first_counts = self.replies.set(Box::new(replies));
    }

    /// Lets one waiting `/events` send its second event.
    pub fn open_gate(&self) {
        self.gate.add_permits(1);
    }

    pub(super) async fn gate_opened(&self) {
        if let Ok(permit) = self.gate.acquire().await {
            permit.forget();
        }
    }

    pub(super) fn note(&self, seen: Seen) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }

    /// The answer to a request, which is noted with it.
    pub(super) fn answer(&self, mut request: Seen) -> Answer {
        let own = self.replies.get().and_then(|replies| replies(&request));
        let answer = own.map_or_else(|| answer(&request), Answer::from);
        request.status = answer.status;
        request.sent_fields = answer.fields.clone();
        request.sent = if request.method == "HEAD" { digest::of(&[]) } else { answer.body.digest() };
        self.note(request);
        answer
    }
}

fn answer(request: &Seen) -> Answer {
    let path = request.target.split('?').next().unwrap_or_default();
    let (first, rest) =
        path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    match first {
        "echo" => Answer::of("application/json", Body::Sized(echo(request).into_bytes())),
        "digest" => Answer::of("text/plain", Body::Sized(request.digest.clone().into_bytes())),
        "bytes" => Answer::of("application/octet-stream", Body::Pattern(rest.parse().unwrap_or(0))),
        "json" => {
            Answer::of("application/json", Body::Sized(br#"{"name":"dashcam","list":[1,2,3]}"#.to_vec()))
        }
        "chunked" => chunked(),
        "early" => Answer { early: true, ..Answer::of("text/plain", Body::Sized(b"late".to_vec())) },
        "status" => status(rest.parse().unwrap_or(500)),
        "headers" => odd_headers(),
        "withheld" => Answer::of("text/plain", Body::Withheld(b"all there is")),
        "events" => Answer::of("text/event-stream", Body::Events),
        "silence" => Answer::of("text/plain", Body::Silence),
        "cut" => Answer::of("text/plain", Body::CutShort),
        _ => Answer { status: 404, ..Answer::of("text/plain", Body::Sized(b"no such path".to_vec())) },
    }
}

impl Body {
    /// `LENGTH SHA256` of what is sent.
    fn digest(&self) -> String {
        match self {
            Self::None | Self::Silence => digest::of(&[]),
            Self::Sized(bytes) => digest::of(bytes),
            Self::Withheld(bytes) => digest::of(bytes),
            Self::Pattern(length) if *length > 4 * SHOWN as u64 => String::new(),
            Self::Pattern(length) => digest::of_pattern(*length),
            Self::CutShort => digest::of(CUT_SHORT),
            Self::Pieces(pieces) => digest::of(pieces.concat().as_bytes()),
            Self::Events => digest::of(EVENTS.concat().as_bytes()),
        }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        let body = if matches!(reply.status, 204 | 304) { Body::None } else { Body::Sized(reply.body) };
        Self { status: reply.status, fields: reply.fields, body, trailers: Fields::new(), early: false }
    }
}

impl Answer {
    fn of(content_type: &str, body: Body) -> Self {
        let fields = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self { status: 200, fields, body, trailers: Fields::new(), early: false }
    }
}

fn echo(request: &Seen) -> String {
    json!({
        "method": request.method, "target": request.target, "headers": request.fields, "digest": request.digest,
        "body": request.body, "trailers": request.trailers,
    })
    .to_string()
}

fn chunked() -> Answer {
    let mut answer = Answer::of("text/plain", Body::Pieces(vec!["one,", "two,", "three"]));
    answer.fields.push(("Trailer".to_owned(), "X-Checksum, X-Count".to_owned()));
    answer.trailers =
        vec![("X-Checksum".to_owned(), "abc".to_owned()), ("X-Count".to_owned(), "3".to_owned())];
    answer
}

fn status(status: u16) -> Answer {
    let body = if status == 204 || status == 304 { Body::None } else { Body::Sized(b"as you like".to_vec()) };
    let mut answer = Answer { status, ..Answer::of("text/plain", body) };
    if status == 304 {
        answer.fields.push(("ETag".to_owned(), "\"v1\"".to_owned()));
    }
    answer
}

/// Fields that proxies like to spoil: duplicates apart from each other, mixed case, empty, bytes beyond ASCII.
fn odd_headers() -> Answer {
    let mut answer = Answer::of("text/plain", Body::Sized(b"see above".to_vec()));
    let fields = [
        ("Set-Cookie", "a=1; Path=/"),
        ("x-MiXeD-CaSe", "yes"),
        ("Set-Cookie", "b=2; Path=/"),
        ("X-Empty", ""),
        ("X-Latin", "caf\u{e9}"),
        ("X-Spaces", "a  b\tc"),
    ];
    answer.fields.extend(fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
    answer
}
