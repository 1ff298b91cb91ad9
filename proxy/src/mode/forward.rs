//! Forward mode: clients name the destination, by CONNECT or by an absolute-form target.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{Destination, Failure, RequestHead, Scheme, Side, Stage, Verdict};
use tokio::io::AsyncWriteExt;

use crate::conduit;
use crate::connection_log::ConnectionLog;
use crate::detect::{FirstBytes, first_bytes};
use crate::engine::Engine;
use crate::http::h1::encode;
use crate::http::h1::framing::Framing;
use crate::http::h1::server::{Served, serve};
use crate::io::Io;
use crate::message::{Response, Route, RouteKind};
use crate::respond::Told;
use crate::upstream::{NoAnswer, connect_tcp};
use crate::{exchange_service, respond, tunnel, upstream};

/// Serves a client's connection.
pub(crate) async fn run(mut io: Io, client: SocketAddr, engine: &Arc<Engine>, log: &mut ConnectionLog) {
    let first = first_bytes(&mut io, engine).await;
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
            return conduit::refuse(detected, why, log);
        }
    }
    log.verdict(detected, Verdict::Plain);
    let route = Route {
        connection: Some(log.id()),
        account: Some(log.account()),
        client: Some(client),
        source: log.source().cloned(),
        room: log.room(),
        entrance: io.local(),
        ..Route::new(RouteKind::Forward)
    };
    if let Served::Connect { io, head } = Box::pin(serve(io, &route, engine, log)).await {
        Box::pin(connect(io, client, (*head, &route), engine, log)).await;
    }
}

/// Grants a CONNECT, or says why not.
async fn connect(
    mut io: Io,
    client: SocketAddr,
    (head, route): (RequestHead, &Route),
    engine: &Arc<Engine>,
    log: &mut ConnectionLog,
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
    if let Some(failure) = engine.access.denies_port(Some(client.ip()), destination.port) {
        return refuse(io, (head, destination), (403, failure).into(), (engine, route), log).await;
    }
    if let Some(no_answer) = upstream::refused(engine, &destination, log.source()).await {
        return refuse(io, (head, destination), no_answer, (engine, route), log).await;
    }
    let unread = !engine.control.current().level.decrypts() || engine.rules.ignores(&destination);
    if unread
        || destination.ip().is_some_and(|ip| engine.own_address((ip, destination.port).into()).is_some())
    {
        return tunnel_unread(io, (head, destination), (engine, route), log).await;
    }
    if io.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
        conduit::serve(io, client, destination, engine, log).await;
    }
}

/// Dials first, so that an upstream that can't be reached is the answer to the CONNECT.
async fn tunnel_unread(
    mut io: Io,
    (head, destination): (RequestHead, Destination),
    (engine, route): (&Arc<Engine>, &Route),
    log: &mut ConnectionLog,
) {
    log.verdict(None, Verdict::Tunnel);
    match connect_tcp(engine, &destination, log.source()).await {
        Ok(upstream) => {
            if io.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
                tunnel::relay(io, upstream, engine, log).await;
            }
        }
        Err(no_answer) if no_answer.failure.side == Side::Proxy => {
            refuse(io, (head, destination), no_answer, (engine, route), log).await;
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
    (engine, route): (&Arc<Engine>, &Route),
    log: &mut ConnectionLog,
) {
    log.fail(failure.clone());
    let response = exchange_service::refuse(engine, route, (head, Some(destination)), (status, failure));
    if let Some(open) = &response.open {
        log.recorded();
        open.response_sent(&response.head);
        if ours {
            open.withhold();
        }
    }
    write(&mut io, response).await;
}

/// Writes our own answer to a user of the proxy; a client that is gone misses nothing.
pub(crate) async fn answer(io: &mut Io, status: u16, failure: &Failure) {
    write(io, respond::with_status(status, failure, (false, Told::All))).await;
}

async fn write(io: &mut Io, mut response: Response) {
    response.head.headers.set("Connection", "close");
    let mut out = bytes::BytesMut::new();
    encode::set_framing(
        &mut response.head.headers,
        Framing::Length(response.body.length().unwrap_or_default()),
    );
    if encode::response(&response.head, &mut out).is_ok()
        && let Some(Ok(crate::body::Frame::Data(data))) = response.body.frame().await
    {
        out.extend_from_slice(&data);
    }
    let _ = io.write_all(&out).await;
    let _ = io.shutdown().await;
}
