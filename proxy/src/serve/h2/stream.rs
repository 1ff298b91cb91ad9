//! One stream of a client's connection: a request and its answer.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use dashcam_exchange::{Failure, RequestHead, ResponseHead, Side, Stage, Version};
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{HeaderMap, StatusCode};
use tokio::time::timeout;

use crate::body::Body;
use crate::exchange::message::{Request, Response};
use crate::exchange::respond;
use crate::exchange::respond::Told;
use crate::exchange::route::Route;
use crate::exchange::service;
use crate::h2::body::H2Body;
use crate::h2::extended_connect;
use crate::h2::fields::{from_map, length, to_map};
use crate::h2::io::H2Io;
use crate::h2::send::{Taker, Unsent, send};
use crate::http::interim::Interims;
use crate::net::io::Io;
use crate::net::transit::{Hold, NoRoom};
use crate::serve::h2::rules;
use crate::serve::server::Server;
use crate::serve::upgraded;

/// How long the origin's side of a stream that was reset may take to notice.
const LAST_WORD: Duration = Duration::from_secs(1);

/// The first thing to happen while a request is answered.
enum Event {
    Answered(Response),
    Interim(ResponseHead),
    Reset(Result<Reason, h2::Error>),
}

/// A request that came.
pub(super) struct Incoming {
    head: RequestHead,
    recv: RecvStream,
    /// The room that its head takes as long as it is under way.
    held: Result<Option<Hold>, NoRoom>,
}

impl Incoming {
    /// Copies out what few bytes on the wire may refer to (HPACK), and counts it. To be done at once, before more comes.
    pub(super) fn new(request: http::Request<RecvStream>, route: &Route) -> Self {
        let (parts, recv) = request.into_parts();
        let head = head(&parts);
        let held = match &route.room {
            Some(room) => room.hold(head.footprint()).map(Some),
            None => Ok(None),
        };
        Self { head, recv, held }
    }
}

/// The parts that the streams of one connection share.
pub(super) struct Shared {
    pub(super) server: Arc<Server>,
    pub(super) route: Arc<Route>,
}

/// Answers the stream's request. `shared` is held until all is done.
pub(super) async fn serve(shared: Arc<Shared>, incoming: Incoming, mut respond: SendResponse<Bytes>) {
    let Shared { server, route } = &*shared;
    let Incoming { head, recv, held } = incoming;
    let _held = match held {
        Ok(held) => held,
        Err(no_room) => return crowded(server, route, (head, no_room), respond).await,
    };
    let is_head = head.method == "HEAD";
    // What an extended CONNECT's stream carries is no body.
    let switches = extended_connect::protocol(&head).is_some();
    let (body, recv) = if switches { (Body::empty(), Some(recv)) } else { (body(recv, &head), None) };
    let Some(response) = call(server, route, (head, body), &mut respond).await else { return };
    let taker = Taker { context: &server.context, side: Side::Client, room: route.room.as_ref() };
    match (response.upgrade.is_some(), recv) {
        (true, Some(recv)) => switch(taker, response, recv, respond).await,
        (false, Some(_)) if is_success(&response) => {
            answer(not_switched(response, route), is_head, respond, taker).await;
        }
        _ => answer(response, is_head, respond, taker).await,
    }
}

/// Refuses a request for which there is no room.
async fn crowded(
    server: &Server,
    route: &Route,
    (head, no_room): (RequestHead, NoRoom),
    respond: SendResponse<Bytes>,
) {
    let is_head = head.method == "HEAD";
    let failure = no_room.failure(Stage::RequestHead);
    let response = service::refuse(&server.service, route, (head, None), (503, failure));
    let taker = Taker { context: &server.context, side: Side::Client, room: route.room.as_ref() };
    answer(response, is_head, respond, taker).await;
}

fn body(recv: RecvStream, head: &RequestHead) -> Body {
    if recv.is_end_stream() {
        return Body::empty();
    }
    Body::new(H2Body::request(recv, length(&head.headers)))
}

/// The response, while interim ones are passed on; `None` when the client is gone first, or gave up the stream.
async fn call(
    server: &Arc<Server>,
    route: &Route,
    (head, body): (RequestHead, Body),
    respond: &mut SendResponse<Bytes>,
) -> Option<Response> {
    let interims = Interims::default();
    let mut call = pin!(response(server, route, head, body, &interims));
    loop {
        let event = poll_fn(|cx| {
            if let Poll::Ready(response) = call.as_mut().poll(cx) {
                return Poll::Ready(Event::Answered(response));
            }
            match interims.take() {
                Some(head) => Poll::Ready(Event::Interim(head)),
                None => respond.poll_reset(cx).map(Event::Reset),
            }
        });
        match event.await {
            Event::Interim(head) => pass_interim(&head, respond)?,
            Event::Answered(response) => {
                // One that came with the response goes before it.
                while let Some(head) = interims.take() {
                    pass_interim(&head, respond)?;
                }
                return Some(response);
            }
            Event::Reset(reset) => {
                if reset.is_ok_and(breaks_a_rule) {
                    // The body tells what was wrong with it, and the record is to have that.
                    let _ = timeout(LAST_WORD, &mut call).await;
                }
                return None;
            }
        }
    }
}

