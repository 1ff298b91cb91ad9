//! A recorded request, sent again, or a new one.

use std::sync::Arc;

use dashcam_exchange::{Destination, ExchangeId, IllegalHead, Level, RequestHead, Scheme, Version};

use crate::body::Body;
use crate::config::{Config, ListenerConfig};
use crate::exchange::message::{Request, Response};
use crate::exchange::route::{ReplayRoute, Route, RouteKind};
use crate::exchange::service;
use crate::exchange::service::Service;

/// A request to send.
#[derive(Debug)]
pub struct Replay {
    /// The exchange that it repeats; none if it was not recorded before.
    pub of: Option<ExchangeId>,
    /// The set by which secrets are taken out of its record; the one that is chosen for all if `None`.
    pub redaction: Option<Arc<str>>,
    /// Where it goes.
    pub destination: Destination,
    /// The name that its upstream is to prove by TLS, if that is not the destination's host.
    pub server_name: Option<String>,
    /// Its head; its framing is set from the body.
    pub request: RequestHead,
    /// Its body.
    pub body: Vec<u8>,
    /// True if the upstream is known to speak HTTP/2 without TLS: then a request of that version is sent as one. To others
    /// without TLS it goes over HTTP/1.1.
    pub prior_knowledge: bool,
}

/// Why a request is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// The recorder has no room: one that leaves no record is of no use.
    #[error("there is no room to record the request now: try again in a moment")]
    NoRoom,
    /// It is none that can be sent, wherever it came from: a recording may be another's, and edited by hand.
    #[error("the request can't be sent: {0}")]
    Illegal(#[from] IllegalHead),
}

/// Begins to send the request and says which exchange it is; its outcome is in the record. It is recorded in full,
/// whatever the level. `place` is dropped once it has ended.
///
/// # Errors
/// When it can't be sent, or can't be recorded.
pub(crate) fn replay(
    service: &Arc<Service>,
    replay: Replay,
    place: impl Send + 'static,
) -> Result<ExchangeId, ReplayError> {
    let Replay { of, redaction, destination, server_name, mut request, body, prior_knowledge } = replay;
    check(&request, &destination)?;
    for name in ["content-length", "transfer-encoding", "expect", "upgrade"] {
        request.headers.remove(name);
    }
    if !body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        request.headers.add("Content-Length", body.len().to_string());
    }
    let kind = kind(&service.context.config, &destination);
    let route = Route {
        destination: Some(destination.clone()),
        sni: server_name.filter(|name| *name != destination.host),
        decrypted: destination.scheme == Scheme::Https
            || (request.version == Version::Http2 && !prior_knowledge),
        parent: service.upstreams.parents.of_replays().filter(|_| kind == RouteKind::Forward),
        replay: Some(ReplayRoute { of, level: Level::Full, redaction }),
        ..Route::new(kind)
    };
    let request = Request { head: request, body: Body::from_bytes(body), destination, interim: None };
    let observed = service::begin(service, &route, &request).now(service);
    let id = observed.id().ok_or(ReplayError::NoRoom)?;
    let owned = Arc::clone(service);
    service.context.tasks.spawn(async move {
        let Response { mut body, observed, .. } = service::pass_on(&owned, &route, request, observed).await;
        // Its end may be told of only once the exchange is stored, which ends with the last who holds it.
        drop(observed);
        // The taps record what passes; here it passes to nobody.
        while let Some(Ok(_)) = body.frame().await {}
        drop(place);
    });
    Ok(id)
}

/// The kind of route to `destination`: a reverse listener's upstream sees the same whoever sends it.
fn kind(config: &Config, destination: &Destination) -> RouteKind {
    let reverse = |listener: &ListenerConfig| listener.mode.upstream.as_ref() == Some(destination);
    if config.listeners.iter().any(reverse) {
        // What was recorded may be a stranger's.
        RouteKind::Reverse { keep_host: config.keep_host, trusts_client: false }
    } else {
        RouteKind::Forward
    }
}

/// Checks what is to be sent; a CONNECT opens a tunnel or switches protocols, and there is nobody here to use it.
fn check(request: &RequestHead, destination: &Destination) -> Result<(), IllegalHead> {
    if request.method == "CONNECT" {
        return Err(IllegalHead::Method(request.method.clone()));
    }
    if !Destination::is_authority(&destination.authority()) {
        return Err(IllegalHead::Authority);
    }
    request.check()
}
