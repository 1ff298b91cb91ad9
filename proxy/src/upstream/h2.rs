//! HTTP/2 with an upstream, by hyper.

use std::sync::Arc;

use dashcam_exchange::{Failure, Headers, RequestHead, ResponseHead, Scheme, Side, Stage, Version};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::OwnedMutexGuard;

use super::connect::{Facts, connect, facts};
use super::{Answer, Call, Key, NoAnswer, Protocol, h1};
use crate::body::{Body, Source};
use crate::engine::Engine;
use crate::http::h2_body::{H2Body, Outgoing, chain, from_map, to_map};
use crate::io::Io;

/// What an upstream may send ahead of us.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 5 << 20;
/// The largest list of fields.
const LARGEST_HEAD: u32 = 256 << 10;

/// What is known of a destination that may speak HTTP/2.
#[derive(Default)]
pub(super) enum Slot {
    #[default]
    Unknown,
    /// It chose HTTP/1.1; its connections are in the pool.
    Http1,
    Http2(Sender),
}

#[derive(Clone)]
pub(super) struct Sender {
    requests: SendRequest<Outgoing>,
    facts: Facts,
}

impl Slot {
    /// Whether nothing is lost by forgetting it.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Http1 => false,
            Self::Http2(sender) => sender.requests.is_closed(),
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
pub(super) async fn send(engine: &Arc<Engine>, call: Call<'_>) -> Result<Answer, NoAnswer> {
    let Call { key, head, body, interim, open } = call;
    let mut request = Some(body);
    for attempt in 0..2 {
        let way = way(engine, &key, open).await?;
        let body = request.take().unwrap_or_else(Body::empty);
        let call = Call { key: key.clone(), head: head.clone(), body, interim: interim.clone(), open };
        let (sender, reused) = match way {
            Way::Http1 => return h1::send(engine, call).await,
            Way::Http1New(connection) => return h1::send_over(engine, connection, call).await,
            Way::Http2 { sender, reused } => (sender, reused),
        };
        if let Some(open) = open {
            open.upstream(facts(&sender.facts, reused));
        }
        let Call { body, .. } = call;
        match exchange(sender, &key, &head, body).await {
            Ok(answer) => return Ok(answer),
            // hyper gives back a request of which nothing was sent: a new connection may take it.
            Err(Unsent::Request(body)) if attempt == 0 => request = Some(body),
            Err(Unsent::Request(_)) => return Err(failed(&key, "the connection closed").into()),
            Err(Unsent::Failed(failure)) => return Err(failure.into()),
        }
    }
    Err(failed(&key, "the connection closed twice").into())
}

/// The connection to use, opened if there is none.
async fn way(
    engine: &Arc<Engine>,
    key: &Key,
    open: Option<&dashcam_recorder::OpenExchange>,
) -> Result<Way, NoAnswer> {
    let slot = engine.upstreams.slot(key).lock_owned().await;
    match &*slot {
        Slot::Http2(sender) if !sender.requests.is_closed() => {
            return Ok(Way::Http2 { sender: sender.clone(), reused: true });
        }
        Slot::Http1 => return Ok(Way::Http1),
        Slot::Http2(_) | Slot::Unknown => {}
    }
    let io = connect(engine, key, open).await?;
    let chose_h2 = io.tls().and_then(|tls| tls.alpn_protocol()) == Some(b"h2");
    if chose_h2 || key.protocol == Protocol::Http2PriorKnowledge {
        return open_h2(engine, key, io, slot).await;
    }
    let mut slot = slot;
    *slot = Slot::Http1;
    Ok(Way::Http1New(h1::Connection::new(io)))
}

async fn open_h2(
    engine: &Arc<Engine>,
    key: &Key,
    io: Io,
    mut slot: OwnedMutexGuard<Slot>,
) -> Result<Way, NoAnswer> {
    let facts = Facts::from(&io);
    let (requests, connection) = http2::Builder::new(engine.tasks.clone())
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(LARGEST_HEAD)
        .handshake(TokioIo::new(io))
        .await
        .map_err(|error| failed(key, &chain(&error)))?;
    engine.tasks.spawn(async move {
        // Each of its requests gets the error as well.
        let _ = connection.await;
    });
    let sender = Sender { requests, facts };
    *slot = Slot::Http2(sender.clone());
    Ok(Way::Http2 { sender, reused: false })
}

/// Why there is no response: nothing was sent, or it failed.
enum Unsent {
    Request(Body),
    Failed(Failure),
}

async fn exchange(mut sender: Sender, key: &Key, head: &RequestHead, body: Body) -> Result<Answer, Unsent> {
    let request = request(key, head, body).map_err(Unsent::Failed)?;
    let response = match sender.requests.try_send_request(request).await {
        Ok(response) => response,
        Err(mut error) => {
            return Err(match error.take_message() {
                Some(request) => Unsent::Request(request.into_body().into_inner()),
                None => Unsent::Failed(failed(key, &chain(error.error()))),
            });
        }
    };
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
