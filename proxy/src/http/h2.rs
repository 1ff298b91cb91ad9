//! HTTP/2 with a client, by hyper: each stream's request goes to the exchange service.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Failure, RequestHead, Side, Stage, Version};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

use super::h2_body::{H2Body, Outgoing, chain, from_map, to_map};
use crate::body::{Body, Source};
use crate::connection_log::ConnectionLog;
use crate::engine::Engine;
use crate::exchange_service;
use crate::io::Io;
use crate::message::{Request, Response, Route};
use crate::respond;

/// The most that a client may have under way on one connection.
const STREAMS: u32 = 250;
/// What a stream and a connection may send ahead of us.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;
/// The largest list of fields.
const LARGEST_HEAD: u32 = 256 << 10;
/// Pings find a client that vanished without a word. No answer for 20 s: it is gone.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(20);

/// Serves HTTP/2 on `io` until it closes or is drained.
pub(crate) async fn serve(io: Io, route: Arc<Route>, engine: &Arc<Engine>, log: &mut ConnectionLog) {
    let service = {
        let (engine, route) = (Arc::clone(engine), Arc::clone(&route));
        service_fn(move |request| {
            let (engine, route) = (Arc::clone(&engine), Arc::clone(&route));
            async move { Ok::<_, Infallible>(answer(&engine, &route, request).await) }
        })
    };
    let connection = http2::Builder::new(engine.tasks.clone())
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(LARGEST_HEAD)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
        .serve_connection(TokioIo::new(io), service);
    let mut connection = pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = engine.drained(&route) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result
        && !is_farewell(&error)
    {
        let message = format!("The HTTP/2 connection broke: {}.", chain(&error));
        log.fail(Failure::new(Side::Client, Stage::RequestHead, message));
    }
}

/// Whether the connection just ended, without a farewell: many clients leave like that. Streams that
/// were under way tell of it by themselves.
fn is_farewell(error: &hyper::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() || cause.downcast_ref::<h2::Error>().is_some_and(h2::Error::is_io) {
            return true;
        }
        source = cause.source();
    }
    error.is_closed() || error.is_incomplete_message()
}

async fn answer(
    engine: &Arc<Engine>,
    route: &Route,
    request: http::Request<Incoming>,
) -> http::Response<Outgoing> {
    let is_head = request.method() == http::Method::HEAD;
    let mut response = response(engine, route, request).await;
    if is_head {
        response.body = without_data(response.body).await;
    }
    outgoing(response)
}

async fn response(engine: &Arc<Engine>, route: &Route, request: http::Request<Incoming>) -> Response {
    let (parts, incoming) = request.into_parts();
    let head = head(&parts);
    // An upstream would get it as an ordinary request; CONNECT with a :protocol is not on offer either.
    if head.method == "CONNECT" {
        return refused("CONNECT is for a proxy, and this is a connection to the destination itself.", &head);
    }
    let Some(destination) = route.destination.clone() else {
        return refused("it names no destination that this listener can reach.", &head);
    };
    let body = H2Body::new(incoming, Side::Client);
    let body = if body.is_empty() { Body::empty() } else { Body::new(Source::H2(body)) };
    exchange_service::call(engine, route, Request { head, body, destination, interim: None }).await
}

/// The body of an answer to HEAD. Our own errors have one, and DATA would break the client's connection.
async fn without_data(mut body: Body) -> Body {
    // Read to its end: what observes it learns that it is complete.
    while let Some(Ok(_)) = body.frame().await {}
    Body::empty()
}

fn refused(why: &str, head: &RequestHead) -> Response {
    let message = format!("The request was refused: {why}");
    respond::failure(&Failure::new(Side::Client, Stage::RequestHead, message), Some(head))
}

fn head(parts: &http::request::Parts) -> RequestHead {
    RequestHead {
        method: parts.method.as_str().to_owned(),
        target: parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        authority: parts.uri.authority().map(|authority| authority.as_str().to_owned()),
        version: Version::Http2,
        headers: from_map(&parts.headers),
    }
}

fn outgoing(response: Response) -> http::Response<Outgoing> {
    let mut answer = http::Response::new(Outgoing::new(response.body));
    *answer.status_mut() =
        http::StatusCode::from_u16(response.head.status).unwrap_or(http::StatusCode::BAD_GATEWAY);
    let mut headers = response.head.headers;
    for name in ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"] {
        headers.remove(name);
    }
    *answer.headers_mut() = to_map(&headers);
    answer
}

#[cfg(test)]
mod tests;
