//! The one path that every request takes: record, rewrite, send, and pass the answer on.
//!
//! There is always a response: a failure is already an outcome and an answer.

use std::sync::Arc;

use dashcam_control::{CaptureDecision, Pair, Refusal};
use dashcam_exchange::{Destination, Direction, Failure, Headers, RequestHead, Scheme, Side, Stage, Version};
use dashcam_recorder::{Begin, OpenExchange};

use crate::body::Body;
use crate::context::Context;
use crate::exchange::guaranteed::{Began, Waiting, without_record};
use crate::exchange::message::{Request, Response, Upgrade};
use crate::exchange::observed::Observed;
use crate::exchange::respond::Told;
use crate::exchange::rewrite::OwnCookies;
use crate::exchange::route::{Route, RouteKind};
use crate::exchange::{respond, rewrite};
use crate::grpc;
use crate::h2::extended_connect;
use crate::upstream;
use crate::upstream::{Answer, Call, Key, NoAnswer, PoolGroup, Protocol, ProxyHeader, Upstreams};
use crate::websocket::Extensions;

/// State that exchanges share.
pub(crate) struct Service {
    pub(crate) context: Arc<Context>,
    pub(crate) upstreams: Arc<Upstreams>,
    /// The page's cookies, which no upstream gets.
    pub(crate) own_cookies: OwnCookies,
}

/// Answers `request`.
pub(crate) async fn call(service: &Service, route: &Route, request: Request<'_>) -> Response {
    match begin(service, route, &request) {
        Began::Now(observed) => pass_on(service, route, request, observed).await,
        // Boxed: most wait for nothing.
        Began::Waits(waiting) => Box::pin(waiting.call(service, route, request)).await,
    }
}

/// Answers a request that is not to be passed on, and records it as what it is.
pub(crate) fn refuse(
    service: &Service,
    route: &Route,
    (head, destination): (RequestHead, Option<Destination>),
    (status, failure): (u16, Failure),
) -> Response {
    let wants_page = respond::wants_page(&head);
    let destination = destination.or_else(|| route.destination.clone()).unwrap_or_else(|| entrance(route));
    let request = Request { head, body: Body::empty(), destination, interim: None };
    let mut observed = begin(service, route, &request).now(service);
    let told = Told::to(route, observed.id());
    let response = respond::with_status(status, &failure, (wants_page, told));
    observed.refuse(failure);
    Response { body: observed.withheld(response.body), observed, ..response }
}

/// Where a request goes that names nothing: it was meant for us (RFC 9110 §7.1).
fn entrance(route: &Route) -> Destination {
    let (host, port) = route
        .entrance
        .map_or((String::new(), 0), |address| (address.ip().to_canonical().to_string(), address.port()));
    Destination { scheme: Scheme::Http, host, port }
}

/// Begins to count the exchange, and opens its record if it is recorded and there is room.
pub(crate) fn begin(service: &Service, route: &Route, request: &Request<'_>) -> Began {
    let (decision, named, counts) = decide(service, route, request);
    let count = counts.then(|| service.context.meter.begin());
    if !decision.level.records() {
        service.context.recorder.pass(decision.kept);
        return Began::Now(Observed::unrecorded(count));
    }
    let begin = Begin {
        connection: route.connection,
        client: route.account.clone(),
        replay_of: route.replay.as_ref().and_then(|replay| replay.of),
        decision,
        destination: named.unwrap_or_else(|| route.shown(&request.destination, &request.head)),
        request: request.head.clone(),
    };
    if !begin.decision.guarantee.is_best_effort() {
        return Began::Waits(Box::new(Waiting { begin, count }));
    }
    Began::Now(Observed::recorded(service.context.recorder.begin(begin), count))
}

