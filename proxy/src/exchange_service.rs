//! The one path that every request takes: record, rewrite, send, and pass the answer on.
//!
//! There is always a response: a failure is already an outcome and an answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dashcam_exchange::{Direction, RequestHead, Scheme, Version};
use dashcam_recorder::{Begin, OpenExchange};

use crate::engine::Engine;
use crate::message::{Request, Response, Route, Upgrade};
use crate::upstream::{self, Answer, Call, Key, NoAnswer, Protocol};
use crate::websocket::Extensions;
use crate::{respond, rewrite};

/// Answers `request`.
pub(crate) async fn call(engine: &Arc<Engine>, route: &Route, request: Request) -> Response {
    let open = begin(engine, route, &request);
    pass_on(engine, route, request, open).await
}

/// Opens the exchange's record: `None` when recording is off or has no room.
pub(crate) fn begin(engine: &Engine, route: &Route, request: &Request) -> Option<OpenExchange> {
    let (level, body_limit) = {
        let settings = engine.control.current();
        (route.replay.map_or(settings.level, |replay| replay.level), settings.body_limit)
    };
    if level == dashcam_exchange::Level::Off {
        engine.recorder.pass();
        return None;
    }
    engine.recorder.begin(Begin {
        connection: route.connection,
        replay_of: route.replay.map(|replay| replay.of),
        level,
        body_limit,
        destination: request.destination.clone(),
        request: request.head.clone(),
    })
}

/// Sends `request` and makes the answer a response, both observed by `open`.
pub(crate) async fn pass_on(
    engine: &Arc<Engine>,
    route: &Route,
    request: Request,
    open: Option<OpenExchange>,
) -> Response {
    let Request { head, body, destination, interim } = request;
    let body = body.tapped(open.as_ref().map(|open| open.tap(Direction::Request)));
    let sent = rewrite::request(&head, route, &destination);
    let protocol = protocol(&head, destination.scheme, route);
    let pinned = route.connection.filter(|_| is_pinned(&head, route));
    let key = Key { destination, sni: route.sni.clone(), protocol, pinned };
    let call = Call { key, head: sent, body, interim, open: open.as_ref() };
    match upstream::send(engine, call).await {
        Ok(answer) => answered(answer, route, open),
        Err(NoAnswer { failure, status }) => {
            tracing::debug!(%failure, "no answer");
            if let Some(open) = open {
                open.fail(failure.clone());
            }
            respond::with_status(status, &failure, Some(&head))
        }
    }
}

fn answered(answer: Answer, route: &Route, open: Option<OpenExchange>) -> Response {
    let Answer { head, body, upgraded } = answer;
    let rewritten = rewrite::response(&head, route);
    let websocket =
        head.headers.has_token("upgrade", "websocket").then(|| Extensions::negotiated(&head.headers));
    let tap = open.as_ref().filter(|_| upgraded.is_none()).map(|open| open.tap(Direction::Response));
    if let Some(open) = &open {
        open.response(head);
    }
    let body = body.tapped(tap);
    let upgrade = upgraded.map(|io| Upgrade { io, open, websocket });
    Response { head: rewritten, body, upgrade, close: false }
}

/// Whether the client's connection has authenticated itself, by this request or an earlier one (RFC 4559):
/// nobody else's request may go over an upstream connection that knows this client.
fn is_pinned(head: &RequestHead, route: &Route) -> bool {
    let scheme = |value: &[u8]| value.split(|byte| *byte == b' ').next().map(<[u8]>::to_ascii_lowercase);
    let connection_wide = |value| matches!(scheme(value).as_deref(), Some(b"ntlm" | b"negotiate"));
    if head.headers.all("authorization").any(connection_wide) {
        route.authenticated.store(true, Ordering::Relaxed);
    }
    route.authenticated.load(Ordering::Relaxed)
}

/// What is offered to the upstream: what the client speaks with us.
fn protocol(head: &RequestHead, scheme: Scheme, route: &Route) -> Protocol {
    match (head.version, scheme) {
        (Version::Http2, Scheme::Https) => Protocol::Http2OrHttp1,
        (Version::Http2, Scheme::Http) if !route.decrypted => Protocol::Http2PriorKnowledge,
        _ => Protocol::Http1,
    }
}
