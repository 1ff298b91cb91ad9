//! HTTP/2 with an upstream, by hyper.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dashcam_exchange::{Failure, Headers, RequestHead, ResponseHead, Scheme, Side, Stage, Version};
use dashcam_recorder::OpenExchange;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Mutex, mpsc};

use super::connect::{Facts, connect};
use super::{Answer, Call, Key, NoAnswer, Protocol, h1};
use crate::body::{Body, Source};
use crate::engine::Engine;
use crate::http::h2_body::{H2Body, Outgoing, chain, from_map, to_map};

/// What an upstream may send ahead of us.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 5 << 20;
/// The largest list of fields.
const LARGEST_HEAD: u32 = 256 << 10;
/// A ping now and then on connections with streams. gRPC servers end a connection that pings more often than
/// every five minutes; peers that vanish are found by TCP much earlier (`connect.rs`).
const PING: Duration = Duration::from_secs(310);
const PONG: Duration = Duration::from_secs(20);

/// The one place for the HTTP/2 connection to a destination: who opens it has the state locked.
#[derive(Default)]
pub(super) struct Slot {
    state: Mutex<State>,
    /// How many attempts to connect have failed; changes under the lock only.
    failures: AtomicU64,
}

#[derive(Default)]
struct State {
    known: Known,
    /// How the last attempt failed, and its number among the failures.
    failed: Option<(u64, NoAnswer)>,
}

/// What is known of a destination that may speak HTTP/2.
#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    /// It chose HTTP/1.1; its connections are in the pool.
    Http1,
    Http2(Sender),
}

#[derive(Clone)]
struct Sender {
    requests: SendRequest<Outgoing>,
    /// Also what one connection is told from another by.
    facts: Arc<Facts>,
}

impl Slot {
    /// Whether nothing is lost by forgetting it.
    pub(super) fn is_over(&self) -> bool {
        self.state.try_lock().is_ok_and(|state| match &state.known {
            Known::Nothing => true,
            Known::Http1 => false,
            Known::Http2(sender) => sender.requests.is_closed(),
        })
    }

    /// Lets the next request open a new connection; what runs on `sender` goes on.
    async fn forget(&self, sender: &Sender) {
        let mut state = self.state.lock().await;
        if matches!(&state.known, Known::Http2(kept) if Arc::ptr_eq(&kept.facts, &sender.facts)) {
            state.known = Known::Nothing;
        }
    }
}

/// Where a request goes.
enum Way {
    Http2 { sender: Sender, reused: bool },
    Http1New(h1::Connection),
    Http1,
}

/// Sends `call` over the destination's one HTTP/2 connection, or over HTTP/1.1 if that is what it chose.
/// What the upstream surely did not process goes over a new connection, once.
pub(super) async fn send(engine: &Arc<Engine>, call: Call<'_>) -> Result<Answer, NoAnswer> {
    let Call { key, head, mut body, interim, open } = call;
    let mut repeated = false;
    loop {
        let (sender, reused) = match way(engine, &key, open).await? {
            Way::Http1New(connection) => {
                return h1::send_over(engine, connection, over_h1(key, head, body, interim, open)).await;
            }
            Way::Http1 => return h1::send(engine, over_h1(key, head, body, interim, open)).await,
            Way::Http2 { sender, reused } => (sender, reused),
        };
        sender.facts.note(open, reused);
        match exchange(sender.clone(), &key, &head, body).await {
            Ok(answer) => return Ok(answer),
            Err(Unanswered { again: Some(again), .. }) if !repeated => body = again,
            Err(Unanswered { failure, .. }) => return Err(failure.into()),
        }
        engine.upstreams.slot(&key).forget(&sender).await;
        repeated = true;
    }
}

/// The call for a destination that chose HTTP/1.1: later connections do not offer HTTP/2 either, so that
/// none of them can turn out to speak it.
fn over_h1(
    key: Key,
    head: RequestHead,
    body: Body,
    interim: Option<mpsc::Sender<ResponseHead>>,
    open: Option<&OpenExchange>,
) -> Call<'_> {
    Call { key: Key { protocol: Protocol::Http1, ..key }, head, body, interim, open }
}