/// Returns whether the stream was reset for breaking a rule, most likely by ourselves.
fn breaks_a_rule(reason: Reason) -> bool {
    matches!(reason, Reason::PROTOCOL_ERROR | Reason::FLOW_CONTROL_ERROR)
}

async fn response(
    server: &Arc<Server>,
    route: &Route,
    head: RequestHead,
    body: Body,
    interims: &Interims,
) -> Response {
    let refused = |head, why: &str| {
        let message = format!("The request was refused: {why}.");
        let failure = Failure::new(Side::Client, Stage::RequestHead, message);
        service::refuse(&server.service, route, (head, None), (400, failure))
    };
    if let Err(why) = rules::check(&head) {
        return refused(head, &why.to_string());
    }
    let Some(destination) = route.destination.clone() else {
        return refused(head, "it names no destination that this listener can reach");
    };
    let request = Request { head, body, destination, interim: Some(interims) };
    service::call(&server.service, route, request).await
}

fn pass_interim(head: &ResponseHead, respond: &mut SendResponse<Bytes>) -> Option<()> {
    respond.send_informational(outgoing(head)).ok()
}

/// A success without a switch would tell the client of an extended CONNECT that its tunnel is there (RFC 8441 §5).
fn not_switched(mut response: Response, route: &Route) -> Response {
    let message = format!("The upstream answered {} and did not switch protocols.", response.head.status);
    let failure = Failure::new(Side::Upstream, Stage::ResponseHead, message);
    let told = Told::to(route, response.observed.id());
    let ours = respond::with_status(502, &failure, (false, told));
    response.fail(failure);
    Response { observed: response.observed, ..ours }
}

fn is_success(response: &Response) -> bool {
    response.reset.is_none() && (200..300).contains(&response.head.status)
}

async fn answer(mut response: Response, is_head: bool, mut respond: SendResponse<Bytes>, taker: Taker<'_>) {
    if let Some(reason) = response.reset {
        return respond.send_reset(reason);
    }
    let ends = is_head || response.body.is_empty();
    // Errors mean that the client is gone: what is dropped here is then aborted.
    let head = outgoing(&response.head);
    if let Some(open) = std::mem::take(&mut response.observed).record() {
        open.response_sent(&as_sent(&head));
    }
    if ends && response.body.is_at_withheld_end() && !passes(&mut response.body).await {
        return respond.send_reset(Reason::INTERNAL_ERROR);
    }
    let Ok(mut to) = respond.send_response(head, ends) else { return };
    if ends {
        // Read to its end: what observes it learns that it is complete.
        while let Some(Ok(_)) = response.body.frame().await {}
        return;
    }
    match send(&mut response.body, &mut to, taker).await {
        Ok(()) => {}
        Err(Unsent::Source { reason, .. }) => to.send_reset(reason),
        Err(Unsent::Sink) => {
            if let Some(stalled) = taker.room.and_then(|room| room.stalled()) {
                response.body.break_off(stalled.failure(Side::Client));
            }
        }
    }
}

/// Waits until the end of a body that has none but that may pass; false if it may not.
async fn passes(body: &mut Body) -> bool {
    !matches!(body.frame().await, Some(Err(_)))
}

/// Relays what follows an extended CONNECT that was granted.
async fn switch(
    taker: Taker<'_>,
    mut response: Response,
    recv: RecvStream,
    mut respond: SendResponse<Bytes>,
) {
    let Some(upgrade) = response.upgrade.take() else { return };
    let head = outgoing(&extended_connect::granted(response.head));
    if let Some(open) = response.observed.record() {
        open.response_sent(&as_sent(&head));
    }
    let Ok(to) = respond.send_response(head, false) else { return };
    let io = Io::from(H2Io::new(recv, to, None, taker.write_timeout()));
    upgraded::relay(io, *upgrade, response.observed, taker.context).await;
}

fn head(parts: &http::request::Parts) -> RequestHead {
    let protocol = parts.extensions.get::<h2::ext::Protocol>().map(h2::ext::Protocol::as_str);
    let headers = extended_connect::with_protocol(from_map(&parts.headers), protocol);
    RequestHead {
        method: parts.method.as_str().to_owned(),
        target: target(parts).to_owned(),
        authority: parts.uri.authority().map(|authority| authority.as_str().to_owned()),
        version: Version::Http2,
        headers,
    }
}

/// The target; nothing where `:path` is missing, which h2 lets pass if there is no `:authority` either.
fn target(parts: &http::request::Parts) -> &str {
    let is_missing = parts.method != http::Method::CONNECT && parts.uri.path().is_empty();
    let target = parts.uri.path_and_query().filter(|_| !is_missing);
    target.map_or(if is_missing { "" } else { "/" }, |target| target.as_str())
}

fn outgoing(head: &ResponseHead) -> http::Response<()> {
    let mut answer = http::Response::new(());
    *answer.status_mut() = StatusCode::from_u16(head.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers: HeaderMap = to_map(&head.headers);
    *answer.headers_mut() = headers;
    answer
}

fn as_sent(head: &http::Response<()>) -> ResponseHead {
    ResponseHead {
        version: Version::Http2,
        status: head.status().as_u16(),
        reason: String::new(),
        headers: from_map(head.headers()),
    }
}