/// The decision about the exchange, its destination if that has another name than is connected to and rules asked for it, and
/// whether it is counted.
fn decide(
    service: &Service,
    route: &Route,
    request: &Request<'_>,
) -> (CaptureDecision, Option<Destination>, bool) {
    let policy = service.context.control.policy();
    if let Some(replay) = &route.replay {
        // It is no traffic: no rule and no meter counts it.
        let certain = CaptureDecision::certain(replay.level, policy.settings().body_limit);
        let redaction = match replay.of {
            Some(_) => replay.redaction.clone(),
            None => policy.redaction(&route.facts(&request.destination), &request.head),
        };
        return (CaptureDecision { redaction, ..certain }, None, false);
    }
    let counts = !policy.is_off();
    if let Some(decision) = policy.for_all_exchanges() {
        return (decision, None, counts);
    }
    let named = route.named(&request.destination, &request.head);
    let program = if policy.wants_program() { route.program() } else { None };
    let mut facts = route.facts_for_rules(&request.destination, named.as_ref());
    facts.program = program.as_ref();
    (policy.for_exchange(&facts, &request.head), named, counts)
}

/// Sends `request` and makes the answer a response, both observed.
pub(crate) async fn pass_on(
    service: &Service,
    route: &Route,
    request: Request<'_>,
    mut observed: Observed,
) -> Response {
    let Request { mut head, body, destination, interim } = request;
    if observed.waits()
        && let Err(why) = Box::pin(observed.stored()).await
    {
        return without_record(route, &head, observed, (Stage::RequestHead, &why));
    }
    let body = observed.request_body(body);
    let body = body.read_by(grpc_messages(&observed, Direction::Request, &head.headers));
    let body = body.limited(&service.context.config, Side::Client, &service.context.limited);
    let protocol = extended_connect::protocol(&head);
    let websocket = protocol.is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"));
    rewrite::request(&mut head, route, &destination);
    service.own_cookies.strip(&mut head.headers);
    let place = place(service, route, &head, destination);
    let (account, room) = (route.source.as_ref(), route.room.as_ref());
    let (open, records) = (observed.record(), observed.records_connections());
    let call = Call { place, head: &mut head, body, interim, open, records, account, room };
    let sent = match route.session.take_unreachable() {
        Some(no_answer) => Err(no_answer),
        None => upstream::send(&service.upstreams, call).await,
    };
    match sent {
        Ok(mut answer) => {
            if observed.waits()
                && let Err(why) = Box::pin(observed.room_for(&answer.head)).await
            {
                return without_record(route, &head, observed, (Stage::ResponseHead, &why));
            }
            answer.body =
                answer.body.limited(&service.context.config, Side::Upstream, &service.context.limited);
            answered(answer, route, observed, websocket)
        }
        Err(NoAnswer { failure, status, ours, reset, refuses_tls, .. }) => {
            tracing::debug!(%failure, "no answer");
            if refuses_tls {
                note_refusal(service, route, &failure);
            }
            observed.record().filter(|_| ours).into_iter().for_each(OpenExchange::withhold);
            let told = Told::to(route, observed.id());
            let response = respond::with_status(status, &failure, (respond::wants_page(&head), told));
            match failure.side {
                Side::Proxy => observed.refuse(failure),
                Side::Client | Side::Upstream => observed.fail(failure),
            }
            Response { body: observed.withheld(response.body), observed, reset, ..response }
        }
    }
}

/// Notes that the upstream refused our TLS: connections of a client that comes by a tunnel may be relayed unread then.
fn note_refusal(service: &Service, route: &Route, failure: &Failure) {
    let destination = route.destination.as_ref().filter(|_| route.kind == RouteKind::Forward);
    if let Some(pair) = destination.and_then(|destination| Pair::of(&route.facts(destination))) {
        let (runtime, message) = (route.runtime, failure.message.clone());
        service.context.rejected(&pair, Refusal { side: Side::Upstream, runtime, message, is_silent: false });
    }
}