/// The connection to use, opened if there is none. Who waited while another's attempt failed gets that
/// failure: otherwise all that wait for a dead destination would wait out its time limit in turn.
async fn way(engine: &Arc<Engine>, key: &Key, open: Option<&OpenExchange>) -> Result<Way, NoAnswer> {
    let slot = engine.upstreams.slot(key);
    let before = slot.failures.load(Ordering::Acquire);
    let mut state = slot.state.lock().await;
    match &state.known {
        Known::Http2(sender) if !sender.requests.is_closed() => {
            return Ok(Way::Http2 { sender: sender.clone(), reused: true });
        }
        Known::Http1 => return Ok(Way::Http1),
        Known::Http2(_) | Known::Nothing => {}
    }
    if let Some((number, no_answer)) = &state.failed
        && *number > before
    {
        return Err(copy(no_answer));
    }
    let way = dial(engine, key, open).await;
    *state = match &way {
        Ok(Way::Http2 { sender, .. }) => State { known: Known::Http2(sender.clone()), failed: None },
        Ok(Way::Http1 | Way::Http1New(_)) => State { known: Known::Http1, failed: None },
        Err(no_answer) => {
            let number = slot.failures.fetch_add(1, Ordering::Release) + 1;
            State { known: Known::Nothing, failed: Some((number, copy(no_answer))) }
        }
    };
    way
}

fn copy(no_answer: &NoAnswer) -> NoAnswer {
    NoAnswer { failure: no_answer.failure.clone(), status: no_answer.status }
}

async fn dial(engine: &Arc<Engine>, key: &Key, open: Option<&OpenExchange>) -> Result<Way, NoAnswer> {
    let (io, facts) = connect(engine, key, open).await?;
    let chose_h2 = io.tls().and_then(|tls| tls.alpn_protocol()) == Some(b"h2");
    if !chose_h2 && key.protocol != Protocol::Http2PriorKnowledge {
        return Ok(Way::Http1New(h1::Connection::new(io, facts)));
    }
    let facts = Arc::new(facts);
    let (requests, connection) = http2::Builder::new(engine.tasks.clone())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(LARGEST_HEAD)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|error| failed(key, &chain(&error)))?;
    engine.tasks.spawn(async move {
        // Each of its requests gets the error as well.
        let _ = connection.await;
    });
    Ok(Way::Http2 { sender: Sender { requests, facts }, reused: false })
}

/// Why there is no response.
struct Unanswered {
    failure: Failure,
    /// The body to send the request with again, when the upstream surely did not process it.
    again: Option<Body>,
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self { failure, again: None }
    }
}

async fn exchange(
    mut sender: Sender,
    key: &Key,
    head: &RequestHead,
    body: Body,
) -> Result<Answer, Unanswered> {
    let had_body = !body.is_empty();
    let request = request(key, head, body)?;
    let response = sender.requests.try_send_request(request).await.map_err(|mut error| {
        let again = match error.take_message() {
            // hyper gives back a request of which nothing was sent.
            Some(request) => Some(request.into_body().into_inner()),
            None => (!had_body && is_unprocessed(error.error())).then(Body::empty),
        };
        Unanswered { failure: failed(key, &chain(error.error())), again }
    })?;
    let (parts, incoming) = response.into_parts();
    let head = ResponseHead {
        version: Version::Http2,
        status: parts.status.as_u16(),
        reason: String::new(),
        headers: from_map(&parts.headers),
    };
    let body = H2Body::new(incoming, Side::Upstream);
    let body = if body.is_empty() { Body::empty() } else { Body::new(Source::H2(body)) };
    Ok(Answer { head, body, upgraded: None })
}

/// Whether the upstream said that it did not process the request (RFC 9113 §8.7): it refused the stream,
/// or closes the connection and did not come to the stream any more, as servers do after so many requests.
fn is_unprocessed(error: &hyper::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(error) = cause.downcast_ref::<h2::Error>() {
            let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
            let closing = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
            return error.is_remote() && (refused || closing);
        }
        source = cause.source();
    }
    false
}

fn request(key: &Key, head: &RequestHead, body: Body) -> Result<http::Request<Outgoing>, Failure> {
    let scheme = if key.destination.scheme == Scheme::Https { "https" } else { "http" };
    let authority = head.host().map_or_else(|| key.destination.authority(), str::to_owned);
    let uri =
        http::Uri::builder().scheme(scheme).authority(authority).path_and_query(head.target.as_str()).build();
    let refused = |why: &dyn std::fmt::Display| {
        let message = format!("The request can't be sent over HTTP/2: {why}.");
        Failure::new(Side::Client, Stage::RequestHead, message)
    };
    let uri = uri.map_err(|error| refused(&error))?;
    let method = http::Method::from_bytes(head.method.as_bytes()).map_err(|error| refused(&error))?;
    let mut headers: Headers = head.headers.clone();
    for name in ["host", "transfer-encoding", "connection"] {
        headers.remove(name);
    }
    let mut request = http::Request::new(Outgoing::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.version_mut() = http::Version::HTTP_2;
    *request.headers_mut() = to_map(&headers);
    Ok(request)
}

fn failed(key: &Key, why: &str) -> Failure {
    let message = format!("{} did not answer over HTTP/2: {why}.", key.destination);
    Failure::new(Side::Upstream, Stage::ResponseHead, message)
}

#[cfg(test)]
mod tests;
