//! Forward mode: clients name the destination, by CONNECT or by an absolute-form target.

use std::sync::Arc;

use dashcam_exchange::{Destination, Failure, RequestHead, Scheme, Side, Stage, Verdict};
use tokio::io::AsyncWriteExt;

use crate::exchange::route::{Route, RouteKind};
use crate::exchange::service;
use crate::net::io::Io;
use crate::serve::answer::{answer, write};
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::{FirstBytes, first_bytes};
use crate::serve::dispatch;
use crate::serve::h1::server::{Served, serve};
use crate::serve::server::Server;
use crate::serve::tunnel;
use crate::upstream;
use crate::upstream::{NoAnswer, connect_tcp};

/// Serves a client's connection.
pub(crate) async fn run(mut io: Io, server: &Arc<Server>, log: &mut ClientRecord) {
    let first = first_bytes(&mut io, &server.context).await;
    let detected = first.detected();
    match first {
        FirstBytes::Http1 => {}
        FirstBytes::Closed | FirstBytes::Silent => return,
        FirstBytes::Tls(_) | FirstBytes::Http2 | FirstBytes::Other => {
            let why = "This is a proxy for HTTP: a client speaks HTTP/1.1 to it, in the clear, and CONNECT for everything else. Set the proxy's URL to http://…, also for https sites.";
            // Text is answered in text: it helps a person who looks at the bytes.
            if io.ahead().iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
                answer(&mut io, 400, &Failure::new(Side::Client, Stage::Detect, why)).await;
            }
            return dispatch::refuse(detected, why, log);
        }
    }
    log.verdict(detected, Verdict::Plain);
    let route = log.route(RouteKind::Forward);
    if let Served::Connect { io, head } = Box::pin(serve(io, &route, server, log)).await {
        Box::pin(connect(io, (*head, &route), server, log)).await;
    }
}

/// Grants a CONNECT, or says why not.
async fn connect(
    mut io: Io,
    (head, route): (RequestHead, &Route),
    server: &Arc<Server>,
    log: &mut ClientRecord,
) {
    // Its own port is part of a CONNECT's target (RFC 9110 §9.3.6); some clients leave it out.
    let destination = match Destination::parse(Scheme::Https, &head.target) {
        Ok(destination) => destination,
        Err(error) => {
            let failure =
                Failure::new(Side::Client, Stage::RequestHead, format!("CONNECT was refused: {error}."));
            answer(&mut io, 400, &failure).await;
            return log.fail(failure);
        }
    };
    log.destination(&destination);
    if let Some(failure) = server.access.denies_port(Some(log.client().ip()), destination.port) {
        return refuse(io, (head, destination), (403, failure).into(), (server, route), log).await;
    }
    if let Some(no_answer) = upstream::refused(&server.service.upstreams, &destination, log.source()).await {
        return refuse(io, (head, destination), no_answer, (server, route), log).await;
    }
    let unread = !log.decision().decrypt || server.rules.ignores(&destination);
    if unread
        || destination
            .ip()
            .is_some_and(|ip| server.context.own_address((ip, destination.port).into()).is_some())
    {
        return tunnel_unread(io, (head, destination), (server, route), log).await;
    }
    if io.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
        dispatch::serve(io, destination, server, log).await;
    }
}

/// Dials first, so that an upstream that can't be reached is the answer to the CONNECT.
async fn tunnel_unread(
    mut io: Io,
    (head, destination): (RequestHead, Destination),
    (server, route): (&Arc<Server>, &Route),
    log: &mut ClientRecord,
) {
    log.verdict(None, Verdict::Tunnel);
    match connect_tcp(&server.service.upstreams, &destination, log.source()).await {
        Ok(upstream) => {
            if io.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
                tunnel::relay(io, upstream, &server.context, log).await;
            }
        }
        Err(no_answer) if no_answer.failure.side == Side::Proxy => {
            refuse(io, (head, destination), no_answer, (server, route), log).await;
        }
        Err(NoAnswer { failure, status, .. }) => {
            answer(&mut io, status, &failure).await;
            log.fail(failure);
        }
    }
}

/// Refuses a CONNECT, and records it as that.
async fn refuse(
    mut io: Io,
    (head, destination): (RequestHead, Destination),
    NoAnswer { failure, status, ours, .. }: NoAnswer,
    (server, route): (&Arc<Server>, &Route),
    log: &mut ClientRecord,
) {
    log.fail(failure.clone());
    let response = service::refuse(&server.service, route, (head, Some(destination)), (status, failure));
    if let Some(open) = response.observed.record() {
        log.recorded();
        open.response_sent(&response.head);
        if ours {
            open.withhold();
        }
    }
    write(&mut io, response).await;
}