fn answered(answer: Answer, route: &Route, mut observed: Observed, asked_websocket: bool) -> Response {
    let Answer { mut head, body, upgraded } = answer;
    observed.answered(&head, upgraded.is_some());
    let is_websocket = asked_websocket || head.headers.has_token("upgrade", "websocket");
    let websocket = is_websocket.then(|| Extensions::negotiated(&head.headers));
    let messages = grpc_messages(&observed, Direction::Response, &head.headers);
    rewrite::response(&mut head, route);
    let (body, upgrade) = match upgraded {
        Some(io) => {
            let unread = !observed.is_to_be_recorded();
            (body.tapped(None), Some(Box::new(Upgrade { io, websocket, unread })))
        }
        None => (observed.response_body(body), None),
    };
    Response { head, body: body.read_by(messages), observed, upgrade, close: false, reset: None }
}

fn grpc_messages(observed: &Observed, direction: Direction, headers: &Headers) -> Option<grpc::Reader> {
    observed.record().and_then(|open| grpc::Reader::new(direction, headers, || open.messages()))
}

/// Returns whether the client's connection has authenticated itself, by this request or an earlier one (RFC
/// 4559): nobody else's request may go over an upstream connection that knows this client.
fn is_pinned(head: &RequestHead, route: &Route) -> bool {
    let scheme = |value: &[u8]| value.split(|byte| *byte == b' ').next().map(<[u8]>::to_ascii_lowercase);
    let connection_wide = |value| matches!(scheme(value).as_deref(), Some(b"ntlm" | b"negotiate"));
    if head.headers.all("authorization").any(connection_wide) {
        route.session.authenticate();
    }
    route.session.is_authenticated()
}

/// Where the request goes.
fn place(service: &Service, route: &Route, head: &RequestHead, destination: Destination) -> Arc<PoolGroup> {
    let upstreams = &service.upstreams;
    let protocol = protocol(head, destination.scheme, route);
    let proxy_header = proxy_header(service, route, &destination);
    let pinned = route.connection.filter(|_| is_pinned(head, route) || proxy_header.is_some());
    let via = match proxy_header {
        // Before the request no parent could pass it on.
        Some(_) => upstreams.parents.tunnel(route.parent, &destination),
        None => upstreams.parents.request(route.parent, (&destination, protocol), head),
    };
    let fits = |key: &Key| key.protocol == protocol && key.pinned == pinned && key.via == via;
    if let Some(known) = route.session.place.get().filter(|known| fits(&known.key)) {
        return Arc::clone(known);
    }
    let own = route.connection.filter(|_| protocol != Protocol::Http1);
    let named = matches!(route.kind, RouteKind::Reverse { .. });
    let proxy_header = proxy_header.map(|header| header.bytes());
    let key = Key { destination, named, via, sni: route.sni.clone(), protocol, pinned, own, proxy_header };
    let place = if protocol == Protocol::Http1 { upstreams.pool.place(key) } else { PoolGroup::apart(key) };
    if route.destination.is_some() {
        // Of two that come first one stays; the other is as good.
        let _ = route.session.place.set(Arc::clone(&place));
    }
    place
}

/// The PROXY header that the upstream of a reverse listener gets before the client's requests.
fn proxy_header(service: &Service, route: &Route, destination: &Destination) -> Option<ProxyHeader> {
    let rules = &service.context.config.outbound.send_proxy;
    let is_reverse = matches!(route.kind, RouteKind::Reverse { .. });
    if rules.is_empty() || !is_reverse {
        return None;
    }
    ProxyHeader::new(rules, destination, route.client.zip(route.entrance))
}

/// The protocols to offer the upstream: those that the client speaks with us.
fn protocol(head: &RequestHead, scheme: Scheme, route: &Route) -> Protocol {
    match (head.version, scheme) {
        (Version::Http2, Scheme::Https) => route.session.offered,
        (Version::Http2, Scheme::Http) if !route.decrypted => Protocol::Http2PriorKnowledge,
        _ => Protocol::Http1,
    }
}
