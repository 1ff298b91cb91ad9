//! Forward mode: clients name the destination, by CONNECT or by an absolute-form target.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{Destination, Failure, Scheme, Side, Stage, Verdict};
use tokio::io::AsyncWriteExt;

use crate::conduit;
use crate::connection_log::ConnectionLog;
use crate::detect::{FirstBytes, detect};
use crate::engine::Engine;
use crate::http::h1::encode;
use crate::http::h1::framing::Framing;
use crate::http::h1::server::{Served, serve};
use crate::io::Io;
use crate::message::{Route, RouteKind};
use crate::upstream::{NoAnswer, connect_tcp};
use crate::{respond, tunnel};

/// Serves a client's connection.
pub(crate) async fn run(mut io: Io, client: SocketAddr, engine: &Arc<Engine>, log: &mut ConnectionLog) {
    let first = detect(&mut io, engine.first_bytes_limit()).await;
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
    if let Served::Connect { io, authority } = Box::pin(serve(io, &route, engine, log)).await {
        Box::pin(connect(io, client, &authority, engine, log)).await;
    }
}

/// Grants a CONNECT, or says why not.
async fn connect(
    mut io: Io,
    client: SocketAddr,
    authority: &str,
    engine: &Arc<Engine>,
    log: &mut ConnectionLog,
) {
    // Its own port is part of a CONNECT's target (RFC 9110 §9.3.6); some clients leave it out.
    let destination = match Destination::parse(Scheme::Https, authority) {
        Ok(destination) => destination,
        Err(error) => {
            let failure =
                Failure::new(Side::Client, Stage::RequestHead, format!("CONNECT was refused: {error}."));
            answer(&mut io, 400, &failure).await;
            return log.fail(failure);
        }
    };
    log.destination(&destination);
    let unread = !engine.control.current().level.decrypts() || engine.rules.ignores(&destination);
    if unread
        || destination.ip().is_some_and(|ip| engine.own_address((ip, destination.port).into()).is_some())
    {
        return tunnel_unread(io, &destination, engine, log).await;
    }
    if io.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
        conduit::serve(io, client, destination, engine, log).await;
    }
}

/// Dials first, so that an upstream that can't be reached is the answer to the CONNECT.
async fn tunnel_unread(mut io: Io, destination: &Destination, engine: &Arc<Engine>, log: &mut ConnectionLog) {
    log.verdict(None, Verdict::Tunnel);
    match connect_tcp(engine, destination, log.source()).await {
        Ok(upstream) => {
            if io.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.is_ok() {
                tunnel::relay(io, upstream, engine, log).await;
            }
        }
        Err(NoAnswer { failure, status, .. }) => {
            answer(&mut io, status, &failure).await;
            log.fail(failure);
        }
    }
}

/// Writes our own answer; a client that is gone misses nothing.
pub(crate) async fn answer(io: &mut Io, status: u16, failure: &Failure) {
    let mut response = respond::with_status(status, failure, false);
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
